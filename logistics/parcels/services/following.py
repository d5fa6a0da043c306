"""What the courier reports, put into the parcel's machine. The parcel is locked by the caller."""

from datetime import datetime

from logistics.couriers.interface import Booking
from logistics.parcels import rules, states
from logistics.parcels.models import Parcel
from logistics.parcels.rules import Whereabouts
from logistics.parcels.services.moving import ASK_EVERY, ASK_SUBSCRIBED_EVERY, ask_after
from returns_platform.kernel import work


def follow_scans(parcel: Parcel, where: Whereabouts, *, now: datetime) -> None:
    """Move a locked parcel to where its scans say it is. What the shop counted or the case cancelled stays so."""
    parcel.collected_at = where.collected_at or parcel.collected_at
    if not parcel.by_word and parcel.state != states.CANCELLED:
        _move(parcel, where, now=now)
    if parcel.stale_numbers:
        return  # its turn is for calling a van off, whatever is scanned meanwhile
    work.done(parcel)
    every = ASK_SUBSCRIBED_EVERY if parcel.subscribed_to and parcel.waybill else ASK_EVERY
    at = rules.next_ask(parcel.state, now=now, every=every, requested_at=parcel.requested_at)
    if at and not parcel.by_word:
        ask_after(parcel, at=at)


def _move(parcel: Parcel, where: Whereabouts, *, now: datetime) -> None:
    if where.state == parcel.state:
        parcel.problem = where.problem or parcel.problem
    elif where.state == states.COLLECTED and parcel.state in (*states.NOT_COLLECTED, states.FAILED):
        parcel.collect()
    elif where.state in (states.COLLECTED, states.IN_TRANSIT):
        _still_travels(parcel)
    elif where.state == states.DELIVERED:
        parcel.deliver(at=min(where.delivered_at, now))
    elif where.state == states.REFUSED:
        parcel.turn_back(problem=where.problem)
    elif where.state == states.LOST:
        parcel.lose(problem=where.problem)
    elif rules.has_no_record(parcel.state, parcel.way, booked_at=parcel.booked_at, now=now):
        parcel.problem = Parcel.Problem.NO_RECORD


def _still_travels(parcel: Parcel) -> None:
    """It may have been said to be further by scans that were not its own."""
    if parcel.state != states.IN_TRANSIT:
        parcel.travel()


def note_agent(parcel: Parcel, *, name: str, phone: str, problem: str) -> None:
    """Who comes, or why nobody does: told by a weakly proven message, so it is shown and moves nothing."""
    if not parcel.waits_for_van:
        return
    parcel.agent_name, parcel.agent_phone = name[:50] or parcel.agent_name, phone[:30] or parcel.agent_phone
    parcel.problem = problem or parcel.problem


def take_waybill(parcel: Parcel, booking: Booking) -> None:
    """The courier gave its number late, or another one: the same booking, so the same parcel."""
    if booking.waybill and parcel.way == Parcel.Way.PICKUP:
        parcel.waybill, parcel.courier = booking.waybill, booking.carrier or parcel.asked_courier


def carrier_found(parcel: Parcel, carrier: str) -> None:
    """The number is another carrier's than was said, by the word of who knows every carrier."""
    if parcel.way != Parcel.Way.PICKUP:
        parcel.courier = carrier


def pickup_called_off(parcel: Parcel) -> None:
    """The courier has our order as cancelled, and nobody here cancelled it."""
    if parcel.waits_for_van:
        parcel.fail(problem=Parcel.Problem.CALLED_OFF)
        work.done(parcel)
