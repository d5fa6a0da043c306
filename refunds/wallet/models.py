"""What customers have at a shop besides money at a channel: a balance, store credit, gift cards, points, coupons.

Each stored balance is the sum of its entries and stands under a CHECK. Entries are only ever added: the database
refuses everything else (migrations 0002 and the one that made them).
"""

from django.db import models
from django.db.models import F, Q

from returns_platform.kernel.actors import KINDS, Actor

ACTOR_KINDS = [(kind, kind) for kind in KINDS]


class Entry(models.Model):
    """One change of something stored, signed; its reference within its kind is used once.

    order: which purchase it is about; null where it is about none.
    """

    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.kind} {self.reference}"


# --- the balance ------------------------------------------------------------------------------------------


class Wallet(models.Model):
    """A customer's balance at a shop. `balance` is the sum of the entries and never below zero."""

    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="wallets")
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "currency"], name="one_wallet_per_currency"),
            models.CheckConstraint(name="wallet_never_below_zero", condition=Q(balance__gte=0)),
        ]

    def __str__(self):
        return f"{self.customer} {self.currency}"


class WalletEntry(Entry):
    """kind: one of wallet.rules.SOURCES. amount: minor units of the wallet's currency. about: the payment of an order
    that the balance made, where several entries may bring it to its sum; empty for everything else."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries")
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="wallet_entries")
    about = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name_plural = "wallet entries"
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="wallet_entry_once"),
            models.CheckConstraint(name="wallet_entry_is_not_zero", condition=~Q(amount=0)),
        ]
        indexes = [models.Index(fields=["about"], name="wallet_entry_about", condition=~Q(about=""))]


# --- store credit and coupons -----------------------------------------------------------------------------


class StoreCoupon(models.Model):
    """Store credit that a customer chose instead of money, or was given."""

    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="store_coupons")
    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="store_coupons")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="store_coupon_once"),
            models.CheckConstraint(name="store_coupon_above_zero", condition=Q(amount__gt=0)),
        ]

    def __str__(self):
        return self.code

    def is_valid(self, at) -> bool:
        return self.expires_at is None or at <= self.expires_at


class ReturnedCoupon(models.Model):
    """A coupon of an order that came back with the whole order, once, or that had expired and did not (M7).

    position: of the order's discount. code: the coupon's own number, or a new one; empty where the shop tells
    coupons by their name only.
    """

    class Way(models.TextChoices):
        SAME = "same"  # still valid: as it was
        EXTENDED = "extended"  # expired: the same coupon, valid for some days more
        REISSUED = "reissued"  # expired: a new number
        FORFEITED = "forfeited"  # expired, and the policy gives nothing

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="returned_coupons")
    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="returned_coupons")
    case_ref = models.CharField(max_length=64, db_index=True)
    position = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=9, choices=Way)
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=64, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="coupon_comes_back_once"),
        ]

    def __str__(self):
        return self.name

    @property
    def came_back(self) -> bool:
        return self.way != self.Way.FORFEITED

    def is_valid(self, at) -> bool:
        return self.came_back and (self.valid_until is None or at <= self.valid_until)


# --- points -----------------------------------------------------------------------------------------------


class PointsAccount(models.Model):
    """A customer's points at a shop. told: the shop's own number that was taken in last; null: it never told one."""

    customer = models.OneToOneField("orders.Customer", models.PROTECT, related_name="points_account")
    balance = models.BigIntegerField(default=0)
    told = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="points_never_below_zero", condition=Q(balance__gte=0))]

    def __str__(self):
        return f"{self.customer}: {self.balance}"


class PointsEntry(Entry):
    """kind: told, assumed, taken, back or compensation; see wallet.rules. amount: a number of points."""

    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="entries")
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="points_entries")
    case_ref = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name_plural = "points entries"
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="points_entry_once"),
            models.CheckConstraint(name="points_entry_is_not_zero", condition=~Q(amount=0)),
        ]


class PointsOfCase(models.Model):
    """What one case did to points; its entries add up to it (I12).

    back: points used for the order that came back. taken: earned ones that were taken away again; shortfall:
    those that should have been and were spent already (T56).
    """

    case_ref = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="cases")
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="points_of_cases")
    back = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    shortfall = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "points of cases"
        constraints = [
            models.CheckConstraint(
                name="points_of_case_not_below_zero", condition=Q(back__gte=0, taken__gte=0, shortfall__gte=0)
            ),
        ]

    def __str__(self):
        return self.case_ref


# --- gift cards -------------------------------------------------------------------------------------------


class GiftCard(models.Model):
    """A shop's gift card, by its number.

    told_at: when the shop last said what is left on it. disabled_at: it was returned itself. deleted_at: the shop
    took it away.
    """

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="gift_cards")
    code = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="one_card_per_number"),
            models.CheckConstraint(name="gift_card_never_below_zero", condition=Q(balance__gte=0)),
        ]

    def __str__(self):
        return self.masked

    @property
    def masked(self) -> str:
        """As people are shown it: a card's number pays for things."""
        return f"••••{self.code[-4:]}" if len(self.code) > 6 else "••••"

    @property
    def state(self) -> str:
        """active, disabled or deleted."""
        if self.disabled_at:
            return "disabled"
        return "deleted" if self.deleted_at else "active"

    @property
    def takes_money(self) -> bool:
        return self.state == "active"


class GiftCardEntry(Entry):
    """kind: one of wallet.rules.CARD_SOURCES. about: what it is about; several entries may bring it to its sum."""

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="entries")
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="gift_card_entries")
    about = models.CharField(max_length=100, db_index=True)

    class Meta:
        verbose_name_plural = "gift card entries"
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="gift_card_entry_once"),
            models.CheckConstraint(name="gift_card_entry_is_not_zero", condition=~Q(amount=0)),
        ]


# --- compensation -----------------------------------------------------------------------------------------


class Compensation(models.Model):
    """Something given for trouble, apart from any refund; once per case and ground (I15).

    what: money to the balance, store credit (both in minor units), or points. payer: the shop or the platform.
    given_at null: it waits for a second person; declined_at: who was asked said no.
    """

    class What(models.TextChoices):
        BALANCE = "balance"
        COUPON = "coupon"
        POINTS = "points"

    class Payer(models.TextChoices):
        MERCHANT = "merchant"
        PLATFORM = "platform"

    case_ref = models.CharField(max_length=64)
    ground = models.CharField(max_length=40)  # a code of wallet.texts.GROUNDS; what it is once for
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="compensations")
    customer = models.ForeignKey("orders.Customer", models.PROTECT, related_name="compensations")
    what = models.CharField(max_length=7, choices=What)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=8, choices=Payer)
    reason = models.CharField(max_length=500)
    rule = models.CharField(max_length=100, blank=True)
    rule_version = models.PositiveIntegerField(null=True, blank=True)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    needs_second = models.BooleanField(default=False)
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["case_ref", "ground"], name="compensated_once", condition=Q(declined_at=None)
            ),
            models.CheckConstraint(name="compensation_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="compensation_given_or_declined", condition=Q(given_at=None) | Q(declined_at=None)
            ),
            models.CheckConstraint(
                name="compensation_second_is_another",
                condition=Q(second_kind="") | ~Q(by_kind=F("second_kind"), by_id=F("second_id")),
            ),
        ]
        permissions = [
            ("grant_compensation", "Can compensate a customer up to the limit"),
            ("agree_to_compensation", "Can agree to a compensation above the limit"),
        ]

    def __str__(self):
        return f"{self.case_ref} {self.ground}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)

    @property
    def reference(self) -> str:
        return f"{self.case_ref}:{self.ground}"

    @property
    def waits(self) -> bool:
        return self.given_at is None and self.declined_at is None
