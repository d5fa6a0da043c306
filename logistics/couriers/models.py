from django.db import models
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel.work import Work


class CourierPush(Work):
    """What a courier sent us, kept before it was answered. A hint: the courier is asked before anything moves."""

    class Kind(models.TextChoices):
        ROUTES = "routes", _("scans")
        ORDERS = "orders", _("state of pickups")

    class Outcome(models.TextChoices):
        WAITING = "", _("waiting")
        DONE = "done", _("taken in")
        IGNORED = "ignored", _("ignored")

    courier = models.CharField(max_length=20)
    kind = models.CharField(max_length=6, choices=Kind)
    digest = models.CharField(max_length=64)  # SHA-256 of the content: the same message again is the same row
    content = models.TextField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    reason = models.CharField(max_length=100, blank=True)  # why it was ignored
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("courier message")
        verbose_name_plural = _("courier messages")
        constraints = [
            models.UniqueConstraint(name="one_push_per_content", fields=["courier", "kind", "digest"]),
        ]
        indexes = [
            models.Index(name="push_due", fields=["next_try_at"], condition=models.Q(next_try_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.courier} {self.kind} {self.pk}"


class CourierTask(models.Model):
    """An order at a courier that finds it only under a number of its own. Written before it is asked for.

    asked: what was sent, until the courier's number is known: the same again names it.
    """

    courier = models.CharField(max_length=20)
    number = models.CharField(max_length=50)  # ours
    task = models.CharField(max_length=64, blank=True)  # theirs
    order = models.CharField(max_length=64, blank=True)  # and a second one that some calls need
    asked = models.TextField(blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("courier's own number")
        verbose_name_plural = _("couriers' own numbers")
        constraints = [models.UniqueConstraint(name="one_task_per_number", fields=["courier", "number"])]

    def __str__(self):
        return f"{self.courier} {self.number}"
