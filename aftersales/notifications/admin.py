"""Staff see what people were told and what could not be sent, and let it be tried again."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aftersales.notifications import queries
from aftersales.notifications.models import Notice
from aftersales.notifications.services import send_again
from returns_platform.kernel import clock, ui
from returns_platform.kernel.look_only import LookOnly


class GivenUp(admin.SimpleListFilter):
    title = _("given up")
    parameter_name = "given_up"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes"))]

    def queryset(self, request, queryset):
        return queryset.filter(pk__in=queries.given_up()) if self.value() == "yes" else queryset


@admin.register(Notice)
class NoticeAdmin(LookOnly, admin.ModelAdmin):
    """Read only; phone and mailbox are masked, and the text, which may name them, is left out."""

    list_display = ("case_ref", "event", "channel", "masked_address", "created_at", "sent_at", "tries", "last_error")
    list_filter = (GivenUp, "channel", "event")
    search_fields = ("case_ref",)
    date_hierarchy = "created_at"
    fields = (
        "case_ref", "event", "channel", "masked_address", "language", "subject", "created_at", "sent_at", "read_at",
        "next_try_at", "tries", "last_error",
    )  # fmt: skip
    actions = ("try_again",)

    def has_send_again_permission(self, request):
        return request.user.has_perm("aftersales.send_again")

    @admin.display(description=_("sent to"))
    def masked_address(self, notice):
        return ui.mask_email(notice.address) if "@" in notice.address else ui.mask_phone(notice.address)

    @admin.action(description=_("Send again"), permissions=["send_again"])
    def try_again(self, request, queryset):
        chosen = list(queryset.filter(pk__in=queries.given_up()).values_list("pk", flat=True))
        for pk in chosen:
            send_again(pk, now=clock.now())
        said = ngettext("%(n)s notice is sent again.", "%(n)s notices are sent again.", len(chosen))
        messages.success(request, said % {"n": len(chosen)})
