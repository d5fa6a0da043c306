"""What the bench reads: which case a scanned code means, what should be in its parcel, what was done lately."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from aftersales.inspection.models import Inspection
from aftersales.inspection.places import Bench
from aftersales.inspection.rules import TO_PROCESS, line_of_label
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnMove, ReturnRequest
from aftersales.returns.queries import pictures_of
from aftersales.returns.weights import other_serials, serials_sold
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from orders.purchases.models import OrderLine
from returns_platform.kernel import ui

MOST_FOUND = 20
FULL_WIDTH = str.maketrans({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})


def read_code(typed: str) -> str:
    """What a scanner or a keyboard gave, without spaces, full-width letters made plain."""
    return "".join(typed.translate(FULL_WIDTH).split())


def cases_with_code(at: Bench, code: str) -> list[ReturnRequest]:
    """The bench's cases that a code means, those still to be worked on first.

    A return number, that of one of its labels (number-1), an order number, or a waybill of the way back.
    """
    return_no = re.sub(r"-[0-9]{1,3}$", "", code).upper()
    on_waybill = Parcel.objects.filter(**at.parcels, kind=Parcel.Kind.RETURN, waybill__iexact=code)
    legs = {leg.partition(".")[0] for leg in on_waybill.values_list("leg", flat=True)[:MOST_FOUND]}
    meant = Q(return_no=return_no) | Q(order__order_no=code) | Q(return_no__in=legs)
    found = at.requests().filter(meant).order_by("-filed_at")[:MOST_FOUND]
    return sorted(found, key=lambda row: (row.is_ended, not _expected(row)))


def label_of(code: str, row: ReturnRequest) -> int | None:
    """The unit whose label of the return slip this is: RT…-3 is 3."""
    found = re.fullmatch(re.escape(row.return_no) + r"-([0-9]{1,3})", code.upper())
    return int(found[1]) if found else None


def with_label(lines: list["BenchLine"], unit: int | None) -> "BenchLine | None":
    """The line that a scanned unit belongs to, where the label is of this parcel."""
    announced = [(entry.line.order_line.line_no, entry.line.announced) for entry in lines]
    line_no = line_of_label(unit, announced) if unit else ""
    return next((entry for entry in lines if entry.line.order_line.line_no == line_no), None)


def _expected(row: ReturnRequest) -> bool:
    return row.goods_can_be_counted or row.goods_can_be_inspected


@dataclass(frozen=True, slots=True)
class BenchLine:
    """A line on the bench. graded: [(grade, units, way on, note)]; picture: a path below static/."""

    line: ReturnLine
    graded: list[Inspection]
    picture: str

    @property
    def left(self) -> int:
        """Counted units that have no grade yet."""
        return (self.line.counted or 0) - sum(row.quantity for row in self.graded)

    def graded_as(self, unit: int) -> Inspection | None:
        return next((row for row in self.graded if row.unit == unit), None)

    @property
    def serials(self) -> list[str]:
        return serials_sold(self.line)

    @property
    def other_serials(self) -> list[str]:
        """Read on units that came back, and not among those that were sent."""
        return other_serials(self.serials, [row.serial for row in self.graded])

    @property
    def unexpected(self) -> int:
        return self.line.count.unexpected if hasattr(self.line, "count") else 0


def lines_of(row: ReturnRequest) -> list[BenchLine]:
    found = list(
        row.lines.select_related("order_line", "count").prefetch_related(
            "inspections__moved", "order_line__shipped_items"
        )
    )
    pictures = pictures_of([(row.merchant_id, line.order_line.sku) for line in found])
    return [
        BenchLine(line, list(line.inspections.all()), pictures.get((row.merchant_id, line.order_line.sku), ""))
        for line in found
    ]


@dataclass(frozen=True, slots=True)
class SetApart:
    """Graded units on a way that is not the end of it. units: how many lie there now."""

    graded: Inspection
    way: str
    units: int

    @property
    def next_seq(self) -> int:
        return len(self.graded.moved.all()) + 1


def set_apart(lines: Iterable[BenchLine]) -> list[SetApart]:
    return [
        SetApart(graded, way, units)
        for entry in lines
        for graded in entry.graded
        for way, units in graded.whereabouts.items()
        if way in TO_PROCESS
    ]


def cases_set_apart(at: Bench, *, shown: int) -> list[ReturnRequest]:
    """Cases with graded units that wait to be processed, the longest waiting first."""
    started = _graded_at(at).filter(disposition__in=TO_PROCESS)
    went = Coalesce(Sum("moved__quantity", filter=Q(moved__way_from__in=TO_PROCESS)), 0)
    came = Coalesce(Sum("moved__quantity", filter=Q(moved__disposition__in=TO_PROCESS)), 0)
    open_ones = started.annotate(lie=F("quantity") - went + came).filter(lie__gt=0).order_by("at", "pk")
    keys = dict.fromkeys(open_ones.values_list("line__request", flat=True)[: shown * 3])
    found = at.requests().in_bulk(list(keys)[:shown])
    return [found[key] for key in keys if key in found]


def not_announced(row: ReturnRequest, lines: Iterable[BenchLine]) -> list[OrderLine]:
    """Lines of the order that could be in the parcel although the request does not name them."""
    announced = {entry.line.order_line_id for entry in lines}
    return [line for line in row.order.lines.all() if line.pk not in announced and line.shipped]


def _graded_at(at: Bench) -> QuerySet[Inspection]:
    return Inspection.objects.filter(**{f"line__request__{name}": value for name, value in at.cases.items()})


def waiting(at: Bench, *, counted: bool) -> QuerySet[ReturnRequest]:
    """Parcels that are here and not counted, or counted and not inspected; the nearest deadline first.

    What goes to a return centre waits there and not at the shop.
    """
    here = Q(state=states.ARRIVED, counted_at__isnull=not counted)
    if counted:  # paid at the count or after a week without a grade, and not graded yet
        graded = Inspection.objects.filter(line__request=OuterRef("pk"))
        silent = ReturnMove.objects.filter(row=OuterRef("pk"), note="inspection_overdue")
        came = ReturnLine.objects.filter(request=OuterRef("pk"), counted__gt=0)
        paid = Q(paid_ahead_at__isnull=False) | Q(Exists(silent), Exists(came), counted_at__isnull=False)
        here |= Q(~Exists(graded), paid, state__in=(states.SETTLING, states.COMPLETED))
    else:
        lacking = ReturnLine.objects.filter(missing__gt=0).values("request")
        here |= Q(return_no__in=_with_a_box_here(at, lacking), pk__in=lacking)
    mine = at.requests() if at.is_centre else at.requests().filter(joining=None)
    return mine.filter(here).order_by("due_at", "pk")


def _with_a_box_here(at: Bench, lacking: QuerySet) -> list[str]:
    """Requests of which a later box has arrived and was not counted. lacking: keys of those that miss something."""
    first = Q(leg__in=ReturnRequest.objects.filter(pk__in=lacking).values("return_no"))
    here = Parcel.objects.filter(
        first | Q(leg__contains="."), **at.parcels, kind=Parcel.Kind.RETURN, state=parcel_states.DELIVERED,
        by_word=False,
    )  # fmt: skip
    return [leg.partition(".")[0] for leg in here.values_list("leg", flat=True)]


def last_inspected(at: Bench, *, shown: int = 5) -> list[Inspection]:
    return list(_graded_at(at).select_related("line__order_line").order_by("-at", "-pk")[:shown])


def inspected_today(at: Bench, *, now: datetime) -> int:
    """Units graded since midnight of the house's day."""
    graded = _graded_at(at).filter(at__gte=ui.midnight(now, at.house.zone))
    return graded.aggregate(units=Sum("quantity"))["units"] or 0
