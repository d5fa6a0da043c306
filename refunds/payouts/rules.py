"""When to ask again, when money arrives, and what a channel allows for one payment. Pure: no database, no clock."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from refunds.gateways.interface import Limits

ASK_AFTER = timedelta(seconds=60)  # a call without a usable answer is asked about after this
LADDER = (1, 5, 10, 20, 30)  # minutes until the next try of what failed
POLLS = (1, 1, 1, 1, 1, 5, 10, 20, 30)  # minutes between questions about an accepted refund (WeChat Pay's advice)
PATIENCE = timedelta(minutes=30)  # beyond the end of a ladder we still ask, while a person looks
CALL_AT_MOST = timedelta(seconds=10)
FORGOTTEN_AT_MOST = 3  # so often a channel that forgets what it accepted is sent the same number
SPACING_MARGIN = timedelta(seconds=2)  # the channel counts from when it saw the call, we from when it ended

# Latest working day of arrival where no gateway says it: what the channels promise (S96).
WORKING_DAYS = {"alipay": 3, "stripe": 10, "bank_transfer": 7, "gift_card": 0, "balance": 0, "coupon": 0}
LONGEST = max(WORKING_DAYS.values())


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was already asked of the same payment at the channel, by other refunds.

    parts: how many refunds. last_at: when the last call ended, or began if its end is not known yet.
    last_open: that call may still be under way.
    """

    parts: int = 0
    last_at: datetime | None = None
    last_open: bool = False


def hurdle(limits: Limits, *, paid_at: datetime, earlier: Earlier, now: datetime) -> str:
    """Why the channel will not take another refund of this payment: a problem's code, or empty."""
    if now > paid_at + limits.age:
        return "too_old"
    if earlier.parts >= limits.parts:
        return "too_many_parts"
    return ""


def not_before(limits: Limits, earlier: Earlier) -> datetime | None:
    """When the next refund of this payment may be sent (T97); None: at once."""
    if earlier.last_at is None or not limits.spacing:
        return None
    ended_at = earlier.last_at + (CALL_AT_MOST if earlier.last_open else timedelta(0))
    return ended_at + limits.spacing + SPACING_MARGIN


def next_poll(asked: int, *, now: datetime) -> datetime:
    """When to ask about an accepted refund again, having asked `asked` times."""
    return now + (timedelta(minutes=POLLS[asked]) if asked < len(POLLS) else PATIENCE)


def arrives_by(working_days: int, *, at: datetime, zone: str) -> datetime:
    """The last second of the last day on which money that leaves at `at` arrives in time, in the shop's zone."""
    local = at.astimezone(ZoneInfo(zone))
    day = local.date()
    for _ in range(working_days):
        day = _next_working_day(day)
    return datetime.combine(day, time(23, 59, 59), tzinfo=local.tzinfo)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not _is_working_day(day):
        day += timedelta(days=1)
    return day


def _is_working_day(day: date) -> bool:
    """As the State Council published it; a year nobody published yet: Monday to Friday."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def number(case_ref: str, serial: int) -> str:
    """The refund's number for life: RF, the digits of the case, and which refund of it."""
    return f"RF{re.sub(r'[^0-9]', '', case_ref)}-{serial}"


def scrubbed(message: str) -> str:
    """A channel's message as it may be kept: no long number that could be a card, a phone, an account."""
    return re.sub(r"\d{6,}", "…", message)[:200]
