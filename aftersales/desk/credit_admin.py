"""The pages of customers' credit in the admin: rows are looked at, every change is a service behind its own door."""

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
from django.views.decorators.http import require_POST

from aftersales.credit import texts as credit_texts
from aftersales.credit.models import Standing
from aftersales.desk import credit
from aftersales.desk.admin import ReadPage, reader_of
from aftersales.desk.readers import Reader
from aftersales.returns.names import shop_name
from aftersales.risk import queries, rules, states
from aftersales.risk.models import Measure, MeasureAppeal
from aftersales.risk.services import answers, measures, signals
from aftersales.risk.texts import STATES
from returns_platform.kernel import forms, ui
from returns_platform.kernel.errors import Invalid, NotAllowed, NotThere, Refused

MOST = 10**8


# --- what is typed ----------------------------------------------------------------------------------------


class TermsForm(forms.Form):
    """kind, for how long, what the customer reads, what colleagues read."""

    kind = django_forms.ChoiceField(
        choices=Measure.Kind.choices, error_messages={"required": gettext_lazy("Choose a measure.")}
    )
    days = forms.Whole(max_value=max(rules.MOST_DAYS.values()), min_value=1)
    finding = forms.Text(max_length=2000, required=False)
    why = forms.Text(max_length=2000, error_messages={"required": gettext_lazy("Say why. Colleagues read it.")})

    def __init__(self, *args, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"] = forms.Money(currency=currency, max_value=MOST, required=False)

    @property
    def terms(self) -> measures.Terms:
        return measures.Terms(**self.cleaned_data)


class Nothing(forms.Form):
    """The button is the answer."""


class WhyForm(forms.Form):
    why = forms.Text(max_length=500, error_messages={"required": gettext_lazy("Say why. Colleagues read it.")})


class NoteForm(forms.Form):
    signal = forms.Whole(max_value=10**15)
    note = forms.Text(
        max_length=500, error_messages={"required": gettext_lazy("Say what you found. Colleagues read it.")}
    )


class AnswerForm(forms.Form):
    outcome = django_forms.ChoiceField(
        choices=MeasureAppeal.Outcome.choices,
        error_messages={"required": gettext_lazy("Say whether it stands or is lifted.")},
    )
    answer = forms.Text(
        max_length=2000, error_messages={"required": gettext_lazy("Write to the customer what you found.")}
    )


# --- doors ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """One door. do(found, form, reader) calls the service and gives the row whose page comes next."""

    right: str
    do: Callable
    form: type[forms.Form] = Nothing


class Acting(ReadPage):
    """Pages of our own, and a POST door for each thing that can be done there. page: draws one row."""

    ACTS: dict[str, Act] = {}
    template = ""

    def get_urls(self):
        door, name = self.admin_site.door, f"aftersales_{self.opts.model_name}"
        own = [
            path(f"<int:pk>/{key}/", door(self.view_of(key, act), act.right), name=f"{name}_{key}")
            for key, act in self.ACTS.items()
        ]
        return [*own, *super().get_urls()]

    def read_view(self, request, object_id):
        return self._page(request, self._found(object_id))

    def _found(self, pk):
        text = str(pk)
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise NotThere
        found = self.rows().filter(pk=int(text)).first()
        if found is None:
            raise NotThere
        return found

    def _page(self, request: HttpRequest, found, *, status: int = 200, **more) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= self.told(found, reader_of(request)) | more
        return TemplateResponse(request, self.template, context, status=status)

    def view_of(self, key: str, act: Act):
        @require_POST
        def view(request, pk):
            return self._do(request, self._found(pk), key, act)

        return view

    def _do(self, request: HttpRequest, found, key: str, act: Act) -> HttpResponse:
        """Wrong input or a refusal: the page again with what was typed and what is true now."""
        extra = {"currency": found.customer.merchant.currency} if act.form is TermsForm else {}
        form = act.form(request.POST, **extra)
        if not form.is_valid():
            return self._page(request, found, status=422, wrong=form, wrong_act=key)
        try:
            row = act.do(found, form, reader_of(request))
        except NotAllowed as refused:
            return self._page(request, self._found(found.pk), status=403, overtaken=str(refused.message))
        except NotThere:
            raise
        except Invalid as refused:
            form.refuse(refused)
            return self._page(request, self._found(found.pk), status=422, wrong=form, wrong_act=key)
        except Refused as refused:
            return self._page(request, self._found(found.pk), status=refused.status, overtaken=str(refused.message))
        messages.success(request, _("Done."))
        return redirect(reverse(f"admin:aftersales_{row._meta.model_name}_change", args=[row.pk]))


def _acting(reader: Reader) -> dict:
    return {"by": reader.actor, "now": reader.now}


# --- a customer's credit ----------------------------------------------------------------------------------


def _measure(found: Standing, form: TermsForm, reader: Reader) -> Measure:
    return measures.decide_anew(found.customer, form.terms, **_acting(reader))


def _dismiss(found: Standing, form: NoteForm, reader: Reader) -> Standing:
    if not found.customer.signals.filter(pk=form.cleaned_data["signal"]).exists():
        raise NotThere
    signals.dismiss_signal(form.cleaned_data["signal"], note=form.cleaned_data["note"], **_acting(reader))
    return found


@admin.register(Standing)
class StandingAdmin(Acting, admin.ModelAdmin):
    """Customers by score; one of them with the reasons, the signals and the measures."""

    ACTS = {
        "measure": Act("aftersales.decide_measure", _measure, TermsForm),
        "dismiss": Act("aftersales.decide_measure", _dismiss, NoteForm),
    }
    template = "admin/desk/credit.html"
    list_display = ("who", "shop", "score", "level_in_words", "scored")
    list_filter = ("level",)
    search_fields = ("customer__name", "=customer__phone", "=customer__external_id")
    ordering = ("-score", "-pk")
    list_select_related = ("customer__merchant",)

    def rows(self):
        return Standing.objects.select_related("customer__merchant", "customer__user")

    def told(self, found: Standing, reader: Reader) -> dict:
        return credit.credit_page(found, reader)

    @admin.display(description=gettext_lazy("customer"), ordering="customer__name")
    def who(self, row):
        return row.customer.name

    @admin.display(description=gettext_lazy("shop"))
    def shop(self, row):
        return shop_name(row.customer.merchant)

    @admin.display(description=gettext_lazy("level"), ordering="level")
    def level_in_words(self, row):
        return credit_texts.LEVELS[row.level]

    @admin.display(description=gettext_lazy("looked at"), ordering="scored_at")
    def scored(self, row):
        return row.scored_at


# --- measures ---------------------------------------------------------------------------------------------


def _decide(found: Measure, form: TermsForm, reader: Reader) -> Measure:
    return measures.decide(found.pk, form.terms, **_acting(reader))


def _of_measure(service: Callable) -> Callable:
    return lambda found, form, reader: service(found.pk, **form.cleaned_data, **_acting(reader))


def _answer(found: Measure, form: AnswerForm, reader: Reader) -> Measure:
    waits = found.appeals.filter(answered_at=None).first()
    if waits is None:
        raise NotThere
    answers.answer_appeal(waits.pk, **form.cleaned_data, **_acting(reader))
    return found


class WaitingFilter(admin.SimpleListFilter):
    """What waits for a person: proposals, second persons, appeals; or what is in force."""

    title, parameter_name = gettext_lazy("waits for"), "waits"

    def lookups(self, request, model_admin):
        return [
            ("person", _("a decision")), ("appeal", _("an answer to an appeal")), ("force", _("nothing: in force")),
        ]  # fmt: skip

    def queryset(self, request, queryset):
        if self.value() == "person":
            return queryset.filter(state__in=states.WAITING)
        if self.value() == "appeal":
            return queryset.filter(pk__in=queries.open_appeals().values("measure"))
        return queryset.filter(state=states.IN_FORCE) if self.value() == "force" else queryset


@admin.register(Measure)
class MeasureAdmin(Acting, admin.ModelAdmin):
    """Proposals and measures; one of them with its evidence, its history, its appeals and its buttons."""

    ACTS = {
        "decide": Act("aftersales.decide_measure", _decide, TermsForm),
        "agree": Act("aftersales.agree_to_measure", _of_measure(measures.agree)),
        "decline": Act("aftersales.decide_measure", _of_measure(measures.decline), WhyForm),
        "lift": Act("aftersales.decide_measure", _of_measure(measures.lift), WhyForm),
        "answer": Act("aftersales.answer_measure_appeal", _answer, AnswerForm),
    }
    template = "admin/desk/measure.html"
    list_display = ("number", "who", "shop", "kind", "state_in_words", "until")
    list_filter = (WaitingFilter, "kind")
    search_fields = ("customer__name", "=customer__phone")
    list_select_related = ("customer__merchant",)

    def rows(self):
        return Measure.objects.select_related("customer__merchant", "customer__user", "customer__standing")

    def told(self, found: Measure, reader: Reader) -> dict:
        return credit.measure_page(found, reader)

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, row):
        return measures.number_of(row)

    @admin.display(description=gettext_lazy("customer"))
    def who(self, row):
        return ui.mask_name(row.customer.name)

    @admin.display(description=gettext_lazy("shop"))
    def shop(self, row):
        return shop_name(row.customer.merchant)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_in_words(self, row):
        return STATES[row.state]
