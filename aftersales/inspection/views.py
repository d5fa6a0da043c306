"""The bench: scan, count, inspect. What is on the bench stays there until a code is recognised."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from aftersales.evidence.models import Evidence
from aftersales.inspection import queries
from aftersales.inspection.forms import USUAL_WAY, BoxForm, CountForm, GradeForm, MoveOnForm, WeightForm
from aftersales.inspection.models import Disposition, Grade
from aftersales.inspection.places import Bench, bench_of_centre, bench_of_shop
from aftersales.inspection.services import Arrived, count_box, count_goods, inspect_goods, move_on, weigh_goods
from aftersales.returns import presenting
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import shop_name
from aftersales.returns.queries import boxes_to_count, cases_of
from aftersales.returns.shop_case import parcel_words
from aftersales.returns.shop_words import ShopTeller
from aftersales.returns.together import box_facts, together_facts
from aftersales.returns.views.uploads import KEPT, take_photos
from aftersales.returns.weights import weight_facts
from orders.centres.queries import centre_member_who_may
from orders.merchants.queries import member_who_may
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Conflict, Invalid, Malformed, NotThere

SHOWN_WAITING = 10
COUNTING = ("count", "count_all", "count_box", "weigh")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats(KEPT)
def bench(request: HttpRequest, code: str) -> HttpResponse:
    """A shop's own."""
    return at_bench(request, bench_of_shop(member_who_may(request, code, "see_cases")))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats(KEPT)
def centre_bench(request: HttpRequest, code: str) -> HttpResponse:
    """A return centre's, over the parcels of every shop that sends its goods there."""
    return at_bench(request, bench_of_centre(centre_member_who_may(request.user, code, "see_bench")))


def at_bench(request: HttpRequest, at: Bench) -> HttpResponse:
    return _work(request, at) if request.method == "POST" else _scanned(request, at)


# --- scanning ---------------------------------------------------------------------------------------------


def _scanned(request: HttpRequest, at: Bench) -> HttpResponse:
    """One case: it comes onto the bench. Several: choose. None: what lies there stays, and the code is told."""
    read = queries.read_code(pages.text(request.GET, "code", most=64))
    kept = _on_the_bench(at, pages.text(request.GET, "on", most=20))
    if not read:
        return _page(request, at, kept)
    found = queries.cases_with_code(at, read)
    if not found:
        return _page(request, at, kept, unknown=read, read=read)
    first, *others = found
    if others and first.return_no != read.upper() and not others[0].is_ended:
        return _page(request, at, kept, several=_to_choose(found), read=read)
    return _page(request, at, first, read=read, unit=queries.label_of(read, first))


def _on_the_bench(at: Bench, return_no: str) -> ReturnRequest | None:
    try:
        return at.case(return_no) if return_no else None
    except NotThere:
        return None


def _to_choose(found: list[ReturnRequest]) -> list[dict]:
    now = clock.now()
    tellers = [ShopTeller(case, now=now, prices=False) for case in cases_of(found)]
    return [{"return_no": one.request.return_no, "goods": one.goods(), "mark": one.mark()} for one in tellers]


# --- counting and inspecting ------------------------------------------------------------------------------


def _work(request: HttpRequest, at: Bench) -> HttpResponse:
    do = pages.one_of(request.POST, "do", ("count", "count_all", "count_box", "weigh", "grade", "move_on"))
    if not do:
        raise Malformed
    at.must(at.may_count if do in COUNTING else at.may_inspect)
    row = at.case(request.POST.get("return_no", ""))
    lines = queries.lines_of(row)
    work = {"weigh": _weigh, "count_box": _count_box, "grade": _grade, "move_on": _move_on}.get(do)
    return work(request, at, row, lines) if work else _count(request, at, row, lines, do)


def _count(request: HttpRequest, at: Bench, row: ReturnRequest, lines: list, do: str) -> HttpResponse:
    form = CountForm(request.POST, expected=lines, others=queries.not_announced(row, lines))
    everything = [Arrived(entry.line.order_line.line_no, entry.line.quantity) for entry in lines]
    if do == "count" and not form.is_valid():
        return _page(request, at, row, count_form=form, status=422)
    try:
        count_goods(row.pk, everything if do == "count_all" else form.arrived, by=at.by, now=clock.now())
    except Conflict as refused:
        return _changed(request, at, row, refused)
    messages.success(request, _("Counted. Now say in which condition the goods are."))
    return redirect(at.address(row.return_no))


def _count_box(request: HttpRequest, at: Bench, row: ReturnRequest, lines: list) -> HttpResponse:
    form = BoxForm(request.POST, expected=_lacking(lines))
    if not form.is_valid():
        return _page(request, at, row, box_form=form, status=422)
    try:
        count_box(row.pk, form.arrived, by=at.by, now=clock.now(), waybill=form.cleaned_data["waybill"])
    except Conflict as refused:
        return _changed(request, at, row, refused)
    messages.success(request, _("The other box is counted."))
    return redirect(at.address(row.return_no))


def _lacking(lines: list) -> list:
    return [entry for entry in lines if entry.line.missing]


def _weigh(request: HttpRequest, at: Bench, row: ReturnRequest, lines: list) -> HttpResponse:
    form = WeightForm(request.POST)
    if not form.is_valid():
        return _page(request, at, row, weight_form=form, status=422)
    try:
        weigh_goods(row.pk, form.cleaned_data["grams"], by=at.by, now=clock.now())
    except Conflict as refused:
        return _changed(request, at, row, refused)
    return redirect(at.address(row.return_no))


def _grade(request: HttpRequest, at: Bench, row: ReturnRequest, lines: list) -> HttpResponse:
    entry = next((entry for entry in lines if str(entry.line.pk) == request.POST.get("line")), None)
    if entry is None:
        raise NotThere
    photos = take_photos(request, row.order, by=at.by, now=clock.now())
    unit = pages.whole(request.POST, "unit", default=0, least=0, most=999) or None
    form = GradeForm(request.POST, entry=entry, photos=photos, unit=unit)
    if not form.is_valid():
        return _page(request, at, row, grade_form=form, status=422)
    try:
        done = inspect_goods(row.pk, [form.graded], by=at.by, now=clock.now())
    except Invalid as refused:
        form.refuse(refused)
        return _page(request, at, row, grade_form=form, status=422)
    except Conflict as refused:
        return _changed(request, at, row, refused)
    messages.success(request, _said_after(done))
    return redirect(at.address(row.return_no))


def _move_on(request: HttpRequest, at: Bench, row: ReturnRequest, lines: list) -> HttpResponse:
    """What was set apart goes on. Sent again, or by two people at once, it goes once."""
    key, way = request.POST.get("graded"), request.POST.get("way", "")
    graded = next((one for entry in lines for one in entry.graded if str(one.pk) == key), None)
    if graded is None or way not in Disposition.values:
        raise NotThere
    form = MoveOnForm(request.POST, apart=queries.SetApart(graded, way, graded.whereabouts.get(way, 0)))
    if not form.is_valid():
        return _page(request, at, row, moving=form, status=422)
    try:
        move_on(graded.pk, form.step, by=at.by, now=clock.now())
    except Invalid as refused:
        form.refuse(refused)
        return _page(request, at, row, moving=form, status=422)
    except Conflict as refused:
        return _changed(request, at, row, refused)
    messages.success(request, _("Kept: the goods have gone on."))
    return redirect(at.address(row.return_no))


def _said_after(row: ReturnRequest) -> str:
    if row.goods_can_be_inspected:
        return _("Kept. There is more of this parcel to inspect.")
    if row.awaits_decision:
        return _("Inspected. The result differs from what was announced, so a person of your shop decides.")
    return _("Inspected. The refund goes on its way.")


def _changed(request: HttpRequest, at: Bench, row: ReturnRequest, refused: Conflict) -> HttpResponse:
    return _page(request, at, at.case(row.return_no), changed=str(refused.message), status=409)


# --- the page ---------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, at: Bench, row: ReturnRequest | None, *, status: int = 200, unit=None, **more
) -> HttpResponse:
    """unit: the label on a unit of the case, when that was scanned."""
    now = clock.now()
    context = {
        "at": at,
        "zone": at.house.zone,
        "here": "bench",
        "today": queries.inspected_today(at, now=now),
        "last": [_event(graded) for graded in queries.last_inspected(at)],
        "row": row,
        **at.context,
    }
    context |= _unit(row, at, now=now, unit=unit) | more if row else _queues(at, now=now) | more
    if moving := context.get("moving"):
        context["apart"] = [moving if form.auto_id == moving.auto_id else form for form in context["apart"]]
    return pages.render(request, "aftersales/merchant/bench.html", context, status=status)


def _event(graded) -> ui.Event:
    said = _("%(goods)s × %(n)s: %(grade)s, %(way)s") % {
        "goods": graded.line.order_line.title, "n": graded.quantity, "grade": graded.grade,
        "way": graded.get_disposition_display(),
    }  # fmt: skip
    return ui.Event(graded.at, said)


def _queues(at: Bench, *, now) -> dict:
    """Nothing on the bench: what waits to be put there."""
    to_count = list(queries.waiting(at, counted=False)[:SHOWN_WAITING])
    to_inspect = list(queries.waiting(at, counted=True)[:SHOWN_WAITING])
    apart = queries.cases_set_apart(at, shown=SHOWN_WAITING)
    cases = cases_of(to_count + to_inspect + apart)
    rows = [_waiting_row(ShopTeller(case, now=now, prices=False), at) for case in cases]
    counted = len(to_count) + len(to_inspect)
    return {
        "to_count": rows[: len(to_count)], "to_inspect": rows[len(to_count) : counted], "to_process": rows[counted:],
    }  # fmt: skip


def _waiting_row(teller: ShopTeller, at: Bench) -> ui.InboxRow:
    row = teller.request
    shop = [shop_name(row.merchant)] if at.is_centre else []
    return ui.InboxRow(
        value=row.return_no, no=row.return_no, href=at.address(row.return_no), title=teller.goods(),
        meta=[*shop, *teller.reasons()], mark=teller.mark(), currency=row.order.currency, due_at=row.due_at,
    )  # fmt: skip


def _unit(row: ReturnRequest, at: Bench, *, now, unit: int | None) -> dict:
    """The parcel on the bench: expected against arrived, and the form for its next step."""
    lines = queries.lines_of(row)
    case = cases_of([row])[0]
    teller = ShopTeller(case, now=now, prices=False)
    found = {
        "title": teller.goods(),
        "mark": teller.mark(),
        "facts": _facts(case, teller, at),
        "came": sum(entry.line.counted or 0 for entry in lines),
        "announced": sum(entry.line.announced for entry in lines),
        "sheet": _sheet(lines),
        "photos": _photos(row, lines, at),
        "why_nothing": _why_nothing(row, teller),
        "weight_form": WeightForm()
        if case.parcel and (row.goods_can_be_counted or row.goods_can_be_inspected)
        else None,
        "box_form": _box_form(row, lines),
        "apart": [MoveOnForm(apart=apart) for apart in queries.set_apart(lines)],
    }
    if row.goods_can_be_counted:
        others = queries.not_announced(row, lines)
        return found | {"count_form": CountForm(expected=lines, others=others)}
    labelled = queries.with_label(lines, unit)
    if unit and labelled is None:
        return found | {
            "label_told": _("The slip of %(number)s has no unit %(unit)s.") % {"number": row.return_no, "unit": unit}
        }
    if labelled and (done := labelled.graded_as(unit)):
        told = _("Unit %(unit)s is inspected already: %(grade)s, %(way)s.")
        return found | {
            "label_told": told % {"unit": unit, "grade": done.grade, "way": done.get_disposition_display()}
        }
    if labelled and row.goods_can_be_inspected and not labelled.left:
        return found | {"label_told": _("All units of this line that came are inspected already.")}
    entry = labelled or next((entry for entry in lines if entry.left > 0), None)
    if row.goods_can_be_inspected and entry:
        return (
            found
            | {"grade_form": GradeForm(entry=entry, unit=unit), "grades": _grades(entry, unit)}
            | _money_line(row, at)
        )
    return found


def _box_form(row: ReturnRequest, lines: list) -> BoxForm | None:
    lacking = _lacking(lines) if row.is_granted_and_missing else []
    boxes = boxes_to_count(row) if lacking else []
    return BoxForm(expected=lacking, waybill=boxes[0].waybill) if boxes else None


def _facts(case, teller: ShopTeller, at: Bench) -> list[ui.Fact]:
    row, parcel = case.request, case.parcel
    facts = [ui.Fact(_("Shop"), shop_name(row.merchant))] if at.is_centre else []
    facts += teller.reason_facts()
    if parcel:
        facts.append(ui.Fact(_("Parcel"), parcel_words(parcel)))
        if parcel.waybill:
            facts.append(ui.Fact(_("Waybill"), f"{parcel.courier_name} {parcel.waybill}"))
    facts += box_facts(row) + together_facts(parcel) + weight_facts(row.return_no)
    if row.delivered_at:
        facts.append(ui.Fact(_("Here since"), teller.at(row.delivered_at)))
    if row.due_at and teller.clock_runs:
        over = row.due_at < teller.now
        facts.append(ui.Fact(_("Deadline"), teller.by(row.due_at), "bad" if over else ""))
    return facts


def _sheet(lines: list) -> dict:
    """Expected against arrived, line by line."""
    heads = [ui.Head(_("Goods")), ui.Head(_("Announced"), True), ui.Head(_("Came"), True), ui.Head(_("Result"))]
    rows = [
        [entry.line.order_line.title, entry.line.announced, _dash(entry.line.counted), _result(entry)]
        for entry in lines
    ]
    return {"heads": heads, "rows": rows}


def _dash(number: int | None):
    return "–" if number is None else number


def _result(entry) -> str:
    if entry.line.counted is None:
        return _("not counted yet")
    parts = []
    if entry.line.missing:
        parts.append(ngettext("%(n)s missing", "%(n)s missing", entry.line.missing) % {"n": entry.line.missing})
    if entry.unexpected:
        said = ngettext("%(n)s too many, pays nothing", "%(n)s too many, pay nothing", entry.unexpected)
        parts.append(said % {"n": entry.unexpected})
    grades = Counter()
    for graded in entry.graded:
        grades[graded.grade] += graded.quantity
    parts += [f"{units} {grade}" for grade, units in sorted(grades.items())]
    parts += [_("serial number %(serial)s was not sold") % {"serial": serial} for serial in entry.other_serials]
    return _(", ").join(parts) or _("as announced")


def _photos(row: ReturnRequest, lines: list, at: Bench) -> list[ui.Photo]:
    """The goods as they were sold, then as the customer showed them."""
    sold = [_as_sold(entry) for entry in lines if entry.picture]
    if not at.evidence:
        return sold
    return sold + presenting.own_photos(Evidence.objects.filter(case_ref=row.return_no))


def _as_sold(entry) -> ui.Photo:
    bought = entry.line.order_line
    return ui.Photo(static(entry.picture), bought.title, label=_("as sold: %(sku)s") % {"sku": bought.sku})


def _why_nothing(row: ReturnRequest, teller: ShopTeller) -> str:
    """Why the bench has nothing to do with this case now."""
    if row.goods_can_be_counted or row.goods_can_be_inspected:
        return ""
    if row.is_undecided:
        return _("This request is not decided yet. Set the parcel apart and tell whoever decides.")
    if row.is_ended and row.counted_at is None:
        return _("No goods are expected for this request any more. Set the parcel apart.")
    if not row.goods_come_back:
        return _("Nothing was to come back for this request. Set the parcel apart.")
    return _("All of it is counted and inspected.")


def _grades(entry, unit: int | None) -> list[dict]:
    """The six conditions; one that is recorded for units without a label cannot be chosen for such again."""
    used = set() if unit else {graded.grade for graded in entry.graded if graded.unit is None}
    return [
        {"value": grade.value, "name": grade.label, "way": Disposition(USUAL_WAY[grade]).label, "used": grade in used}
        for grade in Grade
    ]


def _money_line(row: ReturnRequest, at: Bench) -> dict:
    """What the customer gets if all is well; not for those who see no prices."""
    if not at.prices or row.bill is None or not row.bill.refund:
        return {}
    return {"amount": row.bill.refund, "currency": row.bill.currency}
