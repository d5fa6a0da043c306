"""The platform's drafts on trial: one page a draft, to try it, read what would change, publish or discard it."""

from django.contrib import admin, messages
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.policy import queries as policies
from aftersales.policy.forms import PublishForm
from aftersales.policy.models import PolicyVersion
from aftersales.replay import presenting, queries, services, words
from aftersales.replay.forms import ReplayForm
from aftersales.replay.models import Trial
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, Refused
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.tables import csv_answer

MAY_TRY = "aftersales.change_policyversion"
MAY_LOOK = "aftersales.view_trial"


def actor(request) -> Actor:
    return Actor("support", str(request.user.pk), request.user.get_username())


@admin.register(Trial)
class TrialAdmin(LookOnly, admin.ModelAdmin):
    """What was tried of the platform's drafts; each row leads to its draft's page. What a shop tries is its own."""

    list_display = ("version", "kind", "merchant", "judged", "changed", "asked_at", "asked_by", "ending")
    list_filter = ("kind", "ending")
    list_select_related = ("version", "merchant")
    list_per_page, show_full_result_count = 50, False

    @admin.display(description=gettext_lazy("another answer"))
    def changed(self, trial) -> int:
        return presenting.changed(trial)

    def get_queryset(self, request):
        return super().get_queryset(request).filter(version__isnull=False)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _("Drafts that were tried")} | (extra_context or {}))

    def get_urls(self):
        doors = {
            "draft/<int:pk>/": (self.draft, MAY_LOOK, "draft"),
            "draft/<int:pk>/replay/": (self.replay, MAY_TRY, "replay"),
            "draft/<int:pk>/shadow/": (self.shadow, MAY_TRY, "shadow"),
            "draft/<int:pk>/discard/": (self.discard, MAY_TRY, "discard"),
            "<int:pk>/stop/": (self.stop, MAY_TRY, "stop"),
            "<int:pk>/cases.csv": (self.cases_csv, MAY_LOOK, "csv"),
        }
        own = [
            path(address, self.admin_site.door(view, right), name=f"aftersales_trial_{name}")
            for address, (view, right, name) in doors.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        trial = self.get_object(request, object_id)
        if trial is None or not self.has_view_permission(request, trial):
            return super().change_view(request, object_id, form_url, extra_context)
        return _to_draft(trial.version_id, trial)

    # --- the page ---

    def draft(self, request, pk: int, form: ReplayForm | None = None, status: int = 200):
        version = get_object_or_404(PolicyVersion, pk=pk)
        trials = list(queries.trials_of(version)[: presenting.MOST_TRIALS])
        shown, content = presenting.asked_for(trials, request.GET), queries.digest(version)
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "version": version,
            "trials": [presenting.found(trial, content=content) for trial in trials],
            "shown": shown and presenting.found(shown, content=content),
            "running": {trial.kind: trial for trial in trials if trial.is_running},
            "may_try": request.user.has_perm(MAY_TRY),
            "form": form or ReplayForm(),
            "publish_form": PublishForm(),
            "not_worked_out": _not_worked_out(version),
            **(presenting.list_of(shown, request) if shown else {}),
        }
        return TemplateResponse(request, "admin/replay/draft.html", context, status=status)

    def cases_csv(self, request, pk: int):
        trial = get_object_or_404(self.get_queryset(request), pk=pk)
        return csv_answer(f"trial-{pk}.csv", presenting.table(presenting.rows_of(trial, request.GET)))

    # --- what is done there ---

    def replay(self, request, pk: int):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = get_object_or_404(PolicyVersion, pk=pk)
        form = ReplayForm(request.POST)
        if not form.is_valid():
            return self.draft(request, pk, form, status=422)
        try:
            trial = services.replay(version, **form.scope, by=actor(request), now=clock.now())
        except Invalid as no:
            form.refuse(no)
            return self.draft(request, pk, form, status=no.status)
        except Refused as no:
            messages.error(request, str(no.message))
            return _to_draft(pk)
        messages.success(request, _("It has begun. You may leave this page and come back."))
        return _to_draft(pk, trial)

    def shadow(self, request, pk: int):
        version = get_object_or_404(PolicyVersion, pk=pk)
        told = _("From now on the draft answers each new case as well, without any effect.")
        return self._done(request, pk, lambda: services.shadow(version, by=actor(request), now=clock.now()), told)

    def stop(self, request, pk: int):
        trial = get_object_or_404(self.get_queryset(request), pk=pk)
        return self._done(request, trial.version_id, lambda: services.stop(pk, now=clock.now()), _("It is stopped."))

    def discard(self, request, pk: int):
        version = get_object_or_404(PolicyVersion, pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            services.discard(version)
        except Refused as no:
            messages.error(request, str(no.message))
            return _to_draft(pk)
        messages.success(request, _("Version %(number)s is discarded.") % {"number": version.number})
        return redirect("admin:aftersales_policyversion_changelist")

    def _done(self, request, pk: int, act, told: str):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            trial = act()
        except Refused as no:
            messages.error(request, str(no.message))
            return _to_draft(pk)
        messages.success(request, told)
        return _to_draft(pk, trial)


def _to_draft(pk: int, trial: Trial | None = None):
    answer = redirect("admin:aftersales_trial_draft", pk)
    if trial is not None:
        answer["Location"] += f"?trial={trial.pk}"
    return answer


def _not_worked_out(version: PolicyVersion) -> list[str]:
    if not version.is_draft:
        return []
    try:
        return words.not_worked_out(policies.compiled_version(version), policies.in_force(clock.now()))
    except Invalid:
        return []
