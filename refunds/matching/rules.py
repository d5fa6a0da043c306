"""Statement rows against our refunds. Pure: no database, no clock.

Rows are judged together per number, from every bill in force, so that the order of rows and of bills does not
matter, and a payout that stands on two bills is seen. A finding names what differs and never says what to do to the
books: nothing is corrected here or because of this.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from refunds.payouts import states

MATCHED = "matched"  # the row and one refund of ours say the same
TO_APPLY = "to_apply"  # they agree, and our refund has not heard of it yet: the row is the channel's word
ASIDE = "aside"  # fees, payments, what has not moved: nothing to match
BREAK = "break"

# What can be wrong with a row. The words stand in matching.texts.
AMOUNT, CURRENCY, PAYMENT, CHANNEL = "amount_differs", "currency_differs", "payment_differs", "channel_differs"
UNASKED, NOT_TAKEN, WRONG_DAY = "paid_unasked", "state_differs", "wrong_day"
LISTED_TWICE, PAID_TWICE, IN_PARTS = "listed_twice", "paid_twice", "in_parts"
EXTERNAL, OUR_FORMAT, FOREIGN, CAME_BACK = "external", "number_lost", "foreign", "external_returned"
REVERSED, REVERSAL_DIFFERS, REVERSAL_FOREIGN = "reversed", "reversal_differs", "reversal_foreign"
# What can be wrong with a refund of ours, or with a whole bill.
MISSING, RETURN_MISSING = "missing_at_channel", "return_missing"
LATE, UNREADABLE = "late_statement", "unreadable_statement"
# What can be wrong with a balance of ours.
SPENT_TWICE = "balance_spent_twice"

OF_ROWS = frozenset({
    AMOUNT, CURRENCY, PAYMENT, CHANNEL, UNASKED, NOT_TAKEN, WRONG_DAY, LISTED_TWICE, PAID_TWICE, IN_PARTS, EXTERNAL,
    OUR_FORMAT, FOREIGN, CAME_BACK, REVERSED, REVERSAL_DIFFERS, REVERSAL_FOREIGN,
})  # fmt: skip
BOOKED = frozenset({EXTERNAL, OUR_FORMAT})  # money that left one of our payments without a refund of ours (F44)
WRONG_SUMS = frozenset({AMOUNT, CURRENCY, PAYMENT, PAID_TWICE, UNASKED, "mismatch", "unasked"})  # told at once

DAY_TOLERANCE = timedelta(days=1)  # our clock and theirs stand on two sides of midnight
MISSING_AFTER = timedelta(days=2)  # I11
RETURN_MISSING_AFTER = timedelta(days=5)
LATE_AFTER = timedelta(hours=24)  # after the hour at which the channel has it
OVERDUE_AFTER = timedelta(days=3)

# The channel's own calendar, and the hour of the next day from which it has the bill.
CALENDARS = {"wechat": ("Asia/Shanghai", 10), "alipay": ("Asia/Shanghai", 10), "stripe": ("UTC", 12)}
OTHERS = ("Asia/Shanghai", 10)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a bill in force. on: its day in the channel's calendar. bill: the day of the bill it stands on."""

    id: int
    bill: date
    line: int
    kind: str
    number: str
    channel_ref: str
    transaction_id: str
    amount: int
    currency: str
    on: date
    at: datetime
    also_known_as: str = ""

    @property
    def key(self) -> str:
        return key_of(self.number, self.channel_ref)

    @property
    def facts(self) -> tuple:
        return self.transaction_id, self.amount, self.currency

    @property
    def identity(self) -> tuple:
        """Two rows with the same one tell of the same movement."""
        return (*self.facts, self.channel_ref) if self.channel_ref else (*self.facts, self.number, self.at)


@dataclass(frozen=True, slots=True)
class Ours:
    """One refund as our books have it. on: the day it arrived, in the channel's calendar, None before.

    frozen: the difference that keeps it from moving. by_people: two people said that it arrived, the channel did not.
    """

    id: int
    number: str
    channel: str
    state: str
    amount: int
    currency: str
    transaction_id: str
    on: date | None = None
    frozen: str = ""
    by_people: bool = False

    @property
    def facts(self) -> tuple:
        return self.transaction_id, self.amount, self.currency


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of some rows. kind, reference, amount: only of a break; amount is what is not matched, in minor
    units. Several rows with one reference are one break.
    """

    lines: tuple[Line, ...]
    result: str
    ours: Ours | None = None
    kind: str = ""
    reference: str = ""
    amount: int = 0
    theirs: dict = field(default_factory=dict)

    @property
    def currency(self) -> str:
        return self.lines[0].currency


def judge(lines: Sequence[Line], ours: Ours | None, *, channel: str, known: Collection[str]) -> list[Finding]:
    """All rows of one number against the refund of that number. known: ids of payments that are ours."""
    payouts, twice = _once(line for line in lines if line.kind == "refund")
    reversals, reversals_twice = _once(line for line in lines if line.kind == "reversal")
    found = [Finding((line,), ASIDE) for line in lines if line.kind == "other"]
    again = enumerate(twice + reversals_twice, start=2)
    found += [_break(LISTED_TWICE, [line], ours, part=str(nth)) for nth, line in again]
    if ours is None:
        return found + _strangers(payouts, reversals, known=known)
    if ours.channel != channel:
        return found + [_break(CHANNEL, [line], ours) for line in payouts + reversals]
    if ours.state in states.LIVE or ours.state == states.RETURNED_BY_BANK or len(payouts) > len(reversals):
        found += _payouts(payouts, ours)
    else:  # it came to nothing with us, and with the channel it came back
        found += [Finding((line,), MATCHED, ours) for line in payouts]
    return found + _reversals(reversals, ours)


def compare(line: Line, ours: Ours) -> Finding:
    """One payout against the refund of its number: every fact first, then the state, then the day."""
    for kind, mine, theirs in (
        (CURRENCY, ours.currency, line.currency),
        (PAYMENT, ours.transaction_id, line.transaction_id),
        (AMOUNT, ours.amount, line.amount),
    ):
        if mine != theirs:
            unmatched = abs(ours.amount - line.amount) if kind == AMOUNT else line.amount
            return _break(kind, [line], ours, amount=unmatched)
    if ours.state in (states.ARRIVED, states.RETURNED_BY_BANK):
        if ours.by_people or ours.on is None or abs(line.on - ours.on) <= DAY_TOLERANCE:
            return Finding((line,), MATCHED, ours)
        return _break(WRONG_DAY, [line], ours)
    if ours.state in (*states.NOT_SENT, states.CANCELLED, states.CLOSED):
        return _break(UNASKED, [line], ours)
    if ours.frozen:
        return _break(UNASKED if ours.frozen == "unasked" else NOT_TAKEN, [line], ours)
    return Finding((line,), TO_APPLY, ours)


def not_taken(finding: Finding) -> Finding:
    """The same row where its word could not be taken over."""
    return _break(NOT_TAKEN, finding.lines, finding.ours)


def freezes(finding: Finding) -> str:
    """The problem that keeps our refund from moving until somebody has looked; empty where it may go on."""
    if finding.kind in (AMOUNT, CURRENCY, PAYMENT, IN_PARTS):
        return "mismatch"
    return "unasked" if finding.kind == UNASKED else ""


def _once(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """The movements, each by the first row that tells of it; and the rows that tell of one again."""
    first, again, seen = [], [], set()
    for line in sorted(lines, key=_in_order):
        (again if line.identity in seen else first).append(line)
        seen.add(line.identity)
    return first, again


def _in_order(line: Line) -> tuple:
    """Whatever order the rows came in, the same one is the first."""
    return line.bill, line.at, line.channel_ref, line.amount, line.line


def _payouts(lines: list[Line], ours: Ours) -> list[Finding]:
    if len(lines) <= 1:
        return [compare(line, ours) for line in lines]
    exact = [line for line in lines if line.facts == ours.facts]
    if exact:
        others = [line for line in lines if line is not exact[0]]
        return [compare(exact[0], ours), *(_break(PAID_TWICE, [line], ours) for line in others)]
    total = sum(line.amount for line in lines)
    alike = {(line.transaction_id, line.currency) for line in lines} == {(ours.transaction_id, ours.currency)}
    if alike and total == ours.amount:
        return [_break(IN_PARTS, lines, ours, amount=total)]
    return [_break(AMOUNT, lines, ours, amount=abs(total - ours.amount))]


def _reversals(lines: list[Line], ours: Ours) -> list[Finding]:
    if not lines:
        return []
    first, *more = lines
    found = [_break(REVERSAL_DIFFERS, [line], ours) for line in more]
    if first.facts != ours.facts:
        return [_break(REVERSAL_DIFFERS, [first], ours), *found]
    if ours.state in (states.RETURNED_BY_BANK, states.CLOSED, states.CANCELLED):
        return [Finding((first,), MATCHED, ours), *found]
    return [_break(REVERSED, [first], ours), *found]


def _strangers(payouts: list[Line], reversals: list[Line], *, known: Collection[str]) -> list[Finding]:
    """Numbers that no refund of ours has. What came back by the same number cancels what went out."""
    found, back = [], list(reversals)
    for line in payouts:
        undone = next((row for row in back if row.facts == line.facts), None)
        if undone:
            back.remove(undone)
            found.append(_break(CAME_BACK, [line, undone], None, amount=line.amount))
        elif line.transaction_id not in known:
            found.append(_break(FOREIGN, [line], None))
        else:
            found.append(_break(OUR_FORMAT if is_ours(line.number) else EXTERNAL, [line], None))
    return found + [_break(REVERSAL_FOREIGN, [line], None) for line in back]


def _break(kind: str, lines: Sequence[Line], ours: Ours | None, *, amount: int = -1, part: str = "") -> Finding:
    first = lines[0]
    unmatched = first.amount if amount < 0 else amount
    name = first.key if len(lines) > 1 or not first.channel_ref else first.channel_ref
    reference = f"{name}#{part}" if part else name
    return Finding(tuple(lines), BREAK, ours, kind, reference, unmatched, _theirs(lines))


def _theirs(lines: Sequence[Line]) -> dict:
    """As the statement says it; sums of several rows are added."""
    first = lines[0]
    return {
        "number": first.number, "channel_ref": first.channel_ref, "transaction_id": first.transaction_id,
        "amount": sum(line.amount for line in lines), "currency": first.currency, "kind": first.kind,
        "on": str(first.on), "rows": [f"{line.bill} {line.line}" for line in lines],
    }  # fmt: skip


# --- numbers and days -------------------------------------------------------------------------------------


def key_of(number: str, channel_ref: str) -> str:
    """What rows are gathered by: our number, else the channel's."""
    return number or channel_ref


def is_ours(number: str) -> bool:
    """Whether a number could be one of ours by its form, although no refund has it."""
    digits, _, serial = number.removeprefix("RF").partition("-")
    return number.startswith("RF") and digits.isdigit() and serial.isdigit()


def days_after(day: date, span: timedelta) -> set[date]:
    """A day and those after it, up to the span."""
    return {day + timedelta(days=n) for n in range(span.days + 1)}


def by_our_name(line: Line, ours: Collection[str]) -> Line:
    """The row with the name under which we know its payment, where the channel has two."""
    if line.also_known_as in ours and line.transaction_id not in ours:
        return replace(line, transaction_id=line.also_known_as)
    return line


def zone_of(channel: str) -> ZoneInfo:
    return ZoneInfo(CALENDARS.get(channel, OTHERS)[0])


def day_of(channel: str, at: datetime) -> date:
    """The day in the channel's calendar."""
    return at.astimezone(zone_of(channel)).date()


def ready_at(channel: str, day: date) -> datetime:
    """From when the channel has the bill of that day."""
    hour = CALENDARS.get(channel, OTHERS)[1]
    return datetime.combine(day + timedelta(days=1), time(hour), tzinfo=zone_of(channel))


def span_of(channel: str, first: date, last: date) -> tuple[datetime, datetime]:
    """From the begin of one day to the end of another, in the channel's calendar."""
    zone = zone_of(channel)
    return datetime.combine(first, time(), tzinfo=zone), datetime.combine(last + timedelta(1), time(), tzinfo=zone)


def days_to_open(*, last: date | None, today: date, first_ever: int) -> list[date]:
    """The days that are over and whose bill nobody waits for yet; at the very first look some days back."""
    begin = last + timedelta(days=1) if last else today - timedelta(days=first_ever)
    return [begin + timedelta(days=n) for n in range((today - begin).days)]


# --- people -----------------------------------------------------------------------------------------------


def owners(load: dict[int, int], wanted: int) -> list[int]:
    """Who gets the next breaks: always the one with the fewest open; {person: open breaks}. Ties by key."""
    load, chosen = dict(load), []
    for _ in range(wanted if load else 0):
        person = min(load, key=lambda key: (load[key], key))
        load[person] += 1
        chosen.append(person)
    return chosen


def grouped(lines: Iterable[Line]) -> Iterable[tuple[str, list[Line]]]:
    for key, group in groupby(sorted(lines, key=lambda line: line.key), key=lambda line: line.key):
        yield key, list(group)
