"""Which courier is asked to come: decided once for each number, before anybody is asked, and kept with its reasons.

A number belongs to one courier for life. Who refused for sure gives way to the next, under a new number; where an
earlier call may have taken effect, the old number is called off first: one van.
"""

from dataclasses import asdict
from datetime import datetime

from logistics.couriers.interface import CourierRefused
from logistics.parcels import queries, rules, states
from logistics.parcels.models import CourierOrder, Parcel
from logistics.parcels.services.moving import contact, due, moving_parcel
from logistics.rates import queries as rates
from logistics.rates.rules import Choice, Option, Record, choose
from logistics.rates.services import ask_rates
from returns_platform.kernel import work
from returns_platform.kernel.actors import SYSTEM, Actor

# Another courier may do what this one does not. What is wrong with the address, the phone or the goods stays wrong.
ANOTHER_MAY = (
    Parcel.Problem.NOT_SERVED, Parcel.Problem.NO_CAPACITY, Parcel.Problem.PICKUP_TIME, Parcel.Problem.ACCOUNT,
)  # fmt: skip


class NobodyComes(Exception):
    """Every courier that may be asked has refused, or does not serve the address; `problem` is the last word."""

    def __init__(self, problem: str):
        super().__init__(problem)
        self.problem = problem


def give_to_a_courier(parcel: Parcel, *, now: datetime) -> None:
    """The parcel's number gets its courier, unless it has one. Raises NobodyComes, LostClaim."""
    if parcel.courier_orders.filter(number=parcel.number).exists():
        return
    options, cheapest = _options(parcel, now=now)
    choice = choose(options, cheapest=cheapest)
    if choice is None:
        raise NobodyComes(next((o.refused for o in reversed(options) if o.refused), Parcel.Problem.NOT_SERVED))
    _give(parcel, choice, now=now)


def _options(parcel: Parcel, *, now: datetime) -> tuple[list[Option], bool]:
    order, cheapest = rates.wish_of(parcel.merchant_id)
    sender, receiver = contact(parcel.sender), contact(parcel.receiver)
    prices = ask_rates(order, sender, receiver, now=now)
    records, refused = queries.records(sender.province, now=now), queries.refusals(parcel)
    options = [
        Option(code, prices[code].amount, prices[code].served, records.get(code, Record()), refused.get(code, ""))
        for code in order
    ]
    return options, cheapest


def _give(parcel: Parcel, choice: Choice, *, now: datetime) -> None:
    with moving_parcel(parcel.pk, by=SYSTEM, now=now) as row:
        work.must_be_mine(row, parcel)
        if (row.number, row.state) != (parcel.number, states.REQUESTED) or row.rides_along:
            raise work.LostClaim(f"parcel {row.pk} is wanted otherwise")
        row.asked_courier = row.courier = choice.courier
        CourierOrder.objects.create(
            parcel=row, number=row.number, courier=choice.courier, why=[asdict(said) for said in choice.said],
            amount=choice.said[0].amount, province=row.sender.get("province", ""), slot_from=row.slot_from,
            given_at=now, claim=row.claim,
        )  # fmt: skip
    parcel.asked_courier = parcel.courier = choice.courier


def may_ask_another(parcel: Parcel, no: CourierRefused) -> bool:
    """Is there another courier that might come? Asked before the refusal is noted."""
    if no.code not in ANOTHER_MAY:
        return False
    order, _cheapest = rates.wish_of(parcel.merchant_id)
    tried = {parcel.asked_courier, *queries.refusals(parcel)}
    return any(code not in tried for code in order)


def ask_another(parcel: Parcel, no: CourierRefused, *, now: datetime) -> None:
    """The refusal is noted, and the pickup is due anew under a number that nobody has."""
    with moving_parcel(parcel.pk, by=Actor("courier", id=parcel.asked_courier), now=now) as row:
        work.must_be_mine(row, parcel)
        surely = note_refusal(parcel, no.code)
        if row.state != states.REQUESTED or row.number != parcel.number:
            return
        if not surely and row.number not in row.stale_numbers:
            row.stale_numbers.append(row.number)
        row.numbers += 1
        row.number = rules.booking_number(row.reference, row.numbers)
        row.claimed_until = None
        due(row, now=now)


def note_refusal(parcel: Parcel, problem: str) -> bool:
    """True when nothing can have come of this number: the one call that was made was refused."""
    given = CourierOrder.objects.filter(number=parcel.number).first()
    if given is None:
        return False
    given.outcome, given.problem = CourierOrder.Outcome.REFUSED, problem
    given.save()
    return given.claim == parcel.claim


def note_booking(number: str) -> None:
    CourierOrder.objects.filter(number=number).update(outcome=CourierOrder.Outcome.BOOKED, problem="")


def note_lateness(number: str) -> None:
    """Nobody came in the time that was agreed: it stays in the courier's record."""
    CourierOrder.objects.filter(number=number, late=False).update(late=True)
