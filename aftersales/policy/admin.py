"""Policy versions in the staff's admin: drafts with typed rows to edit, published versions to read."""

from datetime import timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Refused

from . import queries, services, vocabulary, wording
from .clause_models import ClauseRow, ClauseVersion
from .forms import WORDS_ID, PublishForm, RuleForm, RuleRows, WindowForm, WindowRows
from .models import OffDay, PolicyVersion, RuleRow, WindowRow

# Windows that start now may end that much later: the off days of that year matter already.
_AHEAD = timedelta(days=60)
_NOT_PUBLISHED = gettext_lazy(
    "The off days of %(year)s are not entered yet. Until then only 1 January, 1 May and 1 to 3 October count."
)
_CHANGE_PAGE = "admin:aftersales_policyversion_change"


_FOLDED = {"classes": ["collapse"]}
FIELDSETS = [
    (None, {"fields": ["note", ("number", "state", "starts_at"), ("published_at", "published_by")]}),
    (
        gettext_lazy("How long everybody has"),
        _FOLDED
        | {
            "fields": [
                "merchant_answer_hours", "evidence_hours", "customer_send_days", "merchant_count_hours",
                "inspection_days", "exchange_pay_hours", "platform_call_days", "grace_coupon_days",
                "no_scan_buffer_days", "max_attempts",
            ]
        },
    ),
    (
        gettext_lazy("What is paid back, and what is deducted"),
        _FOLDED
        | {
            "fields": [
                "broken_threshold", "tender_strategy", "deduct_pickup", "deduct_waived_freight",
                "deduct_points_shortfall", "point_value", "expired_coupon", "fresh_ladder", "balance_bonus_bp",
                "return_freight_cost", "return_freight_cap",
            ]
        },
    ),
    (gettext_lazy("Care before money leaves"), _FOLDED | {"fields": ["second_person_above", "hold_s"]}),
]  # fmt: skip


class DraftRows(admin.StackedInline):
    """Rows of a version, each folded into a line of words: to edit while it is a draft, to read afterwards."""

    template = "admin/aftersales/policyversion/rows.html"

    extra = 1

    def get_formset(self, request, obj=None, **kwargs):
        # A forged count of rows is cut off here, and not after a thousand forms were drawn.
        return super().get_formset(request, obj, absolute_max=self.max_num + 1, **kwargs)

    def has_add_permission(self, request, obj=None):
        return _may_edit(request, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return _may_edit(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return _may_edit(request, obj) and super().has_delete_permission(request, obj)


class WindowInline(DraftRows):
    model = WindowRow
    form = WindowForm
    formset = WindowRows
    max_num = services.MOST_WINDOWS


class RuleInline(DraftRows):
    model = RuleRow
    form = RuleForm
    formset = RuleRows
    max_num = services.MOST_RULES
    ordering = ["priority", "id"]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin):
    list_display = ["number", "state", "starts_at", "published_by", "note"]
    list_filter = ["state"]
    readonly_fields = ["number", "state", "starts_at", "published_at", "published_by"]
    fieldsets = FIELDSETS
    inlines = [WindowInline, RuleInline]
    change_form_template = "admin/aftersales/policyversion/change_form.html"

    def has_add_permission(self, request):
        # A new version always begins as a draft of an earlier one.
        return False

    def has_change_permission(self, request, obj=None):
        return _may_edit(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False  # a draft is discarded where it is tried, with what was tried

    def get_urls(self):
        doors = {"draft": self.draft_view, "publish": self.publish_view, "withdraw": self.withdraw_view}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.door(view, "aftersales.change_policyversion"),
                name=f"aftersales_policyversion_{name}",
            )
            for name, view in doors.items()
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        allowed = super().has_change_permission(request)
        context |= {"known_words": vocabulary.known_words(), "words_id": WORDS_ID}
        context["can_be_drafted"] = allowed and obj is not None
        context["can_be_published"] = allowed and obj is not None and obj.is_draft
        context["can_be_withdrawn"] = allowed and obj is not None and obj.can_be_withdrawn(timezone.now())
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def draft_view(self, request, pk):
        version = self._posted(request, pk)
        draft = services.draft_from(version, note=_("from version %(number)s") % {"number": version.number})
        messages.success(request, _("Version %(number)s is a draft now.") % {"number": draft.number})
        return redirect(_CHANGE_PAGE, draft.pk)

    def withdraw_view(self, request, pk):
        version = self._posted(request, pk)
        self._told(request, lambda: services.withdraw(version, now=timezone.now()), _("It will not start."))
        return redirect(_CHANGE_PAGE, pk)

    def publish_view(self, request, pk):
        version = self._allowed(request, pk)
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and self._publish(request, version, form):
            return redirect(_CHANGE_PAGE, pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "version": version,
            "form": form,
        }
        return TemplateResponse(request, "admin/aftersales/policyversion/publish.html", context)

    def _publish(self, request, version, form) -> bool:
        by = Actor("support", str(request.user.pk), request.user.get_username())
        try:
            services.publish(version, starts_at=form.starts_at, by=by, now=timezone.now())
        except Refused as refused:
            form.add_error("day" if refused.fields else None, str(refused.message))
            return False
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
            return False
        messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
        return True

    def _told(self, request, act, done: str) -> None:
        try:
            act()
        except Refused as refused:
            messages.error(request, str(refused.message))
        else:
            messages.success(request, done)

    def _posted(self, request, pk) -> PolicyVersion:
        if request.method != "POST":
            raise PermissionDenied
        return self._allowed(request, pk)

    def _allowed(self, request, pk) -> PolicyVersion:
        if not super().has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(PolicyVersion, pk=pk)


class ClauseInline(admin.TabularInline):
    model = ClauseRow
    fields = readonly_fields = ["for_whom", "in_words"]
    can_delete = False

    @admin.display(description=gettext_lazy("for"))
    def for_whom(self, row):
        return wording.scope(queries.clause(row))

    @admin.display(description=gettext_lazy("what the shop gives"))
    def in_words(self, row):
        return wording.sentence(queries.clause(row), currency=row.version.merchant.currency)

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(ClauseVersion)
class ClauseVersionAdmin(admin.ModelAdmin):
    """To read: only the shop itself edits what it gives."""

    list_display = ["merchant", "number", "state", "starts_at", "note"]
    list_filter = ["state"]
    list_select_related = ["merchant"]
    search_fields = ["merchant__code", "merchant__name"]
    inlines = [ClauseInline]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(OffDay)
class OffDayAdmin(admin.ModelAdmin):
    list_display = ["date", "is_off"]
    date_hierarchy = "date"

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # a day that works after all says so

    def changelist_view(self, request, extra_context=None):
        year = (timezone.now() + _AHEAD).year
        if not queries.off_days_now().known(year):
            messages.warning(request, _NOT_PUBLISHED % {"year": year})
        return super().changelist_view(request, extra_context)


def _may_edit(request, version) -> bool:
    return version is None or version.is_draft
