"""Reading prices and wishes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from logistics import couriers
from logistics.couriers.interface import Contact
from logistics.rates.models import Rate, Wish

GRAMS = 1000  # a parcel that nobody has weighed
GOOD_FOR = timedelta(hours=24)
SILENCE_GOOD_FOR = timedelta(minutes=10)


def place_of(who: Contact) -> str:
    return f"{who.province} {who.city}".strip()[:100]


def rates(codes: Iterable[str], sender: Contact, receiver: Contact, *, now: datetime) -> dict[str, Rate]:
    """{courier: what it asked lately}."""
    fresh = Q(asked_at__gt=now - GOOD_FOR, served__isnull=False) | Q(asked_at__gt=now - SILENCE_GOOD_FOR)
    found = Rate.objects.filter(
        fresh, courier__in=list(codes), origin=place_of(sender), destination=place_of(receiver), grams=GRAMS
    )
    return {rate.courier: rate for rate in found}


def wish_of(merchant_id: int) -> tuple[list[str], bool]:
    """(who may be asked for this shop, the preferred one first; whether the price decides)."""
    wish = Wish.objects.filter(merchant_id=merchant_id).first()
    known = couriers.under_contract()
    if wish is None:
        return known, False
    return [code for code in wish.couriers if code in known] or known, wish.cheapest


def nobody_serves(merchant_id: int, sender: dict, receiver: dict, *, now: datetime) -> bool:
    """Every courier that may be asked has said lately that it does not come. sender, receiver: addresses."""
    codes, _cheapest = wish_of(merchant_id)
    found = rates(codes, _at(sender), _at(receiver), now=now)
    return bool(codes) and all(code in found and found[code].served is False for code in codes)


def _at(address: dict) -> Contact:
    """Nobody: only the place counts for a price."""
    place = {name: address.get(name, "") for name in ("province", "city", "district")}
    return Contact(name="", phone="", street="", **place)
