"""How amounts, times, people and parts of pages are told, in the reader's language.

The functions give plain text and are used by pages, letters and messages alike; `templatetags/ui.py` wraps them
in markup. The dataclasses are the shapes that the parts in `templates/parts/` take.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from returns_platform.kernel import clock as wall_clock
from returns_platform.kernel import money as amounts

SOON = timedelta(hours=4)
A_WEEK = timedelta(days=7)
HALF_A_YEAR = timedelta(days=182)


# --- money ------------------------------------------------------------------------------------------------
def money(amount: int, currency: str) -> str:
    """Minor units as people write them: ¥1,280.00, −¥68.00 with a true minus sign."""
    return amounts.yuan(amount, currency)


# --- times ------------------------------------------------------------------------------------------------
def moment(at: datetime | date, *, now: datetime, zone=None, style: str = "full", sense: str = "at") -> str:
    """A day and time in the shop's zone; a plain date is told as a day.

    style: "full" says today, tomorrow, yesterday, and the weekday within a week; "near" says today, tomorrow and
    yesterday only; "plain" neither, with short English months, for rows and rails.
    sense: "at", "by" (a promise), "about" (an estimate), "until" (the last moment).
    """
    if not isinstance(at, datetime):
        return day(at, now=now, zone=zone, style=style, sense=sense)
    local = in_zone(at, zone)
    said = _("%(day)s, %(time)s") % {"day": _day(local.date(), now, zone, style), "time": local.strftime("%H:%M")}
    return _with_time(sense) % {"moment": said}


def day(at: datetime | date, *, now: datetime, zone=None, style: str = "full", sense: str = "at") -> str:
    """As `moment`, without the time of day."""
    on = in_zone(at, zone).date() if isinstance(at, datetime) else at
    if sense == "at":
        return _day(on, now, zone, style)
    if on == in_zone(now, zone).date() and style != "plain":
        return pgettext("within the day", "today")
    # "Before tomorrow" reads as today in Chinese: a promise always names the date.
    return _without_time(sense) % {"moment": _day(on, now, zone, style, relative=False)}


def window(start: datetime, end: datetime, *, now: datetime, zone=None, style: str = "full") -> str:
    """From one time to another on the same day: tomorrow, 14:00–16:00."""
    first, last = in_zone(start, zone), in_zone(end, zone)
    times = f"{first:%H:%M}–{last:%H:%M}"
    return _("%(day)s, %(time)s") % {"day": _day(first.date(), now, zone, style), "time": times}


def slot_day(on: date, *, now: datetime, zone=None) -> str:
    """A day with all its names: tomorrow, Monday 23 November."""
    full = _("%(weekday)s %(day)s") % {"weekday": weekday(on), "day": formatted(on, pgettext("date format", "j F"))}
    near = _near(on - in_zone(now, zone).date())
    return _("%(near)s, %(day)s") % {"near": near, "day": full} if near else full


def in_zone(at: datetime, zone=None) -> datetime:
    """`at` on the clock of the shop. zone: ZoneInfo or its name; without it the platform's own."""
    return at.astimezone(zone if isinstance(zone, ZoneInfo) else ZoneInfo(str(zone or settings.SHOP_ZONE)))


def midnight(now: datetime, zone=None) -> datetime:
    """When the shop's day began."""
    return in_zone(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _day(on: date, now: datetime, zone, style: str, *, relative: bool = True) -> str:
    today = in_zone(now, zone).date()
    if style != "plain" and relative and (near := _near(on - today)):
        return near
    if abs(on - today) > HALF_A_YEAR and on.year != today.year:
        return formatted(on, pgettext("date format", "j F Y"))
    if style != "full":
        return formatted(on, pgettext("date format", "j M"))
    said = formatted(on, pgettext("date format", "j F"))
    if abs(on - today) < A_WEEK:
        return _("%(weekday)s %(day)s") % {"weekday": weekday(on), "day": said}
    return said


def _near(distance: timedelta) -> str:
    return {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get(distance.days, "")


def weekday(on: date) -> str:
    return (
        pgettext("weekday", "Monday"),
        pgettext("weekday", "Tuesday"),
        pgettext("weekday", "Wednesday"),
        pgettext("weekday", "Thursday"),
        pgettext("weekday", "Friday"),
        pgettext("weekday", "Saturday"),
        pgettext("weekday", "Sunday"),
    )[on.weekday()]


def _with_time(sense: str) -> str:
    return {
        "at": "%(moment)s",
        "by": pgettext("with a time of day", "by %(moment)s"),
        "about": _("about %(moment)s"),
        "until": _("until %(moment)s"),
    }[sense]


def _without_time(sense: str) -> str:
    return {"by": pgettext("a day", "by %(moment)s"), "about": _("about %(moment)s"), "until": _("until %(moment)s")}[
        sense
    ]


# --- time left --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Clock:
    """Time left until something is due. state: "", "soon" (under four hours) or "over"."""

    text: str
    state: str


def clock(due_at: datetime, *, now: datetime) -> Clock:
    left = due_at - now
    if left < timedelta(0):
        return Clock(_("%(time)s over") % {"time": span(-left)}, "over")
    return Clock(_("%(time)s left") % {"time": span(left)}, "soon" if left < SOON else "")


def span(length: timedelta | int | float) -> str:
    """A length of time in its two largest units. A number is seconds."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minutes = int(seconds // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = (
        (days, ngettext("%(n)s day", "%(n)s days", days)),
        (hours, _("%(n)s h")),
        (minutes, pgettext("alone", "%(n)s min") if seconds < 3600 else _("%(n)s min")),
    )
    first = next((i for i, (n, unit) in enumerate(units) if n), None)
    if first is None:
        return _("under a minute")
    return " ".join(unit % {"n": n} for n, unit in units[first : first + 2] if n)


# --- people -----------------------------------------------------------------------------------------------
def mask_phone(phone) -> str:
    """138****8000: enough for its owner to know it, for nobody else to call it."""
    digits = "".join(c for c in str(phone or "") if c.isdigit())
    national = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    if len(national) < 7:
        return "****" if national else ""
    return f"{national[:3]}****{national[-4:]}" if len(national) >= 11 else f"{national[:2]}****{national[-2:]}"


def mask_name(name: str) -> str:
    """The first character, then stars: 安**."""
    return f"{name[0]}**" if name else ""


def mask_email(email: str) -> str:
    name, at, domain = (email or "").partition("@")
    return f"{name[:1]}***@{domain}" if at else ""


# --- the frame of a page ----------------------------------------------------------------------------------
THEMES = ("light", "dark")
LONGEST_ADDRESS = 2000


def address(request) -> str:
    """Where the reader is, to come back to after choosing a language; without a query that is absurdly long."""
    full = request.get_full_path()
    return full if len(full) <= LONGEST_ADDRESS else request.path


def frame(request) -> dict:
    """Context processor: what every page needs. `now` is read once for each request."""
    theme = request.COOKIES.get("theme", "")
    return {
        "now": wall_clock.now(),
        "address": address(request),
        "theme": theme if theme in THEMES else "",
        "platform_name": settings.PLATFORM_NAME,
        "help_phone": settings.HELP_PHONE,
        "demo": settings.DEMO,
    }


# --- shapes of parts --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Mark:
    """A tag: tone "" (waiting), now, good, late or bad."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Step:
    """state: done, now, next, stopped. `when` (words) stands in place of the time `at`."""

    name: str
    state: str
    at: datetime | date | None = None
    sense: str = "at"
    when: str = ""
    note: str = ""
    href: str = ""
    link: str = ""


@dataclass(frozen=True)
class Stage:
    """One of the three truths of a refund. state: done, wait, stopped or "" (not yet)."""

    name: str
    state: str = ""
    at: datetime | date | None = None
    sense: str = "at"
    when: str = ""


@dataclass(frozen=True)
class Truth:
    """To whom how much (minor units) goes, and how far it is."""

    to: str
    amount: int
    currency: str
    stages: Sequence[Stage]
    note: str = ""


@dataclass(frozen=True)
class BillRow:
    """A line of a bill, in minor units. kind: "", sum or part. before: the amount that an edit replaced.
    second: the amount in the second column. text: words in place of the amount."""

    name: str
    amount: int | None
    reason: str = ""
    kind: str = ""
    before: int | None = None
    second: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Fact:
    name: str
    value: object
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Check:
    """state: done, bad (does not hold), found (holds, and speaks against it) or open."""

    text: str
    state: str = "open"
    quiet: str = ""
    href: str = ""  # where `quiet` leads


@dataclass(frozen=True)
class Event:
    at: datetime
    text: str


@dataclass(frozen=True)
class Message:
    """inner: a note that the customer never sees."""

    who: str
    at: datetime
    text: str
    inner: bool = False


@dataclass(frozen=True)
class Counter:
    number: int
    name: str
    href: str
    tone: str = ""
    current: bool = False


@dataclass(frozen=True)
class InboxRow:
    """Two lines of an inbox. value: what the box sends. amount in minor units."""

    value: str
    no: str
    href: str
    title: str
    meta: Sequence[str] = ()
    mark: Mark | None = None
    amount: int | None = None
    currency: str = "CNY"
    kind: str = ""
    due_at: datetime | None = None
    paused: bool = False
    picked: bool = False


@dataclass(frozen=True)
class Choice:
    """A radio row. more: template shown under the row when it is picked. advice: why it is the suggested one."""

    value: str
    label: str
    hint: str = ""
    price: str = ""
    picked: bool = False
    disabled: bool = False
    more: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Slot:
    value: str
    label: str
    full: bool = False
    picked: bool = False
    anyway: bool = False  # the courier comes then in any case


@dataclass(frozen=True)
class SlotDay:
    day: date
    slots: Sequence[Slot]


@dataclass(frozen=True)
class Outcome:
    """One way to be made whole: how much (minor units), when, and what it asks of the person."""

    value: str
    name: str
    amount: int | None
    currency: str
    when: str = ""
    effort: str = ""
    text: str = ""
    picked: bool = False
    disabled: bool = False


@dataclass(frozen=True)
class Photo:
    url: str
    alt: str
    label: str = ""
    tone: str = ""
    href: str = ""
    wrong: bool = False


@dataclass(frozen=True)
class Action:
    value: str
    label: str
    main: bool = False
    bad: bool = False


@dataclass(frozen=True)
class Head:
    name: str
    num: bool = False


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    note: str = ""
    tone: str = ""
