"""The cockpit's pages in the admin: rows are looked at, and every change is a service behind a door of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms as django_forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aftersales.desk import cockpit
from aftersales.desk import services as desk
from aftersales.desk.admin import reader_of
from aftersales.desk.readers import Reader
from aftersales.returns.forms import PayeeFields
from orders.accounts.models import User
from refunds.payouts import guide, services
from refunds.payouts import queries as payouts
from refunds.payouts.models import RefundException, Settlement
from returns_platform.kernel import forms, pages
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, Refused
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.sealing import Unreadable

PAGE_ROWS = 30
OF_WHAT_WAITS = [choice for choice in Settlement.Outcome.choices if choice[0] != Settlement.Outcome.RETURNED]


# --- what is typed ----------------------------------------------------------------------------------------


class Nothing(forms.Form):
    """The button is the answer."""


class HandForm(forms.Form):
    to = forms.Whole(max_value=10**9, error_messages={"required": gettext_lazy("Choose a colleague.")})


class WhyForm(forms.Form):
    why = forms.Text(max_length=300, error_messages={"required": gettext_lazy("Say why. Colleagues read it.")})


class ProveForm(forms.Form):
    outcome = django_forms.ChoiceField(
        choices=OF_WHAT_WAITS, error_messages={"required": gettext_lazy("Say what became of it.")}
    )
    proof = forms.Text(max_length=300, error_messages={"required": gettext_lazy("Say what proves it.")})


class TransferForm(forms.Form):
    proof_no = forms.Text(
        max_length=80, error_messages={"required": gettext_lazy("Enter the bank's number of the transfer.")}
    )
    photo = django_forms.FileField(required=False)


class RouteForm(PayeeFields):
    """An account that the customer told somebody of the staff."""

    reason = forms.Text(
        max_length=300,
        error_messages={"required": gettext_lazy("Say why, and how you know that it is her account.")},
    )


# --- what is done -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """One door. do(found, said, reader) calls the service; what it returns is told, or `done` is."""

    right: str
    do: Callable
    form: type[forms.Form] = Nothing
    done: object = gettext_lazy("Done.")


def _acting(reader: Reader) -> dict:
    return {"by": reader.actor, "now": reader.now}


def _take(found, form, reader):
    services.hand_exception(found.pk, to=reader.user, **_acting(reader))


def _hand(found, form, reader):
    to = User.objects.filter(pk=form.cleaned_data["to"]).first()
    if to is None:
        raise Invalid(fields={"to": _("Choose a colleague who looks after refunds.")})
    services.hand_exception(found.pk, to=to, **_acting(reader))


def _with_refund(service: Callable) -> Callable:
    return lambda found, form, reader: service(found.refund_id, **_acting(reader))


def _propose(found, form, reader):
    services.propose_settlement(found.refund_id, **form.cleaned_data, **_acting(reader))


def _confirm(found, form, reader):
    open_one = found.refund.settlements.filter(confirmed_at=None, dropped_at=None).last()
    services.confirm_settlement(_key(open_one), **_acting(reader))


def _route(found, form, reader):
    services.choose_way(
        found.refund_id, way="bank_transfer", payee=form.payee, reason=form.cleaned_data["reason"], **_acting(reader)
    )


def _of_route(service: Callable) -> Callable:
    return lambda found, form, reader: service(
        _key(payouts.standing_route(found.refund)), **form.cleaned_data, **_acting(reader)
    )


def _transfer(found, form, reader):
    desk.enter_transfer(found.refund, **form.cleaned_data, **_acting(reader))


def _of_transfer(service: Callable) -> Callable:
    return lambda found, form, reader: service(
        _key(found.refund.transfers.filter(dropped_at=None).first()), **form.cleaned_data, **_acting(reader)
    )


def _reveal(found, form, reader):
    change = cockpit.payee_of(found.refund)
    try:
        payee = services.reveal_payee(_key(change), reason=form.cleaned_data["why"], **_acting(reader))
    except Unreadable as lost:
        raise Conflict(_("It was sealed under a key that is not set any more. Ask the customer again.")) from lost
    return f"{payee.name}, {payee.bank}, {payee.account}"


def _key(row) -> int:
    if row is None:
        raise NotThere
    return row.pk


ACTS: dict[str, Act] = {
    "take": Act("refunds.own_exception", _take, done=gettext_lazy("It is yours.")),
    "hand": Act("refunds.hand_exception", _hand, HandForm),
    "ask": Act("refunds.retry_refund", _with_refund(services.ask_again), done=gettext_lazy("The channel is asked.")),
    "again": Act("refunds.retry_refund", _with_refund(services.retry)),
    "anew": Act("refunds.retry_refund", _with_refund(services.send_anew)),
    "propose": Act("refunds.propose_settlement", _propose, ProveForm),
    "confirm": Act("refunds.confirm_settlement", _confirm),
    "route": Act("refunds.propose_route", _route, RouteForm),
    "first": Act("refunds.confirm_route_first", _of_route(services.agree_first)),
    "second": Act("refunds.confirm_route_second", _of_route(services.agree_second)),
    "stop": Act("refunds.veto_route", _of_route(services.stop_route), WhyForm),
    "transfer": Act("refunds.pay_by_hand", _transfer, TransferForm),
    "seen": Act("refunds.pay_by_hand", _of_transfer(services.confirm_transfer)),
    "unseen": Act("refunds.pay_by_hand", _of_transfer(services.drop_transfer), WhyForm),
    "reveal": Act("refunds.reveal_payee", _reveal, WhyForm),
}


# --- the pages --------------------------------------------------------------------------------------------


@admin.register(RefundException)
class RefundExceptionAdmin(LookOnly, admin.ModelAdmin):
    """Refunds that need people, by clock; one of them beside the list with its steps and its buttons."""

    def get_urls(self):
        door, right = self.admin_site.door, "refunds.view_refundexception"
        own = [
            path("", door(require_safe(self.list_view), right), name="refunds_refundexception_changelist"),
            path("<int:pk>/change/", door(require_safe(self.one_view), right), name="refunds_refundexception_change"),
        ]
        own += [
            path(
                f"<int:pk>/{name}/", door(self.view_of(name, act), act.right), name=f"refunds_refundexception_{name}"
            )
            for name, act in ACTS.items()
        ]
        return own

    read_view = True  # the pages are drawn by us

    def list_view(self, request):
        return self._page(request, None)

    def one_view(self, request, pk):
        return self._page(request, self._found(pk))

    def _found(self, pk) -> RefundException:
        rows = RefundException.objects.select_related("owner", "refund__merchant", "refund__customer")
        found = rows.filter(pk=pk).first()
        if found is None:
            raise NotThere
        return found

    def _page(self, request: HttpRequest, found: RefundException | None, *, status=200, **more) -> HttpResponse:
        reader = reader_of(request)
        asked = cockpit.Asked(
            kind=pages.one_of(request.GET, "kind", guide.KINDS),
            mine=bool(pages.one_of(request.GET, "mine", ("yes",))),
        )
        page = pages.keyset(cockpit.rows_of(reader, asked), request, order=("due_at", "pk"), size=PAGE_ROWS)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Refunds that need a person"),
            "head": cockpit.head(reader),
            "counters": cockpit.counters(asked),
            "asked": asked,
            "page": page,
            "rows": [cockpit.line(row, now=reader.now, picked=row == found) for row in page.rows],
            "one": cockpit.panel(found, reader) if found else None,
            **more,
        }
        return TemplateResponse(request, "admin/desk/cockpit.html", context, status=status)

    def view_of(self, name: str, act: Act):
        @require_POST
        def view(request, pk):
            return self._do(request, self._found(pk), name, act)

        return view

    def _do(self, request, found: RefundException, name: str, act: Act) -> HttpResponse:
        """Wrong input or a refusal: the page again with what is true now. Done: back to it, with what was done."""
        form = act.form(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, found, status=422, wrong=form, wrong_act=name)
        try:
            told = act.do(found, form, reader_of(request))
        except (NotAllowed, NotThere):
            raise
        except Invalid as refused:
            form.refuse(refused)
            return self._page(request, self._found(found.pk), status=422, wrong=form, wrong_act=name)
        except Refused as refused:
            return self._page(request, self._found(found.pk), status=refused.status, overtaken=str(refused.message))
        if isinstance(told, str):
            return self._page(request, found, revealed=told)
        messages.success(request, _("%(refund)s: %(done)s") % {"refund": found.refund.number, "done": act.done})
        return redirect(reverse("admin:refunds_refundexception_change", args=[found.pk]))
