"""The platform's people list independent inspectors, have units looked at, and enter what was reported."""

from django.contrib import admin, messages
from django.db.models import F
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aftersales.desk import queries
from aftersales.evidence.models import Evidence
from aftersales.evidence.services import keep_report
from aftersales.examination.forms import AskForm, ReportForm
from aftersales.examination.models import Examination, Examiner
from aftersales.examination.presenting import told_of
from aftersales.examination.services import ask_examiner, call_off, report_finding
from aftersales.returns.models import ReturnRequest
from returns_platform.kernel import clock, pages
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere, Refused
from returns_platform.kernel.look_only import LookOnly

MAY_RUN = "aftersales.run_examination"


@admin.register(Examiner)
class ExaminerAdmin(admin.ModelAdmin):
    """Asked before, an inspection keeps its fee."""

    list_display = ("name", "credentials", "fee", "currency", "days", "is_listed")
    search_fields = ("name", "name_en")

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Examination)
class ExaminationAdmin(LookOnly, admin.ModelAdmin):
    """Those that wait for their report first; each leads to the page of its case."""

    list_display = ("case", "examiner", "asked_at", "due_at", "reported_at", "finding", "payer")
    list_display_links = None
    fields = ("request", "examiner", "asked_at", "due_at", "reported_at", "finding", "payer")
    list_filter = ("finding", "examiner")
    search_fields = ("=request__return_no",)
    list_select_related = ("request", "examiner")
    ordering = (F("reported_at").asc(nulls_first=True), "due_at", "pk")

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": _("Independent inspections")} | (extra_context or {}))

    def get_queryset(self, request):
        seen = queries.cases_for(request.user, now=clock.now()).values("pk")
        return super().get_queryset(request).filter(request__in=seen)

    @admin.display(description=_("request"))
    def case(self, row) -> str:
        address = reverse("admin:aftersales_examination_case", args=[row.request_id])
        return format_html('<a href="{}">{}</a>', address, row.request.return_no)

    def get_urls(self):
        door = self.admin_site.door(self.case_view, MAY_RUN)
        return [path("case/<int:pk>/", door, name="aftersales_examination_case"), *super().get_urls()]

    @method_decorator(pages.repeats("page", "file"))
    def case_view(self, request, pk):
        """POST do=ask; do=report or call_off with the key of one of the case's."""
        row = queries.case_for(request.user, pk, now=clock.now())
        do, by = request.POST.get("do", ""), _actor(request.user)
        ask = AskForm(request.POST if do == "ask" else None, row=row)
        report, kept, told = ReportForm(request.POST if do == "report" else None), [], ""
        try:
            if do == "ask" and ask.is_valid():
                ask_examiner(row.pk, **ask.wish, by=by, now=clock.now())
                return self._done(request, row)
            if do == "report":
                one, kept = _one(request, row), _pages(request, row, by)
                if report.is_valid():
                    said, ids = report.cleaned_data, tuple(page.public_id for page in kept)
                    report_finding(one.pk, **said, report=ids, by=by, now=clock.now())
                    return self._done(request, row)
            if do == "call_off":
                call_off(_one(request, row).pk, by=by, now=clock.now())
                return self._done(request, row)
        except NotThere:
            raise
        except Refused as refused:
            told = str(next(iter(refused.fields.values()), refused.message))
        status = 422 if told or ask.errors or report.errors else 200
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": row.return_no, "row": row,
            "examined": told_of(row, now=clock.now()), "ask_form": ask, "report_form": report, "kept": kept,
            "told": told,
        }  # fmt: skip
        return TemplateResponse(request, "admin/desk/examination.html", context, status=status)

    def _done(self, request, row):
        messages.success(request, _("Saved."))
        return redirect(reverse("admin:aftersales_returnrequest_change", args=[row.pk]))


def _one(request, row: ReturnRequest) -> Examination:
    pk = pages.whole(request.POST, "examination", default=0, least=0, most=10**9)
    one = Examination.objects.filter(request=row, pk=pk).first()
    if one is None:
        raise NotThere
    return one


def _pages(request, row: ReturnRequest, by: Actor) -> list[Evidence]:
    """Pages that were kept with a form that was wrong, and those of the files that came now."""
    names = [text for text in request.POST.getlist("page") if len(text) == 36]
    try:
        kept = list(Evidence.objects.filter(public_id__in=names, order=row.order, case_ref="", by_kind="support"))
    except ValueError:
        kept = []
    for upload in request.FILES.getlist("file")[:20]:
        kept += keep_report(upload, merchant=row.merchant, order=row.order, by=by, now=clock.now())
    return kept


def _actor(user) -> Actor:
    return Actor("support", str(user.pk), user.get_full_name() or user.get_username())
