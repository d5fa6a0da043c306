"""One way to change a parcel: lock, move, save, and tell the apps above after commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from logistics.couriers.interface import Contact
from logistics.parcels.models import Parcel
from logistics.signals import tell_parcel_moved
from returns_platform.kernel import nudge
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
    with refusing_what_is_taken(), moving(Parcel, parcel_id, by=by, now=now, note=note, data=data) as parcel:
        yield parcel
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
