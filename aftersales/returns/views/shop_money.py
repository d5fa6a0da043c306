"""What a shop's finance asks for about money of its own cases; the platform confirms it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.returns import inbox as queue
from aftersales.returns import presenting
from aftersales.returns.merchant_forms import ProposeWayForm
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.routes import choose_way
from aftersales.returns.shop_case import actor_of
from orders.merchants.queries import membership, must_be_able
from refunds.payouts import queries as payouts
from refunds.payouts.models import Refund
from returns_platform.kernel import clock, pages
from returns_platform.kernel.errors import Invalid, NotThere, WrongState


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose_way(request: HttpRequest, code: str, return_no: str, serial: int) -> HttpResponse:
    """A bank account for money that could not go back; two people of the platform look at it before it is used."""
    member = membership(request.user, code)
    must_be_able(member, "propose_route")
    row = queue.case_of_shop(member.merchant, return_no)
    refund, now = _refund(row, serial), clock.now()
    form = ProposeWayForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            choose_way(
                row, refund, way="bank_transfer", payee=form.payee, reason=form.cleaned_data["reason"],
                by=actor_of(member), now=now,
            )  # fmt: skip
        except (Invalid, WrongState) as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Asked for. A senior and finance of the platform look at it."))
            return redirect("merchant:case", code, return_no)
    context = {
        "merchant": member.merchant, "zone": member.merchant.zone, "here": "inbox", "row": row, "form": form,
        "refund": refund, "told": presenting.other_ways(refund, bonus=0, zone=member.merchant.zone, now=now),
        "open": refund.awaits_choice,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return pages.render(request, "aftersales/merchant/propose_way.html", context, status=status)


def _refund(row: ReturnRequest, serial: int) -> Refund:
    found = payouts.refunds_of(row.return_no).filter(serial=serial).first()
    if found is None:
        raise NotThere
    return found
