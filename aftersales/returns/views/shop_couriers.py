"""Whom a shop wants to come for its returns, and how each courier did lately."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from aftersales.returns.merchant_forms import CouriersForm
from aftersales.returns.shop_case import actor_of
from logistics import couriers
from logistics.parcels.queries import doings
from logistics.rates.queries import wish_of
from logistics.rates.services import set_wish
from orders.merchants.models import Member, Merchant
from orders.merchants.queries import member_who_may
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_couriers(request: HttpRequest, code: str) -> HttpResponse:
    member, now = member_who_may(request, code, "set_up"), clock.now()
    order, cheapest = wish_of(member.merchant_id)
    form = CouriersForm(request.POST or None, order=order, cheapest=cheapest)
    if request.method == "POST" and form.is_valid():
        try:
            set_wish(member.merchant, codes=form.codes, cheapest=form.cheapest, by=actor_of(member), now=now)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("From the next pickup on these couriers are asked."))
            return redirect("merchant:couriers", code)
    return _page(request, member, form)


def _page(request: HttpRequest, member: Member, form: CouriersForm) -> HttpResponse:
    heads = [
        ui.Head(_("Courier")), ui.Head(pgettext("courier", "Asked"), num=True),
        ui.Head(pgettext("courier", "Refused"), num=True), ui.Head(pgettext("courier", "Late"), num=True),
        ui.Head(pgettext("courier", "Price"), num=True),
    ]  # fmt: skip
    context = {
        "merchant": member.merchant, "form": form, "heads": heads, "rows": _rows(member.merchant), "here": "settings",
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return pages.render(request, "aftersales/merchant/couriers.html", context, status=status)


def _rows(merchant: Merchant) -> list[list[str]]:
    """Of this shop's own pickups in the last thirty days."""
    done = doings(merchant.pk, now=clock.now())
    rows = []
    for code in couriers.under_contract():
        did = done.get(code, {})
        price = ui.money(round(did["price"]), "CNY") if did.get("price") else "—"
        counts = [str(did.get(name, 0)) for name in ("asked", "refused", "late")]
        rows.append([couriers.name(code), *counts, price])
    return rows
