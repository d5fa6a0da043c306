"""What a customer does about what replaces her goods: pays, chooses again, takes her money, says that it is there."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aftersales.replacements import services as replacements
from aftersales.returns import forms
from aftersales.returns.queries import cases_of, request_seen_by
from aftersales.returns.services import advancing
from aftersales.returns.services.choosing import money_instead, want_another
from aftersales.returns.services.mending import refuse_fee
from aftersales.returns.services.paying import start_payment
from aftersales.returns.swap_forms import AnotherForm, PayForm
from aftersales.returns.swap_page import swap_panel
from aftersales.returns.views.acting import Act, asks_and_acts
from orders.visitors.queries import known_viewer
from returns_platform.kernel import clock, pages, ui


@require_safe
def swap(request: HttpRequest, return_no: str) -> HttpResponse:
    """The part of the case's page about it, which looks again by itself while a channel is waited for."""
    case, now = cases_of([request_seen_by(known_viewer(request), return_no)])[0], clock.now()
    context = {
        "case": case,
        "row": case.request,
        "zone": case.request.merchant.zone,
        "swap": swap_panel(case, now=now),
    }
    return pages.render(request, "aftersales/returns/_case_swap.html", context)


@asks_and_acts
def pay(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    panel = swap_panel(act.case, now=act.now)
    form = PayForm(act.sent)
    return act.answer(
        "pay.html", form, possible=panel is not None and bool(panel.pay),
        do=lambda: start_payment(act.row.pk, channel=form.cleaned_data["channel"], by=act.by, now=act.now),
        done=_("The page to pay on is being opened."), swap=panel,
    )  # fmt: skip


@asks_and_acts
def another(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    panel, order = swap_panel(act.case, now=act.now), act.row.order
    if panel is None or (not panel.may_choose and act.sent is None):
        return act.back()
    form = AnotherForm(
        act.sent, replacement=panel.replacement, merchant_id=order.merchant_id, currency=order.currency
    )
    return act.answer(
        "another.html", form, possible=True,
        do=lambda: want_another(act.row.pk, form.choices, by=act.by, now=act.now),
        done=_("Chosen. We tell you here what comes next."),
    )  # fmt: skip


@asks_and_acts
def money(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    panel = swap_panel(act.case, now=act.now)
    value = sum(line.amount for line in act.case.lines)
    return act.answer(
        "money_instead.html", forms.Nothing(act.sent), possible=panel is not None and panel.may_have_money,
        do=lambda: money_instead(act.row.pk, by=act.by, now=act.now),
        done=_("Your request goes on as a return for money."), value=ui.money(value, act.row.order.currency),
    )  # fmt: skip


@asks_and_acts
def received(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    panel = swap_panel(act.case, now=act.now)
    possible = panel is not None and panel.may_confirm
    return act.answer(
        "received.html", forms.Nothing(act.sent), possible=possible, done=_("Thank you. Then this is done."),
        do=lambda: replacements.confirm_receipt(act.case.replacement.pk, by=act.by, now=act.now), swap=panel,
    )  # fmt: skip


@asks_and_acts
def ahead(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    panel = swap_panel(act.case, now=act.now)
    deposit = ui.money(advancing.deposit_for(act.row), act.row.order.currency) if panel else ""
    return act.answer(
        "ahead.html", forms.Nothing(act.sent), possible=panel is not None and panel.may_go_ahead,
        do=lambda: advancing.want_ahead(act.row.pk, by=act.by, now=act.now),
        done=_("Now choose how you want to pay it."), deposit=deposit,
    )  # fmt: skip


@asks_and_acts
def no_repair(request: HttpRequest, return_no: str) -> HttpResponse:
    act = Act(request, return_no)
    panel = swap_panel(act.case, now=act.now)
    return act.answer(
        "no_repair.html", forms.Nothing(act.sent), possible=panel is not None and panel.may_refuse_fee,
        do=lambda: refuse_fee(act.row.pk, by=act.by, now=act.now),
        done=_("It is sent back to you as it is, and costs nothing."), swap=panel,
    )  # fmt: skip
