"""A shop's own points: where its customers can bring goods, when, and how many a day."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.returns import points
from aftersales.returns.merchant_forms import PointForm
from aftersales.returns.names import place
from logistics.points.models import Point
from logistics.points.services import keep_point
from orders.merchants.models import Member
from orders.merchants.queries import member_who_may
from returns_platform.kernel import pages
from returns_platform.kernel.errors import NotThere, Refused

MOST_SHOWN = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("closed_on")
def shop_points(request: HttpRequest, code: str) -> HttpResponse:
    """All of them, and the form for one more."""
    return _kept_or_shown(request, member_who_may(request, code, "set_up"), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@pages.repeats("closed_on")
def shop_point(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    member = member_who_may(request, code, "set_up")
    point = Point.objects.filter(merchant=member.merchant, pk=pk).first()
    if point is None:
        raise NotThere
    return _kept_or_shown(request, member, point)


def _kept_or_shown(request: HttpRequest, member: Member, point: Point | None) -> HttpResponse:
    form = PointForm(request.POST or None, point=point)
    if request.method == "POST" and form.is_valid():
        try:
            kept = keep_point(point, merchant=member.merchant, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("%(name)s is kept.") % {"name": kept.local_name})
            return redirect("merchant:points", member.merchant.code)
    return _page(request, member, form, point)


def _page(request: HttpRequest, member: Member, form: PointForm, point: Point | None) -> HttpResponse:
    known = Point.objects.filter(merchant=member.merchant).order_by("-is_active", "name")[:MOST_SHOWN]
    context = {
        "merchant": member.merchant,
        "form": form,
        "point": point,
        "rows": [
            {"pk": row.pk, "name": row.local_name, "place": place(row.address), "hours": points.hours(row),
             "sends_on": row.sends_on, "is_active": row.is_active, "capacity": row.capacity}
            for row in known
        ],
        "here": "settings",
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return pages.render(request, "aftersales/merchant/points.html", context, status=status)
