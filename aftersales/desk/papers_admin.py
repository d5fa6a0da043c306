"""Documents for the people who look after money: lists to search, each with its copies."""

from django.contrib import admin, messages
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from aftersales.returns.papers import LANGUAGES, language_of, red_letter_paper
from aftersales.returns.services.invoices import ask_again
from aftersales.returns.views.papers import send_pdf
from refunds.documents import services
from refunds.documents.models import RedLetterMove, RedLetterRequest, Voucher
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere, Refused
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.money import yuan


def copies(address: str) -> str:
    """One link to the PDF in each language."""
    return format_html_join(
        " · ",
        '<a href="{}?in={}" lang="{}">{}</a>',
        [(address, code, code, name) for code, name in LANGUAGES.items()],
    )


@admin.register(Voucher)
class VoucherAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("number", "merchant", "case_ref", "refund", "sum", "arrived_at", "cancelled", "pdf")
    list_filter = ("merchant",)
    search_fields = ("=number", "=case_ref", "=refund__number")
    list_select_related = ("merchant", "refund", "cancellation")
    fields = ("number", "merchant", "case_ref", "refund", "sum", "arrived_at", "issued_at", "cancelled", "pdf")
    ordering = ("-pk",)

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, voucher) -> str:
        return yuan(voucher.amount, voucher.currency)

    @admin.display(description=_("cancelled"), boolean=True)
    def cancelled(self, voucher) -> bool:
        return voucher.is_cancelled

    @admin.display(description="PDF")
    def pdf(self, voucher) -> str:
        return copies(reverse("aftersales:voucher", args=[voucher.number]))


class RedLetterMoves(LookOnly, admin.TabularInline):
    model = RedLetterMove
    extra = 0
    fields = ("seq", "from_state", "to_state", "by_kind", "by_name", "at")


@admin.register(RedLetterRequest)
class RedLetterAdmin(LookOnly, admin.ModelAdmin):
    """Finance confirms a request with the number the tax system gave, or cancels it."""

    list_display = (
        "number",
        "merchant",
        "case_ref",
        "invoice_number",
        "sum",
        "state",
        "red_number",
        "requested_at",
        "pdf",
    )
    list_filter = ("state", "merchant")
    search_fields = ("=number", "=case_ref", "=invoice_number", "=red_number")
    list_select_related = ("merchant",)
    fields = ("number", "merchant", "case_ref", "invoice_number", "sum", "tax_in_it", "state", "red_number", "pdf")
    ordering = ("-pk",)
    inlines = (RedLetterMoves,)
    actions = ("cancel", "again")

    def get_urls(self):
        door = self.admin_site.door(self.pdf_view, "refunds.view_redletterrequest")
        mine = path("<int:pk>/pdf/", door, name="refunds_redletterrequest_pdf")
        return [mine, *super().get_urls()]

    def pdf_view(self, request, pk: int):
        row = RedLetterRequest.objects.select_related("merchant", "order").filter(pk=pk).first()
        if row is None:
            raise NotThere
        services.note_read(row.number, by=_actor(request), now=clock.now())
        return send_pdf(red_letter_paper(row, language=language_of(request.GET.get("in", ""))))

    def has_change_permission(self, request, obj=None) -> bool:
        return self.has_settle_permission(request) and (obj is None or obj.is_open)

    def has_settle_permission(self, request) -> bool:
        return request.user.has_perm("refunds.settle_red_letter")

    def get_readonly_fields(self, request, obj=None):
        return [name for name in self.fields if name != "red_number"]

    def save_model(self, request, row, form, change):
        try:
            services.confirm_red_letter(row.pk, row.red_number, by=_actor(request), now=clock.now())
        except Refused as no:
            self.message_user(request, no.message, messages.ERROR)

    @admin.action(description=_("Cancel the request"), permissions=["settle"])
    def cancel(self, request, queryset):
        for row in queryset.order_by("pk"):
            try:
                services.cancel_red_letter(row.pk, by=_actor(request), now=clock.now())
            except Refused as no:
                self.message_user(request, f"{row}: {no.message}", messages.ERROR)

    @admin.action(description=_("Ask again for what was cancelled"), permissions=["settle"])
    def again(self, request, queryset):
        for row in queryset.order_by("pk"):
            try:
                ask_again(row.pk, by=_actor(request), now=clock.now())
            except Refused as no:
                self.message_user(request, f"{row}: {no.message}", messages.ERROR)

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, row) -> str:
        return yuan(row.amount, row.currency)

    @admin.display(description=_("tax"))
    def tax_in_it(self, row) -> str:
        return yuan(row.tax, row.currency)

    @admin.display(description="PDF")
    def pdf(self, row) -> str:
        return copies(reverse("admin:refunds_redletterrequest_pdf", args=[row.pk]))


def _actor(request) -> Actor:
    return Actor("support", str(request.user.pk), request.user.get_username())
