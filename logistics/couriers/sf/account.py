"""Who we are at SF: from the settings, or, in the demo, the keys made for its stand-in."""

import secrets
from dataclasses import dataclass

from django.conf import settings

from logistics.couriers.interface import CourierDown
from returns_platform import stack
from returns_platform.kernel.stand_in import keys

SERVICE = "/std/service"
DEMO_PARTNER = "DEMOPARTNER"
DEMO_MONTHLY_CARD = "7551234567"


@dataclass(frozen=True, slots=True)
class Account:
    """What SF gave us. `url` is the whole address of the service."""

    url: str
    partner_id: str
    checkword: str
    monthly_card: str


def account() -> Account:
    """Raises CourierDown while the demo's stand-in does not run."""
    return Account(
        url=_base_url() + SERVICE,
        partner_id=settings.SF_PARTNER_ID or DEMO_PARTNER,
        checkword=settings.SF_CHECKWORD or demo_checkword(settings.DATA_DIR),
        monthly_card=settings.SF_MONTHLY_CARD or DEMO_MONTHLY_CARD,
    )


def push_token() -> str:
    """The part of our push addresses that nobody can guess. SF signs nothing, so it is all the proof there is."""
    return settings.SF_PUSH_TOKEN or demo_push_token(settings.DATA_DIR)


def demo_checkword(data_dir) -> str:
    return keys.secret(data_dir, "sf_checkword", lambda: secrets.token_hex(16))


def demo_push_token(data_dir) -> str:
    return keys.secret(data_dir, "sf_push_token", lambda: secrets.token_urlsafe(24))


def _base_url() -> str:
    url = settings.SF_BASE_URL or stack.stand_in_urls(settings.DATA_DIR).get("sf", "")
    if not url:
        raise CourierDown("the stand-in of SF does not run")
    return url.rstrip("/")
