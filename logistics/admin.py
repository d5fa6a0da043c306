"""Staff look at parcels, scans and couriers' messages here. States are read only: they move through services."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from logistics.couriers.models import CourierPush
from logistics.parcels import queries, services
from logistics.parcels.models import Parcel, ParcelMove, Weighing
from logistics.points.models import Point
from logistics.tracking.models import TrackingEvent
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.look_only import LookOnly


class NeedsAPerson(admin.SimpleListFilter):
    title = _("needs a person")
    parameter_name = "person"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes"))]

    def queryset(self, request, queryset):
        return queryset.filter(pk__in=queries.needing_a_person()) if self.value() == "yes" else queryset


class MovesInline(LookOnly, admin.TabularInline):
    model = ParcelMove
    fields = ("seq", "from_state", "to_state", "by_kind", "by_name", "note", "at")
    extra = 0


class ScansInline(LookOnly, admin.TabularInline):
    model = TrackingEvent
    fields = ("at", "op_code", "stage", "incident", "place", "text")
    extra = 0


class WeighingsInline(LookOnly, admin.TabularInline):
    model = Weighing
    fields = ("at", "grams", "source", "by_kind", "by_name")
    extra = 0


@admin.register(Parcel)
class ParcelAdmin(LookOnly, admin.ModelAdmin):
    list_display = (
        "reference", "merchant", "kind", "way", "state", "problem", "courier", "waybill", "slot_from", "next_try_at",
    )  # fmt: skip
    list_filter = (NeedsAPerson, "state", "problem", "kind", "way", "courier")
    search_fields = ("reference", "waybill", "order__order_no")
    list_select_related = ("merchant",)
    date_hierarchy = "requested_at"
    inlines = (MovesInline, ScansInline, WeighingsInline)
    exclude = ("sender", "receiver")  # phone and address: seen on the case, with a reason
    actions = ("ask_courier_again",)

    @admin.action(description=_("Ask the courier again"), permissions=["book_again"])
    def ask_courier_again(self, request, queryset):
        by = Actor("support", str(request.user.pk), request.user.get_username())
        for parcel in queryset:
            try:
                services.book_again(parcel.pk, by=by, now=clock.now())
            except Refused as no:
                self.message_user(request, f"{parcel}: {no.message}", messages.ERROR)
            else:
                self.message_user(request, _("%(parcel)s: the courier is asked again.") % {"parcel": parcel})

    def has_book_again_permission(self, request):
        return request.user.has_perm("logistics.book_again")


@admin.register(Point)
class PointAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("name", "merchant", "city", "district", "opens", "closes", "capacity", "sends_on", "is_active")
    list_filter = ("is_active", "sends_on")
    search_fields = ("name", "city", "district")
    list_select_related = ("merchant",)


@admin.register(TrackingEvent)
class TrackingEventAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("parcel", "waybill", "at", "op_code", "stage", "incident", "place", "text")
    list_filter = ("stage", "incident")
    search_fields = ("waybill", "parcel__reference")
    list_select_related = ("parcel",)


@admin.register(CourierPush)
class CourierPushAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("id", "courier", "kind", "received_at", "outcome", "reason", "tries", "next_try_at")
    list_filter = ("courier", "kind", "outcome", "reason")
    exclude = ("content",)  # names and phones of couriers' people
