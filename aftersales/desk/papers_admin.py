"""Documents for the people who look after money: lists to search, each with its copies."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from aftersales.returns.papers import LANGUAGES
from refunds.documents.models import Voucher
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
