"""Double-entry postings. Rows are only ever added: the database refuses everything else (migration 0002)."""

from django.db import models
from django.db.models import Q


class LedgerTransaction(models.Model):
    """One thing that happened to money. `reference` makes posting it twice the same as once."""

    reference = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20)
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="ledger")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "at"])]

    def __str__(self):
        return self.reference


class LedgerEntry(models.Model):
    """amount: signed, in minor units. What the sign means, and the accounts: `ledger.rules`."""

    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries")
    account = models.CharField(max_length=40)
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, null=True, blank=True, related_name="ledger")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.CheckConstraint(name="ledger_entry_is_not_zero", condition=~Q(amount=0))]
        indexes = [models.Index(fields=["account", "merchant"])]

    def __str__(self):
        return f"{self.account} {self.amount} {self.currency}"
