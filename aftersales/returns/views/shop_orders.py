"""A shop's orders with the after-sale records of each (S106), orders from a file, and the guide (S111)."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from aftersales.policy import queries as policies
from aftersales.returns import part_forms
from aftersales.returns.merchant_forms import ImportForm
from aftersales.returns.names import channel_name, goods_names, kind_name
from aftersales.returns.queries import cases_of, returns_of
from aftersales.returns.shop_case import actor_of
from aftersales.returns.shop_words import ShopTeller
from logistics import couriers
from orders.importing.forms import FILE_LIMIT
from orders.importing.services import Report, import_orders
from orders.merchants.models import Member
from orders.merchants.queries import may, membership, must_be_able
from orders.purchases import states
from orders.purchases.models import Order
from orders.purchases.queries import order_of_shop, orders_of_shop
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Refused, TooLarge

MOST_ERRORS = 100
STATES = {
    states.PLACED: gettext_lazy("Not paid yet"),
    states.PAID: gettext_lazy("Paid, not sent"),
    states.PARTLY_SHIPPED: gettext_lazy("Partly sent"),
    states.SHIPPED: gettext_lazy("Sent"),
    states.SIGNED: gettext_lazy("Delivered"),
    states.COMPLETED: gettext_lazy("Completed"),
    states.CANCELLED: gettext_lazy("Cancelled"),
}


def _member(request: HttpRequest, code: str, right: str) -> Member:
    member = membership(request.user, code)
    must_be_able(member, right)
    return member


def _frame(member: Member) -> dict:
    return {"merchant": member.merchant, "zone": member.merchant.zone, "here": "orders"}


# --- the list ---------------------------------------------------------------------------------------------


@login_required
@require_safe
def orders(request: HttpRequest, code: str) -> HttpResponse:
    member = _member(request, code, "see_orders")
    text = pages.text(request.GET, "q", most=64)
    rows = (
        _searched(orders_of_shop(member.merchant), text)
        .select_related("customer", "merchant")
        .prefetch_related("lines", "payments")
    )
    page = pages.keyset(rows, request, order=("-placed_at", "-pk"), size=50)
    context = _frame(member) | {
        "q": text,
        "page": page,
        "rows": _order_rows(page.rows, member, now=clock.now()),
        "may_import": may(member, "import_orders"),
        "may_see_money": may(member, "see_money"),
    }
    return pages.render(request, "aftersales/merchant/orders.html", context)


def _searched(rows, text: str):
    """By number, or the last four digits of the buyer's phone."""
    if not text:
        return rows
    if len(text) == 4 and text.isascii() and text.isdigit():
        return rows.filter(customer__phone__endswith=text) | rows.filter(order_no=text)
    return rows.filter(order_no__iexact=text)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """Two lines of the list. records: the after-sale requests of the order, newest first."""

    row: ui.InboxRow
    state: str
    records: list[dict]


def _order_rows(rows: list[Order], member: Member, *, now) -> list[OrderRow]:
    prices, records = may(member, "see_prices"), _records(rows)
    return [_order_row(row, records.get(row.pk, []), prices=prices, now=now) for row in rows]


def _records(rows: list[Order]) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = {}
    for request in returns_of([row.pk for row in rows]):
        found.setdefault(request.order_id, []).append(
            {"return_no": request.return_no, "kind": kind_name(request.kind)}
        )
    return found


def _order_row(row: Order, records: list[dict], *, prices: bool, now) -> OrderRow:
    lines = [{"title": line.title, "quantity": line.quantity} for line in row.lines.all()]
    placed = ui.moment(row.placed_at, now=now, zone=row.merchant.zone, style="plain")
    shown = ui.InboxRow(
        value=row.order_no, no=row.order_no, href=reverse("merchant:order", args=[row.merchant.code, row.order_no]),
        title=goods_names(lines), meta=(row.customer.name, placed), currency=row.currency,
        amount=sum(payment.amount for payment in row.payments.all()) if prices else None,
    )  # fmt: skip
    return OrderRow(shown, str(STATES[row.state]), records)


# --- one order --------------------------------------------------------------------------------------------


@login_required
@require_safe
def order(request: HttpRequest, code: str, order_no: str) -> HttpResponse:
    member = _member(request, code, "see_orders")
    row, now = order_of_shop(member.merchant, order_no), clock.now()
    prices = may(member, "see_prices")
    requests = list(returns_of([row.pk]).select_related("order", "merchant", "customer"))
    context = _frame(member) | {
        "row": row,
        "member": member,
        "state": STATES[row.state],
        "facts": _order_facts(row, now=now),
        "sheet": _line_sheet(row, prices=prices),
        "payments": _payments(row) if prices else [],
        "may_pay_part": row.takes_after_sale and may(member, "set_amount"),
        "records": [_record(ShopTeller(case, now=now, prices=prices)) for case in cases_of(requests)],
    }
    return pages.render(request, "aftersales/merchant/order.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay_part(request: HttpRequest, code: str, order_no: str) -> HttpResponse:
    """A part of a line's price, unasked: price protection, goodwill (T20)."""
    member = _member(request, code, "set_amount")
    row = order_of_shop(member.merchant, order_no)
    form = part_forms.PayPartForm(request.POST if request.method == "POST" else None, order=row)
    if paid := part_forms.pay(form, row, by=actor_of(member), now=clock.now()):
        told = _("Paid back: %(number)s. The customer has been told.")
        messages.success(request, told % {"number": paid.return_no})
        return redirect("merchant:case", code, paid.return_no)
    context = _frame(member) | {
        "row": row, "form": form, "crumb": _("Order %(number)s") % {"number": row.order_no},
    }  # fmt: skip
    status = 422 if form.errors else 200
    return pages.render(request, "aftersales/merchant/pay_part.html", context, status=status)


def _order_facts(row: Order, *, now) -> list[ui.Fact]:
    zone = row.merchant.zone
    facts = [
        ui.Fact(pgettext("a shop's", "Customer"), row.customer.name, note=ui.mask_phone(row.customer.phone)),
        ui.Fact(_("Ordered on"), ui.moment(row.placed_at, now=now, zone=zone)),
    ]
    for parcel in row.shipments.all():
        signed = (
            _("signed for %(when)s") % {"when": ui.moment(parcel.signed_at, now=now, zone=zone)}
            if parcel.signed_at
            else _("not signed for yet")
        )
        facts.append(
            ui.Fact(_("Parcel out"), f"{couriers.name(parcel.courier)} {parcel.waybill}".strip(), note=signed)
        )
    if policy := getattr(row, "freight_policy", None):
        facts.append(ui.Fact(_("Freight insurance"), f"{policy.insurer} {policy.policy_no}"))
    return facts


def _line_sheet(row: Order, *, prices: bool) -> dict:
    heads = [ui.Head(_("Goods")), ui.Head(_("Units"))]
    heads += [ui.Head(_("Paid for it"), True)] if prices else []
    return {"heads": heads, "rows": [_line_row(line, row, prices=prices) for line in row.lines.all()]}


def _line_row(line, row: Order, *, prices: bool) -> list:
    units = {"ordered": line.quantity, "sent": line.shipped, "used": line.shipped_in_use + line.unshipped_in_use}
    cells = [
        format_html('{}<br><span class="quiet">{}</span>', line.title, line.sku),
        _("%(ordered)s ordered, %(sent)s sent, %(used)s in after-sale") % units,
    ]
    if prices:
        cells.append(ui.money(line.net, row.currency))
    return cells


def _payments(row: Order) -> list[ui.Fact]:
    return [
        ui.Fact(channel_name(payment.channel), ui.money(payment.amount, row.currency))
        for payment in row.payments.all()
    ]


def _record(teller: ShopTeller) -> ui.InboxRow:
    case = teller.request
    href = reverse("merchant:case", args=[case.merchant.code, case.return_no])
    return ui.InboxRow(
        value=case.return_no, no=case.return_no, href=href, title=teller.goods(), meta=teller.reasons(),
        mark=teller.mark(), amount=teller.amount, currency=case.order.currency, kind=kind_name(case.kind),
        due_at=None if case.is_ended else case.due_at,
    )  # fmt: skip


# --- orders from a file -----------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest, code: str) -> HttpResponse:
    """A file of orders; what is wrong with a row is told with its number, and the other rows are taken."""
    member = _member(request, code, "import_orders")
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    report = _imported(form, member) if form.is_bound and form.is_valid() else None
    context = _frame(member) | {"form": form, "report": report, "errors": _errors(report)}
    return pages.render(request, "aftersales/merchant/import.html", context, status=422 if form.errors else 200)


def _imported(form: ImportForm, member: Member) -> Report | None:
    file = form.cleaned_data["file"]
    if file.size > FILE_LIMIT:
        raise TooLarge
    try:
        return import_orders(file.read(), merchant=member.merchant, by=actor_of(member), now=clock.now())
    except TooLarge:
        raise
    except Refused as refused:
        told = refused.fields and _("Columns that are not known: %(names)s.") % {"names": ", ".join(refused.fields)}
        form.add_error("file", " ".join(part for part in (str(refused.message), told) if part))
        return None


def _errors(report: Report | None) -> dict | None:
    if report is None or not report.errors:
        return None
    heads = [ui.Head(_("Row"), True), ui.Head(_("Number")), ui.Head(_("What is wrong"))]
    rows = [
        [
            wrong.row,
            wrong.order_no,
            "; ".join(f"{name}: {told}" for name, told in wrong.fields.items()) or wrong.message,
        ]
        for wrong in report.errors[:MOST_ERRORS]
    ]
    return {"heads": heads, "rows": rows, "more": max(0, len(report.errors) - MOST_ERRORS)}


# --- the guide --------------------------------------------------------------------------------------------


@login_required
@require_safe
def guide(request: HttpRequest, code: str) -> HttpResponse:
    member = _member(request, code, "see_policy")
    policy = policies.in_force(clock.now(), member.merchant.pk)
    context = _frame(member) | {
        "here": "help",
        "terms": policy.terms,
        "version": policy.number,
        "second_above": policy.terms.second_person_above,
    }
    return pages.render(request, "aftersales/merchant/guide.html", context)
