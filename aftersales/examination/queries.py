"""Reading independent inspections of a case, and who may be asked."""

from dataclasses import dataclass

from django.db.models import QuerySet

from aftersales.evidence.models import Evidence
from aftersales.examination.models import Examination, Examiner
from aftersales.examination.rules import can_be_examined
from aftersales.returns.models import ReturnLine, ReturnRequest


@dataclass(frozen=True, slots=True)
class Shown:
    """An examination with the pages of its report."""

    one: Examination
    pages: list[Evidence]


def examinations_of(request: ReturnRequest) -> list[Shown]:
    """The oldest first; no further query where nothing came back."""
    if request.counted_at is None:
        return []
    found = Examination.objects.filter(request=request).select_related("examiner", "line__order_line")
    return [Shown(one, list(one.report.order_by("pk"))) for one in found]


def examiners_for(request: ReturnRequest) -> QuerySet[Examiner]:
    return Examiner.objects.filter(is_listed=True, currency=request.order.currency).order_by("name")


def lines_to_examine(request: ReturnRequest) -> list[ReturnLine]:
    """Lines of which a unit is here and no examination is open; none where nothing is disputed."""
    if not can_be_examined(request.state, counted=request.counted_at is not None):
        return []
    busy = Examination.objects.filter(request=request, reported_at=None, called_off_at=None).values("line")
    return list(request.lines.filter(counted__gte=1).exclude(pk__in=busy).select_related("order_line"))
