"""What must not be there when DEMO is off. Each fault is one clear line; with any of them nothing starts."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model

DEMO_PASSWORD = "demo-pass-2026"
DEMO_ACCOUNTS = ("ann", "bob", "mia", "otto", "elle", "sam", "sue", "fay", "rik", "aud", "root")
CHANNEL_ADDRESSES = (
    "WECHAT_BASE_URL", "ALIPAY_BASE_URL", "STRIPE_BASE_URL", "SF_BASE_URL", "JD_BASE_URL", "KUAIDI100_BASE_URL",
)  # fmt: skip
CHANNEL_KEYS = (
    "WECHAT_PRIVATE_KEY", "WECHAT_API_V3_KEY", "ALIPAY_PRIVATE_KEY", "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS", "SF_CHECKWORD", "JD_APP_SECRET", "JD_ACCESS_TOKEN", "KUAIDI100_KEY",
    "KUAIDI100_SECRET", "KUAIDI100_SALT",
)  # fmt: skip
OF_JD = ("JD_APP_KEY", "JD_APP_SECRET", "JD_ACCESS_TOKEN", "JD_CUSTOMER_CODE")
OF_KUAIDI100 = ("KUAIDI100_CUSTOMER", "KUAIDI100_KEY", "KUAIDI100_SECRET", "KUAIDI100_SALT")
OF_ALIPAY = ("ALIPAY_APP_ID", "ALIPAY_PRIVATE_KEY", "ALIPAY_PUBLIC_KEY", "ALIPAY_SELLER_ID")


def faults() -> list[str]:
    """Why this installation must not start, in one line each; nothing under DEMO."""
    return [] if settings.DEMO else [*_keys(), *_addresses(), *_accounts()]


def _keys() -> Iterator[str]:
    if len(settings.SECRET_KEY) < 50:
        yield "SECRET_KEY is shorter than 50 characters: set a random one."
    demo_key = settings.DATA_DIR / "keys" / "secret_key"
    if demo_key.exists() and demo_key.read_text().strip() == settings.SECRET_KEY:
        yield "SECRET_KEY is the demo's: set one of your own."
    made_here = {path.read_text(errors="ignore").strip() for path in (settings.DATA_DIR / "keys").glob("*")}
    for name in CHANNEL_KEYS:
        value = getattr(settings, name, "") or ""
        values = value if isinstance(value, list) else [str(value)]
        if made_here.intersection(filter(None, values)):
            yield f"{name} is the demo's: set the one of your contract."
    for whose, needed in (("Alipay", OF_ALIPAY), ("JD", OF_JD), ("Kuaidi100", OF_KUAIDI100)):
        given = [name for name in needed if getattr(settings, name)]
        for name in needed if given else ():
            if name not in given:
                yield f"{name} is empty: an account of {whose} needs all of {', '.join(needed)}."
    if settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRETS:
        yield "STRIPE_WEBHOOK_SECRETS is empty: set the signing secret of the endpoint, or no event is believed."


def _addresses() -> Iterator[str]:
    for name in CHANNEL_ADDRESSES:
        host = urlsplit(str(getattr(settings, name, "") or "")).hostname or ""
        if host == "localhost" or _is_loopback(host):
            yield f"{name} points to this machine ({host}): set the channel's real address."
    if not settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is empty: name the hosts people reach this under."
    if urlsplit(settings.SITE_URL).scheme != "https":
        yield f"SITE_URL is {settings.SITE_URL}: set the https address people and channels reach this under."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _accounts() -> Iterator[str]:
    known = get_user_model().objects.filter(username__in=DEMO_ACCOUNTS, is_active=True).order_by("username")
    for user in known:
        if user.check_password(DEMO_PASSWORD):
            yield f"The demo account {user.username} is open: remove it or change its password."
