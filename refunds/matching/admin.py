"""Staff look at differences with the channels, close them, and import bills. Everything is done by services."""

from datetime import date
from functools import partial

from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from refunds.matching import presenting, queries, services, texts
from refunds.matching.forms import BillForm
from refunds.matching.models import ExternalRefund, StatementDay
from refunds.payouts.models import Break
from returns_platform.kernel import clock, forms, references, ui
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, Refused
from returns_platform.kernel.look_only import LookOnly

MOST = 10_000_000_000  # minor units
LOOKED_AT_S = 1800  # how long a file that was looked at waits to be imported


def _parts(sent, currency: str) -> dict[int, int]:
    """{payment key: minor units} of the fields that were filled in. Raises Invalid for what is no sum."""
    field, parts = forms.Money(currency=currency, max_value=MOST, required=False), {}
    for name, typed in sent.items():
        key = name.removeprefix("part-")
        if name.startswith("part-") and key.isascii() and key.isdigit() and len(key) < 19:
            try:
                parts[int(key)] = field.clean(typed) or 0
            except ValidationError as wrong:
                raise Invalid(fields={"parts": wrong.messages[0]}) from wrong
    return parts


def actor(request) -> Actor:
    return Actor("support", str(request.user.pk), request.user.get_username())


# --- filters ----------------------------------------------------------------------------------------------


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = _("kind"), "kind"

    def lookups(self, request, model_admin):
        return [(code, said.name) for code, said in texts.KINDS.items()]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() in texts.KINDS else queryset


class ChannelFilter(admin.SimpleListFilter):
    title, parameter_name = _("channel"), "channel"
    column = "channel"

    def lookups(self, request, model_admin):
        return [(code, presenting.channel_name(code)) for code in queries.channels()]

    def queryset(self, request, queryset):
        known = self.value() in queries.channels()
        return queryset.filter(**{self.column: self.value()}) if known else queryset


class SourceFilter(ChannelFilter):
    column = "source"


class OwnerFilter(admin.SimpleListFilter):
    title, parameter_name = _("owner"), "owner"

    def lookups(self, request, model_admin):
        return [("me", _("mine")), ("nobody", _("nobody's"))]

    def queryset(self, request, queryset):
        rows = {"me": {"owner": request.user}, "nobody": {"owner": None}}
        return queryset.filter(**rows.get(self.value(), {}))


class AgeFilter(admin.SimpleListFilter):
    title, parameter_name = _("age"), "age"

    def lookups(self, request, model_admin):
        return [("overdue", _("over three days")), ("second", _("waits for a second person"))]

    def queryset(self, request, queryset):
        match self.value():
            case "overdue":
                return queryset.filter(pk__in=queries.overdue_breaks(clock.now()).values("pk"))
            case "second":
                return queryset.filter(closed_at=None, proposed_at__isnull=False)
        return queryset


# --- differences ------------------------------------------------------------------------------------------


@admin.register(Break)
class BreakAdmin(LookOnly, admin.ModelAdmin):
    """The oldest first; each with its owner, its age and the money that is not matched."""

    list_display = ("what", "about", "where", "sum", "age", "who", "closed")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), OwnerFilter, AgeFilter, KindFilter, SourceFilter)
    list_select_related = ("owner",)
    search_fields = ("number", "reference")
    ordering = ("opened_at", "pk")
    list_per_page, show_full_result_count = 50, False

    @admin.display(description=_("difference"))
    def what(self, found) -> str:
        return texts.kind(found.kind).name

    @admin.display(description=_("number"), ordering="number", empty_value="–")
    def about(self, found) -> str | None:
        return found.number or None

    @admin.display(description=_("channel"), ordering="source")
    def where(self, found) -> str:
        return presenting.channel_name(found.source)

    @admin.display(description=_("not matched"), ordering="amount")
    def sum(self, found) -> str:
        return ui.money(found.amount, found.currency) if found.amount else "–"

    @admin.display(description=_("open for"), ordering="opened_at")
    def age(self, found) -> str:
        return ui.span((found.closed_at or clock.now()) - found.opened_at)

    @admin.display(description=_("owner"), ordering="owner", empty_value="–")
    def who(self, found) -> str | None:
        return found.owner and found.owner.get_username()

    @admin.display(description=_("closed"), ordering="closed_at")
    def closed(self, found) -> str:
        if found.awaits_second_person:
            return str(_("waits for a second person"))
        return texts.reason(found.reason) if found.closed_at else "–"

    def get_urls(self):
        doors = {
            "assign": self.assign, "close": self.close, "confirm": self.confirm, "refuse": self.refuse,
            "link": self.link, "place": self.place,
        }  # fmt: skip
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.door(view, "refunds.change_break"),
                name=f"refunds_break_{name}",
            )
            for name, view in doors.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_object(request, object_id)
        if found is None or not self.has_view_permission(request, found):
            return super().change_view(request, object_id, form_url, extra_context)
        return self._page(request, found)

    def assign(self, request, pk: int):
        to = request.POST.get("owner", "")
        act = partial(services.assign_break, to=int(to) if to.isascii() and to.isdigit() and len(to) < 10 else 0)
        return self._do(request, pk, "assign", act, _("It is with %(who)s now."))

    def close(self, request, pk: int):
        act = partial(
            services.close_break, reason=request.POST.get("reason", ""), proof=request.POST.get("proof", "")[:500]
        )
        return self._do(request, pk, "close", act, "")

    def confirm(self, request, pk: int):
        return self._do(request, pk, "confirm", services.confirm_closing, "")

    def refuse(self, request, pk: int):
        act = partial(services.refuse_closing, why=request.POST.get("why", "")[:500])
        return self._do(request, pk, "refuse", act, _("It is open again."))

    def link(self, request, pk: int):
        act = partial(services.link_external, number=request.POST.get("number", "")[:64])
        return self._do(request, pk, "link", act, _("The row belongs to that refund now."))

    def place(self, request, pk: int):
        """The sums are read in the currency of the channel's row."""

        def act(pk, *, by, now):
            currency = get_object_or_404(Break, pk=pk).theirs.get("currency") or "CNY"
            return services.place_break(pk, parts=_parts(request.POST, currency), by=by, now=now)

        return self._do(request, pk, "place", act, _("It is booked on these orders."))

    def _do(self, request, pk: int, form: str, act, done):
        """One step of a person: back to the page with what became of it, or the page again with what was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        found = get_object_or_404(Break, pk=pk)
        try:
            found = act(pk, by=actor(request), now=clock.now())
        except Refused as no:
            return self._page(request, found, form=form, wrong=no)
        told = done or (_("It is closed.") if found.closed_at else _("A second person has to agree to this."))
        messages.success(request, told % {"who": found.owner} if "%" in str(told) else told)
        return redirect("admin:refunds_break_change", pk)

    def _page(self, request, found: Break, *, form: str = "", wrong: Refused | None = None):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": texts.kind(found.kind).name,
            "form": form,
            "typed": request.POST if form else {},
            "wrongs": [str(text) for text in wrong.fields.values()] or [str(wrong.message)] if wrong else [],
            **presenting.break_page(found, user=request.user, now=clock.now()),
        }
        status = wrong.status if wrong else 200
        return TemplateResponse(request, "admin/matching/break.html", context, status=status)


# --- bills ------------------------------------------------------------------------------------------------


@admin.register(StatementDay)
class StatementDayAdmin(LookOnly, admin.ModelAdmin):
    """Each day of each channel: what we asked for, what arrived, what the bill says."""

    list_display = ("on", "where", "state", "rows", "matched", "differ", "asked", "accepted", "arrived", "on_bill",
                    "unmatched")  # fmt: skip
    list_filter = (ChannelFilter, ("file", admin.EmptyFieldListFilter))
    ordering = ("-day", "channel")
    list_per_page, show_full_result_count = 31, False
    change_list_template = "admin/matching/days.html"

    def get_changelist_instance(self, request):
        """The sums of the whole page at once: as many queries for one day as for a month."""
        page = super().get_changelist_instance(request)
        for totals in queries.totals_of(page.result_list):
            totals.day.totals = totals
        page.result_list = list(page.result_list)
        return page

    @admin.display(description=_("day"), ordering="day")
    def on(self, day) -> date:
        return day.day

    @admin.display(description=_("channel"), ordering="channel")
    def where(self, day) -> str:
        return presenting.channel_name(day.channel)

    @admin.display(description=_("bill"))
    def state(self, day) -> str:
        return presenting.day_state(day, now=clock.now())[0]

    @admin.display(description=_("rows"))
    def rows(self, day) -> int:
        return day.totals.rows

    @admin.display(description=_("matched"))
    def matched(self, day) -> int:
        return day.totals.matched

    @admin.display(description=_("differ"))
    def differ(self, day) -> int:
        return day.totals.breaks

    @admin.display(description=_("asked"))
    def asked(self, day) -> str:
        return presenting.sums(day.totals.asked)

    @admin.display(description=_("accepted"))
    def accepted(self, day) -> str:
        return presenting.sums(day.totals.accepted)

    @admin.display(description=_("arrived"))
    def arrived(self, day) -> str:
        return presenting.sums(day.totals.arrived)

    @admin.display(description=_("on the bill"))
    def on_bill(self, day) -> str:
        return presenting.sums(day.totals.on_bill)

    @admin.display(description=_("not matched"))
    def unmatched(self, day) -> str:
        return presenting.sums(day.totals.unmatched)

    def get_urls(self):
        door = self.admin_site.door(self.import_view, "refunds.import_statement")
        return [path("import/", door, name="refunds_statementday_import"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        may = request.user.has_perm("refunds.import_statement")
        return super().changelist_view(request, {"may_import": may} | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        day = self.get_object(request, object_id)
        if day is None or not self.has_view_permission(request, day):
            return super().change_view(request, object_id, form_url, extra_context)
        totals = queries.totals_of([day])[0]
        words, tone = presenting.day_state(day, now=clock.now())
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "day": day, "totals": totals,
            "title": f"{presenting.channel_name(day.channel)}, {day.day}", "state": words, "tone": tone,
            "figures": presenting.day_figures(totals), "rows": presenting.day_rows(day),
            "files": [(file, texts.SOURCES[file.source]) for file in day.files.order_by("-revision")],
        }  # fmt: skip
        return TemplateResponse(request, "admin/matching/day.html", context)

    def import_view(self, request):
        """Look first, then import: the file that was looked at waits half an hour."""
        if request.method == "POST" and request.POST.get("looked_at"):
            return self._import(request, request.POST["looked_at"])
        form = BillForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._look(request, form)
        return self._import_page(request, form, status=422 if form.errors else 200)

    def _look(self, request, form: BillForm):
        channel, day, raw = form.cleaned_data["channel"], form.cleaned_data["day"], form.cleaned_data["file"].read()
        try:
            preview = services.preview_statement(channel, day, raw)
        except Refused as no:
            form.refuse(no)
            return self._import_page(request, form, status=no.status)
        looked_at = references.token(24)
        cache.set(_waiting(request, looked_at), (channel, day.isoformat(), raw), LOOKED_AT_S)
        shown = presenting.preview_facts(preview, channel)
        shown |= {"looked_at": looked_at, "name": presenting.channel_name(channel), "day": day}
        return self._import_page(request, form, preview=shown)

    def _import(self, request, looked_at: str):
        kept = cache.get(_waiting(request, looked_at[:64]))
        if kept is None:
            form = BillForm()
            messages.error(request, _("The file has waited too long. Choose it again."))
            return self._import_page(request, form, status=422)
        channel, day, raw = kept
        try:
            file, new = services.import_statement(
                channel, date.fromisoformat(day), raw, source="by_hand", by=actor(request), now=clock.now()
            )
        except Refused as no:
            messages.error(request, no.message)
            return self._import_page(request, BillForm(), status=no.status)
        cache.delete(_waiting(request, looked_at[:64]))
        told = _("The bill is imported and is being matched.") if new else _("This bill is in force already.")
        messages.success(request, told)
        return redirect("admin:refunds_statementday_change", file.day_id)

    def _import_page(self, request, form: BillForm, *, preview: dict | None = None, status: int = 200):
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Import a bill"), "form": form,
            "preview": preview, "back": reverse("admin:refunds_statementday_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/matching/import.html", context, status=status)


def _waiting(request, looked_at: str) -> str:
    """Only who looked at it can import it."""
    return f"statement:{request.user.pk}:{looked_at}"


@admin.register(ExternalRefund)
class ExternalRefundAdmin(LookOnly, admin.ModelAdmin):
    """Refunds made at a channel past this platform, as they are booked."""

    list_display = ("channel_ref", "order", "sum", "channel", "at", "reserved", "undone_at", "refund")
    list_filter = (ChannelFilter, ("undone_at", admin.EmptyFieldListFilter), "reserved")
    list_select_related = ("order", "refund")
    search_fields = ("channel_ref", "number", "order__order_no")

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, external) -> str:
        return ui.money(external.amount, external.currency)
