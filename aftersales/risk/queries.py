"""Reading what a customer's orders and cases say about them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Count, ExpressionWrapper, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from aftersales.credit.models import Standing
from aftersales.credit.rules import LATELY_DAYS, History, Marked
from aftersales.evidence.models import Evidence
from aftersales.evidence.queries import reused
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnMove, ReturnRequest
from aftersales.returns.weights import WeightCheck, other_serials, serials_sold, weight_checks
from aftersales.risk import digests
from aftersales.risk import states as measure_states
from aftersales.risk.models import Measure, MeasureAppeal, Signal, Trace
from aftersales.risk.rules import CONFIRMED, CONTRADICTED, Found, Line, borne_out
from logistics.parcels.models import Parcel
from orders.customers.models import Customer
from orders.purchases import states as order_states
from orders.purchases.models import Order, OrderLine, OrderMove

YEAR = timedelta(days=365)
# What the customer named, also where the inspection found another reason (T49); and whether it cleared the shop.
CLAIMED = Coalesce(NullIf("reason_filed", Value("")), "reason")
DISPROVED = ExpressionWrapper(Q(reason_found_at__isnull=False, fault=False), BooleanField())
NEWEST = 20  # orders and requests that traces are taken from
MOST_LINKS = 500


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
    theirs = ReturnRequest.objects.filter(customer__in=customers, filed_at__gt=now - YEAR, nth__isnull=False)
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
    rows = (
        graded.annotate(claimed=CLAIMED, disproved=DISPROVED)
        .values_list("pk", "claimed", "fault", "disproved", "request__state")
        .annotate(grades=ArrayAgg("inspections__grade", distinct=True))
    )
    return Counter(
        borne_out(
            claimed, fault=fault, grades=frozenset(grades), refused=state == states.REJECTED, disproved=disproved
        )
        for _pk, claimed, fault, disproved, state, grades in rows
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


# --- what signals are found in ----------------------------------------------------------------------------


def lines_of(customer: Customer, *, now: datetime) -> list[Line]:
    """Every line of what the customer asked for within a year, with what the bench said."""
    theirs = ReturnLine.objects.filter(request__customer=customer, request__nth__isnull=False)
    lines = theirs.filter(request__filed_at__gt=now - YEAR).order_by()
    rows = lines.annotate(claimed=CLAIMED, disproved=DISPROVED).values_list(
        "pk", "request__return_no", "request__filed_at", "claimed", "order_line__category", "fault", "disproved",
        "request__state", "request__kept",
    ).annotate(
        grades=ArrayAgg("inspections__grade", distinct=True, filter=Q(inspections__isnull=False))
    )  # fmt: skip
    rows = list(rows)
    weighed, others = weight_checks(row[1] for row in rows), _other_serials(row[0] for row in rows)
    return [
        Line(
            case_ref, at, claimed, category, fault, frozenset(grades or ()), refused=state == states.REJECTED,
            in_use=state in states.IN_USE, kept=kept, lighter=_lighter(weighed.get(case_ref)),
            serials=tuple(others.get(pk, ())), disproved=disproved,
        )
        for pk, case_ref, at, claimed, category, fault, disproved, state, kept, grades in rows
    ]  # fmt: skip


def _lighter(check: WeightCheck | None) -> tuple[int, int] | None:
    return (check.expected, check.came) if check and check.off == "lighter" else None


def _other_serials(lines: Iterable[int]) -> dict[int, list[str]]:
    """{line: serial numbers that the bench read on its units, and that were not sold}."""
    read = ReturnLine.objects.filter(pk__in=list(lines), inspections__serial__gt="").distinct()
    read = read.select_related("order_line").prefetch_related("inspections", "order_line__shipped_items")
    return {
        line.pk: other_serials(serials_sold(line), [graded.serial for graded in line.inspections.all()])
        for line in read
    }


def shared_things(customer: Customer, *, now: datetime) -> list[Found]:
    """What was used by somebody else as well: a picture, a waybill; and whom that links with."""
    found = [_same_photo(customer, now=now), _same_waybill(customer, now=now), _linked(customer, now=now)]
    return [one for one in found if one is not None]


def _same_photo(customer: Customer, *, now: datetime) -> Found | None:
    """A picture of theirs, also cropped or mirrored, in another customer's case that was there before."""
    own = ReturnRequest.objects.filter(customer=customer, filed_at__gt=now - YEAR)
    numbers = dict(own.values_list("return_no", "filed_at"))
    reuses = reused(Evidence.objects.filter(case_ref__in=numbers))
    hits = [(reuse.photo.case_ref, reuse.other.case_ref) for reuse in reuses]
    strangers = ReturnRequest.objects.filter(return_no__in=[other for _own, other in hits])
    strangers = strangers.exclude(customer__in=same_account(customer))
    foreign = dict(strangers.values_list("return_no", "filed_at"))
    return _newest("same_photo", {
        own: {"case": own, "other": other}
        for own, other in hits if other in foreign and foreign[other] <= numbers[own]
    }, numbers)  # fmt: skip


def _same_waybill(customer: Customer, *, now: datetime) -> Found | None:
    """A waybill that brought somebody else's goods back, or their own of an earlier case that had arrived."""
    own = ReturnRequest.objects.filter(customer=customer, filed_at__gt=now - YEAR)
    numbers = dict(own.values_list("return_no", "filed_at"))
    parcels = Parcel.objects.filter(kind=Parcel.Kind.RETURN).exclude(waybill="")
    mine = {
        (courier, waybill): (leg, at)
        for courier, waybill, leg, at in parcels.filter(leg__in=numbers).values_list(
            "courier", "waybill", "leg", "requested_at"
        )
    }
    others = parcels.filter(waybill__in=[waybill for _courier, waybill in mine]).select_related("order__customer")
    hits = {}
    for parcel in others:
        leg, at = mine.get((parcel.courier, parcel.waybill), (None, None))
        if leg is None or parcel.leg == leg:
            continue
        stranger = parcel.order.customer_id != customer.pk and parcel.requested_at <= at
        if stranger or (parcel.delivered_at and parcel.delivered_at < at):
            hits[leg] = {"case": leg, "other": parcel.leg, "waybill": parcel.waybill}
    return _newest("same_waybill", hits, numbers)


def _newest(code: str, hits: dict[str, dict], filed: dict[str, datetime]) -> Found | None:
    order = sorted(hits, key=lambda case: filed[case], reverse=True)
    return Found(code, filed[order[0]], [hits[case] for case in order]) if order else None


def _linked(customer: Customer, *, now: datetime) -> Found | None:
    """Shares something with several others, of whom at least one has a measure in force or weighty signals.

    A family shares a phone and an address: sharing alone is no signal.
    """
    links = linked_with(customer)
    if len(links) < 2:
        return None
    known = set(
        Measure.objects.filter(customer__in=links, state=measure_states.IN_FORCE).values_list("customer", flat=True)
    )
    heavy = Signal.objects.filter(customer__in=links, dismissed_at=None, expires_at__gt=now, weight__gte=30)
    known |= set(heavy.values_list("customer", flat=True))
    if not known:
        return None
    kinds = sorted({kind for pk in links for kind in links[pk]})
    return Found("linked", now, [{"case": "", "customers": len(links), "known": len(known), "by": kinds}])


def linked_with(customer: Customer) -> dict[int, set[str]]:
    """{key of another customer: what is shared}; shops of the same account are no others."""
    own = list(Trace.objects.filter(customer=customer).values_list("kind", "digest"))
    if not own:
        return {}
    others = Trace.objects.filter(digest__in=[digest for _kind, digest in own]).exclude(customer=customer)
    if customer.user_id:
        others = others.exclude(customer__user=customer.user_id)
    found, mine = defaultdict(set), set(own)
    for pk, kind, digest in others.values_list("customer", "kind", "digest")[:MOST_LINKS]:
        if (kind, digest) in mine:
            found[pk].add(kind)
    return dict(found)


def traces_of(customer: Customer) -> dict[tuple[str, str], datetime]:
    """{(kind, digest): when it was used last} of the customer's newest orders and requests."""
    found: dict[tuple[str, str], datetime] = {}
    orders = Order.objects.filter(customer=customer).order_by("-placed_at")[:NEWEST]
    for ship_to, at in orders.values_list("ship_to", "placed_at"):
        told = {"phone": digests.of_phone(str(ship_to.get("phone") or "")), "address": digests.of_address(ship_to)}
        if customer.phone:
            told["phone"] = digests.of_phone(str(customer.phone))
        for kind, digest in told.items():
            _seen(found, kind, digest, at)
    requests = ReturnRequest.objects.filter(customer=customer).exclude(device="").order_by("-filed_at")[:NEWEST]
    for device, at in requests.values_list("device", "filed_at"):
        _seen(found, "device", device, at)
    return found


def _seen(found: dict, kind: str, digest: str, at: datetime) -> None:
    if digest:
        found[kind, digest] = max(at, found.get((kind, digest), at))


# --- signals, measures, appeals ---------------------------------------------------------------------------


def signals_of(customers, *, now: datetime) -> list[Signal]:
    """Those that stand, the heaviest first."""
    found = Signal.objects.filter(customer__in=customers, dismissed_at=None, expires_at__gt=now)
    return list(found.order_by("-weight", "code", "pk"))


def same_account(customer: Customer) -> list[Customer]:
    """The customer at every shop where the account is the same; a phone alone proves nobody."""
    same = Q(pk=customer.pk) | Q(user=customer.user_id, user__isnull=False)
    return list(Customer.objects.filter(same).select_related("merchant", "user").order_by("pk"))


def in_force(customer: Customer, *, now: datetime) -> QuerySet[Measure]:
    """The measures about a customer that hold; for their account they hold at every shop (`credit.queries.known`)."""
    return Measure.objects.filter(customer=customer, state=measure_states.IN_FORCE, until__gt=now)


def measures_waiting() -> QuerySet[Measure]:
    """Proposals, and decisions that a second person has to look at; the oldest first."""
    waiting = Measure.objects.filter(state__in=measure_states.WAITING).select_related("customer__merchant")
    return waiting.order_by("proposed_at", "pk")


def open_appeals() -> QuerySet[MeasureAppeal]:
    return (
        MeasureAppeal.objects.filter(answered_at=None)
        .select_related("measure__customer__merchant")
        .order_by("due_at")
    )


def told_to(customers) -> QuerySet[Measure]:
    """What a customer reads on their own page: what holds now, and what was answered lately."""
    told = Measure.objects.filter(customer__in=customers).exclude(kind=Measure.Kind.WATCH)
    there = Q(state__in=(measure_states.IN_FORCE, measure_states.OFFERED))
    over = Q(state__in=(measure_states.ENDED, measure_states.LIFTED), from_at__isnull=False)
    return (
        told.filter(there | over)
        .select_related("customer__merchant")
        .prefetch_related("appeals")
        .order_by("-decided_at", "-pk")
    )


def measures_of(customer: Customer) -> QuerySet[Measure]:
    """Every measure about a customer, also about their account at another shop; the newest first."""
    return Measure.objects.filter(customer__in=same_account(customer)).order_by("-proposed_at", "-pk")


def marked(customers, *, now: datetime) -> tuple[Marked, ...]:
    return tuple(Marked(signal.code, signal.weight) for signal in signals_of(customers, now=now))


def kind_name(kind: str) -> str:
    return Trace.Kind(kind).label


def waiting(rows: QuerySet, *, since: str, due: str = "") -> dict:
    """{"count", "oldest", "due_at"} of rows that wait for a person."""
    found = rows.order_by().aggregate(count=Count("pk"), oldest=Min(since), due_at=Min(due or since))
    return found if due else found | {"due_at": None}
