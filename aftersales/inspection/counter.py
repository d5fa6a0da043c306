"""The counter of a store or a station: scan the customer's code, take the goods in, send on what has to travel."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.inspection import queries
from aftersales.inspection.places import bench_of_shop
from aftersales.returns.forms import WaybillForm
from aftersales.returns.inbox import case_of_shop
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import cases_of
from aftersales.returns.services.goods import hand_in, send_on
from aftersales.returns.shop_case import actor_of
from aftersales.returns.shop_words import ShopTeller
from logistics import couriers
from logistics.parcels.queries import taken_in, to_be_sent_on
from logistics.points.models import Point
from logistics.points.queries import points_of
from orders.merchants.models import Member
from orders.merchants.queries import may, membership, must_be_able
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Malformed, NotThere, Refused

SHOWN_WAITING = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest, code: str) -> HttpResponse:
    """GET ?at=POINT&code=SCANNED looks up; POST takes in or sends on."""
    member = membership(request.user, code)
    must_be_able(member, "see_cases")
    if request.method == "POST":
        return _work(request, member)
    read = queries.read_code(pages.text(request.GET, "code", most=64))
    found = queries.cases_with_code(bench_of_shop(member), read) if read else []
    waiting = [row for row in found if row.can_be_handed_in]
    return _page(request, member, row=next(iter(waiting or found), None), read=read)


def _work(request: HttpRequest, member: Member) -> HttpResponse:
    must_be_able(member, "inspect")
    do = pages.one_of(request.POST, "do", ("take_in", "send_on"))
    if not do:
        raise Malformed
    row = case_of_shop(member.merchant, request.POST.get("return_no", ""))
    return _take_in(request, member, row) if do == "take_in" else _send_on(request, member, row)


def _take_in(request: HttpRequest, member: Member, row: ReturnRequest) -> HttpResponse:
    point = _point(request, member)
    if point is None:
        raise NotThere
    try:
        hand_in(row.pk, point, by=actor_of(member), now=clock.now())
    except Refused as refused:
        return _page(request, member, row=row, refused=str(refused.message), status=409)
    if point.sends_on:
        said = _("%(number)s is taken in. Send it on with the courier.")
        next_page = address(member.merchant, point)
    else:
        said = _("%(number)s is taken in. Count it while the customer is here.")
        next_page = bench_of_shop(member).address(row.return_no)
    messages.success(request, said % {"number": row.return_no})
    return redirect(next_page)


def _send_on(request: HttpRequest, member: Member, row: ReturnRequest) -> HttpResponse:
    form = WaybillForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            send_on(row.pk, courier=said["courier"], waybill=said["waybill"], by=actor_of(member), now=clock.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("%(number)s is on its way to the warehouse.") % {"number": row.return_no})
            return redirect(address(member.merchant, _point(request, member)))
    return _page(request, member, row=None, sending=row, form=form, status=422)


def address(merchant, point: Point | None) -> str:
    at = f"?{urlencode({'at': point.pk})}" if point else ""
    return reverse("merchant:counter", args=[merchant.code]) + at


def _point(request: HttpRequest, member: Member) -> Point | None:
    """The counter somebody stands at; a shop with one has only that."""
    sent = (request.POST if request.method == "POST" else request.GET).get("at", "")
    known = list(points_of(member.merchant).order_by("name"))
    chosen = next((point for point in known if str(point.pk) == sent), None)
    return chosen or (known[0] if len(known) == 1 else None)


# --- the page ---------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, member: Member, *, row: ReturnRequest | None, status: int = 200, **more
) -> HttpResponse:
    now, merchant = clock.now(), member.merchant
    point = _point(request, member)
    context = {
        "merchant": merchant,
        "zone": merchant.zone,
        "here": "bench",
        "points": list(points_of(merchant).order_by("name")),
        "point": point,
        "today": _today(point, now=now) if point else 0,
        "row": row,
        "may_inspect": may(member, "inspect"),
        "couriers": list(couriers.NAMES.items()),
        "to_send_on": _to_send_on(merchant, point) if point and point.sends_on else [],
        **more,
    }
    if row is not None:
        teller = ShopTeller(cases_of([row])[0], now=now, prices=False)
        context |= {"goods": teller.goods(), "mark": teller.mark(), "can_take_in": row.can_be_handed_in}
    return pages.render(request, "aftersales/merchant/counter.html", context, status=status)


def _today(point: Point, *, now) -> int:
    return taken_in([point], since=ui.midnight(now, point.merchant.zone)).get(point.pk, 0)


def _to_send_on(merchant, point: Point) -> list[dict]:
    waiting = to_be_sent_on(merchant).filter(point=point)[:SHOWN_WAITING]
    return [{"return_no": parcel.leg, "since": parcel.collected_at} for parcel in waiting]
