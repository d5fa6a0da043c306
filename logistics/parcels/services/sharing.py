"""One van for several returns of one customer: one of their parcels has it, the others ride along.

The van's parcel alone is booked, called off and asked about at the courier; whatever becomes of it until it has
collected becomes of its riders (`moving.keep_riders_in_step`). Who has the van and leaves hands it to the first
rider, with its number: the courier hears nothing of it, and the same van comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction

from logistics.parcels import queries, rules
from logistics.parcels.models import CourierOrder, Parcel
from logistics.parcels.services.moving import moving_parcel
from logistics.parcels.slots import Slot
from logistics.signals import tell_parcel_moved
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import moving


@contextmanager
def one_at_a_time(order) -> Iterator[None]:
    """Two pickups of one customer at one shop, asked for or moved at once: the second sees the first one's van.

    Taken before any parcel is locked.
    """
    key = sha256(f"van {order.merchant_id} {order.customer_id}".encode()).digest()[:8]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key, signed=True)])
        yield


def van_in(parcel: Parcel, slot: Slot, *, now: datetime) -> Parcel | None:
    """Another parcel of the same customer whose van comes in that slot anyway, locked."""
    found = queries.vans_coming(parcel.order, sender=parcel.sender, receiver=parcel.receiver, now=now)
    in_slot = found.filter(slot_from=slot.start, slot_to=slot.end).exclude(leg=parcel.leg)
    return in_slot.select_for_update(of=("self",), no_key=True).first()


def ride_with(parcel: Parcel, van: Parcel) -> None:
    """It, and who rode in its own van, ride in that one from now on. The caller saves, and then brings them along."""
    if parcel.pk:
        queries.riders_of(parcel.pk).update(shares_with=van)
    parcel.shares_with = van
    parcel.slot_from, parcel.slot_to = van.slot_from, van.slot_to
    if not parcel.stale_numbers:
        work.done(parcel)


def bring_riders_along(van: Parcel, *, by: Actor, now: datetime) -> None:
    """Somebody has joined: they are where the van is."""
    with moving_parcel(van.pk, by=by, now=now):
        pass


def leave_van(parcel: Parcel, *, by: Actor, now: datetime) -> None:
    """A locked parcel goes another way, or nowhere. Its van still comes for whoever rides along."""
    if parcel.rides_along:
        parcel.shares_with, parcel.waybill = None, ""
    else:
        _hand_van_on(parcel, by=by, now=now)


def is_there_before_its_van(parcel: Parcel, *, by: Actor, now: datetime) -> None:
    """Counted before anybody scanned it: it has come with the others, whose van is still followed."""
    if parcel.rides_along:
        return
    waybill = parcel.waybill
    if heir := _hand_van_on(parcel, by=by, now=now):
        parcel.shares_with, parcel.waybill = heir, waybill


def _hand_van_on(parcel: Parcel, *, by: Actor, now: datetime) -> Parcel | None:
    """Number, what must not come under earlier numbers, and the turn of the worker that may be asking just now."""
    heirs = list(queries.riders_of(parcel.pk).select_for_update(of=("self",), no_key=True))
    if not heirs:
        return None
    first, *others = heirs
    number, stale = parcel.number, parcel.stale_numbers
    turn = {name: getattr(parcel, name) for name in ("next_try_at", "claimed_until", "tries", "last_error", "claim")}
    parcel.numbers += 1
    parcel.number, parcel.stale_numbers = rules.booking_number(parcel.reference, parcel.numbers), []
    parcel.claim += 1  # what that worker brings concerns the heir
    parcel.waybill = ""
    parcel.save(update_fields=["number", "numbers", "stale_numbers", "claim", "waybill"])
    CourierOrder.objects.filter(parcel=parcel).update(parcel=first)
    with moving(Parcel, first.pk, by=by, now=now, note="has_the_van") as heir:
        heir.shares_with, heir.number, heir.stale_numbers = None, number, stale
        for name, value in turn.items():
            setattr(heir, name, value)
    Parcel.objects.filter(pk__in=[other.pk for other in others]).update(shares_with=first)
    tell_parcel_moved(first.pk)
    return first
