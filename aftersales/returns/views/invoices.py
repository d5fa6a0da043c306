"""A shop's red-letter requests: what finance still has to take off issued invoices, and what it has taken off."""

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aftersales.returns import papers
from aftersales.returns.services.invoices import ask_again
from aftersales.returns.views.papers import send_pdf
from orders.merchants.models import Member
from orders.merchants.queries import may, membership, must_be_able
from refunds.documents import services
from refunds.documents import states as red
from refunds.documents.models import RedLetterRequest
from refunds.documents.services import note_read
from returns_platform.kernel import clock, pages
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere, Refused
from returns_platform.kernel.money import yuan
from returns_platform.kernel.tables import csv_answer

PAGE_ROWS = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invoices(request: HttpRequest, code: str) -> HttpResponse:
    member = membership(request.user, code)
    must_be_able(member, "see_money")
    if request.method == "POST":
        return _settle(request, member)
    return _page(request, member)


def _page(request: HttpRequest, member: Member, *, wrong: dict | None = None, status: int = 200) -> HttpResponse:
    shown = request.GET.get("state", "")
    rows = _rows(member)
    if shown in red.ALL:
        rows = rows.filter(state=shown)
    page = pages.keyset(rows, request, order=("-requested_at", "-pk"), size=PAGE_ROWS)
    context = {
        "merchant": member.merchant,
        "zone": member.merchant.zone,
        "here": "invoices",
        "page": page,
        "rows": [papers.red_letter_row(row) for row in page.rows],
        "shown": shown,
        "filters": papers.red_letter_filters(),
        "may_settle": may(member, "settle_invoices"),
        "wrong": wrong or {},
    }
    return pages.render(request, "aftersales/merchant/invoices.html", context, status=status)


def _rows(member: Member) -> QuerySet[RedLetterRequest]:
    return RedLetterRequest.objects.filter(merchant=member.merchant).select_related("order")


def _one(member: Member, number: str) -> RedLetterRequest:
    row = _rows(member).filter(number=number).first()
    if row is None:
        raise NotThere
    return row


def _settle(request: HttpRequest, member: Member) -> HttpResponse:
    """Confirm with the number that the tax system gave, or cancel; a refusal keeps what was typed."""
    must_be_able(member, "settle_invoices")
    row, typed = _one(member, request.POST.get("number", "")), request.POST.get("red_number", "")
    user = member.user
    by = Actor("merchant", str(user.pk), user.get_full_name() or user.get_username())
    try:
        if request.POST.get("do") == "cancel":
            services.cancel_red_letter(row.pk, by=by, now=clock.now())
            messages.success(request, _("%(number)s is cancelled.") % {"number": row.number})
        elif request.POST.get("do") == "again":
            made = ask_again(row.pk, by=by, now=clock.now())
            messages.success(request, _("%(number)s is asked for.") % {"number": made.number})
        else:
            services.confirm_red_letter(row.pk, typed, by=by, now=clock.now())
            messages.success(request, _("%(number)s is confirmed.") % {"number": row.number})
    except Refused as no:
        wrong = {"number": row.number, "message": no.message, "typed": typed}
        return _page(request, member, wrong=wrong, status=no.status)
    return redirect("merchant:invoices", member.merchant.code)


@login_required
@require_safe
def pdf(request: HttpRequest, code: str, number: str) -> HttpResponse:
    member = membership(request.user, code)
    must_be_able(member, "see_money")
    row = _one(member, number)
    note_read(row.number, by=Actor("merchant", str(member.user_id), member.merchant.name), now=clock.now())
    return send_pdf(papers.red_letter_paper(row, language=papers.language_of(request.GET.get("in", ""))))


# --- for the tax system -----------------------------------------------------------------------------------


@login_required
@require_safe
def as_csv(request: HttpRequest, code: str) -> HttpResponse:
    """One row per line of a request, for a spreadsheet: with a mark of the encoding, and nothing that calculates."""
    member = membership(request.user, code)
    must_be_able(member, "see_money")
    return csv_answer("red-letter-requests.csv", _table(_rows(member).order_by("requested_at", "pk")))


def _table(rows: QuerySet[RedLetterRequest]) -> Iterator[list[str]]:
    yield [
        _("Request"), _("State"), _("Return"), _("Order"), _("Invoice"), _("Red-letter number"), _("Item"),
        _("Quantity"), _("Amount with tax"), _("Tax"), _("Amount without tax"), _("Requested at"),
    ]  # fmt: skip
    for row in rows.iterator(chunk_size=500):
        for line in row.lines:
            yield _cells(row, line)


def _cells(row: RedLetterRequest, line: dict) -> list[str]:
    tax = line["tax"]
    return [
        row.number, papers.red_letter_state(row.state), row.case_ref, row.order.order_no, row.invoice_number,
        row.red_number, papers.red_letter_item(line), str(line["quantity"] or ""), _sum(line["amount"], row),
        "" if tax is None else _sum(tax, row), "" if tax is None else _sum(line["amount"] - tax, row),
        row.requested_at.isoformat(timespec="seconds"),
    ]  # fmt: skip


def _sum(amount: int, row: RedLetterRequest) -> str:
    return yuan(amount, row.currency)
