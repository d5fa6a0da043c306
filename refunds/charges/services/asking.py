"""What people and the request above ask of a charge. Nothing here calls a channel: workers do."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from orders.purchases.models import Order
from refunds.charges import queries, states
from refunds.charges.models import CHANNELS, Charge
from refunds.charges.services.moving import due, moving_charge
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid
from returns_platform.kernel.fsm import begin

SHORTEST, LONGEST = timedelta(minutes=35), timedelta(hours=23)  # what every channel's page takes


@transaction.atomic
def want_payment(
    *, about: str, case_ref: str, order: Order, made_for: str, channel: str, amount: int, title: str,
    until: datetime, by: Actor, now: datetime,
) -> Charge:  # fmt: skip
    """A page of that channel to pay on, until then. The one that is open already, if it is of that channel and sum.

    Another channel than before: what was open is called off first. Raises Invalid for a channel that takes none.
    """
    if channel not in CHANNELS:
        raise Invalid(fields={"channel": _("Choose how you want to pay")})
    there = queries.payable(about)
    if there is not None and (there.channel, there.amount, there.made_for) == (channel, amount, made_for):
        return there
    if there is not None:
        call_off(there.pk, by=by, now=now)
    serial = queries.charges_of(case_ref).count() + 1
    charge = Charge(
        number=f"PY{case_ref[2:]}{serial:02d}", about=about, case_ref=case_ref, made_for=made_for, order=order,
        channel=channel, amount=amount, currency=order.currency, title=title[:200], asked_at=now,
        expires_at=min(max(until, now + SHORTEST), now + LONGEST),
    )  # fmt: skip
    due(charge, at=now)
    try:
        with transaction.atomic():
            begin(charge, by=by, now=now, note="asked")
    except IntegrityError as taken:  # asked for twice at once
        raise Conflict(_("A page to pay on is being opened already.")) from taken
    return charge


def call_off(pk: int, *, by: Actor, now: datetime) -> None:
    """It shall not be paid any more. Money that comes all the same is noticed, and goes back."""
    with moving_charge(pk, by=by, now=now, note="called_off") as charge:
        if charge.state in states.PAYABLE:
            charge.call_off()
            due(charge, at=now)


def call_off_all(about: str, *, by: Actor, now: datetime) -> None:
    found = queries.payable(about)
    if found is not None:
        call_off(found.pk, by=by, now=now)


def mark_used(pk: int, *, use: str, now: datetime) -> None:
    """What became of money that was paid: taken for its purpose, or given back."""
    with moving_charge(pk, by=SYSTEM, now=now, note=use) as charge:
        charge.use = use


def take_hint(number: str, *, now: datetime) -> None:
    """The channel told something about this charge: it is asked now. An unknown number changes nothing."""
    found = Charge.objects.filter(number=number).first()
    if found is not None:
        with moving_charge(found.pk, by=Actor("channel", id=found.channel), now=now, note="hint") as charge:
            if charge.state == states.CLOSED:
                charge.look_again()
            if charge.state in (states.OPEN, states.CLOSING):
                due(charge, at=now)
