"""One way to change a parcel: lock, move, save, and tell the apps above after commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from logistics.couriers.interface import Contact
from logistics.parcels import queries, states
from logistics.parcels.models import Parcel
from logistics.signals import tell_parcel_moved
from returns_platform.kernel import nudge, work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict
from returns_platform.kernel.fsm import moving

ASK_EVERY = timedelta(minutes=2 if settings.DEMO else 30)  # real couriers lock a number that is asked for more often
ASK_SUBSCRIBED_EVERY = timedelta(minutes=2) if settings.DEMO else timedelta(hours=4)  # its news come by themselves


class LegTaken(Conflict):
    code = "leg_taken"
    default = _("A parcel of this return is on its way already.")


class WaybillTaken(Conflict):
    code = "waybill_taken"
    default = _("This waybill belongs to another return already.")

    def __init__(self):
        super().__init__(fields={"waybill": self.default})


TAKEN = {
    "one_live_parcel_per_waybill": WaybillTaken,
    "one_live_return_per_leg": LegTaken,
    "logistics_parcel_reference": LegTaken,
    "logistics_parcel_number": LegTaken,  # the first number of a parcel is its reference
}


@contextmanager
def moving_parcel(
    parcel_id: int, *, by: Actor, now: datetime, note: str = "", data: dict | None = None
) -> Iterator[Parcel]:
    """As `moving`, and the news is told. Raises LegTaken or WaybillTaken where another parcel was quicker."""
    with refusing_what_is_taken():
        with moving(Parcel, parcel_id, by=by, now=now, note=note, data=data) as parcel:
            yield parcel
        keep_riders_in_step(parcel, by=by, now=now)
    tell_parcel_moved(parcel_id)


@contextmanager
def refusing_what_is_taken() -> Iterator[None]:
    """The table's constraints decide between two at once; people are told in words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as taken:
        for constraint, refusal in TAKEN.items():
            if constraint in str(taken):
                raise refusal from taken
        raise


# Who rides along in another parcel's van


def keep_riders_in_step(van: Parcel, *, by: Actor, now: datetime) -> None:
    """What becomes of a van until it has collected becomes of all it comes for. Then each follows its own scans."""
    if van.way != Parcel.Way.PICKUP or van.shares_with_id is not None:
        return
    for pk in queries.riders_of(van.pk).values_list("pk", flat=True):
        with moving(Parcel, pk, by=by, now=now, note="with_the_van") as rider:
            if rider.rides_along and rider.shares_with_id == van.pk:  # it may have left while it was waited for
                _ride(rider, van, now=now)
        tell_parcel_moved(pk)


def _ride(rider: Parcel, van: Parcel, *, now: datetime) -> None:
    rider.slot_from, rider.slot_to, rider.asked_courier = van.slot_from, van.slot_to, van.asked_courier
    if van.state == states.REQUESTED and rider.state != states.REQUESTED:
        rider.ask_again()
        _ask(rider, at=None)
    elif van.state == states.MANUAL:
        _wait_for_a_person(rider, van)
    elif van.state == states.FAILED and rider.state != states.FAILED:
        rider.fail(problem=van.problem)
        _ask(rider, at=None)
    elif van.state in (states.BOOKED, *states.LEFT) and rider.state != states.BOOKED:
        rider.book(courier=van.courier, waybill=van.waybill, now=now)
        _ask(rider, at=now + ASK_EVERY)
    rider.courier, rider.waybill, rider.booked_at = van.courier, van.waybill, van.booked_at
    rider.agent_name, rider.agent_phone = van.agent_name, van.agent_phone
    if van.state == rider.state:
        rider.problem = van.problem
    elif van.state in states.LEFT:
        _ask(rider, at=now)


def _wait_for_a_person(rider: Parcel, van: Parcel) -> None:
    if rider.state in (states.BOOKED, states.FAILED):
        rider.ask_again()
    if rider.state == states.REQUESTED:
        rider.give_up(problem=van.problem)
        _ask(rider, at=None)


def _ask(rider: Parcel, *, at: datetime | None) -> None:
    """When it is asked after next; a van of its own that must not come any more goes first."""
    if rider.stale_numbers:
        return
    work.done(rider)
    if at:
        ask_after(rider, at=at)


def contact(who: dict) -> Contact:
    """Of what a parcel keeps of its sender or receiver."""
    return Contact(
        **{name: who.get(name, "") for name in ("name", "phone", "province", "city", "district", "street")}
    )


def due(parcel: Parcel, *, now: datetime) -> None:
    """To be booked or called off, from now on or once the worker that has it is done. The caller saves."""
    parcel.next_try_at, parcel.tries, parcel.last_error = now, 0, ""
    nudge.after_commit("logistics.book_due_parcels")


def ask_after(parcel: Parcel, *, at: datetime) -> None:
    """The courier is to be asked where it is, then. The caller saves."""
    parcel.next_try_at, parcel.tries, parcel.last_error = at, 0, ""
