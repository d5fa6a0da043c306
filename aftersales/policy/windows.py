"""Until when: the windows of a policy and the counting of their last second.

Hours run from the signature to the second. Days are local days of the shop: the day of signature is not
counted and the last one ends at 23:59:59. A last day that is an off day published by the State Council rolls
on to the next working day; an ordinary weekend does not roll. Quality and fulfilment windows in days are
counted the same way (Civil Code 201 and 203 count every period so).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
PUBLISHED_YEARS = range(min(holidays).year, max(holidays).year + 1)
# Fixed by law whatever the yearly notice says: a year whose notice is not entered, or in part only, has these.
_FIXED = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True, slots=True)
class Window:
    """How long a basis stays open.

    category, reason: "" means any. unit: hours or days. excluded: none = open to all, law = never open,
    confirmation = not open where the purchase stored the buyer's confirmation. floor: the platform's window below a
    shop's one; the later of both ends holds. by: the shop's rule that gave it, "" for the platform's own.
    """

    basis: str
    category: str = ""
    reason: str = ""
    length: int = 0
    unit: str = "days"
    excluded: str = "none"
    floor: "Window | None" = None
    by: str = ""

    def applies(self, *, basis: str, category: str, reason: str) -> bool:
        return self.basis == basis and self.category in ("", category) and self.reason in ("", reason)

    @property
    def weight(self) -> tuple[bool, bool]:
        """A row for a reason beats a row for a category, which beats the row for all."""
        return bool(self.reason), bool(self.category)

    @property
    def least_hours(self) -> int:
        """What it gives at the very least: a day ends at its last second."""
        return self.length * (24 if self.unit == "days" else 1)

    @property
    def told(self) -> "Window":
        """The one whose length is told to people: the longer of a shop's window and its floor."""
        return self.floor if self.floor and self.floor.least_hours > self.least_hours else self


@dataclass(frozen=True, slots=True)
class OffDays:
    """Off days as published. rows: {date: is it off}, later years and corrections; they win."""

    rows: Mapping[date, bool] = field(default_factory=dict)

    def known(self, year: int) -> bool:
        return year in PUBLISHED_YEARS or any(day.year == year for day in self.rows)

    def off(self, day: date) -> bool:
        """Published as an off day. An ordinary weekend is none."""
        if day in self.rows:
            return self.rows[day]
        if day.year in PUBLISHED_YEARS:
            return day in holidays
        return (day.month, day.day) in _FIXED

    def working(self, day: date) -> bool:
        if day in self.rows:
            return not self.rows[day]
        if day.year in PUBLISHED_YEARS:
            return chinese_calendar.is_workday(day)
        return day.weekday() < 5 and not self.off(day)

    def rolled(self, day: date) -> date:
        """The last day of a period that would end on `day`."""
        if not self.off(day):
            return day
        while not self.working(day):
            day += _DAY
        return day


@dataclass(frozen=True, slots=True)
class Deadline:
    """at: the last second that still counts, UTC. unsure: in a year whose off days are not known yet."""

    at: datetime
    unsure: bool = False


def choose(windows, *, basis: str, category: str, reason: str) -> Window | None:
    """The most exact row; None = the policy sets no limit."""
    fitting = [window for window in windows if window.applies(basis=basis, category=category, reason=reason)]
    return max(fitting, key=lambda window: window.weight, default=None)


def deadline(window: Window, started_at: datetime, *, zone: str, off_days: OffDays) -> Deadline:
    """The last second of a window that started at the (real or estimated) signature."""
    own = _own_deadline(window, started_at, zone=zone, off_days=off_days)
    if window.floor is None:
        return own
    return max(own, deadline(window.floor, started_at, zone=zone, off_days=off_days), key=lambda end: end.at)


def _own_deadline(window: Window, started_at: datetime, *, zone: str, off_days: OffDays) -> Deadline:
    if window.unit == "hours":
        return Deadline(started_at.astimezone(UTC).replace(microsecond=0) + timedelta(hours=window.length))
    shop = ZoneInfo(zone)
    due = started_at.astimezone(shop).date() + window.length * _DAY
    last = off_days.rolled(due)
    unsure = not (off_days.known(due.year) and off_days.known(last.year))
    return Deadline(_end_of(last, shop), unsure)


def is_open(deadline_at: datetime | None, at: datetime) -> bool:
    """A deadline is the last second that still counts, to that second's end. None never closes."""
    return deadline_at is None or at < deadline_at + _SECOND


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    # One second before the next midnight, in UTC: right in zones whose clocks jump at midnight as well.
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC) - _SECOND
