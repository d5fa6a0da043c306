"""Staff look at shops, customers and orders here. Only a shop's settings can be edited; nothing can be deleted."""

from django.contrib import admin
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from orders.accounts.models import Heartbeat, User
from orders.centres.admin import CentreAdmin
from orders.customers.models import Customer
from orders.merchants.models import ApiToken, Member, Merchant
from orders.purchases.models import Discount, Order, OrderLine, OrderMove, Payment, Shipment, Signature
from returns_platform.kernel import ui
from returns_platform.kernel.look_only import LookOnly

__all__ = ["CentreAdmin"]


class Inline(LookOnly, admin.TabularInline):
    extra = 0


# --- shops ------------------------------------------------------------------------------------------------


class MemberInline(Inline):
    model = Member
    fields = ("user", "role", "also")


class TokenInline(Inline):
    model = ApiToken
    fields = ("label", "scopes", "created_at", "created_by", "revoked_at")  # never the digest


@admin.register(Merchant)
class MerchantAdmin(SimpleHistoryAdmin):
    list_display = ("name", "code", "currency", "zone", "can_take_returns")
    search_fields = ("name", "name_en", "code")
    readonly_fields = ("code", "currency", "zone", "is_demo", "joining")
    inlines = (MemberInline, TokenInline)

    @admin.display(boolean=True, description=_("takes returns"))
    def can_take_returns(self, merchant) -> bool:
        return merchant.can_take_returns

    def save_model(self, request, obj, form, change):
        """What the form has and nothing else: its return centre may have changed meanwhile."""
        obj.save(update_fields=list(form.cleaned_data))

    def history_view(self, request, object_id, extra_context=None):
        _must_be_keys(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        _must_be_keys(object_id, version_id)
        return super().history_form_view(request, object_id, version_id, extra_context)

    def has_add_permission(self, request) -> bool:
        return False  # `manage.py set_up` makes a shop together with what it needs

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


def _must_be_keys(*texts: str) -> None:
    """The pages of a row's history break on anything but numbers."""
    if not all(text.isdecimal() for text in texts):
        raise Http404


# --- people -----------------------------------------------------------------------------------------------


@admin.register(Customer)
class CustomerAdmin(LookOnly, admin.ModelAdmin):
    """Phones and mailboxes are masked here: who must reach a person sees them on the case, with a reason."""

    list_display = ("masked_name", "merchant", "external_id", "masked_phone")
    search_fields = ("=external_id",)
    list_select_related = ("merchant",)
    fields = ("merchant", "external_id", "masked_name", "masked_phone", "masked_email", "user", "language")

    @admin.display(description=_("name"))
    def masked_name(self, customer) -> str:
        return ui.mask_name(customer.name)

    @admin.display(description=_("phone"))
    def masked_phone(self, customer) -> str:
        return ui.mask_phone(str(customer.phone))

    @admin.display(description=_("e-mail"))
    def masked_email(self, customer) -> str:
        return ui.mask_email(customer.email)


@admin.register(User)
class UserAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("username", "first_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("username",)
    fields = (
        "username", "first_name", "last_name", "language", "is_staff", "is_active", "is_superuser", "groups",
        "last_login", "date_joined",
    )  # fmt: skip


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("name", "at")


# --- orders -----------------------------------------------------------------------------------------------


class LineInline(Inline):
    model = OrderLine
    fields = (
        "line_no", "title", "category", "quantity", "unit_price", "line_discount", "net", "share_shop",
        "share_platform", "share_points", "share_freight", "shipped", "shipped_in_use", "unshipped_in_use",
    )  # fmt: skip


class DiscountInline(Inline):
    model = Discount
    fields = ("name", "source", "amount", "line_nos", "threshold", "percent")


class PaymentInline(Inline):
    model = Payment
    fields = ("channel", "transaction", "amount", "paid_at", "held", "reserved", "external")


class ShipmentInline(Inline):
    model = Shipment
    fields = ("parcel_no", "courier", "waybill", "shipped_at", "signed_at", "window_from")


class MoveInline(Inline):
    model = OrderMove
    fields = ("seq", "from_state", "to_state", "by_kind", "by_name", "note", "at")


@admin.register(Order)
class OrderAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("order_no", "merchant", "state", "placed_at", "updated_at")
    list_filter = ("state", "merchant")
    search_fields = ("=order_no",)
    list_select_related = ("merchant",)
    date_hierarchy = "placed_at"
    exclude = ("ship_to", "content_digest")  # the address: seen on the case, with a reason
    inlines = (LineInline, DiscountInline, PaymentInline, ShipmentInline, MoveInline)


@admin.register(Signature)
class SignatureAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("shipment", "signed_at", "reported_at")
    list_select_related = ("shipment",)
