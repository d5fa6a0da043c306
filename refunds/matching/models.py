"""Bills of the channels as they came, what became of each row, and refunds that were made past this platform."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from refunds.payouts.models import ACTOR_KINDS, Break, Refund
from returns_platform.kernel.work import Work

SOURCES = [("nightly", _("by night")), ("by_hand", _("by hand"))]


class StatementDay(Work):
    """One day of one channel, whose bill is to be fetched and matched: the row is the work."""

    channel = models.CharField(max_length=13)
    day = models.DateField()
    due_from = models.DateTimeField()  # from when the channel has it
    file = models.OneToOneField(
        "refunds.StatementFile", models.PROTECT, null=True, blank=True, related_name="in_force_for"
    )
    matched_at = models.DateTimeField(null=True, blank=True)  # of the file in force; empty: not yet

    class Meta:
        verbose_name, verbose_name_plural = _("day of a channel"), _("days of the channels")
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="one_statement_day")]
        indexes = [
            models.Index(fields=["next_try_at"], name="statement_due", condition=Q(next_try_at__isnull=False)),
        ]
        permissions = [("import_statement", "Can import a channel's bill by hand")]

    def __str__(self):
        return f"{self.channel} {self.day}"


class StatementFile(models.Model):
    """A bill as it was imported. A corrected one is another revision; the day says which is in force."""

    day = models.ForeignKey(StatementDay, models.PROTECT, related_name="files")
    revision = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=8, choices=SOURCES)
    by_kind = models.CharField(max_length=10, choices=ACTOR_KINDS)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    imported_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    sums = models.JSONField(default=dict)  # {currency: {kind: minor units}}

    class Meta:
        verbose_name, verbose_name_plural = _("imported bill"), _("imported bills")
        constraints = [models.UniqueConstraint(fields=["day", "revision"], name="one_statement_revision")]

    def __str__(self):
        return f"{self.day} ({self.revision})"


class StatementLine(models.Model):
    """One row of a bill, as it was read; never changed."""

    file = models.ForeignKey(StatementFile, models.PROTECT, related_name="lines")
    channel = models.CharField(max_length=13)
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=64)  # our number, else the channel's: what rows are gathered by
    number = models.CharField(max_length=64, blank=True)
    channel_ref = models.CharField(max_length=64, blank=True)
    transaction_id = models.CharField(max_length=64, blank=True)
    also_known_as = models.CharField(max_length=64, blank=True)  # the channel's other name of the payment
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("row of a bill"), _("rows of bills")
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="one_statement_line")]
        indexes = [models.Index(fields=["channel", "key"])]

    def __str__(self):
        return f"{self.file} {self.line}"


class Match(models.Model):
    """What became of a row. It belongs to a refund of ours, to a break, or to neither where nothing has to match."""

    line = models.OneToOneField(StatementLine, models.PROTECT, primary_key=True, related_name="match")
    result = models.CharField(max_length=8)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="statement_matches")
    finding = models.ForeignKey(Break, models.PROTECT, null=True, blank=True, related_name="matches")
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("match"), _("matches")
        constraints = [
            models.CheckConstraint(
                name="a_match_belongs_somewhere",
                condition=Q(result="aside") | Q(result="matched", refund__isnull=False, finding=None)
                | Q(result="break", finding__isnull=False),
            )
        ]  # fmt: skip

    def __str__(self):
        return f"{self.line} {self.result}"


class ExternalRefund(models.Model):
    """A refund that somebody made at the channel, past this platform: the payment holds that much less (F44).

    reserved: whether the payment still held it. undone_at: it came back, the bill was corrected, or it was found to
    be one of our refunds (`refund`).
    """

    channel = models.CharField(max_length=13)
    channel_ref = models.CharField(max_length=64)  # the channel's own number of it, else ours
    number = models.CharField(max_length=64, blank=True)
    payment = models.ForeignKey("orders.Payment", models.PROTECT, related_name="external_refunds")
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="external_refunds")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="external_refunds")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    reserved = models.BooleanField()
    booked_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="was_external")

    class Meta:
        verbose_name, verbose_name_plural = _("refund made at the channel"), _("refunds made at the channel")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "channel_ref", "payment"], name="one_external_refund", condition=Q(undone_at=None)
            ),
            models.CheckConstraint(name="external_above_zero", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="external_undone_after_booked",
                condition=Q(undone_at=None) | Q(undone_at__gte=F("booked_at")),
            ),
        ]

    def __str__(self):
        return f"{self.channel} {self.channel_ref}"
