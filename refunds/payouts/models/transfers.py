"""Transfers that people make at the bank, one by one or as a sheet."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from refunds.payouts.models.refunds import ACTOR_KINDS, Refund
from returns_platform.kernel.actors import Actor


class Transfer(models.Model):
    """A bank transfer that a person made outside, by its number, and the other person who saw it on the statement."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="transfers")
    proof_no = models.CharField(max_length=64)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    second_kind = models.CharField(max_length=10, choices=ACTOR_KINDS, blank=True)
    second_id = models.CharField(max_length=100, blank=True)
    second_name = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.CharField(max_length=150, blank=True)
    dropped_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proof_no"], name="one_transfer_per_proof", condition=Q(dropped_at=None)),
            models.UniqueConstraint(fields=["refund"], name="one_transfer_per_refund", condition=Q(dropped_at=None)),
            models.CheckConstraint(
                name="transfer_by_two",
                condition=Q(confirmed_at=None) | ~Q(by_kind=F("second_kind"), by_id=F("second_id")),
            ),
        ]

    def __str__(self):
        return f"{self.refund} {self.proof_no}"

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)


class TransferBatch(models.Model):
    """Transfers that are made together, from one sheet for the bank; its number is its key."""

    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("batch of transfers"), _("batches of transfers")
        ordering = ("-pk",)

    def __str__(self):
        return str(self.pk)


class BatchedTransfer(models.Model):
    """A refund on a batch's sheet. Until it is taken off again it is on no other one: nobody pays it twice."""

    batch = models.ForeignKey(TransferBatch, models.PROTECT, related_name="rows")
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="batched")
    taken_off_at = models.DateTimeField(null=True, blank=True)
    taken_off_by = models.CharField(max_length=150, blank=True)
    taken_off_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["refund"], name="on_one_sheet", condition=Q(taken_off_at=None)),
        ]

    def __str__(self):
        return f"{self.batch} {self.refund}"
