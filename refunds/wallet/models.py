from django.db import models
from django.db.models import Q


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


class WalletEntry(models.Model):
    """One change of a balance, signed; its reference within its kind is used once."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="wallet_entry_once"),
            models.CheckConstraint(name="wallet_entry_is_not_zero", condition=~Q(amount=0)),
        ]

    def __str__(self):
        return f"{self.kind} {self.reference}"


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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="store_coupon_once"),
            models.CheckConstraint(name="store_coupon_above_zero", condition=Q(amount__gt=0)),
        ]

    def __str__(self):
        return self.code
