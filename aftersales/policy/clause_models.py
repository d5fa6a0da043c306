"""The clauses of a shop as rows: numbered versions, drafts edited freely, published ones standing still."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .clauses import ASKABLE, DEDUCTIONS, TIMES
from .models import PolicyVersion, VersionRow, WindowRow
from .reasons import REASONS


class ClauseVersion(models.Model):
    """One numbered set of clauses of one shop. It holds for purchases from its start on, beside the platform's."""

    State = PolicyVersion.State

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="clause_versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    starts_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    note = models.CharField(_("what changes and why"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.CharField(_("published by"), max_length=150, blank=True)

    class Meta:
        ordering = ["merchant", "-number"]
        verbose_name = _("version of a shop's clauses")
        verbose_name_plural = _("versions of shops' clauses")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="clauses_once_per_number"),
            models.UniqueConstraint(fields=["merchant"], condition=Q(state="draft"), name="clauses_one_draft"),
            models.CheckConstraint(
                name="clauses_published_are_dated",
                condition=Q(state="draft") | Q(starts_at__isnull=False, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="clauses_never_start_before_they_are_published",
                condition=Q(starts_at=None) | Q(published_at=None) | Q(starts_at__gte=models.F("published_at")),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "state", "starts_at"], name="clauses_in_force")]

    def __str__(self):
        return _("Clauses %(number)s") % {"number": self.number}

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def can_be_withdrawn(self, now) -> bool:
        """Until it starts; later, orders stand on it."""
        return self.is_published and self.starts_at > now


class Announcement(models.Model):
    """That customers are told of a version that started: how far it is, so that each is told once.

    reached: the key of the last customer who was told. done_at: everybody was.
    """

    platform = models.OneToOneField(PolicyVersion, models.PROTECT, null=True, blank=True, related_name="announcement")
    clauses = models.OneToOneField(ClauseVersion, models.PROTECT, null=True, blank=True, related_name="announcement")
    reached = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="announcement_of_one_version",
                condition=Q(platform=None, clauses__isnull=False) | Q(platform__isnull=False, clauses=None),
            ),
        ]

    def __str__(self):
        return str(self.platform or self.clauses)


# A comparison with NULL lets a CHECK pass, so that it is there is said apart.
_A_LENGTH = Q(length__isnull=False, length__gte=1, length__lte=8760, limit=None, evidence="")
_A_LIMIT = Q(length=None, limit__isnull=False, limit__gte=1, evidence="", term="")
_FOR_NO_GOODS = Q(basis="", category="", sku="", reason="")
_NO_FIGURE = Q(length=None, limit=None, evidence="")


class ClauseRow(VersionRow):
    """One kindness. Which columns it has follows from what it gives; the database knows that as well."""

    class Gives(models.TextChoices):
        WINDOW = "window", _("More time")
        OPEN = "open", _("No-reason returns for goods that are excluded")
        KEEP = "keep", _("Refund at once, goods stay with the customer")
        SEND_BACK = "send_back", _("Refund at once when the goods come back")
        FREIGHT = "freight", _("You pay the way back")
        EVIDENCE = "evidence", _("Fewer photos and videos")
        NO_DEDUCTION = "no_deduction", _("Nothing is deducted")
        TIME = "time", _("Kinder deadlines")
        COURIER = "courier", _("More for a courier the customer paid")

    class Evidence(models.TextChoices):
        NONE = "E0", _("nothing")
        FEW = "E1", _("one to three photos")
        FOUR = "E2", _("four photos")

    class Deduction(models.TextChoices):
        PICKUP = "pickup", _("the pickup by a courier")
        WAIVED_FREIGHT = "waived_freight", _("freight that was waived")
        POINTS = "points", _("points that were spent already")
        PROMOTION = "promotion", _("the promotion for what is kept")

    class Time(models.TextChoices):
        EVIDENCE = "evidence", _("the customer adds photos within, hours")
        SENDING = "sending", _("the customer sends the goods within, days")
        ANSWER = "answer", _("you answer within, hours")
        COUNT = "count", _("you count the goods within, hours")
        INSPECTION = "inspection", _("you inspect the goods within, days")

    version = models.ForeignKey(ClauseVersion, on_delete=models.CASCADE, related_name="rows")
    gives = models.CharField(_("what you give"), max_length=12, choices=Gives)
    basis = models.CharField(_("for"), max_length=12, choices=WindowRow.Basis, blank=True)
    category = models.CharField(_("kind of goods"), max_length=40, blank=True)
    sku = models.CharField(
        _("one product"), max_length=64, blank=True,
        validators=[RegexValidator(r"^[^\s\x00-\x1f\x7f]+( [^\s\x00-\x1f\x7f]+)*\Z")],
    )  # fmt: skip
    reason = models.CharField(_("one reason"), max_length=32, blank=True)
    length = models.PositiveSmallIntegerField(_("how long"), null=True, blank=True)
    unit = models.CharField(pgettext_lazy("of time", "unit"), max_length=5, choices=WindowRow.Unit, blank=True)
    limit = models.PositiveBigIntegerField(_("up to"), null=True, blank=True)
    evidence = models.CharField(_("you ask for at most"), max_length=2, choices=Evidence, blank=True)
    term = models.CharField(_("which"), max_length=14, blank=True)

    class Meta:
        ordering = ["version", "id"]
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "gives", "basis", "category", "sku", "reason", "term"],
                name="clause_once",
            ),
            models.CheckConstraint(
                name="clause_has_what_it_gives",
                condition=(
                    (Q(gives="window", basis__in=["no_reason", "quality", "fulfilment"]) & _A_LENGTH & Q(term=""))
                    | (Q(gives="open", basis="no_reason") & ~Q(category="", sku="") & _A_LENGTH & Q(term=""))
                    | (Q(gives__in=["keep", "send_back"], basis__in=["", "quality", "fulfilment"]) & _A_LIMIT)
                    | (Q(gives="freight", basis="no_reason", term="") & _NO_FIGURE)
                    | Q(gives="evidence", evidence__in=list(ASKABLE), length=None, limit=None, term="")
                    | (Q(gives="no_deduction", term__in=list(DEDUCTIONS)) & _FOR_NO_GOODS & _NO_FIGURE)
                    | (Q(gives="time", term__in=list(TIMES)) & _FOR_NO_GOODS & _A_LENGTH)
                    | (Q(gives="courier") & _FOR_NO_GOODS & _A_LIMIT)
                ),
            ),
            models.CheckConstraint(
                name="clause_unit",
                condition=Q(gives__in=["window", "open"], unit__in=["hours", "days"])
                | (~Q(gives__in=["window", "open"]) & Q(unit="")),
            ),
        ]

    def __str__(self):
        return " ".join(filter(None, [self.gives, self.basis, self.category, self.sku, self.reason]))

    def clean(self):
        if self.reason and self.reason not in REASONS:
            raise ValidationError({"reason": _("There is no such reason.")})
        terms = {self.Gives.NO_DEDUCTION: DEDUCTIONS, self.Gives.TIME: TIMES}.get(self.gives)
        if terms and self.term not in terms:
            raise ValidationError({"term": _("Choose one of these")})
