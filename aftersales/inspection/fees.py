"""What a return centre earns, and which one a shop has joined."""

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aftersales.returns.names import place, shop_name
from aftersales.returns.shop_case import actor_of
from orders.centres.models import Centre
from orders.centres.queries import centre_member_who_may, joined_to, to_join
from orders.centres.services import join_centre, leave_centre
from orders.merchants.models import Member, Merchant
from orders.merchants.queries import member_who_may
from refunds.ledger.models import LedgerEntry
from refunds.ledger.queries import by_month, centre_entries
from returns_platform.kernel import clock, forms, pages, ui
from returns_platform.kernel.errors import Refused

NEWEST = 50


class JoinForm(forms.Form):
    """A centre, and the fees as the owner read them."""

    centre = forms.Whole(min_value=1, max_value=2**31 - 1, widget=django_forms.HiddenInput)
    fee_parcel = forms.Whole(min_value=0, max_value=2**31 - 1, widget=django_forms.HiddenInput)
    fee_unit = forms.Whole(min_value=0, max_value=2**31 - 1, widget=django_forms.HiddenInput)


@login_required
@require_safe
def centre_fees(request: HttpRequest, code: str) -> HttpResponse:
    """Of all shops, month by month, and the newest one by one."""
    member = centre_member_who_may(request.user, code, "see_fees")
    centre, entries = member.centre, centre_entries(code)
    context = {
        "centre": centre, "member": member, "zone": centre.zone, "here": "fees",
        "months": _months(entries, centre.zone, shops=True), "newest": _newest(entries, shops=True),
        "joined": [_agreed(joining, joining.merchant.local_name) for joining in joined_to(centre)],
    }  # fmt: skip
    return pages.render(request, "centres/fees.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_centre(request: HttpRequest, code: str) -> HttpResponse:
    """POST do=join with the fees that were read, or do=leave."""
    member = member_who_may(request, code, "set_up")
    form = None
    if request.method == "POST":
        form = JoinForm(request.POST) if request.POST.get("do") == "join" else forms.Form(request.POST)
        try:
            if _done(request, member, form):
                return redirect(request.path)
        except Refused as refused:
            form.refuse(refused)
    return _shop_page(request, member, form)


def _done(request: HttpRequest, member: Member, form: forms.Form) -> bool:
    acting = {"by": actor_of(member), "now": clock.now()}
    if request.POST.get("do") == "leave":
        leave_centre(member.merchant_id, **acting)
        told = _("Returns that are approved from now on come to you again. Those under way end at the centre.")
    elif isinstance(form, JoinForm) and form.is_valid():
        said = form.cleaned_data
        centre = to_join(member.merchant.currency).filter(pk=said.pop("centre")).first()
        if centre is None:
            form.add_error(None, _("This centre takes no new shops of your currency."))
            return False
        join_centre(member.merchant_id, centre.pk, **said, **acting)
        told = _("Returns that are approved from now on go to %(centre)s.") % {"centre": centre.local_name}
    else:
        return False
    messages.success(request, told)
    return True


def _shop_page(request: HttpRequest, member: Member, form: forms.Form | None) -> HttpResponse:
    shop = Merchant.objects.select_related("joining__centre").get(pk=member.merchant_id)
    entries = LedgerEntry.objects.filter(merchant=shop, account__startswith="centre:").select_related("transaction")
    entries = entries.order_by("-transaction__at", "-pk")
    context = {
        "merchant": shop, "zone": shop.zone, "here": "settings", "form": form,
        "joining": shop.joining, "agreed": _agreed(shop.joining, "")[1:] if shop.joining else None,
        "centres": [] if shop.joining else [_offered(centre) for centre in to_join(shop.currency)],
        "place": place(shop.joining.centre.return_address) if shop.joining else "",
        "months": _months(entries, shop.zone, shops=False), "newest": _newest(entries, shops=False),
    }  # fmt: skip
    return pages.render(request, "aftersales/merchant/centre.html", context, status=422 if form else 200)


def _offered(centre: Centre) -> dict:
    form = JoinForm(
        initial={"centre": centre.pk, "fee_parcel": centre.fee_parcel, "fee_unit": centre.fee_unit},
        auto_id=f"id_{centre.pk}_%s",
    )
    return {
        "name": centre.local_name, "place": place(centre.return_address), "hours": centre.opening_hours,
        "parcel": ui.money(centre.fee_parcel, centre.currency), "unit": ui.money(centre.fee_unit, centre.currency),
        "form": form, "pk": centre.pk,
    }  # fmt: skip


# --- what was charged -------------------------------------------------------------------------------------


def _agreed(joining, name: str) -> list:
    """Name, fee of a parcel, fee of a unit, since when."""
    fees = [ui.money(fee, joining.currency) for fee in (joining.fee_parcel, joining.fee_unit)]
    return [name, *fees, joining.joined_at]


def _months(entries: QuerySet[LedgerEntry], zone: str, *, shops: bool) -> dict:
    earned = by_month(entries, zone=zone)
    named = {shop.pk: shop_name(shop) for shop in Merchant.objects.filter(pk__in={row.merchant_id for row in earned})}
    heads = [ui.Head(_("Month"))] + [ui.Head(_("Shop"))] * shops
    heads += [ui.Head(_("Entries"), True), ui.Head(_("Together"), True)]
    rows = [
        [date_format(row.month, "YEAR_MONTH_FORMAT"), *[named[row.merchant_id]] * shops, row.times,
         ui.money(row.amount, row.currency)]
        for row in earned
    ]  # fmt: skip
    return {"heads": heads, "rows": rows}


def _newest(entries: QuerySet[LedgerEntry], *, shops: bool) -> dict:
    heads = [ui.Head(_("Return"))] + [ui.Head(_("Shop"))] * shops
    heads += [ui.Head(_("For")), ui.Head(_("When")), ui.Head(_("Fee"), True)]
    rows = [
        [_return_no(entry), *[shop_name(entry.merchant)] * shops, _for_what(entry),
         ui.moment(entry.transaction.at, now=clock.now(), zone=entry.merchant.zone, style="near"),
         ui.money(entry.amount, entry.currency)]
        for entry in entries.select_related("transaction", "merchant")[:NEWEST]
    ]  # fmt: skip
    return {"heads": heads, "rows": rows}


def _return_no(entry: LedgerEntry) -> str:
    """centre_fee:RT…:parcel, or centre_fee:RT….LINE.GRADE"""
    return entry.transaction.reference.split(":")[1].split(".")[0]


def _for_what(entry: LedgerEntry) -> str:
    return _("the parcel") if entry.transaction.reference.endswith(":parcel") else _("units inspected")
