"""The bench: count what came, grade it, say where it goes. The same call again changes nothing."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from aftersales.bills.facts import REPAIR
from aftersales.evidence.models import Evidence
from aftersales.evidence.services import attach
from aftersales.inspection.models import Count, Disposition, Grade, Inspection
from aftersales.inspection.rules import goes_on_the_shelf, line_of_label, shelf_reference
from aftersales.inspection.services.entrusted import charge_for_parcel, charge_for_units, must_be_entrusted
from aftersales.inspection.services.shelf import ForTheShelf, put_on_shelf, wrong_with_resale
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.queries import boxes_of, boxes_to_count
from aftersales.returns.services.claims import Held, moving_with_money
from aftersales.returns.services.finding import find_reasons, may_turn_out
from aftersales.returns.services.goods import (
    goods_counted,
    goods_counted_late,
    goods_inspected,
    mark_box_counted,
    weigh_parcel,
)
from aftersales.returns.services.missing import found_in_box
from aftersales.returns.services.tasks import open_task
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, WrongState
from returns_platform.kernel.fsm import moving


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a line that were in the parcel."""

    line_no: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Graded:
    """Units of a line with one grade and one way on."""

    line_no: str
    quantity: int
    grade: str
    disposition: str
    note: str = ""
    sku: str = ""
    photos: tuple[UUID, ...] = ()
    unit: int | None = None  # one unit, whose label was scanned
    serial: str = ""  # of one unit, as it stands on it
    reason: str = ""  # what it turned out to be, where that is another reason than the customer's (T49)


def count_goods(
    pk: int, arrived: list[Arrived], *, by: Actor, now: datetime, grams: int | None = None
) -> ReturnRequest:
    """Record the merchant's count. Lines not named were not in the parcel; extra units pay nothing (T25).

    After the money left in the bench's silence it is taken as well, and moves none. grams: what its scale says of the
    parcel.
    """
    with moving_with_money(pk, by=by, now=now, note="counted") as (request, held):
        must_be_entrusted(request, by, "count")
        lines = {line.order_line.line_no: line for line in request.lines.select_related("order_line")}
        came = _by_line_no(arrived, known={line.line_no for line in held.lines.values()})
        if request.counted_at is not None:
            _must_be_the_same_count(lines, came)
            return request
        if not request.goods_can_be_counted:
            raise WrongState(_("No goods are expected for this request now."), state=request.state)
        _record_counts(request, lines, came, by=by, now=now)
        charge_for_parcel(request, by=by, now=now)
        weigh_parcel(request, grams, by=by, now=now)
        take_over = goods_counted_late if request.was_paid_in_silence else goods_counted
        take_over(request, {line.pk: came.get(no, 0) for no, line in lines.items()}, by=by, now=now)
    return request


def count_box(pk: int, arrived: list[Arrived], *, by: Actor, now: datetime, waybill: str = "") -> ReturnRequest:
    """What a later box brought of the missing units; more than those pays nothing. WrongState without such a box.

    waybill: which one, where that is known; counted already, nothing changes.
    """
    with moving_with_money(pk, by=by, now=now, note="box_counted") as (request, held):
        must_be_entrusted(request, by, "count")
        if waybill and any(box.by_word and box.waybill == waybill for box in boxes_of(request)):
            return request
        box = next((box for box in boxes_to_count(request) if waybill in ("", box.waybill)), None)
        if box is None or not request.is_granted_and_missing:
            raise WrongState(_("No other box is expected for this request now."), state=request.state)
        lines = {line.order_line.line_no: line for line in request.lines.select_related("order_line", "count")}
        said = _by_line_no(arrived, known={line.line_no for line in held.lines.values()})
        came = {line.pk: min(said.get(no, 0), line.missing) for no, line in lines.items() if line.missing}
        _record_more(request, lines, said, by=by, now=now)
        charge_for_parcel(request, by=by, now=now, box=box.leg)
        found_in_box(request, held, {key: units for key, units in came.items() if units}, by=by, now=now)
        mark_box_counted(request, box, by=by, now=now)
    return request


def _record_more(
    request: ReturnRequest, lines: dict[str, ReturnLine], said: dict[str, int], *, by: Actor, now: datetime
) -> None:
    """Beside what the first count kept."""
    extra = {no: units for no, units in said.items() if units and no not in lines}
    for no, line in lines.items():
        more = min(said.get(no, 0), line.missing)
        beyond = said.get(no, 0) - more
        Count.objects.filter(line=line).update(
            quantity=F("quantity") + more, unexpected=F("unexpected") + beyond
        )  # fmt: skip
        extra |= {no: beyond} if beyond else {}
    if extra:
        open_task("units_unexpected", request.return_no, request=request, data={"lines": extra}, now=now)


def weigh_goods(pk: int, grams: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """What the scale says of the parcel, before it is opened or after. The same again changes nothing."""
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        must_be_entrusted(request, by, "count")
        if not (request.goods_can_be_counted or request.goods_can_be_inspected):
            raise WrongState(_("No goods are expected for this request now."), state=request.state)
        weigh_parcel(request, grams, by=by, now=now)
    return request


def _by_line_no(arrived: list[Arrived], *, known: set[str]) -> dict[str, int]:
    came: dict[str, int] = {}
    for index, entry in enumerate(arrived):
        if entry.line_no not in known:
            raise Invalid(fields={f"lines.{index}.line_no": _("This line is not part of the order.")})
        if entry.line_no in came:
            raise Invalid(fields={f"lines.{index}.line_no": _("Name each line once.")})
        came[entry.line_no] = entry.quantity
    return came


def _must_be_the_same_count(lines: dict[str, ReturnLine], came: dict[str, int]) -> None:
    for line_no, line in lines.items():
        kept = line.count.quantity + line.count.unexpected
        if kept != came.get(line_no, 0):
            raise Conflict(_("These goods were counted already, with another result."), code="already_counted")


def _record_counts(
    request: ReturnRequest, lines: dict[str, ReturnLine], came: dict[str, int], *, by: Actor, now: datetime
) -> None:
    counts = [
        Count(
            line=line, quantity=min(came.get(no, 0), line.quantity),
            unexpected=max(0, came.get(no, 0) - line.quantity), by_kind=by.kind, by_name=by.name, at=now,
        )
        for no, line in lines.items()
    ]  # fmt: skip
    Count.objects.bulk_create(counts)
    extra = {no: quantity for no, quantity in came.items() if no not in lines and quantity}
    extra |= {count.line.order_line.line_no: count.unexpected for count in counts if count.unexpected}
    if extra:
        open_task("units_unexpected", request.return_no, request=request, data={"lines": extra}, now=now)


def inspect_goods(pk: int, graded: list[Graded], *, by: Actor, now: datetime) -> ReturnRequest:
    """Record grades. When every counted unit has one, the amount is confirmed or a person is asked."""
    said = {}
    with moving_with_money(pk, by=by, now=now, note="inspected", data=said) as (request, held):
        must_be_entrusted(request, by, "inspect")
        lines = {line.order_line.line_no: line for line in request.lines.select_related("order_line")}
        fresh = _not_yet_recorded(lines, _checked(graded, lines, request))
        if not fresh:
            return request
        if not request.goods_can_be_inspected:
            raise WrongState(_("Count the goods first, then inspect them."), state=request.state)
        _must_have_been_counted(lines, fresh)
        _record(request, lines, fresh, by=by, now=now)
        if turned_out := _find_reasons(request, held, lines, fresh, by=by, now=now):
            said["reasons"] = turned_out
        if all(_graded_units(line) == line.counted for line in lines.values()):
            goods_inspected(request, _grades_of(request), now=now)
    return request


def _find_reasons(
    request: ReturnRequest, held: Held, lines: dict[str, ReturnLine], fresh: list[Graded], *, by: Actor, now: datetime
) -> list[str]:
    saying = [entry for entry in fresh if entry.reason]
    if saying and request.state != states.ARRIVED:
        raise WrongState(_("The money left already: the reason stays as it is."), state=request.state)
    found = {lines[entry.line_no]: entry.reason for entry in saying}
    text = "\n".join(dict.fromkeys(entry.note for entry in saying))
    find_reasons(request, held, found, text=text, by=by, now=now)
    return sorted(set(found.values()))


def _record(
    request: ReturnRequest, lines: dict[str, ReturnLine], fresh: list[Graded], *, by: Actor, now: datetime
) -> None:
    """The grades, and stock for what is sold again; goods that came to be mended are their owner's (T118, T119)."""
    own = request.kind == REPAIR
    known = {
        entry: shelf_reference(request.return_no, lines[entry.line_no].pk, entry.grade, entry.unit) for entry in fresh
    }
    in_stock = put_on_shelf(
        request.merchant_id,
        [
            ForTheShelf(entry.sku or lines[entry.line_no].order_line.sku, entry.quantity, reference)
            for entry, reference in known.items()
            if not own and goes_on_the_shelf(entry.disposition, grade=entry.grade)
        ],
        by=by, now=now,
    )  # fmt: skip
    kept = Inspection.objects.bulk_create(
        Inspection(
            line=lines[entry.line_no], unit=entry.unit, quantity=entry.quantity, grade=entry.grade,
            disposition=entry.disposition, sku=entry.sku, note=entry.note, serial=entry.serial,
            shelved=None if own else in_stock.get(reference, False),
            by_kind=by.kind, by_name=by.name, at=now,
        )
        for entry, reference in known.items()
    )  # fmt: skip
    for row, entry in zip(kept, known, strict=True):
        if entry.photos:
            attach(entry.photos, request.order, case_ref=request.return_no, at_bench=True)
            row.photos.set(Evidence.objects.filter(public_id__in=entry.photos))
    charge_for_units(request, kept, by=by, now=now)


def _checked(graded: list[Graded], lines: dict[str, ReturnLine], request: ReturnRequest) -> list[Graded]:
    seen, merchant_id = set(), request.merchant_id
    announced = [(line_no, line.announced) for line_no, line in lines.items()]
    for index, entry in enumerate(graded):
        wrong = {}
        if entry.line_no not in lines:
            wrong[f"lines.{index}.line_no"] = _("This line is not part of the request.")
        if entry.grade not in Grade.values:
            wrong[f"lines.{index}.grade"] = _("Not a grade.")
        if entry.disposition not in Disposition.values:
            wrong[f"lines.{index}.disposition"] = _("Not a way on for goods.")
        if entry.unit and (entry.quantity != 1 or line_of_label(entry.unit, announced) != entry.line_no):
            wrong[f"lines.{index}.unit"] = _("This label is not of one unit of this line.")
        if entry.serial and entry.quantity != 1:
            wrong[f"lines.{index}.serial"] = _("A serial number is of one unit. Enter them one by one.")
        if _once(entry) in seen:
            wrong[f"lines.{index}.grade"] = _("Name each grade of a line once.")
        wrong |= _wrong_with_reason(entry, lines.get(entry.line_no), graded, request.kind, field=f"lines.{index}.")
        wrong |= wrong_with_resale(
            merchant_id, entry.disposition, entry.sku, entry.note, field=f"lines.{index}."
        )  # fmt: skip
        if wrong:
            raise Invalid(fields=wrong)
        seen.add(_once(entry))
    if not graded:
        raise Invalid(fields={"lines": _("Name at least one line.")})
    return graded


def _wrong_with_reason(
    entry: Graded, line: ReturnLine | None, graded: list[Graded], kind: str, *, field: str
) -> dict:
    """One reason a line, that changes who pays the way back, with words that the customer reads."""
    if not entry.reason or line is None:
        return {}
    wrong = {}
    if entry.reason != line.reason and entry.reason not in may_turn_out(line, kind):
        wrong[f"{field}reason"] = _("This reason cannot take the place of the customer's here.")
    elif len({other.reason for other in graded if other.reason and other.line_no == entry.line_no}) > 1:
        wrong[f"{field}reason"] = _("Name one reason a line.")
    if not entry.note.strip():
        wrong[f"{field}note"] = _("Say in one or two sentences what you found. The customer reads it.")
    return wrong


def _once(entry: Graded) -> tuple:
    """What may stand once in a line: its label, or the grade of units without one."""
    return (entry.line_no, "unit", entry.unit) if entry.unit else (entry.line_no, "grade", entry.grade)


def _not_yet_recorded(lines: dict[str, ReturnLine], graded: list[Graded]) -> list[Graded]:
    rows = Inspection.objects.filter(line__in=lines.values()).select_related("line__order_line")
    kept = {_once(Graded(row.line.order_line.line_no, 1, row.grade, "", unit=row.unit)): row for row in rows}
    fresh = []
    for entry in graded:
        row = kept.get(_once(entry))
        if row is None:
            fresh.append(entry)
        elif _names_another_reason(entry, lines[entry.line_no]) or (
            row.quantity, row.grade, row.disposition, row.sku
        ) != (entry.quantity, entry.grade, entry.disposition, entry.sku):  # fmt: skip
            raise Conflict(_("These units were inspected already, with another result."), code="already_inspected")
    return fresh


def _names_another_reason(entry: Graded, line: ReturnLine) -> bool:
    """With units that are graded already, and nobody found another one: it would be dropped without a word."""
    return bool(entry.reason) and entry.reason != line.reason and not line.reason_filed


def _must_have_been_counted(lines: dict[str, ReturnLine], fresh: list[Graded]) -> None:
    more: dict[str, int] = defaultdict(int)
    for entry in fresh:
        more[entry.line_no] += entry.quantity
    for line_no, quantity in more.items():
        line = lines[line_no]
        if _graded_units(line) + quantity > line.counted:
            told = _("%(counted)s units of this line were counted.") % {"counted": line.counted}
            raise Invalid(fields={"lines": told})


def _graded_units(line: ReturnLine) -> int:
    return sum(Inspection.objects.filter(line=line).values_list("quantity", flat=True))


def _grades_of(request: ReturnRequest) -> set[str]:
    return set(Inspection.objects.filter(line__request=request).values_list("grade", flat=True))
