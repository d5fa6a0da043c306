"""What replaces goods, what customers pay for it, and what moved on the shelves: searched, never changed."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aftersales.desk import columns
from aftersales.replacements.models import Replacement, ReplacementLine, ReplacementMove
from aftersales.returns.models import ReturnRequest
from orders.catalogue.models import Stock, StockMovement
from refunds.charges.models import Charge, ChargeMove
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.money import yuan


class Linked:
    """Columns that lead to the case and the order of a row; the number stays text for who may not open them."""

    @admin.display(description=_("request"), ordering="case_ref")
    def case(self, row) -> str:
        return format_html('<a href="{}?q={}">{}</a>', _list_of_requests(), row.case_ref, row.case_ref)

    @admin.display(description=_("order"), ordering="order__order_no")
    def first_order(self, row) -> str:
        return order_link(row.order)


def _list_of_requests() -> str:
    return reverse(f"admin:{ReturnRequest._meta.app_label}_{ReturnRequest._meta.model_name}_changelist")


def order_link(order) -> str:
    if order is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse("admin:orders_order_change", args=[order.pk]), order.order_no)


class Inline(LookOnly, admin.TabularInline):
    extra = 0


class ReplacementLines(Inline):
    model = ReplacementLine
    fields = ("sku", "title", "quantity", "worth", "held")


class ReplacementMoves(Inline):
    model = ReplacementMove
    fields = ("seq", "from_state", "to_state", "by_kind", "by_name", "note", "at")


@admin.register(Replacement)
class ReplacementAdmin(Linked, LookOnly, admin.ModelAdmin):
    list_display = (
        "reference", "kind", "state", "why", "case", "first_order", "made_order", "merchant", "opened_at", "due_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "why", columns.ShopFilter)
    search_fields = ("=reference", "=case_ref", "=order__order_no", "=new_order__order_no")
    list_select_related = ("merchant", "order", "new_order")
    fields = (
        "reference", "kind", "state", "why", "case", "first_order", "made_order", "merchant", "customer", "due",
        "due_for", "paid", "quote", "offered_at", "due_at", "advance", "goods_due_at", "goods_back_at",
        "deposit_taken_at", "opened_at", "to_send_at", "sent_at", "delivered_at", "ended_at", "next_try_at",
        "last_error",
    )  # fmt: skip
    readonly_fields = ("case", "first_order", "made_order")
    inlines = (ReplacementLines, ReplacementMoves)
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description=_("new order"))
    def made_order(self, row) -> str:
        return order_link(row.new_order)


class ChargeMoves(Inline):
    model = ChargeMove
    fields = ("seq", "from_state", "to_state", "by_kind", "by_name", "note", "at")


@admin.register(Charge)
class ChargeAdmin(Linked, LookOnly, admin.ModelAdmin):
    """The page to pay on is the customer's: its address is not shown."""

    list_display = (
        "number", "made_for", "sum", "channel", "state", "use", "case", "first_order", "asked_at", "paid_at",
    )  # fmt: skip
    list_filter = ("state", "made_for", "channel", "use")
    search_fields = ("=number", "=case_ref", "=about", "=order__order_no", "=transaction_id")
    list_select_related = ("order", "paid_order")
    fields = (
        "number", "about", "made_for", "sum", "channel", "state", "use", "problem", "case", "first_order",
        "money_order", "title", "transaction_id", "channel_ref", "asked_at", "expires_at", "paid_at", "next_try_at",
        "last_error",
    )  # fmt: skip
    readonly_fields = ("sum", "case", "first_order", "money_order")
    inlines = (ChargeMoves,)
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, row) -> str:
        return yuan(row.amount, row.currency)

    @admin.display(description=_("order that it became"))
    def money_order(self, row) -> str:
        return order_link(row.paid_order)


@admin.register(Stock)
class StockAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("sku", "merchant", "available", "reserved")
    list_filter = (columns.ShopFilter,)
    search_fields = ("=sku",)
    list_select_related = ("merchant",)
    ordering = ("merchant", "sku")


class ShopOfStock(columns.ShopFilter):
    def queryset(self, request, queryset):
        return queryset.filter(stock__merchant__code=self.value()) if self.value() else queryset


@admin.register(StockMovement)
class StockMovementAdmin(LookOnly, admin.ModelAdmin):
    """Each movement names what it is about: a replacement, a unit of a return, a count of the shop."""

    list_display = ("at", "article", "shop", "kind", "available", "reserved", "about", "by_name")
    list_filter = ("kind", ShopOfStock)
    search_fields = ("=stock__sku", "reference")
    list_select_related = ("stock__merchant",)
    fields = ("at", "article", "shop", "kind", "available", "reserved", "about", "by_kind", "by_name")
    readonly_fields = ("article", "shop", "about")
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description=_("article"), ordering="stock__sku")
    def article(self, row) -> str:
        return row.stock.sku

    @admin.display(description=_("shop"))
    def shop(self, row) -> str:
        return row.stock.merchant.local_name

    @admin.display(description=_("about"), ordering="reference")
    def about(self, row) -> str:
        """RT…-X1:…, the replacement that it was kept for, or RT…, the request whose goods came back."""
        case_ref = row.reference.partition(":")[0].partition("-")[0]
        if not case_ref.startswith("RT"):
            return row.reference
        return format_html('<a href="{}?q={}">{}</a>', _list_of_requests(), case_ref, row.reference)
