"""Bills against refunds. What differs becomes a break; what only we had not heard of is taken over as the channel's
word, compared first, by the one way that exists for it.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from refunds.gateways.interface import RefundAnswer
from refunds.matching import queries, rules
from refunds.matching.models import Match, StatementDay, StatementLine
from refunds.matching.rules import Finding, Line, Ours
from refunds.matching.services.external import follow_external
from refunds.matching.services.finding import Key, close_settled, record
from refunds.matching.services.importing import AT_ONCE
from refunds.payouts import queries as payouts
from refunds.payouts import states
from refunds.payouts.models import Break, Refund
from refunds.payouts.services.moves import channel_actor, moving_refund_and_payment
from refunds.payouts.services.words import freeze, take_word

log = logging.getLogger(__name__)


def match_day(day: StatementDay, *, now: datetime) -> None:
    """Every number of the day's bill in force, and of its earlier revisions, matched anew. Again changes nothing."""
    keys = StatementLine.objects.filter(file__day=day).values_list("key", flat=True)
    match(day.channel, set(keys), now=now)


def match_open(channel: str, *, now: datetime) -> None:
    """Rows that differ are judged again: what people or the channel have settled since needs nobody any more."""
    open_ones = Break.objects.filter(source=channel, kind__in=rules.OF_ROWS, closed_at=None)
    if keys := set(open_ones.values_list("number", flat=True)):
        match(channel, keys, now=now)


def match(channel: str, keys: Collection[str], *, now: datetime) -> None:
    """Judge all rows of these numbers, of whatever day. Constant in queries but for refunds that move by it."""
    for line, ours in _unheard(queries.judged(channel, keys)):
        try:
            _take_over(channel, line, ours, now=now)
        except Exception:  # a fault of ours in one refund must not stop the others: its row becomes a break
            log.exception("the word of row %s %s about %s could not be taken", line.bill, line.line, ours.number)
    with transaction.atomic():
        queries.hold_channel(channel)
        findings = [_settled(finding) for finding in queries.judged(channel, keys)]
        became = follow_external(channel, keys, findings, now=now)
        breaks = record((_break(channel, finding, became) for finding in findings if finding.kind), now=now)
        _write(findings, breaks, now=now)
        ours = Break.objects.filter(source=channel, number__in=keys, kind__in=rules.OF_ROWS)
        close_settled(ours.exclude(pk__in=[found.pk for found in breaks.values()]), now=now)
        on_bill = {finding.ours.number for finding in findings if finding.ours and finding.lines[0].kind == "refund"}
        close_settled(Break.objects.filter(source=channel, kind=rules.MISSING, reference__in=on_bill), now=now)
        back = {finding.ours.number for finding in findings if finding.ours and finding.lines[0].kind == "reversal"}
        close_settled(Break.objects.filter(source=channel, kind=rules.RETURN_MISSING, reference__in=back), now=now)


# --- refunds that move because of a bill ------------------------------------------------------------------


def _unheard(findings: Iterable[Finding]) -> list[tuple[Line, Ours]]:
    return [
        (finding.lines[0], finding.ours)
        for finding in findings
        if finding.result == rules.TO_APPLY
        or finding.kind == rules.REVERSED
        or (rules.freezes(finding) and _may_move(finding.ours))
    ]


def _may_move(ours: Ours) -> bool:
    return ours.state in states.ON_ITS_WAY and not ours.frozen


def _take_over(channel: str, line: Line, ours: Ours, *, now: datetime) -> None:
    """Under the lock the row is compared again: between reading and locking the refund may have moved."""
    with moving_refund_and_payment(ours.id, by=channel_actor(channel), now=now, note="statement") as refund:
        if line.kind == "reversal":
            _ask_after(refund, line, now=now)
            return
        finding = rules.compare(line, queries.ours_of(refund))
        if finding.result == rules.TO_APPLY:
            _tell(refund, line, "succeeded", now=now)
        elif rules.freezes(finding) and refund.state in states.ON_ITS_WAY:
            freeze(refund, rules.freezes(finding))


def _ask_after(refund: Refund, line: Line, *, now: datetime) -> None:
    """A row about money that came back undoes no arrival: the channel is asked, and its answer does (T100)."""
    if refund.state == states.ARRIVED and refund.next_try_at is None and line.channel_ref == refund.channel_ref:
        _tell(refund, line, "returned", now=now)


def _tell(refund: Refund, line: Line, state: str, *, now: datetime) -> None:
    """A row as the channel's word, compared and applied as every other. The payment's total is not on a bill."""
    word = RefundAnswer(
        number=line.number, channel_ref=line.channel_ref, state=state, amount=line.amount, total=None,
        currency=line.currency, transaction_id=line.transaction_id,
        succeeded_at=line.at if state == "succeeded" else None,
    )  # fmt: skip
    take_word(refund, word, asked=payouts.refund_order(refund), source=refund.channel,
              reference=f"statement {line.bill} {line.line}", now=now)  # fmt: skip


def _settled(finding: Finding) -> Finding:
    """What still waits for its word was not taken: a person looks."""
    if finding.result != rules.TO_APPLY:
        return finding
    return rules.not_taken(finding)


# --- writing it down --------------------------------------------------------------------------------------


def _break(channel: str, finding: Finding, became: Mapping[int, str]) -> Break:
    first = finding.lines[0]
    theirs = finding.theirs | ({"booked": became[first.id]} if first.id in became else {})
    return Break(
        kind=finding.kind, source=channel, reference=finding.reference, number=first.key,
        refund_id=finding.ours and finding.ours.id, ours=_ours(finding.ours), theirs=theirs, amount=finding.amount,
        currency=finding.currency,
    )  # fmt: skip


def _ours(ours: Ours | None) -> dict:
    if ours is None:
        return {}
    return {
        "number": ours.number, "transaction_id": ours.transaction_id, "amount": ours.amount,
        "currency": ours.currency, "state": ours.state, "channel": ours.channel, "on": ours.on and str(ours.on),
    }  # fmt: skip


def _write(findings: Iterable[Finding], breaks: Mapping[Key, Break], *, now: datetime) -> None:
    """One row per line; what is as it was is not written again."""
    wanted = {}
    for finding in findings:
        found = breaks[finding.kind, finding.reference] if finding.kind else None
        for line in finding.lines:
            refund_id = finding.ours and finding.ours.id
            wanted[line.id] = Match(
                line_id=line.id, result=finding.result, refund_id=refund_id, finding=found, at=now
            )
    kept = Match.objects.filter(line__in=wanted).values_list("line", "result", "refund", "finding")
    same = {pk for pk, *facts in kept if facts == _facts(wanted[pk])}
    Match.objects.bulk_create(
        [match for pk, match in wanted.items() if pk not in same],
        update_conflicts=True, unique_fields=["line"], update_fields=["result", "refund", "finding", "at"],
        batch_size=AT_ONCE,
    )  # fmt: skip


def _facts(match: Match) -> list:
    return [match.result, match.refund_id, match.finding_id]
