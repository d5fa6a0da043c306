"""What a shop sends to customers: exchanges, mended goods, missing parts. And how many of each article it has."""

from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import place
from aftersales.returns.services import choosing, mending
from aftersales.returns.shop_case import actor_of
from aftersales.returns.swap_forms import QuoteForm, SendForm
from aftersales.returns.swap_page import wanted
from logistics.parcels.labels import has_label
from orders.catalogue.models import Product, Stock
from orders.catalogue.services.stock import count_stock
from orders.merchants.models import Member
from orders.merchants.queries import may, membership, must_be_able
from returns_platform.kernel import clock, forms, pages, ui
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotAllowed, NotThere, Refused

ACTS = {
    "book": ("ship", gettext_lazy("The courier is asked.")),
    "waybill": ("ship", gettext_lazy("Sent. The customer is told.")),
    "again": ("ship", gettext_lazy("It can be sent once more.")),
    "gone": ("ship", gettext_lazy("The customer is asked what she would like instead.")),
    "quote": ("approve", gettext_lazy("The customer is asked.")),
    "mended": ("ship", gettext_lazy("It can be sent back now.")),
    "not_mendable": ("approve", gettext_lazy("The customer is told and has her money.")),
}


def _frame(member: Member) -> dict:
    return {"merchant": member.merchant, "zone": member.merchant.zone, "here": "to_send"}


@login_required
@require_safe
def to_send(request: HttpRequest, code: str) -> HttpResponse:
    """What is to be sent, to be mended, and what is on its way: each with its clock."""
    member, now = _member(request, code), clock.now()
    found = queries.open_of_shop(member.merchant)
    page = pages.keyset(found, request, order=("opened_at", "pk"), size=50)
    parcels = queries.outbound_parcels(row.reference for row in page.rows)
    context = _frame(member) | {
        "page": page,
        "rows": [
            {"row": row, "wanted": wanted(row), "what": what_now(row), "parcel": parcels.get(row.reference),
             "over": row.due_at is not None and row.due_at < now}
            for row in page.rows
        ],
    }  # fmt: skip
    return pages.render(request, "aftersales/merchant/to_send.html", context)


def what_now(row: Replacement) -> str:
    if row.can_be_sent:
        return _("to send")
    if row.is_being_mended:
        return _("to mend")
    if row.is_on_its_way:
        return _("on its way")
    if row.is_out_of_stock:
        return _("waits for stock")
    return _("waits for the customer") if row.waits_for_customer else _("waits for the goods")


def _member(request: HttpRequest, code: str) -> Member:
    member = membership(request.user, code)
    must_be_able(member, "see_cases")
    return member


# --- one of them ------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    member = _member(request, code)
    row = queries.of_shop(member.merchant).filter(reference=reference).first()
    if row is None:
        raise NotThere
    sent = request.POST if request.method == "POST" else None
    act = pages.one_of(sent, "do", ACTS) if sent is not None else ""
    currency = row.order.currency
    send_form = SendForm(sent if act == "waybill" else None)
    quote_form = QuoteForm(sent if act == "quote" else None, currency=currency)
    status, form = 200, {"waybill": send_form, "quote": quote_form}.get(act)
    if act and (form is None or form.is_valid()):
        try:
            _do(act, row, member, form)
        except Refused as refused:
            if form is None:
                raise
            form.refuse(refused)
        else:
            messages.success(request, ACTS[act][1])
            return redirect("merchant:sending", code, reference)
    if sent is not None:
        status = 422
    return pages.render(
        request, "aftersales/merchant/sending.html", _page(row, member, send_form, quote_form), status=status
    )


def _do(act: str, row: Replacement, member: Member, form) -> None:
    right, by, now = ACTS[act][0], actor_of(member), clock.now()
    if not may(member, right):
        raise NotAllowed
    if act == "book":
        replacements.book_courier(row.pk, by=by, now=now)
    elif act == "waybill":
        said = form.cleaned_data
        replacements.enter_waybill(row.pk, courier=said["courier"], waybill=said["waybill"], by=by, now=now)
    elif act == "again":
        replacements.send_once_more(row.pk, by=by, now=now)
    else:
        _about_the_case(act, row, form, by=by, now=now)


def _about_the_case(act: str, row: Replacement, form, *, by: Actor, now) -> None:
    pk = ReturnRequest.objects.get(return_no=row.case_ref).pk
    if act == "gone":
        choosing.say_it_is_gone(pk, by=by, now=now)
    elif act == "quote":
        said = form.cleaned_data
        mending.quote_repair(pk, fee=said["fee"], text=said["text"], by=by, now=now)
    elif act == "mended":
        mending.is_mended(pk, by=by, now=now)
    elif act == "not_mendable":
        mending.cannot_be_mended(pk, by=by, now=now)


def _page(row: Replacement, member: Member, send_form, quote_form) -> dict:
    parcel = queries.outbound_parcel(row)
    address = row.order.ship_to
    return _frame(member) | {
        "row": row, "parcel": parcel, "wanted": wanted(row), "what": what_now(row), "send_form": send_form,
        "quote_form": quote_form, "form": quote_form if quote_form.is_bound else send_form,
        "receiver": [address.get("name", ""), ui.mask_phone(address.get("phone", "")), place(address)],
        "may_ship": may(member, "ship"), "may_quote": may(member, "approve"),
        "lost": replacements.can_be_sent_again(row, now=clock.now()),
        "has_label": parcel is not None and has_label(parcel),
        "waits_for_courier": parcel is not None and parcel.waits_for_van,
    }  # fmt: skip


# --- stock ------------------------------------------------------------------------------------------------


class CountForm(forms.Form):
    sku = django_forms.CharField(max_length=64)
    available = forms.Whole(label=gettext_lazy("Free to promise"), min_value=0, max_value=1_000_000)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stock(request: HttpRequest, code: str) -> HttpResponse:
    """Articles with what is free and what is kept for somebody. Counting an article makes it counted here."""
    member = membership(request.user, code)
    must_be_able(member, "see_orders")
    form = CountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _count(form, member):
        messages.success(request, _("Counted."))
        return redirect("merchant:stock", code)
    page = pages.keyset(Product.objects.filter(merchant=member.merchant), request, order=("sku", "pk"), size=50)
    counted = {
        row.sku: row for row in Stock.objects.filter(merchant=member.merchant, sku__in=[p.sku for p in page.rows])
    }
    context = _frame(member) | {
        "page": page, "form": form, "may_ship": may(member, "ship"), "here": "to_send",
        "rows": [{"product": row, "stock": counted.get(row.sku)} for row in page.rows],
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return pages.render(request, "aftersales/merchant/stock.html", context, status=status)


def _count(form: CountForm, member: Member) -> bool:
    if not may(member, "ship"):
        raise NotAllowed
    sku = form.cleaned_data["sku"]
    if not Product.objects.filter(merchant=member.merchant, sku=sku).exists():
        form.add_error("sku", _("The shop has no such article."))
        return False
    count_stock(
        member.merchant_id, sku, available=form.cleaned_data["available"], reference=f"count:{uuid4().hex}",
        by=actor_of(member), now=clock.now(),
    )  # fmt: skip
    return True
