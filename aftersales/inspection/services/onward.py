"""Goods that were set apart go on: mended and back on the shelf, cleared up, given up. Each time one record."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.bills.facts import REPAIR
from aftersales.inspection.models import Disposition, Inspection, MovedOn
from aftersales.inspection.rules import TO_PROCESS, goes_on_the_shelf, shelf_reference
from aftersales.inspection.services.entrusted import must_be_entrusted
from aftersales.inspection.services.shelf import ForTheShelf, put_on_shelf, wrong_with_resale
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Onward:
    """Units that leave one way for another. seq: which step of their grade this is, as the person saw it, from 1."""

    seq: int
    quantity: int
    way_from: str
    disposition: str
    note: str = ""
    sku: str = ""


@transaction.atomic
def move_on(pk: int, step: Onward, *, by: Actor, now: datetime) -> MovedOn:
    """Send graded units on. The same step again changes nothing; another one in its place is a Conflict."""
    # Locked like a case: before any stock.
    graded = Inspection.objects.select_for_update(of=("self",)).select_related("line__request", "line__order_line")
    inspection = graded.get(pk=pk)
    must_be_entrusted(inspection.line.request, by, "inspect")
    steps = list(inspection.moved.all())
    if step.seq <= len(steps):
        return _the_same(steps[step.seq - 1], step)
    _must_fit(inspection, step, known=len(steps))
    return MovedOn.objects.create(
        inspection=inspection, seq=step.seq, quantity=step.quantity, way_from=step.way_from,
        disposition=step.disposition, sku=step.sku, note=step.note,
        shelved=_on_the_shelf(inspection, step, by=by, now=now), by_kind=by.kind, by_name=by.name, at=now,
    )  # fmt: skip


def _the_same(kept: MovedOn, step: Onward) -> MovedOn:
    if (kept.quantity, kept.way_from, kept.disposition) != (step.quantity, step.way_from, step.disposition):
        raise Conflict(_("These units went on already, another way."), code="already_moved_on")
    return kept


def _must_fit(inspection: Inspection, step: Onward, *, known: int) -> None:
    if step.seq != known + 1:
        raise Conflict(_("These units went on already, another way."), code="already_moved_on")
    wrong = wrong_with_resale(inspection.line.request.merchant_id, step.disposition, step.sku, step.note)
    if step.way_from not in TO_PROCESS:
        wrong["way_from"] = _("Goods on this way have reached its end.")
    if step.disposition not in Disposition.values or step.disposition == step.way_from:
        wrong["disposition"] = _("Choose where they go now.")
    left = inspection.whereabouts.get(step.way_from, 0)
    if not 1 <= step.quantity <= left:
        wrong["quantity"] = _("%(left)s units are there.") % {"left": left}
    if wrong:
        raise Invalid(fields=wrong)


def _on_the_shelf(inspection: Inspection, step: Onward, *, by: Actor, now: datetime) -> bool | None:
    """Whether they are in the stock now; None for goods that came to be mended: they are their owner's."""
    line = inspection.line
    if line.request.kind == REPAIR:
        return None
    if not goes_on_the_shelf(step.disposition, grade=inspection.grade):
        return False
    reference = shelf_reference(line.request.return_no, line.pk, inspection.grade, inspection.unit, step.seq)
    units = ForTheShelf(step.sku or line.order_line.sku, step.quantity, reference)
    return put_on_shelf(line.request.merchant_id, [units], by=by, now=now)[reference]
