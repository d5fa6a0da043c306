"""Reading refunds: for pages, for the channel, for the people who look after money."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from orders.accounts.models import User
from orders.purchases.models import Payment, Transaction
from refunds.gateways.interface import Limits, RefundOrder
from refunds.payouts import rules, states, texts
from refunds.payouts.models import (
    BatchedTransfer,
    Break,
    Refund,
    RefundAttempt,
    RefundException,
    RefundMove,
    RouteChange,
    Transfer,
    TransferBatch,
)
from returns_platform.kernel import work

STORED_HERE = ("balance", "gift_card")
UNKNOWN_TOO_LONG = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund as a page shows it. Amounts in minor units; the three truths are None until they are true."""

    refund_no: str
    channel: str
    destination: str
    amount: int
    bonus: int
    currency: str
    state: str
    asked_at: datetime | None
    accepted_at: datetime | None
    arrived_at: datetime | None
    promised_by: datetime
    next_try_at: datetime | None
    account: str
    where: str  # where the money goes, in words
    problem: str  # a code, empty when all is well
    problem_text: str


def refunds_of(case_ref: str) -> QuerySet[Refund]:
    """Every refund of a case, in the order they were opened."""
    return Refund.objects.filter(case_ref=case_ref).order_by("serial")


def counting_refunds(case_ref: str) -> QuerySet[Refund]:
    """Those a case waits for: not withdrawn, and not replaced by another one."""
    return refunds_of(case_ref).filter(replaced_by=None).exclude(state=states.CANCELLED)


def next_serial(case_ref: str) -> int:
    """Of the next refund of a case; a number is never used twice, whatever became of it."""
    return (refunds_of(case_ref).aggregate(last=Max("serial"))["last"] or 0) + 1


def refund_view(refund: Refund) -> RefundView:
    names = ("channel", "destination", "amount", "bonus", "currency", "state", "asked_at", "accepted_at",
             "arrived_at", "promised_by", "next_try_at", "account", "problem")  # fmt: skip
    return RefundView(
        refund_no=refund.number,
        where=texts.where(refund.channel, refund.account),
        problem_text=texts.problem(refund.problem),
        **{name: getattr(refund, name) for name in names},
    )


def original_route_open(payment: Payment, *, at: datetime) -> bool:
    """Whether the channel that was paid with still takes a refund of this payment (T95)."""
    limits = limits_of(payment.channel)
    return limits is None or at <= payment.paid_at + limits.age


def arrives_by(channel: str, *, at: datetime, zone: str) -> datetime:
    """The last second at which money that leaves at `at` arrives in time, at the shop."""
    limits = limits_of(channel)
    days = limits.working_days if limits else rules.WORKING_DAYS.get(channel, rules.LONGEST)
    return rules.arrives_by(days, at=at, zone=zone)


def limits_of(channel: str) -> Limits | None:
    """What the channel's gateway says, without opening its keys; None where there is no gateway."""
    path = settings.GATEWAYS.get(channel)
    return import_string(path).limits if path else None


def coupon_instead(refund: Refund) -> str:
    """The store coupon that was given because the gift card is gone (T64); empty where the card was paid."""
    return refund.account.removeprefix(texts.INSTEAD) if refund.account.startswith(texts.INSTEAD) else ""


def left_the_balance(refund: Refund) -> Refund | None:
    """The refund to the balance that this one, or one it replaced, moved back to the way that was paid with."""
    earlier = refund.replaces
    while earlier is not None:
        if earlier.channel == "balance" and earlier.state == states.RETURNED_BY_BANK:
            return earlier
        earlier = earlier.replaces
    return None


def movable(refund: Refund, *, now: datetime) -> bool:
    """It went to the balance by the customer's choice, and the way that was paid with still takes it back, once."""
    return (
        refund.state == states.ARRIVED
        and refund.destination == Refund.Destination.BALANCE
        and refund.payment.channel not in STORED_HERE
        and left_the_balance(refund) is None
        and original_route_open(refund.payment, at=now)
    )


def movable_refunds(case_ref: str, *, now: datetime) -> list[Refund]:
    """Those of a case that could leave the balance, if they are unspent."""
    on_the_balance = refunds_of(case_ref).filter(state=states.ARRIVED, channel="balance")
    return [refund for refund in on_the_balance.select_related("payment") if movable(refund, now=now)]


def cases_of_numbers(numbers: list[str]) -> dict[str, str]:
    """{refund number: case} of those that are refund numbers."""
    return dict(Refund.objects.filter(number__in=numbers).values_list("number", "case_ref"))


def held_refunds(case_ref: str) -> list[Refund]:
    """Those of a case that wait for a second person."""
    of_case = Refund.objects.filter(case_ref=case_ref, state=states.HELD)
    return list(of_case.select_related("authorisation", "customer", "order__merchant").order_by("pk"))


# --- what the channel is asked ----------------------------------------------------------------------------


def due_refunds(now: datetime) -> QuerySet[Refund]:
    """Those a worker could claim now."""
    return work.due_rows(Refund, now=now)


def refund_order(refund: Refund) -> RefundOrder:
    """The same on every try: number, amount, payment."""
    payment = refund.payment
    with override(refund.customer.language):
        reason = _("Return %(case)s") % {"case": refund.case_ref}
    return RefundOrder(
        number=refund.number,
        transaction_id=payment.transaction.transaction_id,
        amount=refund.amount,
        total=payment.transaction.total or payment.transaction.allotted,
        currency=refund.currency,
        reason=reason,
        notify_url=settings.SITE_URL + reverse("channel_news", args=[refund.channel]),
        paid_at=payment.paid_at,
        asked_at=refund.asked_at,
    )


def earlier_refunds(refund: Refund) -> rules.Earlier:
    """What other refunds asked of the same payment at the channel; locks it, so that two are never sent at once."""
    paid = Transaction.objects.select_for_update(no_key=True).get(pk=refund.payment.transaction_id)
    asked = RefundAttempt.objects.filter(
        channel=refund.channel, transaction_id=paid.transaction_id, kind=RefundAttempt.Kind.CREATE
    )
    taken = asked.exclude(refund=refund).exclude(outcome__in=("refused", "postponed", "not_sent"))
    last = taken.annotate(when=Coalesce("ended_at", "at")).order_by("-when").first()
    return rules.Earlier(
        parts=taken.values("refund").distinct().count(),
        last_at=last and last.when,
        last_open=bool(last and not last.ended_at),
    )


def last_sent_at(refund: Refund) -> datetime:
    """When the last call that could move the money ended, at the latest."""
    sent = refund.attempts.filter(kind=RefundAttempt.Kind.CREATE)
    ended = Coalesce("ended_at", F("at") + rules.CALL_AT_MOST)
    return sent.aggregate(last=Max(ended))["last"] or refund.promised_at


def times_taken(refund: Refund) -> int:
    """How often the channel has accepted it."""
    return refund.attempts.filter(kind=RefundAttempt.Kind.CREATE, outcome="processing").count()


def refunded_at_most(refund: Refund) -> int:
    """What the channel can have paid back of the refund's payment, as far as we asked it, minor units."""
    of_payment = Refund.objects.filter(payment__transaction=refund.payment.transaction_id, channel=refund.channel)
    return of_payment.filter(state__in=states.AT_THE_CHANNEL).aggregate(sum=Sum("amount"))["sum"] or 0


# --- exceptions: whose, and which grow by waiting ----------------------------------------------------------


def people_for_exceptions() -> QuerySet[User]:
    """The staff whose groups are given exceptions, in a lasting order."""
    given = Permission.objects.filter(content_type__app_label="refunds", codename="own_exception")
    people = User.objects.filter(is_active=True, is_staff=True, groups__permissions__in=given)
    return people.distinct().order_by("pk")


def may_own(user: User) -> bool:
    return user.is_active and user.is_staff and user.has_perm("refunds.own_exception")


def next_owner(refund: Refund) -> User | None:
    """In turn: whoever was given one longest ago, and never the customer herself. None: nobody is there."""
    people = people_for_exceptions().exclude(pk=refund.customer.user_id or 0)
    latest = RefundException.objects.filter(owner=OuterRef("pk")).order_by("-assigned_at", "-pk")
    in_turn = people.annotate(given_at=Subquery(latest.values("assigned_at")[:1]))
    return in_turn.order_by(F("given_at").asc(nulls_first=True), "pk").first()


def open_exceptions() -> QuerySet[RefundException]:
    """Those that somebody works on: of a number that another one replaced, the later number's row is worked on."""
    return RefundException.objects.filter(closed_at=None, refund__replaced_by=None).order_by("due_at", "pk")


def without_owner() -> QuerySet[RefundException]:
    return RefundException.objects.filter(closed_at=None, owner=None).order_by("pk")


def routes_to_carry_out(now: datetime) -> QuerySet[RouteChange]:
    """Agreed, cooled off, and waiting for the old number to be closed for good; the service looks once more."""
    agreed = Q(way=RouteChange.Way.BALANCE) | Q(second_at__isnull=False, not_before__lte=now)
    standing = RouteChange.objects.filter(agreed, done_at=None, dropped_at=None)
    gone = Q(refund__state__in=states.CAME_TO_NOTHING) | Q(
        refund__state=states.MANUAL, refund__problem__in=("too_old", "too_many_parts", "account_closed")
    )
    return standing.filter(gone).order_by("pk")


def standing_route(refund: Refund) -> RouteChange | None:
    return refund.route_changes.filter(dropped_at=None).first()


# --- transfers by hand ------------------------------------------------------------------------------------


def transfers_to_make() -> QuerySet[Refund]:
    """What waits for a transfer and is on no sheet, the oldest promise first."""
    on_sheet = BatchedTransfer.objects.filter(refund=OuterRef("pk"), taken_off_at=None)
    waiting = Refund.objects.filter(state=states.MANUAL, channel=states.BY_HAND).filter(~Exists(on_sheet))
    return waiting.select_related("merchant", "customer").order_by("promised_by", "pk")


def payees_of(refunds: Iterable[Refund]) -> dict[int, RouteChange]:
    """{refund key: the account that its customer named}, for those that have one."""
    named = RouteChange.objects.filter(replacement__in=[refund.pk for refund in refunds]).exclude(payee_account="")
    return {change.replacement_id: change for change in named}


def rows_of(batch: TransferBatch) -> QuerySet[BatchedTransfer]:
    return batch.rows.filter(taken_off_at=None).select_related("refund__merchant", "refund__customer")


def open_transfers(refunds: Iterable[Refund]) -> dict[int, Transfer]:
    """{refund key: the transfer that was entered and stands}."""
    standing = Transfer.objects.filter(refund__in=[refund.pk for refund in refunds], dropped_at=None)
    return {transfer.refund_id: transfer for transfer in standing}


def waiting_too_long(now: datetime) -> dict[str, QuerySet[Refund]]:
    """By kind: refunds that became exceptions without a move, and have none open yet."""
    opened = RefundException.objects.filter(refund=OuterRef("pk"), closed_at=None)
    missed = Q(state=states.MANUAL) | Q(state__in=states.ON_ITS_WAY, problem__gt="")
    missed |= Q(state__in=states.CAME_TO_NOTHING, replaced_by=None)
    found = {
        "refused": Refund.objects.filter(missed),  # of before exceptions were kept; the row says which kind it is
        "unknown": unknown_too_long(now),
        "overdue": overdue(now),
    }
    return {kind: rows.filter(~Exists(opened)) for kind, rows in found.items()}


# --- what people look after -------------------------------------------------------------------------------


def with_a_person() -> QuerySet[Refund]:
    """Money that does not move by itself: manual, or with a problem beyond the last try."""
    return Refund.objects.filter(Q(state=states.MANUAL) | Q(state__in=states.ON_ITS_WAY, problem__gt=""))


def unknown_too_long(now: datetime) -> QuerySet[Refund]:
    last_moves = RefundMove.objects.filter(row=OuterRef("pk")).order_by("-seq").values("at")[:1]
    unknown = Refund.objects.filter(state=states.UNKNOWN).annotate(since=Subquery(last_moves))
    return unknown.filter(since__lte=now - UNKNOWN_TOO_LONG)


def overdue(now: datetime) -> QuerySet[Refund]:
    """Promised for a date that has passed, and not there."""
    return Refund.objects.filter(state__in=states.ON_ITS_WAY, promised_by__lt=now)


def awaiting_second_person() -> QuerySet[Refund]:
    return Refund.objects.filter(state=states.HELD)


def open_breaks() -> QuerySet[Break]:
    return Break.objects.filter(closed_at=None)


@dataclass(frozen=True, slots=True)
class Queue:
    """One list of money that somebody looks after. oldest_at: since when its first row waits. due_at: its clock."""

    code: str
    name: str
    count: int
    oldest_at: datetime | None
    due_at: datetime | None = None


def queues(now: datetime, *, user: User | None = None) -> list[Queue]:
    """What waits for people, for the front page of the staff; `mine` where somebody asks for it."""
    rows = open_exceptions()
    mine = [_clocked("mine", _("Refunds that are mine"), rows.filter(owner=user))] if user else []
    return [
        _clocked("exceptions", _("Refunds that need a person"), rows),
        *mine,
        _clocked("transfers", _("Transfers to make"), rows.filter(kind="transfer")),
        _queue("second_person", _("Refunds for a second person"), awaiting_second_person(), "promised_at"),
        _queue("breaks", _("Differences with the channel"), open_breaks(), "opened_at"),
    ]


def _clocked(code: str, name: str, rows: QuerySet[RefundException]) -> Queue:
    found = rows.aggregate(count=Count("pk"), oldest=Min("opened_at"), due=Min("due_at"))
    return Queue(code, name, found["count"], found["oldest"], found["due"])


def given_up() -> QuerySet[Refund]:
    """Closed by the channel or sent back by the bank, and nothing opened instead."""
    return Refund.objects.filter(state__in=(states.CLOSED, states.RETURNED_BY_BANK), replaced_by=None)


def _queue(code: str, name: str, rows: QuerySet, since: str) -> Queue:
    found = rows.aggregate(count=Count("pk"), oldest=Min(since))
    return Queue(code, name, found["count"], found["oldest"])
