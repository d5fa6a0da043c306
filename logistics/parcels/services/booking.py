"""The worker at the courier: books what is requested, calls off what must not happen.

Three phases each: claim and commit, call outside any transaction, commit what came of it. After an answer that
cannot be believed the courier is asked what it has under our number before anything is repeated: one van.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from logistics import couriers
from logistics.couriers.interface import (
    Booking,
    BookingOrder,
    CourierDown,
    CourierRefused,
    Goods,
)
from logistics.parcels import queries, states
from logistics.parcels.models import Parcel
from logistics.parcels.services.choosing import (
    NobodyComes,
    ask_another,
    give_to_a_courier,
    may_ask_another,
    note_booking,
    note_refusal,
)
from logistics.parcels.services.moving import ASK_EVERY, ask_after, contact, due, moving_parcel
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor

log = logging.getLogger(__name__)

GIVE_UP_ON_UNKNOWN_NUMBER = 3  # an order we asked for may still reach the courier's books after our timeout


def book_due_parcels(now: datetime, *, limit: int = 20) -> int:
    """Book or call off what is due; returns how many parcels were looked at."""
    done = 0
    while done < limit and (claimed := work.claim_due(queries.to_book_or_call_off(), now=now, limit=1)):
        done += 1
        _work_on(claimed[0], now=now)
    return done


def courier_actor(parcel: Parcel) -> Actor:
    return Actor("courier", id=parcel.asked_courier)


def _work_on(parcel: Parcel, *, now: datetime) -> None:
    """A parcel that breaks must not hold up the others."""
    try:
        _call_off(parcel, now=now) if parcel.stale_numbers else _book(parcel, now=now)
    except work.LostClaim:
        log.info("parcel %s was taken over by another worker", parcel.pk)
    except Exception as error:
        log.exception("parcel %s", parcel.pk)
        with suppress(work.LostClaim):
            _later(parcel, now=now, error=repr(error), problem=Parcel.Problem.OTHER)


# Booking


def _book(parcel: Parcel, *, now: datetime) -> None:
    if parcel.slot_from < now:
        _take_next_slot(parcel, now=now)
    try:
        give_to_a_courier(parcel, now=now)
        booking = _ask_courier(parcel)
    except NobodyComes as nobody:
        _give_up(parcel, now=now, error="nobody comes", problem=nobody.problem)
    except CourierDown as error:
        _unknown_outcome(parcel, now=now, error=str(error))
    except CourierRefused as no:
        _refused(parcel, no, now=now)
    else:
        take_booking(parcel, booking, now=now)


def _ask_courier(parcel: Parcel) -> Booking:
    """Only the first worker books blindly: after it the courier may have the order already."""
    courier = couriers.of(parcel.asked_courier)
    found = courier.find(parcel.number) if parcel.claim > 1 else None
    return found or courier.book(_order(parcel))


def take_booking(parcel: Parcel, booking: Booking, *, now: datetime) -> None:
    """A fact of the courier's, true whoever holds the row by now: it is recorded, or called off, but never lost."""
    holder = queries.holder_of_number(booking.number) or parcel.pk
    with moving_parcel(holder, by=courier_actor(parcel), now=now, note="booked") as row:
        if booking.live and not _is_wanted(row, booking.number):
            _must_not_come(row, booking.number, now=now)
        elif row.number == booking.number and row.state in (states.REQUESTED, states.MANUAL):
            note_booking(row.number)
            _record(row, booking, now=now)


def _unknown_outcome(parcel: Parcel, *, now: datetime, error: str) -> None:
    """The van may come all the same: if nobody wants it any more it is called off, else asked about later."""
    holder = queries.holder_of_number(parcel.number) or parcel.pk
    with moving_parcel(holder, by=courier_actor(parcel), now=now) as row:
        if not _is_wanted(row, parcel.number):
            return _must_not_come(row, parcel.number, now=now)
    _later(parcel, now=now, error=error, problem=Parcel.Problem.COURIER_DOWN)


def _is_wanted(row: Parcel, number: str) -> bool:
    """False: cancelled, counted, handed in or moved to another slot while the courier was asked."""
    called_off = row.state == states.CANCELLED or row.by_word or row.way != Parcel.Way.PICKUP
    return row.number == number and not called_off


def _record(row: Parcel, booking: Booking, *, now: datetime) -> None:
    work.done(row)
    if not booking.live:
        row.fail(problem=Parcel.Problem.CALLED_OFF)
    elif queries.waybill_in_use(booking.carrier or row.asked_courier, booking.waybill, by_another_than=row.pk):
        row.give_up(problem=Parcel.Problem.WAYBILL_TAKEN)
    else:
        row.book(courier=booking.carrier or row.asked_courier, waybill=booking.waybill, now=now)
        ask_after(row, at=now + ASK_EVERY)


def _must_not_come(row: Parcel, number: str, *, now: datetime) -> None:
    if number not in row.stale_numbers:
        row.stale_numbers.append(number)
    row.claimed_until = None
    due(row, now=now)


def _refused(parcel: Parcel, no: CourierRefused, *, now: datetime) -> None:
    """Another slot may do, or another courier; else it is tried again later, or a person looks."""
    another_slot = no.retry and no.code == Parcel.Problem.PICKUP_TIME
    if not another_slot and may_ask_another(parcel, no):
        ask_another(parcel, no, now=now)
    elif no.retry:
        if no.code == Parcel.Problem.PICKUP_TIME:
            _take_next_slot(parcel, now=now)
        _later(parcel, now=now, error=str(no), problem=_problem(no))
    else:
        _give_up(parcel, now=now, error=str(no), problem=_problem(no))


def _problem(no: CourierRefused) -> str:
    return no.code if no.code in Parcel.Problem.values else Parcel.Problem.OTHER


def _take_next_slot(parcel: Parcel, *, now: datetime) -> None:
    """The slot has passed or the courier does not come then: the next one, without asking anybody again."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        work.must_be_mine(row, parcel)
        after = max(now, row.slot_from + timedelta(seconds=1))
        slot = queries.next_slot_of(row.merchant, now=after)
        row.slot_from, row.slot_to = parcel.slot_from, parcel.slot_to = slot.start, slot.end


def _give_up(parcel: Parcel, *, now: datetime, error: str, problem: str) -> None:
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now, note="not_booked", data={"why": problem}) as row:
        work.must_be_mine(row, parcel)
        work.done(row)
        row.last_error = error[:300]
        note_refusal(parcel, problem)
        if row.state == states.REQUESTED:
            row.give_up(problem=problem)


def _later(parcel: Parcel, *, now: datetime, error: str, problem: str) -> None:
    """1, 5, 10, 20, 30 minutes; then a person looks, and the customer may hand the parcel in herself."""
    note = {"note": "not_booked", "data": {"why": problem}}
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now, **note) as row:
        work.must_be_mine(row, parcel)
        if work.retry_later(row, now=now, error=error):
            return
        if row.state == states.REQUESTED:
            row.give_up(problem=problem)
        elif row.stale_numbers:
            row.problem = Parcel.Problem.CANCEL_FAILED


# Calling off


def _call_off(parcel: Parcel, *, now: datetime) -> None:
    try:
        collected = _cancel_at_courier(parcel)
    except CourierDown as error:
        _later(parcel, now=now, error=str(error), problem=Parcel.Problem.COURIER_DOWN)
    except CourierRefused as no:
        if no.code == "no_such_booking":
            _unknown_number(parcel, now=now)
        else:
            _later(parcel, now=now, error=str(no), problem=_problem(no))
    else:
        _collected(parcel, collected, now=now) if collected else _called_off(parcel, now=now)


def _cancel_at_courier(parcel: Parcel) -> Booking | None:
    """The booking, where it was too late: its goods are collected already."""
    courier = couriers.of(queries.courier_of(parcel, parcel.stale_numbers[0]))
    try:
        courier.cancel(parcel.stale_numbers[0])
    except CourierRefused as no:
        if no.code != "collected":
            raise
    else:
        return None
    found = courier.find(parcel.stale_numbers[0])
    if found is None or not found.waybill:
        raise CourierDown("collected, but under no waybill")
    return found


def _unknown_number(parcel: Parcel, *, now: datetime) -> None:
    if parcel.tries + 1 >= GIVE_UP_ON_UNKNOWN_NUMBER:
        return _called_off(parcel, now=now)
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        work.must_be_mine(row, parcel)
        work.retry_later(row, now=now, minutes=(1,) * GIVE_UP_ON_UNKNOWN_NUMBER)


def _called_off(parcel: Parcel, *, now: datetime) -> None:
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        work.must_be_mine(row, parcel)
        row.stale_numbers.remove(parcel.stale_numbers[0])
        _go_on(row, now=now)


def _collected(parcel: Parcel, booking: Booking, *, now: datetime) -> None:
    """Too late: the goods are with the courier, under the number that should not have been carried out."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now, note="collected_anyway") as row:
        work.must_be_mine(row, parcel)
        row.stale_numbers.remove(parcel.stale_numbers[0])
        if row.state == states.REQUESTED:
            row.number = booking.number
            row.asked_courier = queries.courier_of(row, booking.number)
            row.book(courier=booking.carrier or row.asked_courier, waybill=booking.waybill, now=now)
        elif row.state == states.CANCELLED:
            row.problem, row.waybill = Parcel.Problem.COLLECTED_ANYWAY, booking.waybill
        _go_on(row, now=now)


def _go_on(row: Parcel, *, now: datetime) -> None:
    """What was waiting for the call-off: another one, the new booking, or asking where the parcel is."""
    work.done(row)
    if row.stale_numbers or (row.state == states.REQUESTED and not row.rides_along):
        due(row, now=now)
    elif row.state in states.UNDER_WAY or row.problem == Parcel.Problem.COLLECTED_ANYWAY:
        ask_after(row, at=now)


def _order(parcel: Parcel) -> BookingOrder:
    return BookingOrder(
        number=parcel.number,
        sender=contact(parcel.sender),
        receiver=contact(parcel.receiver),
        goods=tuple(_goods(parcel)) or (Goods("退货商品", 1),),
        slot_from=parcel.slot_from,
        slot_to=parcel.slot_to,
    )


def _goods(parcel: Parcel) -> list[Goods]:
    """Of all that the van comes for."""
    aboard = [parcel.goods, *queries.riders_of(parcel.pk).values_list("goods", flat=True)]
    return [Goods(one["name"], one["count"]) for goods in aboard for one in goods]
