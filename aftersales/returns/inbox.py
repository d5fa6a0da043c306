"""A shop's cases by what has to be done next: the views of its inbox, their numbers, the search, the history."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum, Value

from aftersales.evidence.models import Evidence
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnMove, ReturnRequest
from aftersales.returns.queries import returns_of_merchant
from orders.customers.models import Customer
from orders.merchants.models import Merchant
from orders.purchases.models import Order, Payment
from refunds.payouts import states as refund_states
from refunds.payouts.models import Refund
from returns_platform.kernel.errors import NotThere

MOST_COUNTED = 99  # a shop with more waiting needs hands, not the exact number
LATELY = timedelta(days=30)
BY_CLOCK, NEWEST, LAST_ENDED = ("due_at", "pk"), ("-filed_at", "-pk"), ("-ended_at", "-pk")


@dataclass(frozen=True, slots=True)
class View:
    """One counter of the inbox. where: the condition at a time; order: columns without nulls among its rows."""

    where: Callable[[datetime], Q]
    order: tuple[str, ...] = BY_CLOCK
    live: bool = True


def _to_decide(now: datetime) -> Q:
    return Q(state__in=(states.IN_REVIEW, states.INSPECTED), waits_for="merchant")


def _over(now: datetime) -> Q:
    return Q(waits_for="merchant", due_at__lt=now)


def _to_count(now: datetime) -> Q:
    return Q(state=states.ARRIVED, counted_at=None)


def _to_inspect(now: datetime) -> Q:
    return Q(state=states.ARRIVED, counted_at__isnull=False)


def _with_a_person(now: datetime) -> Q:
    """Money that waits for a second person, or that the channel did not take."""
    waiting = Refund.objects.filter(
        case_ref=OuterRef("return_no"), state__in=(refund_states.HELD, refund_states.MANUAL, refund_states.CLOSED)
    )
    return Q(state=states.SETTLING) & Q(Exists(waiting))


def _on_the_way(now: datetime) -> Q:
    return Q(state__in=states.GOODS_ON_THE_WAY) & ~Q(send_back="none")


def _evidence_asked(now: datetime) -> Q:
    return Q(state=states.NEEDS_EVIDENCE)


def _done_lately(now: datetime) -> Q:
    return Q(state__in=states.ENDED, ended_at__gte=now - LATELY)


VIEWS = {
    "decide": View(_to_decide),
    "over": View(_over),
    "count": View(_to_count),
    "inspect": View(_to_inspect),
    "money": View(_with_a_person, order=("filed_at", "pk")),
    "goods": View(_on_the_way, order=("filed_at", "pk")),
    "evidence": View(_evidence_asked),
    "done": View(_done_lately, order=LAST_ENDED, live=False),
}


def rows_of(merchant: Merchant, view: str, *, now: datetime) -> QuerySet[ReturnRequest]:
    """The cases of one counter; order them by `VIEWS[view].order`."""
    chosen = VIEWS[view]
    found = returns_of_merchant(merchant)
    if chosen.live:
        found = found.exclude(state__in=states.ENDED)  # in the words of the index on live cases
    return found.filter(chosen.where(now))


def numbers(merchant: Merchant, *, now: datetime) -> dict[str, int]:
    """How many cases each counter has, each counted to one above MOST_COUNTED and no further; one statement."""
    parts = [
        rows_of(merchant, view, now=now)
        .select_related(None)
        .order_by()
        .annotate(view=Value(view))
        .values_list("view")
        for view in VIEWS
    ]
    first, *rest = (part[: MOST_COUNTED + 1] for part in parts)
    found = dict.fromkeys(VIEWS, 0)
    for (view,) in first.union(*rest, all=True):
        found[view] += 1
    return found


def narrowed(rows: QuerySet[ReturnRequest], *, reason: str = "", kind: str = "") -> QuerySet[ReturnRequest]:
    """Only requests of a kind, or with a line whose reason is of a group (QL, FR, …)."""
    if kind:
        rows = rows.filter(kind=kind)
    if reason:
        lines = ReturnLine.objects.filter(request=OuterRef("pk"), reason__startswith=f"{reason}.")
        rows = rows.filter(Exists(lines))
    return rows


def searched(merchant: Merchant, text: str) -> QuerySet[ReturnRequest]:
    """Cases by their number, their order's, or the last four digits of the buyer's phone."""
    wanted = Q(return_no__iexact=text) | Q(order__order_no__iexact=text)
    if len(text) == 4 and text.isascii() and text.isdigit():
        wanted |= Q(customer__phone__endswith=text) | Q(return_no__endswith=text)
    return returns_of_merchant(merchant).filter(wanted)


def case_of_shop(merchant: Merchant, return_no: str) -> ReturnRequest:
    """One of the shop's cases; NotThere for another shop's or none."""
    found = returns_of_merchant(merchant).filter(return_no=return_no).first()
    if found is None:
        raise NotThere
    return found


def picked_of_shop(merchant: Merchant, numbers: Iterable[str]) -> list[ReturnRequest]:
    """The picked cases in the order picked. One that is not the shop's refuses them all (B108)."""
    wanted = list(dict.fromkeys(numbers))
    found = {row.return_no: row for row in returns_of_merchant(merchant).filter(return_no__in=wanted)}
    if len(found) != len(wanted):
        raise NotThere
    return [found[number] for number in wanted]


def photo_counts(requests: Iterable[ReturnRequest]) -> dict[str, int]:
    """{return number: photos and videos}."""
    kept = Evidence.objects.filter(case_ref__in=[row.return_no for row in requests]).order_by()
    return dict(kept.values_list("case_ref").annotate(Count("pk")))


def last_moves(requests: Iterable[ReturnRequest]) -> dict[int, ReturnMove]:
    """{request id: the newest line of its history}."""
    moves = ReturnMove.objects.filter(row__in=[row.pk for row in requests]).order_by("row_id", "-seq")
    return {move.row_id: move for move in moves.distinct("row_id")}


# --- what a shop knows of a customer (S107) ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class History:
    """A customer at one shop. paid: minor units of all orders. earlier: other cases, newest first."""

    orders: int
    paid: int
    returns: int
    earlier: list[ReturnRequest]


def history_with(customer: Customer, *, but: ReturnRequest, shown: int = 5) -> History:
    other = ReturnRequest.objects.filter(customer=customer).exclude(pk=but.pk)
    return History(
        orders=Order.objects.filter(customer=customer).count(),
        paid=Payment.objects.filter(order__customer=customer).aggregate(sum=Sum("amount"))["sum"] or 0,
        returns=other.count(),
        earlier=list(other.prefetch_related("lines").order_by("-filed_at", "-pk")[:shown]),
    )
