"""What holds for parcels, without a database or a clock."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from logistics.couriers import stages
from logistics.parcels import states

WAYBILL = re.compile(r"[A-Z0-9]{6,32}", re.ASCII)
COURIER_CODE = re.compile(r"[a-z][a-z0-9_]{1,19}", re.ASCII)
ON_THE_WAY_BEFORE = timedelta(hours=1)


def clean_waybill(text: str) -> str:
    """Upper case, without the blanks people read it with. Whether a courier knows it is another question."""
    return re.sub(r"[\s-]", "", text).upper()


def is_waybill(text: str) -> bool:
    """Patterns of single couriers change; six to thirty-two letters and digits is what trackers take."""
    return bool(WAYBILL.fullmatch(text))


def is_courier_code(text: str) -> bool:
    return bool(COURIER_CODE.fullmatch(text))


def leg_of(reference: str) -> str:
    """Which way of which case a parcel goes: its reference up to the first dash."""
    return reference.partition("-")[0]


OUTBOUND = re.compile(r"OUT([0-9]{1,18})")


def outbound_ref(shipment_id: int) -> str:
    """Of a parcel that the shop sent and reported with its order."""
    return f"OUT{shipment_id}"


def shipment_of(reference: str) -> int | None:
    """The key of what the shop reported; None for a parcel of ours."""
    found = OUTBOUND.fullmatch(reference)
    return int(found[1]) if found else None


def booking_number(reference: str, serial: int) -> str:
    """The courier's order number: the reference itself, then with a suffix for each new van."""
    return reference if serial == 1 else f"{reference}-{serial}"


def courier_is_on_the_way(now: datetime, slot_from: datetime, slot_to: datetime) -> bool:
    """From an hour before the slot until its end nobody can be stopped any more."""
    return slot_from - ON_THE_WAY_BEFORE <= now < slot_to


# Where a parcel is, by all its scans together


class Scanned(Protocol):
    at: datetime
    stage: str
    incident: str


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """state: of the parcel's machine, empty when no scan says anything. problem: a code of Parcel.Problem."""

    state: str = ""
    problem: str = ""
    collected_at: datetime | None = None
    delivered_at: datetime | None = None


SILENT_AFTER = timedelta(days=60)
ASK_AGAIN_AT_REST = timedelta(days=1)
ASKED_AT_REST_FOR = timedelta(days=14)

_UNDER_WAY = (
    stages.IN_TRANSIT, stages.OUT_FOR_DELIVERY, stages.READY_FOR_PICKUP, stages.ON_HOLD, stages.DELIVERY_FAILED,
)  # fmt: skip
# Only for scans of one second: which is read first.
_ORDER = {stages.PICKED_UP: 0, stages.DELIVERED: 2, stages.RETURN_TO_SENDER: 3}


def whereabouts(scans: Iterable[Scanned], *, now: datetime) -> Whereabouts:
    """Read in the order of their own times, so neither their arrival nor a repetition changes the answer.

    Delivered stays delivered, unless the courier turned the parcel back before (its sender signed) or afterwards.
    """
    where, turned_back, last = Whereabouts(), False, None
    for scan in sorted(scans, key=lambda scan: (scan.at, _ORDER.get(scan.stage, 1), scan.stage, scan.incident)):
        last = scan
        turned_back = turned_back or scan.stage == stages.RETURN_TO_SENDER
        where = _after(where, scan, turned_back=turned_back)
    if where.state in (states.COLLECTED, states.IN_TRANSIT) and last.at <= now - SILENT_AFTER:
        return Whereabouts(states.LOST, "silent", where.collected_at)
    return where


def _after(where: Whereabouts, scan: Scanned, *, turned_back: bool) -> Whereabouts:
    collected_at = where.collected_at
    if scan.incident == stages.LOST and where.state != states.DELIVERED:
        return Whereabouts(states.LOST, "lost", collected_at)
    if turned_back:
        return Whereabouts(states.REFUSED, "returned_to_sender", collected_at)
    if where.state == states.DELIVERED:
        return where
    if scan.stage == stages.DELIVERED:
        return Whereabouts(states.DELIVERED, "", collected_at or scan.at, scan.at)
    if scan.incident == stages.REFUSED:
        return Whereabouts(states.REFUSED, "refused_at_door", collected_at)
    return _further(where, scan)


def _further(where: Whereabouts, scan: Scanned) -> Whereabouts:
    """Collected, or moving; what cannot be delivered or is held up moves only if it was collected."""
    if scan.stage == stages.PICKED_UP and not where.state:
        return Whereabouts(states.COLLECTED, "", scan.at)
    moving = scan.stage in _UNDER_WAY or (scan.stage == stages.PICKED_UP and where.state != states.COLLECTED)
    if not moving or (not where.state and scan.stage in (stages.ON_HOLD, stages.DELIVERY_FAILED)):
        return where
    return Whereabouts(states.IN_TRANSIT, "", where.collected_at or scan.at)


NO_RECORD_AFTER = timedelta(days=3)


def has_no_record(state: str, way: str, *, booked_at: datetime | None, now: datetime) -> bool:
    """Handed in three days ago, they say, and no carrier knows the number."""
    waited = booked_at is not None and now >= booked_at + NO_RECORD_AFTER
    return waited and state == states.BOOKED and way != "pickup"


def next_ask(state: str, *, now: datetime, every: timedelta, requested_at: datetime) -> datetime | None:
    """When the courier is asked next: often while it carries the parcel, daily for a while after it came to rest."""
    if state in states.UNDER_WAY:
        return now + every
    at_rest = state in (states.DELIVERED, states.REFUSED, states.LOST)
    return now + ASK_AGAIN_AT_REST if at_rest and now < requested_at + ASKED_AT_REST_FOR else None
