"""What the staff's lists show, and how they are narrowed. No query per row."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.desk import words
from aftersales.returns.names import KINDS, shop_name
from orders.merchants.models import Merchant
from returns_platform.kernel import clock, ui


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request, model_admin):
        return list(words.STATES.items())

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() in words.STATES else queryset


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("kind"), "kind"

    def lookups(self, request, model_admin):
        return list(KINDS.items())

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() in KINDS else queryset


class ActingFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("waits for"), "waits_for"

    def lookups(self, request, model_admin):
        return list(words.ACTING.items())

    def queryset(self, request, queryset):
        return queryset.filter(waits_for=self.value()) if self.value() in words.ACTING else queryset


class ShopFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("shop"), "shop"

    def lookups(self, request, model_admin):
        return [(shop.code, shop_name(shop)) for shop in Merchant.objects.order_by("name")]

    def queryset(self, request, queryset):
        return queryset.filter(merchant__code=self.value()) if self.value() else queryset


class OfRequests:
    """What the lists of requests show; no query per row."""

    list_display = ("number", "due", "state_in_words", "who_acts", "shop", "kind_in_words", "sum", "filed")
    list_select_related = ("merchant", "bill", "order")
    list_per_page, show_full_result_count = 50, False
    actions = None

    @admin.display(description=gettext_lazy("request"), ordering="return_no")
    def number(self, row) -> str:
        return row.return_no

    @admin.display(description=gettext_lazy("shop"))
    def shop(self, row) -> str:
        return shop_name(row.merchant)

    @admin.display(description=gettext_lazy("kind"))
    def kind_in_words(self, row) -> str:
        return KINDS[row.kind]

    @admin.display(description=gettext_lazy("amount"), ordering="bill__refund")
    def sum(self, row) -> str:
        return ui.money(row.bill.refund, row.bill.currency) if row.bill else "–"

    @admin.display(description=gettext_lazy("state"))
    def state_in_words(self, row) -> str:
        return words.state_name(row)

    @admin.display(description=gettext_lazy("waits for"))
    def who_acts(self, row) -> str:
        return "–" if row.is_ended else words.ACTING[row.waits_for]

    @admin.display(description=gettext_lazy("due"), ordering="due_at", empty_value="–")
    def due(self, row) -> str | None:
        return ui.clock(row.due_at, now=clock.now()).text if row.due_at else None

    @admin.display(description=gettext_lazy("filed"), ordering="filed_at")
    def filed(self, row) -> str:
        return ui.moment(row.filed_at, now=clock.now(), style="plain")

    @admin.display(description=gettext_lazy("held by"), empty_value="–")
    def held(self, row) -> str | None:
        return row.holder


class OfTasks:
    """What the lists of tasks show."""

    list_select_related = ("request__merchant", "order__merchant")
    list_per_page, show_full_result_count = 50, False
    actions = None

    @admin.display(description=gettext_lazy("about"))
    def about(self, task) -> str:
        return task.request.return_no if task.request_id else task.reference

    @admin.display(description=gettext_lazy("task"))
    def name(self, task) -> str:
        return words.task_name(task)

    @admin.display(description=gettext_lazy("shop"), empty_value="–")
    def shop(self, task) -> str | None:
        about = task.request or task.order
        return shop_name(about.merchant) if about else None

    @admin.display(description=gettext_lazy("opened"), ordering="opened_at")
    def opened(self, task) -> str:
        return ui.moment(task.opened_at, now=clock.now(), style="plain")

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, task) -> str:
        return ui.clock(task.due_at, now=clock.now()).text

    @admin.display(description=gettext_lazy("held by"), empty_value="–")
    def held(self, task) -> str | None:
        return task.holder


class OpenFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "open"

    def lookups(self, request, model_admin):
        return [("yes", _("Open")), ("no", _("Closed"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "yes")
