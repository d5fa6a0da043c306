"""Policy versions as rows. A draft is edited freely; once published nothing of it changes, because orders
keep the version they were bought under.
"""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel.errors import Invalid, WrongState

from . import law
from .conditions import compiled, must_not_refuse_a_person
from .reasons import EVIDENCE, REASONS
from .texts import CODES


class PolicyVersion(models.Model):
    """One numbered set of windows, rules and terms. Money in minor units, *_bp in hundredths of a percent."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class BrokenThreshold(models.TextChoices):
        PRO_RATA = "PRO_RATA", _("pro rata: the promotion stays")
        RESETTLE = "RESETTLE", _("settle anew: what is kept loses the promotion")

    class ExpiredCoupon(models.TextChoices):
        EXTEND = "EXTEND", _("comes back, valid for some days more")
        REISSUE = "REISSUE", _("comes back with a new number, valid for some days")
        FORFEIT = "FORFEIT", _("does not come back")

    class TenderStrategy(models.TextChoices):
        PROPORTIONAL = "proportional", _("in proportion")
        BALANCE_FIRST = "balance_first", _("balance first")
        CASH_FIRST = "cash_first", _("cash first")

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    starts_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    note = models.CharField(_("what changes and why"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.CharField(_("published by"), max_length=150, blank=True)

    broken_threshold = models.CharField(
        _("when a return breaks a promotion"),
        max_length=10,
        choices=BrokenThreshold,
        default=BrokenThreshold.PRO_RATA,
    )
    tender_strategy = models.CharField(
        _("how a refund is split over payments"),
        max_length=15,
        choices=TenderStrategy,
        default=TenderStrategy.PROPORTIONAL,
    )
    deduct_pickup = models.BooleanField(_("deduct the pickup cost the customer bears"), default=False)
    deduct_waived_freight = models.BooleanField(_("deduct freight that was waived"), default=False)
    deduct_points_shortfall = models.BooleanField(_("deduct earned points already spent"), default=False)
    point_value = models.PositiveIntegerField(_("what one point is worth then, fen"), default=1)
    expired_coupon = models.CharField(
        _("a coupon that expired meanwhile"), max_length=7, choices=ExpiredCoupon, default=ExpiredCoupon.EXTEND
    )
    fresh_ladder = models.BooleanField(_("refund fresh goods by the share that is bad"), default=False)
    balance_bonus_bp = models.PositiveIntegerField(_("bonus for balance, 1/100 %"), default=200)
    second_person_above = models.PositiveBigIntegerField(_("second person above, fen"), default=500_000)
    hold_s = models.PositiveIntegerField(_("undo time, seconds (empty: the setting)"), null=True, blank=True)
    return_freight_cost = models.PositiveIntegerField(_("return freight shown, fen"), default=1200)
    return_freight_cap = models.PositiveIntegerField(_("own courier repaid up to, fen"), default=1200)
    merchant_answer_hours = models.PositiveSmallIntegerField(_("the shop answers within, hours"), default=24)
    evidence_hours = models.PositiveSmallIntegerField(_("photos can be added within, hours"), default=72)
    customer_send_days = models.PositiveSmallIntegerField(_("the customer sends within, days"), default=7)
    merchant_count_hours = models.PositiveSmallIntegerField(_("the shop counts within, hours"), default=48)
    inspection_days = models.PositiveSmallIntegerField(_("the shop inspects within, days"), default=7)
    exchange_pay_hours = models.PositiveSmallIntegerField(_("an exchange is paid for within, hours"), default=48)
    platform_call_days = models.PositiveSmallIntegerField(_("the platform can be called within, days"), default=15)
    grace_coupon_days = models.PositiveSmallIntegerField(_("an expired coupon comes back for, days"), default=7)
    max_attempts = models.PositiveSmallIntegerField(_("requests a line"), default=5)
    no_scan_buffer_days = models.PositiveSmallIntegerField(
        _("without a delivery scan, delivered after, days"), default=10
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        constraints = [
            models.CheckConstraint(
                name="policy_published_is_dated",
                condition=Q(state="draft") | Q(starts_at__isnull=False, published_at__isnull=False),
            ),
            models.CheckConstraint(name="policy_attempts", condition=Q(max_attempts__gte=1)),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="policy_in_force")]

    def __str__(self):
        return _("Policy %(number)s") % {"number": self.number}

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def can_be_withdrawn(self, now) -> bool:
        """Until it starts; later, orders stand on it."""
        return self.is_published and self.starts_at > now

    def clean(self):
        if wrong := law.about_terms({name: getattr(self, name) for name in law.TERMS}):
            raise ValidationError(wrong)


class VersionRow(models.Model):
    """A row that belongs to a version and stands still once that version is published."""

    class Meta:
        abstract = True

    def save(self, **kwargs):
        must_be_draft(self.version)
        super().save(**kwargs)

    def delete(self, **kwargs):
        must_be_draft(self.version)
        return super().delete(**kwargs)


class WindowRow(VersionRow):
    """How long a basis stays open. The most exact row holds: reason, then category, then the row for all."""

    class Basis(models.TextChoices):
        NO_REASON = "no_reason", _("without a reason")
        QUALITY = "quality", _("quality")
        FULFILMENT = "fulfilment", _("wrong, missing, damaged")
        GOODWILL = "goodwill", _("goodwill")

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours")
        DAYS = "days", _("days")

    class Excluded(models.TextChoices):
        NONE = "none", _("open to all")
        LAW = "law", _("excluded by law")
        CONFIRMATION = "confirmation", _("excluded where the buyer confirmed it")

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="windows")
    basis = models.CharField(_("basis"), max_length=12, choices=Basis)
    category = models.CharField(_("category (empty: all)"), max_length=64, blank=True)
    reason = models.CharField(_("reason (empty: all)"), max_length=32, blank=True)
    length = models.PositiveSmallIntegerField(_("length"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=5, choices=Unit, default=Unit.DAYS)
    excluded = models.CharField(_("excluded"), max_length=12, choices=Excluded, default=Excluded.NONE)

    class Meta:
        verbose_name = _("time limit")
        verbose_name_plural = _("time limits")
        ordering = ["version", "basis", "category", "reason"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "basis", "category", "reason"],
                name="policy_window_once",
                violation_error_message=_("There is already a window for this."),
            ),
            models.CheckConstraint(
                name="policy_window_length",
                condition=Q(excluded="law", length__isnull=True)
                | (~Q(excluded="law") & Q(length__isnull=False, length__gte=1)),
                violation_error_message=_("A window needs a length, and what the law excludes has none."),
            ),
        ]

    def __str__(self):
        return " ".join(filter(None, [self.basis, self.category, self.reason]))

    def clean(self):
        if self.reason and self.reason not in REASONS:
            raise ValidationError({"reason": _("There is no such reason.")})
        if wrong := self.against_the_law():
            raise ValidationError(wrong)

    def against_the_law(self) -> dict[str, str]:
        """{field: sentence}, empty where the row can stand."""
        return law.about_window(
            self.basis, category=self.category, reason=self.reason, length=self.length, unit=self.unit,
            excluded=self.excluded,
        )  # fmt: skip


class RuleRow(VersionRow):
    """One rule: when all its conditions hold, it decides. Asked in the order of priority."""

    class Effect(models.TextChoices):
        APPROVE = "approve", _("approve")
        REVIEW = "review", _("a person looks")
        NEEDS_EVIDENCE = "needs_evidence", _("ask for evidence")
        REFUSE = "refuse", _("refuse")

    class Who(models.TextChoices):
        MERCHANT = "merchant", _("the shop")
        SUPPORT = "support", _("the platform")

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="rules")
    priority = models.PositiveSmallIntegerField(_("priority"))
    name = models.CharField(_("name"), max_length=64, validators=[RegexValidator(r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")])
    effect = models.CharField(_("effect"), max_length=14, choices=Effect)
    code = models.CharField(_("what people are told"), max_length=32)
    who = models.CharField(_("who looks"), max_length=10, choices=Who, default=Who.MERCHANT)
    asks = models.CharField(_("evidence asked for"), max_length=2, blank=True)
    conditions = models.JSONField(_("conditions"), default=list, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["version", "priority", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="policy_rule_once"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        wrong = {}
        if self.code not in CODES:
            wrong["code"] = _("There is no such sentence.")
        if self.effect == self.Effect.NEEDS_EVIDENCE and self.asks not in EVIDENCE:
            wrong["asks"] = _("Say which evidence is asked for.")
        try:
            compiled(self.conditions)
            must_not_refuse_a_person(self.effect, self.conditions)
        except Invalid as unfit:
            wrong["conditions"] = unfit.message
        if wrong := wrong or law.about_rule(self.effect, self.code, self.conditions):
            raise ValidationError(wrong)


class OffDay(models.Model):
    """A day as the State Council published it, for years after the calendar library's, and corrections.

    is_off: an off day; not off: a weekend day that is worked instead.
    """

    date = models.DateField(_("date"), unique=True)
    is_off = models.BooleanField(_("day off"), default=True)

    class Meta:
        ordering = ["date"]
        verbose_name = _("off day")
        verbose_name_plural = _("off days")

    def __str__(self):
        return f"{self.date:%Y-%m-%d}"


def must_be_draft(version: PolicyVersion) -> None:
    if not version.is_draft:
        raise WrongState(_("A published policy is not changed. Make a draft of it."), state=version.state)
