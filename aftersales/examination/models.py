"""A disputed unit is sent to somebody independent: who, with which question, by when, and what was found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aftersales.examination import rules
from returns_platform.kernel.actors import Actor


class Examiner(models.Model):
    """An organisation that the platform lists. fee: for one unit, minor units of `currency`."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    credentials = models.CharField(_("accreditation, as it may be looked up"), max_length=200, blank=True)
    send_to = models.CharField(_("where units are sent: name, phone, address"), max_length=300)
    fee = models.PositiveIntegerField(_("fee for a unit, in fen"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    days = models.PositiveSmallIntegerField(_("days until its report"), default=10)
    is_listed = models.BooleanField(_("may be asked"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("independent inspector"), _("independent inspectors")

    def __str__(self):
        return self.name

    @property
    def local_name(self) -> str:
        return self.name_en or self.name if get_language() == "en" else self.name


class Examination(models.Model):
    """One unit of a disputed line, one question. The fee is frozen when it is asked; who pays follows the finding."""

    class Finding(models.TextChoices):
        FOR_CUSTOMER = rules.FOR_CUSTOMER, _("as the customer says")
        FOR_SHOP = rules.FOR_SHOP, _("as the shop says")
        UNCLEAR = rules.UNCLEAR, _("cannot be told")

    class Payer(models.TextChoices):
        MERCHANT = rules.MERCHANT, _("the shop")
        PLATFORM = rules.PLATFORM, _("the platform")

    request = models.ForeignKey(
        "aftersales.ReturnRequest", models.PROTECT, related_name="examinations", verbose_name=_("request")
    )
    line = models.ForeignKey("aftersales.ReturnLine", models.PROTECT, related_name="examinations")
    examiner = models.ForeignKey(
        Examiner, models.PROTECT, related_name="examinations", verbose_name=_("independent inspector")
    )
    question = models.CharField(max_length=1000)
    fee = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    asked_by_kind = models.CharField(max_length=10)
    asked_by_id = models.CharField(max_length=100, blank=True)
    asked_by_name = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(_("report due"))
    late_at = models.DateTimeField(null=True, blank=True)  # when somebody was asked where the report is
    finding = models.CharField(_("finding"), max_length=12, choices=Finding, blank=True)
    found = models.CharField(max_length=2000, blank=True)  # in plain words; both sides read it
    report = models.ManyToManyField("aftersales.Evidence", related_name="+", blank=True)
    payer = models.CharField(_("pays"), max_length=8, choices=Payer, blank=True)
    reported_at = models.DateTimeField(_("report entered"), null=True, blank=True)
    reported_by = models.CharField(max_length=150, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("independent inspection"), _("independent inspections")
        ordering = ("asked_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(reported_at=None, called_off_at=None), name="one_open_examination"
            ),
            models.CheckConstraint(
                name="examination_found_or_not",
                condition=Q(reported_at=None, finding="", payer="")
                | (Q(reported_at__isnull=False, called_off_at=None) & ~Q(finding="") & ~Q(payer="")),
            ),
        ]
        permissions = [("run_examination", "Can have a unit inspected independently and enter the report")]

    def __str__(self):
        return f"{self.request_id}: {self.examiner_id}"

    @property
    def asked_by(self) -> Actor:
        return Actor(self.asked_by_kind, self.asked_by_id, self.asked_by_name)

    @property
    def is_open(self) -> bool:
        return self.reported_at is None and self.called_off_at is None

    @property
    def reference(self) -> str:
        """Of its posting in the ledger."""
        return f"examination:{self.pk}"
