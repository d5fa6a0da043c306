"""Asking couriers for their prices, and keeping what a shop wants."""

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from logistics import couriers
from logistics.couriers.interface import Contact, CourierDown, CourierRefused, Quote
from logistics.rates.models import Rate, Wish
from logistics.rates.queries import GRAMS, place_of, rates
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid

log = logging.getLogger(__name__)


def ask_rates(codes: Iterable[str], sender: Contact, receiver: Contact, *, now: datetime) -> dict[str, Rate]:
    """{courier: its price}: those not known lately are asked, all at once, outside any transaction. Silence is kept
    for some minutes, so that a courier that hangs holds up one pickup and not all."""
    codes = list(codes)
    known = rates(codes, sender, receiver, now=now)
    if missing := [code for code in codes if code not in known]:
        with ThreadPoolExecutor(len(missing)) as pool:
            answers = dict(zip(missing, pool.map(lambda code: _ask(code, sender, receiver), missing), strict=True))
        for code, (served, quote) in answers.items():
            known[code] = _keep(code, sender, receiver, served=served, quote=quote, now=now)
    return known


def _ask(code: str, sender: Contact, receiver: Contact) -> tuple[bool | None, Quote | None]:
    """(whether it comes, its price). Nothing is written: it runs in a thread of its own."""
    try:
        return True, couriers.of(code).quote(sender, receiver, grams=GRAMS)
    except CourierRefused as no:
        return (False if no.code == "not_served" else None), None
    except (CourierDown, LookupError) as error:
        log.info("no price of %s: %s", code, error)
        return None, None


def _keep(code: str, sender: Contact, receiver: Contact, *, served: bool | None, quote: Quote | None,
          now: datetime) -> Rate:  # fmt: skip
    facts = {"served": served, "asked_at": now, "amount": None, "days": None}
    if quote:
        facts |= {"amount": quote.amount, "currency": quote.currency, "days": quote.days}
    way = {"origin": place_of(sender), "destination": place_of(receiver), "grams": GRAMS}
    rate, _new = Rate.objects.update_or_create(courier=code, **way, defaults=facts)
    return rate


def set_wish(merchant, *, codes: Sequence[str], cheapest: bool, by: Actor, now: datetime) -> Wish:
    """Whom the shop wants asked, in its order. Raises Invalid without anybody, or with one without a contract."""
    codes, known = list(dict.fromkeys(codes)), couriers.under_contract()
    if not codes or not set(codes) <= set(known):
        text = _("Choose at least one courier.")
        raise Invalid(text, fields={"first": text})
    facts = {"couriers": codes, "cheapest": cheapest, "set_at": now, "set_by": by.name}
    wish, _new = Wish.objects.update_or_create(merchant=merchant, defaults=facts)
    return wish
