"""Who we are at JD Logistics: from the settings; in the demo, what is not set comes from the data folder."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from logistics.couriers.interface import CourierDown, CourierRefused
from returns_platform import stack
from returns_platform.kernel.stand_in import secret

DEMO_APP_KEY = "demo-app-key"
DEMO_CUSTOMER_CODE = "010K1000000"


@dataclass(frozen=True, slots=True)
class Account:
    """What JD gave us. `url` has no trailing slash."""

    url: str
    app_key: str
    customer_code: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)


def account() -> Account:
    """Raises CourierRefused without a contract, CourierDown while the demo's stand-in does not run."""
    needed = {
        "JD_APP_KEY": app_key(),
        "JD_CUSTOMER_CODE": settings.JD_CUSTOMER_CODE or _demo(lambda _: DEMO_CUSTOMER_CODE),
        "JD_APP_SECRET": app_secret(),
        "JD_ACCESS_TOKEN": settings.JD_ACCESS_TOKEN or _demo(demo_token),
    }
    if missing := [name for name, text in needed.items() if not text]:
        raise CourierRefused("account", f"JD needs {', '.join(missing)}.")
    return Account(_base_url(), *needed.values())


def app_key() -> str:
    return settings.JD_APP_KEY or _demo(lambda _: DEMO_APP_KEY)


def app_secret() -> str:
    """Signs our calls and JD's messages; empty: no message is taken."""
    return settings.JD_APP_SECRET or _demo(demo_secret)


def demo_secret(data_dir) -> str:
    return secret(data_dir, "jd_app_secret", lambda: secrets.token_hex(16))


def demo_token(data_dir) -> str:
    return secret(data_dir, "jd_access_token", lambda: secrets.token_hex(16))


def _demo(made: Callable[[Path], str]) -> str:
    """Outside the demo no key is made up."""
    return made(settings.DATA_DIR) if settings.DEMO else ""


def _base_url() -> str:
    url = settings.JD_BASE_URL or stack.stand_in_urls(settings.DATA_DIR).get("jd", "")
    if not url:
        raise CourierDown("the stand-in of JD does not run")
    return url.rstrip("/")
