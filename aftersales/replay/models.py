"""Trials: a draft of a policy run over cases, without any effect on them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aftersales.replay.rules import ANSWERS, empty_tally
from returns_platform.kernel.work import Work


class Trial(Work):
    """A draft tried on the cases of the past, or on each new one as it comes (in the shadow of what decides).

    version: a draft of the platform; clauses: a draft of a shop. One of both.

    `after` is the key up to which every case is done: a killed worker's successor goes on from there. `content` is
    the digest of what was tried, so that a draft edited afterwards can be told. tally: see rules.empty_tally.
    """

    class Kind(models.TextChoices):
        PAST = "past", _("past cases")
        LIVE = "live", _("new cases, in the shadow")

    class Ending(models.TextChoices):
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        CHANGED = "changed", _("the draft was changed meanwhile")
        PUBLISHED = "published", _("the draft is published")
        TOO_SLOW = "too_slow", _("took too long")
        BROKEN = "broken", _("a rule cannot be read")

    version = models.ForeignKey(
        "aftersales.PolicyVersion", models.CASCADE, null=True, blank=True, related_name="trials"
    )
    clauses = models.ForeignKey(
        "aftersales.ClauseVersion", models.CASCADE, null=True, blank=True, related_name="trials"
    )
    kind = models.CharField(_("tried on"), max_length=4, choices=Kind)
    content = models.CharField(max_length=64)
    merchant = models.ForeignKey(
        "orders.Merchant", models.PROTECT, null=True, blank=True, related_name="trials", verbose_name=_("shop")
    )
    since = models.DateTimeField(null=True, blank=True)  # filed from then on
    until = models.DateTimeField(null=True, blank=True)  # filed before
    asked_at = models.DateTimeField(_("asked for"))
    asked_by = models.CharField(_("asked for by"), max_length=150)
    upto = models.BigIntegerField(default=0)  # the last case of the past that belongs to it
    after = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(_("cases"), default=0)  # 0 for new cases: nobody knows
    judged = models.PositiveIntegerField(_("judged"), default=0)
    kept = models.PositiveIntegerField(default=0)  # rows of changed cases
    spent_ms = models.PositiveBigIntegerField(default=0)  # of judging, over all workers
    kept_claim = models.PositiveIntegerField(default=0)  # the last claim that came to something
    tally = models.JSONField(default=empty_tally)
    ending = models.CharField(_("how it ended"), max_length=10, choices=Ending, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("trial of a draft"), _("trials of drafts")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind"], name="one_running_trial_of_a_draft", condition=Q(ended_at=None)
            ),
            models.UniqueConstraint(
                fields=["clauses", "kind"], name="one_running_trial_of_clauses", condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="a_trial_of_one_draft",
                condition=Q(version__isnull=False, clauses=None)
                # A shop tries its clauses on its own cases only.
                | Q(version=None, clauses__isnull=False, merchant__isnull=False),
            ),
            models.CheckConstraint(
                name="an_ended_trial_says_how",
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
            ),
            models.CheckConstraint(
                name="a_trial_judges_what_it_is_about", condition=Q(kind="live") | Q(judged__lte=F("total"))
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="trial_due", condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.version or self.clauses} / {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    @property
    def is_live(self) -> bool:
        return self.kind == self.Kind.LIVE

    @property
    def percent(self) -> int:
        return self.judged * 100 // self.total if self.total else 0


class TrialCase(models.Model):
    """A case under both policies: of the past those with another answer, of the new ones each.

    after: empty where the draft could not judge it (`why`). Amounts in minor units.
    """

    class Why(models.TextChoices):
        UNREADABLE = "unreadable", _("its facts are of an older shape")
        FAILED = "failed", _("the draft failed on it")

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="cases")
    request = models.ForeignKey("aftersales.ReturnRequest", models.PROTECT, related_name="+")
    before = models.CharField(max_length=14, choices=[(name, name) for name in ANSWERS])
    before_rule = models.CharField(max_length=64, blank=True)
    before_version = models.PositiveIntegerField()
    after = models.CharField(max_length=14, choices=[(name, name) for name in ANSWERS], blank=True)
    after_rule = models.CharField(max_length=64, blank=True)
    why = models.CharField(max_length=10, choices=Why, blank=True)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "request"], name="a_case_once_per_trial"),
            models.CheckConstraint(
                name="a_trial_case_says_why",
                condition=(Q(why="") & ~Q(after="")) | (~Q(why="") & Q(after="")),
            ),
        ]
        indexes = [models.Index(fields=["trial", "before", "after", "-id"], name="trial_by_change")]

    def __str__(self):
        return f"{self.trial_id}: {self.request_id}"

    @property
    def is_changed(self) -> bool:
        return self.before != self.after
