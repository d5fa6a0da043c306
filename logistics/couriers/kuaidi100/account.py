"""Who we are at Kuaidi100: from the settings; in the demo, what is not set comes from the data folder."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from logistics.couriers.interface import CourierDown, CourierRefused
from returns_platform import stack
from returns_platform.kernel.stand_in import secret

POLL, WWW, API = "poll", "www", "api"  # the hosts at kuaidi100.com
DEMO_CUSTOMER = "DEMOCUSTOMER00000000000000000000"


@dataclass(frozen=True, slots=True)
class Account:
    """What Kuaidi100 gave us, and the company it shall send for pickups, by its own code."""

    base: str  # empty: Kuaidi100's own hosts
    customer: str
    pickup_com: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    def url(self, host: str, path: str) -> str:
        return f"{self.base or f'https://{host}.kuaidi100.com'}{path}"


def account() -> Account:
    """Raises CourierRefused without a contract, CourierDown while the demo's stand-in does not run."""
    needed = {
        "KUAIDI100_CUSTOMER": settings.KUAIDI100_CUSTOMER or _demo(lambda _: DEMO_CUSTOMER),
        "KUAIDI100_PICKUP_COM": settings.KUAIDI100_PICKUP_COM,
        "KUAIDI100_KEY": settings.KUAIDI100_KEY or _demo(demo_key),
        "KUAIDI100_SECRET": settings.KUAIDI100_SECRET or _demo(demo_secret),
        "KUAIDI100_SALT": salt(),
    }
    if missing := [name for name, text in needed.items() if not text]:
        raise CourierRefused("account", f"Kuaidi100 needs {', '.join(missing)}.")
    return Account(_base_url(), *list(needed.values())[:-1])


def salt() -> str:
    """What Kuaidi100 signs its messages with. Without one it signs none, and none is taken."""
    return settings.KUAIDI100_SALT or _demo(demo_salt)


def proof_of(number: str) -> str:
    """The part of an order's callback address that nobody can guess."""
    return hmac.new(salt().encode(), number.encode(), hashlib.sha256).hexdigest()[:32]


def demo_key(data_dir) -> str:
    return secret(data_dir, "kuaidi100_key", lambda: secrets.token_urlsafe(9))


def demo_secret(data_dir) -> str:
    return secret(data_dir, "kuaidi100_secret", lambda: secrets.token_hex(16))


def demo_salt(data_dir) -> str:
    return secret(data_dir, "kuaidi100_salt", lambda: secrets.token_hex(16))


def _demo(made: Callable[[Path], str]) -> str:
    """Outside the demo no key is made up."""
    return made(settings.DATA_DIR) if settings.DEMO else ""


def _base_url() -> str:
    url = settings.KUAIDI100_BASE_URL or stack.stand_in_urls(settings.DATA_DIR).get("kuaidi100", "")
    if settings.DEMO and not url:
        raise CourierDown("the stand-in of Kuaidi100 does not run")
    return url.rstrip("/")
