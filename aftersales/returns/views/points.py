"""Bringing goods to a counter: the code to show there, the points near, and the slip for the parcel."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aftersales.returns import points, slips
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import shop_name
from aftersales.returns.queries import request_seen_by
from aftersales.returns.views.papers import HEADERS
from logistics.points import queries as known
from logistics.points.counties import centre_of
from logistics.points.rules import Spot
from orders.visitors.queries import known_viewer
from returns_platform.kernel import clock, codes, pages

SHOWN = 5


@require_safe
def near(request: HttpRequest, return_no: str) -> HttpResponse:
    """`lat` and `lon`: where the customer is, when her browser may say; else her county's centre stands for it."""
    row = request_seen_by(known_viewer(request), return_no)
    own = _spot(request)
    spot = own or centre_of(row.order.ship_to)
    found = known.nearest(row.merchant, spot, most=SHOWN) if spot else []
    context = {
        "row": row,
        "shop": shop_name(row.merchant),
        "code": codes.as_svg(row.return_no, name=_("Code of %(number)s") % {"number": row.return_no}, size=176),
        "points": points.rows(found, zone=row.merchant.zone, now=clock.now()),
        "own_place": own is not None,
        "zone": row.merchant.zone,
        "here": "returns",
    }
    return pages.render(request, "aftersales/returns/points.html", context)


def _spot(request: HttpRequest) -> Spot | None:
    """Coordinates that can be; anything else is as if the browser had said nothing."""
    try:
        latitude, longitude = (float(pages.text(request.GET, name, most=20)) for name in ("lat", "lon"))
    except ValueError:
        return None
    on_earth = -90 <= latitude <= 90 and -180 <= longitude <= 180  # false for NaN
    return Spot(latitude, longitude) if on_earth else None


@require_safe
def slip(request: HttpRequest, return_no: str) -> HttpResponse:
    """To print, or to show on the phone."""
    row = _with_goods(request, return_no)
    context = {"row": row, "slip": slips.slip_of(row, now=clock.now()), "here": "returns"}
    return pages.render(request, "aftersales/returns/slip.html", context)


@require_safe
def slip_pdf(request: HttpRequest, return_no: str) -> HttpResponse:
    row = _with_goods(request, return_no)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{row.return_no}.pdf"'}
    return HttpResponse(
        slips.as_pdf(slips.slip_of(row, now=clock.now())), content_type="application/pdf", headers=headers
    )


def _with_goods(request: HttpRequest, return_no: str) -> ReturnRequest:
    return request_seen_by(known_viewer(request), return_no)
