"""What the channels tell, and where it differs from our books."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from refunds.payouts.models.refunds import ACTOR_KINDS, Refund
from returns_platform.kernel.work import Work


class WebhookDelivery(Work):
    """A callback, stored as it came once its signature was checked; read and applied later, once."""

    source = models.CharField(max_length=20)
    event_id = models.CharField(max_length=64)
    body = models.BinaryField()
    news = models.JSONField(null=True, blank=True)  # what it says, decrypted; null: not in words we know
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=30, blank=True)  # applied, or why not
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="deliveries")

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="one_delivery_per_event")]
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.source} {self.event_id}"


class Break(models.Model):
    """What the channel says and what our books say differ: open until a person has found out why.

    It has an age (`opened_at`), an owner, and the money that is not matched. Nothing in the books changes because
    of it. Who closes it says why and what proves it; above a limit a second person has to agree.
    """

    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=20)
    reference = models.CharField(max_length=160)  # the delivery, statement row or refund it was seen in
    number = models.CharField(max_length=64, blank=True)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="breaks")
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(default=dict)
    amount = models.BigIntegerField(default=0)  # minor units that are not matched
    currency = models.CharField(max_length=3, blank=True)
    opened_at = models.DateTimeField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="breaks")
    alerted_at = models.DateTimeField(null=True, blank=True)  # when its owner was told to hurry
    proposed_at = models.DateTimeField(null=True, blank=True)  # a closing waits for a second person
    proposed_by_id = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=20, blank=True)  # a code of matching.texts
    note = models.CharField(max_length=500, blank=True)  # what proves it
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("difference with the channel"), _("differences with the channel")
        constraints = [models.UniqueConstraint(fields=["kind", "source", "reference"], name="one_break_per_finding")]
        indexes = [
            models.Index(fields=["opened_at"], name="break_open", condition=Q(closed_at=None)),
            models.Index(fields=["source", "number"]),
        ]

    def __str__(self):
        return f"{self.kind} {self.number}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def awaits_second_person(self) -> bool:
        return self.is_open and self.proposed_at is not None


class BreakEvent(models.Model):
    """What was done about a break, by whom, and why. Rows are only ever added."""

    found = models.ForeignKey(Break, models.PROTECT, related_name="events")
    what = models.CharField(max_length=20)  # a code of matching.texts
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self):
        return f"{self.found} {self.what}"
