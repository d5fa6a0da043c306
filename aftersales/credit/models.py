"""What stands of a customer at a shop, kept up to date beside their cases, so that judging reads one row."""

from collections.abc import Iterator
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftersales.credit.rules import AUTOMATIC_UP_TO, LEVELS, NEW, Held
from returns_platform.kernel.work import Work


class Standing(Work):
    """One row a customer; `next_try_at` says when the history is looked at again.

    score, level, reasons, history: as `credit.rules.score` gave them at `scored_at` by `rules_version`. The rest
    repeats the measures in force about this customer, which people decided (`aftersales.risk`): each until a time,
    exact to the second.
    """

    class Level(models.TextChoices):
        NEW = "new", _("new")
        KNOWN = "known", _("known")
        TRUSTED = "trusted", _("trusted")

    customer = models.OneToOneField("orders.Customer", models.PROTECT, related_name="standing")
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    level = models.CharField(_("level"), max_length=7, choices=Level, default=NEW)
    reasons = models.JSONField(default=list, blank=True)  # [{"code", "points", "params"}]
    history = models.JSONField(default=dict, blank=True)  # credit.rules.History
    rules_version = models.PositiveIntegerField(default=0)
    scored_at = models.DateTimeField(null=True, blank=True)
    # measures in force
    reviewed_until = models.DateTimeField(null=True, blank=True)
    limited_until = models.DateTimeField(null=True, blank=True)
    limit = models.BigIntegerField(null=True, blank=True)  # minor units of limit_currency
    limit_currency = models.CharField(max_length=3, blank=True)
    blocked_until = models.DateTimeField(null=True, blank=True)
    deposit_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("customer's credit"), _("customers' credit")
        constraints = [
            models.CheckConstraint(name="score_without_a_person", condition=Q(score__lte=AUTOMATIC_UP_TO)),
            models.CheckConstraint(name="level_known", condition=Q(level__in=LEVELS)),
            models.CheckConstraint(name="limit_says_how_much", condition=Q(limited_until=None) | Q(limit__gte=0)),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="credit_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["-score"], name="credit_by_score", condition=Q(score__gt=0)),
        ]

    def __str__(self):
        return f"{self.customer_id}: {self.score}"

    def measures_at(self, now: datetime) -> Iterator[Held]:
        if self.reviewed_until and self.reviewed_until > now:
            yield Held("review", self.reviewed_until)
        if self.limited_until and self.limited_until > now:
            yield Held("limit", self.limited_until, self.limit, self.limit_currency)
        if self.blocked_until and self.blocked_until > now:
            yield Held("block", self.blocked_until)
        if self.deposit_until and self.deposit_until > now:
            yield Held("deposit", self.deposit_until)
