"""Pickup times: two hours each, 09:00 to 19:00 in the shop's zone, up to seven days ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from returns_platform.kernel.errors import Invalid

HOURS = (9, 11, 13, 15, 17)
LENGTH = timedelta(hours=2)
DAYS_AHEAD = 7
CAPACITY = 500  # a shop's pickups in one slot: spreads a sale day; the courier has the last word


@dataclass(frozen=True, slots=True)
class Slot:
    """start and end in UTC. full: shown, but cannot be picked."""

    start: datetime
    end: datetime
    full: bool = False


def free_slots(now: datetime, zone: str, *, booked: Mapping[datetime, int] | None = None) -> list[Slot]:
    """Every slot that has not begun, from today to seven days ahead; `booked`: pickups per start."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    return [
        slot
        for days in range(DAYS_AHEAD + 1)
        for slot in _slots_of(today + timedelta(days=days), local, booked or {})
        if slot.start >= now
    ]


def next_slot(now: datetime, zone: str, *, booked: Mapping[datetime, int] | None = None) -> Slot:
    """The first with room. When all are full the last one: somebody still has to come."""
    slots = free_slots(now, zone, booked=booked)
    return next((slot for slot in slots if not slot.full), slots[-1])


def must_be_free(slot: Slot, *, now: datetime, zone: str, booked: Mapping[datetime, int] | None = None) -> Slot:
    """Raises Invalid that names the next three when the slot is gone, or never was one."""
    free = [other for other in free_slots(now, zone, booked=booked) if not other.full]
    for other in free:
        if (other.start, other.end) == (slot.start, slot.end):
            return other
    text = _("That pickup time is not free. The next ones are %(slots)s.") % {
        "slots": _(", ").join(slot_text(other, zone) for other in free[:3])
    }
    raise Invalid(text, code="slot_gone", fields={"pickup": text})


def slot_text(slot: Slot, zone: str) -> str:
    """11月28日 14:00–16:00, in the active language and the shop's zone."""
    start, end = (at.astimezone(ZoneInfo(zone)) for at in (slot.start, slot.end))
    return f"{date_format(start, 'MONTH_DAY_FORMAT')} {start:%H:%M}–{end:%H:%M}"


def _slots_of(day: date, zone: ZoneInfo, booked: Mapping[datetime, int]) -> list[Slot]:
    starts = [datetime.combine(day, time(hour), zone).astimezone(UTC) for hour in HOURS]
    return [Slot(start, start + LENGTH, full=booked.get(start, 0) >= CAPACITY) for start in starts]
