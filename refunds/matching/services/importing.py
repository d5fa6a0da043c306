"""Bills come in: by night from the channel, or from a file by hand. Read whole, kept once, matched by a worker."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from refunds import gateways
from refunds.gateways.interface import Statement, StatementRow, StatementUnreadable
from refunds.matching import queries, rules
from refunds.matching.models import StatementDay, StatementFile, StatementLine
from refunds.matching.services.finding import close_settled, record
from refunds.payouts.models import Break
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, TooLarge
from returns_platform.kernel.nudge import after_commit

LARGEST_FILE = 20_000_000
AT_ONCE = 2500  # rows in one statement to the database, which may take some seconds only
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would bring, before anything is written.

    sums: {currency: {kind: minor units}}. kinds: {kind of break: how many rows}. again: the same file is in force
    already. revision: which one it would be.
    """

    rows: int
    sums: dict[str, dict[str, int]]
    matched: int
    kinds: dict[str, int]
    again: bool
    revision: int


def preview_statement(channel: str, day: date, raw: bytes) -> Preview:
    """Read and match a file, and change nothing. Raises Invalid or TooLarge with the line that is wrong."""
    statement = _readable(channel, day, raw)
    found = StatementDay.objects.filter(channel=channel, day=day).select_related("file").first()
    now_in_force = found and found.file
    findings = [finding for finding in _judged(channel, statement) if any(line.id < 0 for line in finding.lines)]
    return Preview(
        rows=len(statement.rows), sums=_sums(statement.rows),
        matched=sum(finding.result in (rules.MATCHED, rules.TO_APPLY) for finding in findings),
        kinds=_counted(finding.kind for finding in findings for _line in finding.lines if finding.kind),
        again=bool(now_in_force and now_in_force.sha256 == _digest(raw)),
        revision=now_in_force.revision + 1 if now_in_force else 1,
    )  # fmt: skip


def import_statement(
    channel: str, day: date, raw: bytes, *, source: str, by: Actor, now: datetime
) -> tuple[StatementFile, bool]:
    """Keep a bill and let a worker match it; the file in force again changes nothing (False).

    source: "nightly" or "by_hand". Another file for the same day is a new revision, and every number of both is
    matched anew. Raises Invalid or TooLarge with the line that is wrong, and StatementUnreadable for one by night.
    """
    statement = _readable(channel, day, raw) if source == "by_hand" else _read(channel, day, raw)
    digest = _digest(raw)
    with transaction.atomic():
        found = _locked_day(channel, day, now=now)
        if found.file and found.file.sha256 == digest:
            return found.file, False
        kept = _keep(found, statement, digest=digest, source=source, by=by, now=now)
        found.file, found.matched_at, found.tries = kept, None, 0
        work.due_again(found, at=now)
        found.save()
        after_commit("refunds.match_statements")
    return kept, True


def note_unreadable(day: StatementDay, raw: bytes, error: StatementUnreadable, *, now: datetime) -> None:
    """A bill that came and cannot be read is a difference of its own, until one comes that can."""
    finding = Break(
        kind=rules.UNREADABLE, source=day.channel, reference=f"{day.day} {_digest(raw)[:12]}",
        number=str(day.day), theirs={"line": error.line, "reason": error.reason[:200]},
    )  # fmt: skip
    record([finding], now=now)


def _keep(
    day: StatementDay, statement: Statement, *, digest: str, source: str, by: Actor, now: datetime
) -> StatementFile:
    kept = StatementFile.objects.create(
        day=day, revision=day.files.count() + 1, sha256=digest, source=source, by_kind=by.kind, by_id=by.id,
        by_name=by.name, imported_at=now, rows=len(statement.rows), sums=_sums(statement.rows),
    )  # fmt: skip
    StatementLine.objects.bulk_create(
        (StatementLine(
            file=kept, channel=day.channel, line=row.line, kind=row.kind, number=row.number,
            key=rules.key_of(row.number, row.channel_ref), channel_ref=row.channel_ref,
            transaction_id=row.transaction_id, amount=row.amount, currency=row.currency, at=row.at,
            also_known_as=row.also_known_as,
        )
        for row in statement.rows), batch_size=AT_ONCE,
    )  # fmt: skip
    of_day = Break.objects.filter(source=day.channel, number=str(day.day), kind__in=(rules.LATE, rules.UNREADABLE))
    close_settled(of_day, now=now)
    return kept


def _locked_day(channel: str, day: date, *, now: datetime) -> StatementDay:
    StatementDay.objects.bulk_create(
        [StatementDay(channel=channel, day=day, due_from=rules.ready_at(channel, day))], ignore_conflicts=True
    )
    locked = StatementDay.objects.select_for_update(of=("self",)).select_related("file")
    return locked.get(channel=channel, day=day)


# --- reading ----------------------------------------------------------------------------------------------


def _readable(channel: str, day: date, raw: bytes) -> Statement:
    """As a person uploads it: what is wrong is told to them, with the line."""
    if len(raw) > LARGEST_FILE:
        raise TooLarge(_("A bill has at most 20 MB."), fields={"file": _("A bill has at most 20 MB.")})
    if looks_like_something_else(raw):
        raise Invalid(fields={"file": _("This is no bill: it is a picture, an archive or a program.")})
    try:
        return _read(channel, day, raw)
    except StatementUnreadable as error:
        told = _("Line %(line)s: %(reason)s") if error.line else _("The file: %(reason)s")
        raise Invalid(fields={"file": told % {"line": error.line, "reason": error.reason}}) from None


def _read(channel: str, day: date, raw: bytes) -> Statement:
    statement = gateways.statements(channel).read(raw, day=day)
    if len(statement.rows) > MOST_ROWS:
        raise StatementUnreadable(f"more than {MOST_ROWS:,} rows", line=statement.rows[MOST_ROWS].line)
    return statement


def looks_like_something_else(raw: bytes) -> bool:
    """By content, never by name: bills are text, and Alipay's come in a ZIP that its own reader opens."""
    return raw[:4] in (b"\x89PNG", b"%PDF", b"GIF8", b"\x7fELF", b"Rar!") or raw[:2] in (b"\xff\xd8", b"MZ")


def _judged(channel: str, statement: Statement) -> list[rules.Finding]:
    """The findings of a file that is kept nowhere, beside the bills of other days."""
    lines = [_line(row, number=-nth, channel=channel, day=statement.day) for nth, row in enumerate(statement.rows, 1)]
    return queries.judged_beside(channel, lines, instead_of=statement.day)


def _line(row: StatementRow, *, number: int, channel: str, day: date) -> rules.Line:
    return rules.Line(
        id=number, bill=day, line=row.line, kind=row.kind, number=row.number, channel_ref=row.channel_ref,
        transaction_id=row.transaction_id, amount=row.amount, currency=row.currency,
        on=rules.day_of(channel, row.at), at=row.at, also_known_as=row.also_known_as,
    )  # fmt: skip


def _sums(rows: Iterable[StatementRow]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        of_currency = sums.setdefault(row.currency, {})
        of_currency[row.kind] = of_currency.get(row.kind, 0) + row.amount
    return sums


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
