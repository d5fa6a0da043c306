"""Who we are at SF: from the settings; in the demo, what is not set comes from the data folder."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from logistics.couriers.interface import CourierDown, CourierRefused
from returns_platform import stack
from returns_platform.kernel.stand_in import secret

SERVICE = "/std/service"
DEMO_PARTNER = "DEMOPARTNER"
DEMO_MONTHLY_CARD = "7551234567"


@dataclass(frozen=True, slots=True)
class Account:
    """What SF gave us. `url` is the whole address of the service."""

    url: str
    partner_id: str
    monthly_card: str
    checkword: str = field(repr=False)


def account() -> Account:
    """Raises CourierRefused without a contract, CourierDown while the demo's stand-in does not run."""
    needed = {
        "SF_PARTNER_ID": settings.SF_PARTNER_ID or _demo(lambda _: DEMO_PARTNER),
        "SF_MONTHLY_CARD": settings.SF_MONTHLY_CARD or _demo(lambda _: DEMO_MONTHLY_CARD),
        "SF_CHECKWORD": settings.SF_CHECKWORD or _demo(demo_checkword),
    }
    if missing := [name for name, text in needed.items() if not text]:
        raise CourierRefused("account", f"SF needs {', '.join(missing)}.")
    partner_id, monthly_card, checkword = needed.values()
    return Account(_base_url() + SERVICE, partner_id, monthly_card, checkword)


def push_token() -> str:
    """The part of our push addresses that nobody can guess; empty: no push is taken.

    SF signs nothing, so it is all the proof there is.
    """
    return settings.SF_PUSH_TOKEN or _demo(demo_push_token)


def demo_checkword(data_dir) -> str:
    return secret(data_dir, "sf_checkword", lambda: secrets.token_hex(16))


def demo_push_token(data_dir) -> str:
    return secret(data_dir, "sf_push_token", lambda: secrets.token_urlsafe(24))


def _demo(made: Callable[[Path], str]) -> str:
    """Outside the demo no key is made up."""
    return made(settings.DATA_DIR) if settings.DEMO else ""


def _base_url() -> str:
    url = settings.SF_BASE_URL or stack.stand_in_urls(settings.DATA_DIR).get("sf", "")
    if not url:
        raise CourierDown("the stand-in of SF does not run")
    return url.rstrip("/")
