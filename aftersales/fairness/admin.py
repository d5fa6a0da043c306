"""The platform's page of fairness: every shop under every policy, and the same as a file."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from aftersales.fairness import presenting, queries
from aftersales.fairness.models import Fairness
from returns_platform.kernel import clock, pages
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.tables import csv_answer

MAY_LOOK = "aftersales.view_fairness"


@admin.register(Fairness)
class FairnessAdmin(LookOnly, admin.ModelAdmin):
    """Two addresses and no more: there are no rows to open."""

    def get_urls(self):
        door = self.admin_site.door
        return [
            path("", door(self.page, MAY_LOOK), name="aftersales_fairness_changelist"),
            path("fairness.csv", door(self.csv, MAY_LOOK), name="aftersales_fairness_csv"),
        ]

    def page(self, request):
        span = pages.one_of(request.GET, "days", presenting.SPANS, presenting.DEFAULT_SPAN)
        counted = _counted(span)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Fairness of shops and policies"),
            "heads": presenting.heads(),
            "rows": presenting.rows(counted),
            "few_note": presenting.few_note(),
            "spans": presenting.spans(),
            "span": span,
        }
        return TemplateResponse(request, "admin/fairness/fairness.html", context)

    def csv(self, request):
        span = pages.one_of(request.GET, "days", presenting.SPANS, presenting.DEFAULT_SPAN)
        return csv_answer("fairness.csv", presenting.table(_counted(span)))


def _counted(span: str) -> queries.Counted:
    now = clock.now()
    return queries.answers(since=presenting.since(span, now), until=now)
