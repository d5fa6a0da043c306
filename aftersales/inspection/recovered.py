"""What the goods of a case still brought: the shop's finance books it, by the units that the bench graded."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.inspection.forms import RecoveryForm
from aftersales.inspection.models import Inspection, Recovery
from aftersales.inspection.services import book_recovery
from aftersales.returns.inbox import case_of_shop
from aftersales.returns.shop_case import actor_of
from orders.merchants.queries import may, membership, must_be_able
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import Conflict, Invalid


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovered(request: HttpRequest, code: str, return_no: str) -> HttpResponse:
    member = membership(request.user, code)
    must_be_able(member, "see_money")
    row = case_of_shop(member.merchant, return_no)
    graded = Inspection.objects.filter(line__request=row).select_related("line__order_line")
    results = list(graded.prefetch_related("moved", "recoveries").order_by("line", "pk"))
    form, status = RecoveryForm(results=results, currency=row.order.currency), 200
    if request.method == "POST":
        must_be_able(member, "book_recovery")
        form = RecoveryForm(request.POST, results=results, currency=row.order.currency)
        status = _book(form, member)
        if status == 302:
            messages.success(request, _("Booked."))
            return redirect(request.path)
    context = {
        "merchant": row.merchant, "zone": row.merchant.zone, "here": "inbox", "row": row, "form": form,
        "sheet": _sheet([kept for one in results for kept in one.recoveries.all()]),
        "may_book": may(member, "book_recovery") and bool(form.found),
    }  # fmt: skip
    return pages.render(request, "aftersales/merchant/recovered.html", context, status=status)


def _book(form: RecoveryForm, member) -> int:
    """The status of the answer; what was refused stands in the form."""
    if not form.is_valid():
        return 422
    if form.out_of_date:
        form.add_error(None, _("Somebody else has booked in the meantime."))
        return 409
    pk, brought = form.brought
    try:
        book_recovery(pk, brought, by=actor_of(member), now=clock.now())
    except Invalid as refused:
        form.refuse(refused)
        return 422
    except Conflict as refused:
        form.add_error(None, str(refused.message))
        return 409
    return 302


def _sheet(kept: list[Recovery]) -> dict:
    heads = [
        ui.Head(_("Goods")),
        ui.Head(_("Units"), True),
        ui.Head(_("Where they went")),
        ui.Head(_("Brought"), True),
    ]
    rows = [
        [
            row.inspection.line.order_line.title, row.quantity, row.get_way_display(),
            ui.money(row.amount, row.currency) + (f" ({_('estimated')})" if row.estimated else ""),
        ]
        for row in kept
    ]  # fmt: skip
    return {"heads": heads, "rows": rows}
