"""The customer's own page: how their requests are handled, what was found, what it means, and where to answer."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aftersales.returns.names import shop_name
from aftersales.returns.stored import seen_customers
from aftersales.risk import queries, texts
from aftersales.risk.forms import AppealForm, Nothing
from aftersales.risk.models import Measure, MeasureAppeal
from aftersales.risk.services import answers
from aftersales.risk.services.measures import number_of
from orders.visitors.queries import known_viewer
from refunds.wallet.queries import wallet_of
from returns_platform.kernel import clock, pages, ui
from returns_platform.kernel.errors import NotThere, Refused


@dataclass(frozen=True, slots=True)
class Shown:
    """A measure as its customer reads it. lacking: what the balance lacks for a deposit, in words."""

    measure: Measure
    number: str
    shop: str
    title: str
    means: list[str]
    until: str
    amount: str
    cases: list[str]
    appeals: list[MeasureAppeal]
    form: AppealForm
    lacking: str = ""

    @property
    def open_appeal(self) -> MeasureAppeal | None:
        return next((one for one in self.appeals if one.answered_at is None), None)


@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    return _page(request, now=clock.now())


@require_http_methods(["GET", "HEAD", "POST"])
def answer_measure(request: HttpRequest, pk: int) -> HttpResponse:
    """POST do=appeal, deposit or no_deposit; a GET leads to the page."""
    seen_by, now = known_viewer(request), clock.now()
    measure = queries.told_to(seen_customers(seen_by)).filter(pk=pk).first()
    if measure is None:
        raise NotThere
    if request.method != "POST":
        return redirect("aftersales:standing")
    do = request.POST.get("do")
    form = AppealForm(request.POST) if do == "appeal" else Nothing(request.POST)
    acting = {"by": seen_by.actor, "now": now}
    try:
        if not form.is_valid():
            return _page(request, now=now, status=422, wrong=form, wrong_about=pk)
        if do == "appeal":
            answers.appeal(pk, **form.cleaned_data, **acting)
            messages.success(request, _("Thank you. Another person reads it and answers within three days."))
        elif do == "deposit":
            answers.agree_to_deposit(pk, **acting)
            messages.success(request, _("The deposit lies here now. You get all of it back."))
        elif do == "no_deposit":
            answers.refuse_deposit(pk, **acting)
            messages.success(request, _("Noted. Nothing else changes."))
        else:
            raise NotThere
    except NotThere:
        raise
    except Refused as refused:
        form.refuse(refused)
        return _page(request, now=now, status=refused.status, wrong=form, wrong_about=pk)
    return redirect("aftersales:standing")


def _page(
    request: HttpRequest, *, now: datetime, status: int = 200, wrong=None, wrong_about: int = 0
) -> HttpResponse:
    customers = seen_customers(known_viewer(request))
    told = [_shown(one, wrong if one.pk == wrong_about else None, now=now) for one in queries.told_to(customers)]
    context = {
        "live": [one for one in told if one.measure.is_told],
        "over": [one for one in told if not one.measure.is_told],
        "wrong": wrong,
        "wrong_about": wrong_about,
        "here": "returns",
    }
    return pages.render(request, "aftersales/risk/standing.html", context, status=status)


def _shown(measure: Measure, wrong, *, now: datetime) -> Shown:
    customer = measure.customer
    until = ui.day(measure.until, now=now, zone=customer.merchant.zone) if measure.until else ""
    amount = ui.money(measure.amount, measure.currency) if measure.amount else ""
    own = {about["case"] for told in measure.signals for about in told["evidence"] if about.get("case")}
    return Shown(
        measure=measure,
        number=number_of(measure),
        shop=shop_name(customer.merchant),
        title=texts.title(measure),
        means=texts.means(measure, until=until, amount=amount),
        until=until,
        amount=amount,
        cases=sorted(own),
        appeals=list(measure.appeals.all()),
        form=wrong if isinstance(wrong, AppealForm) else AppealForm(),
        lacking=_lacking(measure) if measure.is_offered else "",
    )


def _lacking(measure: Measure) -> str:
    wallet = wallet_of(measure.customer, currency=measure.currency)
    lacking = measure.amount - (wallet.balance if wallet else 0)
    return ui.money(lacking, measure.currency) if lacking > 0 else ""
