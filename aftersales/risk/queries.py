"""Reading what a customer's orders and cases say about them."""

from collections import Counter
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, QuerySet, Sum

from aftersales.credit.models import Standing
from aftersales.credit.rules import LATELY_DAYS, History, Marked
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnMove, ReturnRequest
from aftersales.risk.rules import CONFIRMED, CONTRADICTED, borne_out
from orders.customers.models import Customer
from orders.purchases import states as order_states
from orders.purchases.models import Order, OrderLine, OrderMove

YEAR = timedelta(days=365)


def history_of(
    customers: QuerySet[Customer] | list[Customer], *, signals: tuple[Marked, ...], now: datetime
) -> History:
    """The history of one customer of a shop, or of the same person at several. Six statements, however long it is."""
    orders = Order.objects.filter(
        customer__in=customers, placed_at__gt=now - YEAR, state__in=order_states.OPEN_FOR_AFTER_SALE
    )
    bought = OrderLine.objects.filter(order__in=orders).aggregate(
        orders=Count("order", distinct=True), units=Sum("quantity"), value=Sum("net")
    )
    theirs = ReturnRequest.objects.filter(customer__in=customers, filed_at__gt=now - YEAR)
    returned = _returned(theirs)
    bench = _bench(theirs)
    return History(
        days_known=_days_known(customers, now=now),
        orders=bought["orders"],
        units_bought=bought["units"] or 0,
        units_returned=returned["units"] or 0,
        value_bought=bought["value"] or 0,
        value_returned=returned["value"] or 0,
        requests=theirs.filter(filed_at__gt=now - timedelta(days=LATELY_DAYS), state__in=states.IN_USE).count(),
        confirmed=bench[CONFIRMED],
        contradicted=bench[CONTRADICTED],
        signals=signals,
    )


def _days_known(customers, *, now: datetime) -> int:
    """Since their first order reached this platform: what a shop says of earlier years is not known here."""
    first = OrderMove.objects.filter(row__customer__in=customers, seq=1).aggregate(at=Min("at"))["at"]
    return max((now - first).days, 0) if first else 0


def _returned(requests: QuerySet[ReturnRequest]) -> dict:
    """Units that were sent and came back although the shop is not to blame."""
    lines = ReturnLine.objects.filter(
        request__in=requests, request__state__in=states.IN_USE, shipped=True, fault=False
    )
    back = lines.filter(request__kind__in=("refund_only", "return_refund"))
    return back.aggregate(units=Sum("quantity"), value=Sum("amount"))


def _bench(requests: QuerySet[ReturnRequest]) -> Counter:
    """How many inspected lines bore their reason out, or did not."""
    graded = ReturnLine.objects.filter(request__in=requests, inspections__isnull=False).order_by()
    rows = graded.values_list("pk", "reason", "fault", "request__state").annotate(
        grades=ArrayAgg("inspections__grade", distinct=True)
    )
    return Counter(
        borne_out(reason, fault=fault, grades=frozenset(grades), refused=state == states.REJECTED)
        for _pk, reason, fault, state, grades in rows
    )


def moved_since(since: datetime) -> list[int]:
    """Customers whose cases moved and who have not been looked at since."""
    moves = ReturnMove.objects.filter(at__gte=since).order_by()
    latest = moves.values("row__customer").annotate(at=Max("at"))
    known = dict(
        Standing.objects.filter(customer__in=[row["row__customer"] for row in latest]).values_list(
            "customer", "scored_at"
        )
    )
    return [
        row["row__customer"]
        for row in latest
        if known.get(row["row__customer"]) is None or known[row["row__customer"]] <= row["at"]
    ]
