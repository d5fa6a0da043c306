"""Is all well? Our own books, what the stand-ins really did against what we say they did, and how it all ended."""

import logging
import traceback
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.models import Sum

from refunds.charges import states as charging
from refunds.charges.models import Charge
from refunds.ledger.models import LedgerEntry
from refunds.payouts import states
from refunds.payouts.models import Refund
from returns_platform.drill.outside import Neighbours
from returns_platform.management.commands import check_books

PAID = frozenset({"succeeded"})


def violations(outside: Neighbours) -> list[str]:
    """One line each; empty when all is well."""
    return [*of_books(), *of_stand_ins(outside), *of_tills(outside)]


def of_books() -> list[str]:
    found: list[str] = []
    check_books.check(check_books.invariants(), say=found.append)
    return found


def of_stand_ins(outside: Neighbours) -> list[str]:
    """Every number applied once and in its amount or not at all (I5); ours arrived exactly where theirs did."""
    return [line for name in outside.channels for line in _of_channel(name, outside.book(name))]


def _of_channel(name: str, rows: list[dict]) -> Iterator[str]:
    theirs: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        theirs[row["number"]].append(row)
    ours = {refund.number: refund for refund in Refund.objects.filter(channel=name)}
    for number in sorted(theirs.keys() | ours.keys()):
        if said := _differs(ours.get(number), theirs.get(number, [])):
            yield f"{name} {number}: {said}"
    paid = sum(row["amount"] for row in rows if row["state"] in PAID and _arrived(ours.get(row["number"])))
    booked = LedgerEntry.objects.filter(account=f"channel:{name}").aggregate(sum=Sum("amount"))["sum"] or 0
    if paid != booked:
        yield f"{name}: it paid {paid} for what has arrived, the ledger says {booked}"


def _arrived(refund: Refund | None) -> bool:
    return refund is not None and refund.state == states.ARRIVED


def _differs(refund: Refund | None, rows: list[dict]) -> str:
    """What is wrong about one number; empty when both sides agree."""
    if refund is None:
        return f"done there, unknown here: {rows}"
    if len(rows) > 1:
        return f"done {len(rows)} times"
    if rows and rows[0]["amount"] != refund.amount:
        return f"{rows[0]['amount']} there, {refund.amount} here"
    if rows and rows[0]["currency"] != refund.currency:
        return f"{rows[0]['currency']} there, {refund.currency} here"
    return _ends_differ(refund, rows[0]["state"] if rows else "")


def _ends_differ(refund: Refund, there: str) -> str:
    here = refund.state
    if here == states.ARRIVED and there not in PAID:
        return f"arrived here, there {there or 'never heard of'}"
    if here in (states.CANCELLED, states.PROMISED, states.HELD) and there:
        return f"{here} here, there {there}"
    if here == states.CLOSED and there in PAID:
        return "closed here, paid there"
    return ""


def of_tills(outside: Neighbours) -> list[str]:
    """What customers paid there is an order here, of that sum, and nothing else is."""
    return [line for name in outside.channels for line in _of_till(name, outside.charges(name))]


def _of_till(name: str, theirs: list[dict]) -> Iterator[str]:
    ours = {charge.number: charge for charge in Charge.objects.filter(channel=name)}
    paid = {row["number"]: row for row in theirs if row["state"] == "paid"}
    for number, charge in ours.items():
        row = paid.pop(number, None)
        if charge.state == charging.PAID and (row is None or row["amount"] != charge.amount):
            yield f"{name} {number}: paid here, there {row}"
        if charge.state != charging.PAID and row is not None:
            yield f"{name} {number}: paid there, {charge.state} {charge.problem} here"
    for number in paid:
        yield f"{name} {number}: paid there, unknown here"


def of_ends(order_ids: list[int]) -> list[str]:
    """At the end of a story every refund has ended, or is with a person who is told why."""
    under_way = Refund.objects.filter(order__in=order_ids, state__in=states.ON_ITS_WAY)
    under_way = under_way.exclude(state=states.ACCEPTED, channel=states.BY_HAND)  # it waits for another person
    return [
        f"{refund.number} ended as {refund.state} {refund.problem} after {refund.tries} tries: {refund.last_error}"
        for refund in under_way.exclude(state__in=(states.MANUAL, states.HELD))
    ]


class Faults(logging.Handler):
    """Services log a fault of ours and go on; here each is a violation."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info and record.exc_info[1]
        self.found.append(f"{record.name}: {record.getMessage()} {told(error)}" if error else self.format(record))

    def take(self) -> list[str]:
        found, self.found = self.found, []
        return found


def told(error: BaseException) -> str:
    """With the place that raised it: a KeyError's own words are the key."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f" in {Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    return f"{error!r}{places[-1] if places else ''}"


@contextmanager
def faults_seen() -> Iterator[Faults]:
    """The faults that anything logs inside the block."""
    faults = Faults()
    logging.getLogger().addHandler(faults)
    django = logging.getLogger("django")
    django.addHandler(faults)
    try:
        yield faults
    finally:
        logging.getLogger().removeHandler(faults)
        django.removeHandler(faults)
