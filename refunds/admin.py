"""Staff look after money here: what is with a person, each call, each message. Rows move through services only."""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.matching import admin as matching
from refunds.payouts import queries, services, texts
from refunds.payouts.models import (
    Authorisation,
    Refund,
    RefundAttempt,
    RefundMove,
    Settlement,
    WebhookDelivery,
)
from refunds.wallet.models import (
    Compensation,
    GiftCard,
    GiftCardEntry,
    PointsAccount,
    PointsEntry,
    StoreCoupon,
    Wallet,
    WalletEntry,
)
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.look_only import LookOnly
from returns_platform.kernel.money import yuan

__all__ = ["matching"]  # gathers the pages of the packages above


def actor(request) -> Actor:
    return Actor("support", str(request.user.pk), request.user.get_username())


class Inline(LookOnly, admin.TabularInline):
    extra = 0


class Moves(Inline):
    model = RefundMove
    fields = ("seq", "from_state", "to_state", "by_kind", "by_name", "note", "at")


class Attempts(Inline):
    model = RefundAttempt
    fields = ("seq", "kind", "at", "ended_at", "outcome", "code", "message")


class Settlements(Inline):
    model = Settlement
    fields = ("outcome", "proof", "by_name", "at", "second_name", "confirmed_at", "dropped_at")


class Waiting(admin.SimpleListFilter):
    """The queues of `payouts.queries.queues`."""

    title = _("what waits")
    parameter_name = "queue"
    rows = {
        "with_a_person": (_("Money with a person"), lambda now: queries.with_a_person()),
        "second_person": (_("Refunds for a second person"), lambda now: queries.awaiting_second_person()),
        "unknown": (_("Refunds nobody has heard of"), queries.unknown_too_long),
        "overdue": (_("Refunds not there in time"), queries.overdue),
        "closed": (_("Refunds the channel gave up"), lambda now: queries.given_up()),
    }

    def lookups(self, request, model_admin):
        return [(code, name) for code, (name, _rows) in self.rows.items()]

    def queryset(self, request, queryset):
        if self.value() not in self.rows:
            return queryset
        return queryset.filter(pk__in=self.rows[self.value()][1](clock.now()).values("pk"))


@admin.register(Refund)
class RefundAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("number", "merchant", "sum", "channel", "state", "trouble", "promised_by", "next_try_at")
    list_filter = (Waiting, "state", "channel", "problem")
    search_fields = ("number", "case_ref", "order__order_no", "channel_ref")
    list_select_related = ("merchant",)
    inlines = (Attempts, Moves, Settlements)
    actions = ("agree_as_second", "send_again", "ask_the_channel", "open_anew")

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, refund) -> str:
        return yuan(refund.amount, refund.currency)

    @admin.display(description=_("problem"))
    def trouble(self, refund) -> str:
        return texts.problem_for_staff(refund.problem)

    @admin.action(description=_("Agree as the second person"), permissions=["agree_as_second"])
    def agree_as_second(self, request, queryset):
        for case_ref in sorted(set(queryset.values_list("case_ref", flat=True))):
            self._do(request, case_ref, lambda case_ref=case_ref: services.agree_as_second(
                case_ref, by=actor(request), now=clock.now()
            ))  # fmt: skip

    @admin.action(description=_("Send again with the same number"), permissions=["retry"])
    def send_again(self, request, queryset):
        self._do_each(request, queryset, services.retry)

    @admin.action(description=_("Ask the channel now"), permissions=["retry"])
    def ask_the_channel(self, request, queryset):
        self._do_each(request, queryset, services.ask_again)

    @admin.action(description=_("Open a new refund for a closed one"), permissions=["retry"])
    def open_anew(self, request, queryset):
        self._do_each(request, queryset, services.send_anew)

    def has_agree_as_second_permission(self, request) -> bool:
        return request.user.has_perm("refunds.agree_as_second")

    def has_retry_permission(self, request) -> bool:
        return request.user.has_perm("refunds.retry_refund")

    def _do_each(self, request, queryset, service) -> None:
        for refund in queryset.order_by("pk"):
            self._do(request, refund, lambda refund=refund: service(refund.pk, by=actor(request), now=clock.now()))

    def _do(self, request, what, act) -> None:
        """One row's refusal is told and does not stop the others."""
        try:
            act()
        except Refused as no:
            self.message_user(request, f"{what}: {no.message}", messages.ERROR)
        else:
            self.message_user(request, _("%(refund)s: done.") % {"refund": what})


class SettlementForm(forms.ModelForm):
    def clean(self):
        said = super().clean()
        if said.get("refund") and said.get("outcome"):
            try:
                services.must_be_possible(said["refund"], said["outcome"])
            except Refused as no:
                self.add_error("outcome", no.message)
        return said


@admin.register(Settlement)
class SettlementAdmin(LookOnly, admin.ModelAdmin):
    """One person says, with proof, what became of a refund; another one confirms it."""

    list_display = ("refund", "outcome", "proof", "by_name", "at", "second_name", "confirmed_at")
    list_filter = ("outcome", "confirmed_at")
    raw_id_fields = ("refund",)
    form = SettlementForm
    fields = ("refund", "outcome", "proof")
    actions = ("confirm",)

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm("refunds.propose_settlement")

    def save_model(self, request, settlement, form, change):
        proposed = services.propose_settlement(
            settlement.refund_id,
            outcome=settlement.outcome,
            proof=settlement.proof,
            by=actor(request),
            now=clock.now(),
        )
        settlement.pk = proposed.pk

    @admin.action(description=_("I have seen the proof: confirm"), permissions=["confirm"])
    def confirm(self, request, queryset):
        for settlement in queryset.order_by("pk"):
            try:
                services.confirm_settlement(settlement.pk, by=actor(request), now=clock.now())
            except Refused as no:
                self.message_user(request, f"{settlement}: {no.message}", messages.ERROR)
            else:
                self.message_user(request, _("%(refund)s: done.") % {"refund": settlement.refund})

    def has_confirm_permission(self, request) -> bool:
        return request.user.has_perm("refunds.confirm_settlement")


@admin.register(Authorisation)
class AuthorisationAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("case_ref", "amount", "currency", "rule", "rule_version", "by_name", "second_name", "at")
    search_fields = ("case_ref",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("source", "event_id", "received_at", "processed_at", "outcome", "refund", "tries", "last_error")
    list_filter = ("source", "outcome")
    search_fields = ("event_id", "refund__number")
    exclude = ("body",)


class Entries(Inline):
    model = LedgerEntry
    fields = ("account", "merchant", "amount", "currency")


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("reference", "kind", "order", "at")
    list_filter = ("kind",)
    search_fields = ("reference", "order__order_no")
    inlines = (Entries,)


class WalletEntries(Inline):
    model = WalletEntry
    fields = ("kind", "reference", "amount", "balance_after", "at")


@admin.register(Wallet)
class WalletAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("customer", "currency", "balance")
    inlines = (WalletEntries,)


class GiftCardEntries(Inline):
    model = GiftCardEntry
    fields = ("kind", "about", "amount", "balance_after", "at")


@admin.register(GiftCard)
class GiftCardAdmin(LookOnly, admin.ModelAdmin):
    """A card's number pays for things: it is shown masked, and found by all of it only."""

    list_display = ("masked", "merchant", "currency", "balance", "disabled_at", "deleted_at")
    list_filter = ("merchant",)
    search_fields = ("=code",)
    exclude = ("code",)
    inlines = (GiftCardEntries,)

    @admin.display(description=_("card"))
    def masked(self, card) -> str:
        return card.masked


class PointsEntries(Inline):
    model = PointsEntry
    fields = ("kind", "case_ref", "amount", "balance_after", "at")


@admin.register(PointsAccount)
class PointsAccountAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("customer", "balance", "told")
    inlines = (PointsEntries,)


@admin.register(StoreCoupon)
class StoreCouponAdmin(LookOnly, admin.ModelAdmin):
    list_display = ("customer", "kind", "reference", "amount", "currency", "issued_at", "expires_at")
    exclude = ("code",)


@admin.register(Compensation)
class CompensationAdmin(LookOnly, admin.ModelAdmin):
    """What was given for trouble, by whom, and what waits for a second person."""

    list_display = (
        "case_ref",
        "ground",
        "what",
        "amount",
        "payer",
        "by_name",
        "second_name",
        "given_at",
        "declined_at",
    )
    list_filter = (("given_at", admin.EmptyFieldListFilter), "what", "payer")
    search_fields = ("=case_ref",)
