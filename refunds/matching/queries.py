"""Reading bills, refunds and breaks: as facts for the rules, and as rows for pages."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate
from django.utils.module_loading import import_string

from orders.accounts.models import User
from orders.purchases.models import Payment, Transaction
from refunds.matching import rules
from refunds.matching.models import ExternalRefund, Match, StatementDay, StatementLine
from refunds.matching.rules import Finding, Line, Ours
from refunds.payouts import states
from refunds.payouts.models import Break, Refund, RefundMove, Settlement
from refunds.payouts.services.words import FROZEN_BY
from returns_platform.kernel import work

FETCHED = timedelta(days=92)  # how long the channels keep their bills


def channels() -> list[str]:
    """Those that have a gateway which gives bills."""
    return [code for code, path in sorted(settings.GATEWAYS.items()) if hasattr(import_string(path), "statement")]


def hold_channel(channel: str) -> None:
    """Whoever matches a channel does it alone, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"refunds.matching:{channel}"])


# --- facts for the rules ----------------------------------------------------------------------------------


def lines_in_force(channel: str, keys: Collection[str]) -> list[Line]:
    """Every row of these numbers on the channel's bills in force.

    A row with an unknown number that a person has recognised as a refund of ours is a row of that refund.
    """
    known_as = _recognised(channel)
    more = {key for key, number in known_as.items() if number in keys}
    rows = StatementLine.objects.filter(channel=channel, key__in={*keys, *more}, file__in_force_for__isnull=False)
    names = (
        "id", "line", "kind", "number", "channel_ref", "transaction_id", "also_known_as", "amount", "currency", "at",
    )  # fmt: skip
    lines = [
        Line(bill=bill, on=rules.day_of(channel, facts[-1]), **dict(zip(names, facts, strict=True)))
        for bill, *facts in rows.values_list("file__day__day", *names)
    ]
    return [replace(line, number=known_as[line.key]) if line.key in known_as else line for line in lines]


def _recognised(channel: str) -> dict[str, str]:
    found = ExternalRefund.objects.filter(channel=channel, refund__isnull=False)
    rows = found.values_list("number", "channel_ref", "refund__number")
    return {rules.key_of(number, channel_ref): ours for number, channel_ref, ours in rows}


def refunds_by_number(channel: str, numbers: Collection[str]) -> dict[str, Ours]:
    """Of every channel: a number of ours that turns up elsewhere is told apart. Days are those of `channel`."""
    return {ours.number: ours for ours in _ours(Refund.objects.filter(number__in=numbers), channel)}


def ours_of(refund: Refund) -> Ours:
    """The same of a refund that is locked, as it is now."""
    return next(_ours(Refund.objects.filter(pk=refund.pk), refund.channel))


def _ours(refunds: QuerySet[Refund], channel: str) -> Iterable[Ours]:
    settled = Settlement.objects.filter(refund=OuterRef("pk"), confirmed_at__isnull=False)
    rows = refunds.annotate(by_people=Exists(settled)).values_list(
        "pk", "number", "channel", "state", "amount", "currency", "payment__transaction__transaction_id",
        "arrived_at", "problem", "by_people",
    )  # fmt: skip
    for *facts, arrived_at, problem, by_people in rows:
        on = rules.day_of(channel, arrived_at) if arrived_at else None
        yield Ours(*facts, on=on, frozen=problem if problem in FROZEN_BY else "", by_people=by_people)


def known_payments(channel: str, transaction_ids: Collection[str]) -> dict[str, Payment]:
    """{the channel's id: payment} of those that are ours. One that several orders share is left out: whose part it
    was is a person's to say.
    """
    found = Payment.objects.filter(
        transaction__channel=channel, transaction__transaction_id__in=transaction_ids, carried_from=None
    )
    parts = Count("transaction__payments", filter=Q(transaction__payments__carried_from=None))
    alone = found.annotate(parts=parts).filter(parts=1)
    return {payment.transaction.transaction_id: payment for payment in alone.select_related("transaction", "order")}


def judged(channel: str, keys: Collection[str]) -> list[Finding]:
    """What is to be said of every row of these numbers, now."""
    return _judged(channel, lines_in_force(channel, keys))


def judged_beside(channel: str, lines: list[Line], *, instead_of: date) -> list[Finding]:
    """The same for rows of a bill that is not kept yet, in place of the one that is in force for its day."""
    kept = lines_in_force(channel, {line.key for line in lines})
    return _judged(channel, [*lines, *(line for line in kept if line.bill != instead_of)])


def _judged(channel: str, lines: list[Line]) -> list[Finding]:
    refunds = refunds_by_number(channel, {line.number for line in lines if line.number})
    strangers = [line for line in lines if line.number not in refunds]
    known = _known(channel, strangers)
    ours = known | {refund.transaction_id for refund in refunds.values()}
    lines = [rules.by_our_name(line, ours) for line in lines]
    return [
        finding
        for _key, group in rules.grouped(lines)
        for finding in rules.judge(group, refunds.get(group[0].number), channel=channel, known=known)
    ]


def _known(channel: str, lines: list[Line]) -> set[str]:
    """Which of these rows' payments are ours, under whichever name."""
    names = {name for line in lines for name in (line.transaction_id, line.also_known_as) if name}
    theirs = Transaction.objects.filter(channel=channel, transaction_id__in=names)
    return set(theirs.values_list("transaction_id", flat=True))


# --- days -------------------------------------------------------------------------------------------------


def due_days(now: datetime) -> QuerySet[StatementDay]:
    return work.due_rows(StatementDay, now=now)


def days_in(channel: str) -> set[date]:
    """Days whose bill is there and matched."""
    there = StatementDay.objects.filter(channel=channel, file__isnull=False, matched_at__isnull=False)
    return set(there.values_list("day", flat=True))


def late_days(now: datetime) -> QuerySet[StatementDay]:
    return StatementDay.objects.filter(file=None, due_from__lte=now - rules.LATE_AFTER)


def not_on_statements(channel: str, *, now: datetime) -> list[Refund]:
    """Arrived, as we say, and on no bill although those of the day and of its neighbours are there (I11)."""
    there = days_in(channel)
    if not there:
        return []
    on_bill = Match.objects.filter(refund=OuterRef("pk"), line__kind="refund", line__file__in_force_for__isnull=False)
    arrived = Refund.objects.filter(
        channel=channel, state=states.ARRIVED, arrived_at__lte=now - rules.MISSING_AFTER,
        arrived_at__gte=now - FETCHED,
    )  # fmt: skip
    missing = arrived.filter(~Exists(on_bill)).select_related("payment__transaction").order_by("pk")
    return [refund for refund in missing if _all_in(rules.day_of(channel, refund.arrived_at), there)]


def _all_in(day: date, there: set[date]) -> bool:
    return {day - rules.DAY_TOLERANCE, day, day + rules.DAY_TOLERANCE} <= there


def returns_not_on_statements(channel: str, *, now: datetime) -> list[Refund]:
    """Sent back by the bank, as we say, and on no bill although those of the days after are there."""
    there = days_in(channel)
    on_bill = Match.objects.filter(
        refund=OuterRef("pk"), line__kind="reversal", line__file__in_force_for__isnull=False
    )
    moved = RefundMove.objects.filter(row=OuterRef("pk"), to_state=states.RETURNED_BY_BANK).values("at")
    returned = Refund.objects.filter(channel=channel, state=states.RETURNED_BY_BANK).annotate(
        moved_at=Subquery(moved)
    )
    found = returned.filter(~Exists(on_bill), moved_at__gte=now - FETCHED)
    return [
        refund
        for refund in found.select_related("payment__transaction").order_by("pk")
        if rules.days_after(rules.day_of(channel, refund.moved_at), rules.RETURN_MISSING_AFTER) <= there
    ]


# --- external refunds -------------------------------------------------------------------------------------


def external_refunds_of(order) -> QuerySet[ExternalRefund]:
    """Money of an order that was refunded at the channel, past this platform."""
    return ExternalRefund.objects.filter(order=order, undone_at=None).order_by("at", "pk")


def shared_parts(found: Break) -> list[Payment]:
    """The orders' parts of the payment that a refund past this platform took from, where there are several."""
    parts = Payment.objects.filter(
        transaction__channel=found.source, transaction__transaction_id=found.theirs.get("transaction_id") or "",
        order__currency=found.theirs.get("currency") or "",
    )  # fmt: skip
    return list(parts.select_related("order__merchant", "order__customer", "transaction").order_by("pk"))


def could_be(found: Break) -> QuerySet[Refund]:
    """Refunds of ours that a payout with an unknown number may have been: same payment, same sum, on no bill."""
    on_bill = Match.objects.filter(refund=OuterRef("pk"), line__file__in_force_for__isnull=False)
    same = Refund.objects.filter(
        channel=found.source, currency=found.currency, amount=found.theirs.get("amount") or 0,
        payment__transaction__transaction_id=found.theirs.get("transaction_id") or "",
    )  # fmt: skip
    return same.filter(~Exists(on_bill)).exclude(state=states.CANCELLED).order_by("pk")


# --- breaks and their people ------------------------------------------------------------------------------


def owners() -> dict[int, int]:
    """{person: how many open breaks are theirs} of everybody who may close one; programs' accounts are none."""
    may_close = Permission.objects.filter(content_type__app_label="refunds", codename="change_break")
    people = User.objects.filter(is_active=True, is_staff=True, is_superuser=False)
    people = people.filter(Q(groups__permissions__in=may_close) | Q(user_permissions__in=may_close)).distinct()
    load = dict.fromkeys(people.values_list("pk", flat=True), 0)
    open_ones = Break.objects.filter(closed_at=None, owner__in=load).values_list("owner").annotate(n=Count("pk"))
    return load | dict(open_ones)


def open_breaks(now: datetime) -> QuerySet[Break]:
    """The oldest first."""
    return Break.objects.filter(closed_at=None).select_related("owner", "refund").order_by("opened_at", "pk")


def overdue_breaks(now: datetime) -> QuerySet[Break]:
    return Break.objects.filter(closed_at=None, opened_at__lte=now - rules.OVERDUE_AFTER)


def second_person_above() -> int:
    """Minor units of an unmatched sum that one person may still close alone."""
    return settings.BREAK_SECOND_PERSON_ABOVE


@dataclass(frozen=True, slots=True)
class Mine:
    """What one person has to look into. oldest: since when the first is open."""

    count: int
    oldest: datetime | None
    urgent: int


def breaks_of(user) -> Mine:
    urgent = Count("pk", filter=Q(alerted_at__isnull=False))
    mine = Break.objects.filter(closed_at=None, owner=user)
    return Mine(**mine.aggregate(count=Count("pk"), oldest=Min("opened_at"), urgent=urgent))


# --- a day's summary --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """One day of one channel. Sums are {currency: minor units}: what we asked for, what it accepted, what arrived
    by our books that day, what its bill says, and what of the bill is not matched.
    """

    day: StatementDay
    rows: int = 0
    matched: int = 0
    breaks: int = 0
    aside: int = 0
    asked: dict = None
    accepted: dict = None
    arrived: dict = None
    on_bill: dict = None
    unmatched: dict = None


def totals_of(days: Iterable[StatementDay]) -> list[Totals]:
    """The summaries of some days, in their order; as many queries for one as for many."""
    days = list(days)
    rows = _rows_by_file([day.file_id for day in days if day.file_id])
    ours = {name: _sums_by_day(days, f"{name}_at") for name in ("asked", "accepted", "arrived")}
    bills = _bills_by_file([day.file_id for day in days if day.file_id])
    open_sums = _unmatched_by_file([day.file_id for day in days if day.file_id])
    return [
        Totals(
            day, on_bill=bills.get(day.file_id, {}), unmatched=open_sums.get(day.file_id, {}),
            rows=sum(rows.get(day.file_id, {}).values()), matched=rows.get(day.file_id, {}).get("matched", 0),
            breaks=rows.get(day.file_id, {}).get("break", 0), aside=rows.get(day.file_id, {}).get("aside", 0),
            **{name: sums.get((day.channel, day.day), {}) for name, sums in ours.items()},
        )
        for day in days
    ]  # fmt: skip


def _rows_by_file(files: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    counted = StatementLine.objects.filter(file__in=files).values_list("file", "match__result")
    for file_id, result, count in counted.annotate(n=Count("pk")):
        found.setdefault(file_id, {})[result or "waiting"] = count
    return found


def _bills_by_file(files: list[int]) -> dict[int, dict[str, int]]:
    lines = StatementLine.objects.filter(file__in=files, kind="refund")
    return _gathered(lines.values_list("file", "currency").annotate(sum=Sum("amount")))


def _unmatched_by_file(files: list[int]) -> dict[int, dict[str, int]]:
    """Of each break once, however many rows it is about."""
    breaks = Break.objects.filter(matches__line__file__in=files, closed_at=None).distinct()
    found: dict[int, dict[str, int]] = {}
    for file_id, _pk, currency, amount in breaks.values_list("matches__line__file", "pk", "currency", "amount"):
        sums = found.setdefault(file_id, {})
        sums[currency] = sums.get(currency, 0) + amount
    return found


def _sums_by_day(days: list[StatementDay], moment: str) -> dict[tuple[str, date], dict[str, int]]:
    found: dict[tuple[str, date], dict[str, int]] = {}
    for channel in {day.channel for day in days}:
        wanted = [day.day for day in days if day.channel == channel]
        begin, end = rules.span_of(channel, min(wanted), max(wanted))
        refunds = Refund.objects.filter(channel=channel, **{f"{moment}__gte": begin, f"{moment}__lt": end})
        by_day = refunds.annotate(on=TruncDate(moment, tzinfo=rules.zone_of(channel)))
        for on, currency, total in by_day.values_list("on", "currency").annotate(sum=Sum("amount")):
            found.setdefault((channel, on), {})[currency] = total
    return found


def _gathered(rows: Iterable[tuple]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for key, currency, total in rows:
        found.setdefault(key, {})[currency] = total
    return found


def lines_of(found: Break) -> QuerySet[StatementLine]:
    """The rows of bills that a break is about."""
    return StatementLine.objects.filter(match__finding=found).select_related("file__day").order_by("file", "line")


def first_of(day: StatementDay) -> QuerySet[Match]:
    """What became of the rows of a day's bill, what needs a person first."""
    of_day = Match.objects.filter(line__file=day.file_id).select_related("line", "refund", "finding")
    return of_day.order_by(F("finding").asc(nulls_last=True), "line__line")
