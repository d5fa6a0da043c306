"""A shop's page: have a disputed unit looked at by somebody independent."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftersales.examination.forms import AskForm
from aftersales.examination.models import Examination
from aftersales.examination.presenting import told_of
from aftersales.examination.services import ask_examiner, call_off
from aftersales.returns.inbox import case_of_shop
from aftersales.returns.models import ReturnRequest
from aftersales.returns.shop_case import actor_of
from orders.merchants.queries import member_who_may
from returns_platform.kernel import clock, pages
from returns_platform.kernel.errors import Malformed, NotThere, Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_examination(request: HttpRequest, code: str, return_no: str) -> HttpResponse:
    """POST do=ask, or do=call_off with the key of one of the case's."""
    member = member_who_may(request, code, "dispute")
    row = case_of_shop(member.merchant, return_no)
    do = pages.one_of(request.POST, "do", ("ask", "call_off"))
    if request.method == "POST" and not do:
        raise Malformed
    form, status = AskForm(request.POST if do == "ask" else None, row=row), 200
    if do:
        by = actor_of(member)
        status, told = _called_off(request, row, form, by) if do == "call_off" else _asked(row, form, by)
        if told:
            messages.success(request, told)
            return redirect("merchant:case", code, return_no)
    context = {
        "merchant": row.merchant, "zone": row.merchant.zone, "here": "inbox", "row": row, "form": form,
        "examined": told_of(row, now=clock.now()), "may_call_off": True,
    }  # fmt: skip
    return pages.render(request, "aftersales/examination/shop.html", context, status=status)


def _asked(row: ReturnRequest, form: AskForm, by) -> tuple[int, str]:
    """(status, what to say when it is done)."""
    if not form.is_valid():
        return 422, ""
    try:
        ask_examiner(row.pk, **form.wish, by=by, now=clock.now())
    except Refused as refused:
        form.refuse(refused)
        return refused.status, ""
    return 302, _("Asked. Send one unit there; the customer is told, and reads the report as you do.")


def _called_off(request: HttpRequest, row: ReturnRequest, form: AskForm, by) -> tuple[int, str]:
    pk = pages.whole(request.POST, "examination", default=0, least=0, most=10**9)
    one = Examination.objects.filter(request=row, pk=pk).first()
    if one is None:
        raise NotThere
    try:
        call_off(one.pk, by=by, now=clock.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
        return refused.status, ""
    return 302, _("Called off. Nothing is charged.")
