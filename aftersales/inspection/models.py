"""The bench: what came, in which condition, and where it goes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aftersales.inspection import rules


class Grade(models.TextChoices):
    A = "A", _("as new, complete")
    B = "B", _("light traces of use")
    C = "C", _("visible wear or a part missing")
    D = "D", _("damaged or not working")
    S = "S", _("cannot be sold again")
    X = "X", _("not our goods, or empty")


class Disposition(models.TextChoices):
    RESTOCK = "RESTOCK", _("back on the shelf")
    RESALE_OPENED = "RESALE_OPENED", _("sell as opened")
    REFURBISH = "REFURBISH", _("refurbish")
    REPAIR_RETURN = "REPAIR_RETURN", _("repair and send back")
    RETURN_TO_VENDOR = "RETURN_TO_VENDOR", _("back to the supplier")
    LIQUIDATE = "LIQUIDATE", _("sell off")
    PARTS = "PARTS", _("use for parts")
    DONATE = "DONATE", _("give away")
    SCRAP = "SCRAP", _("scrap")
    DESTROY = "DESTROY", _("destroy")
    RETURN_TO_CUSTOMER = "RETURN_TO_CUSTOMER", _("send back to the customer")
    DISPUTE = "DISPUTE", _("clear up with the customer")
    KEEP_BY_CUSTOMER = "KEEP_BY_CUSTOMER", _("stays with the customer")
    QUARANTINE = "QUARANTINE", _("set apart")


class Count(models.Model):
    """How many units of a line were in the parcel, as the merchant counted them."""

    line = models.OneToOneField("aftersales.ReturnLine", models.PROTECT, related_name="count")
    quantity = models.PositiveIntegerField()
    unexpected = models.PositiveIntegerField(default=0)
    by_kind = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.quantity} of line {self.line_id}"


class Inspection(models.Model):
    """Units of a line with one grade and one way on."""

    line = models.ForeignKey("aftersales.ReturnLine", models.PROTECT, related_name="inspections")
    quantity = models.PositiveIntegerField()
    unit = models.PositiveSmallIntegerField(null=True, blank=True)  # whose label was scanned, as on the return slip
    grade = models.CharField(max_length=1, choices=Grade)
    disposition = models.CharField(max_length=20, choices=Disposition)
    sku = models.CharField(max_length=64, blank=True)  # the article that opened goods are sold as, if another
    serial = models.CharField(max_length=64, blank=True)  # as read on the one unit
    note = models.CharField(max_length=2000, blank=True)
    photos = models.ManyToManyField("aftersales.Evidence", related_name="inspections", blank=True)
    # whether they are in the shop's stock; null: graded before the bench moved stock, or the customer's own
    shelved = models.BooleanField(null=True, blank=True)
    by_kind = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "grade"], condition=models.Q(unit=None), name="a_line_once_per_grade"
            ),
            models.UniqueConstraint(fields=["line", "unit"], name="a_labelled_unit_once"),
        ]

    def __str__(self):
        return f"{self.quantity} of line {self.line_id}: {self.grade}"

    @property
    def whereabouts(self) -> dict[str, int]:
        """Units by the way that they are on now."""
        moved = [(step.way_from, step.disposition, step.quantity) for step in self.moved.all()]
        return rules.whereabouts(self.disposition, self.quantity, moved)


class MovedOn(models.Model):
    """Graded units that went on from where they were set apart: mended, cleared up, given up. Only ever added."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="moved")
    seq = models.PositiveSmallIntegerField()  # from 1, without a gap
    quantity = models.PositiveIntegerField()
    way_from = models.CharField(max_length=20, choices=Disposition)
    disposition = models.CharField(max_length=20, choices=Disposition)
    sku = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    shelved = models.BooleanField(null=True, blank=True)
    by_kind = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("seq",)
        constraints = [
            models.UniqueConstraint(fields=["inspection", "seq"], name="moved_on_in_order"),
            models.CheckConstraint(name="some_units_moved_on", condition=models.Q(quantity__gte=1)),
        ]

    def __str__(self):
        return f"{self.quantity} of inspection {self.inspection_id}: {self.disposition}"


class Recovery(models.Model):
    """What units brought that came back, or what they are thought to bring. Only ever added; no money moves by it."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="recoveries")
    seq = models.PositiveSmallIntegerField()  # from 1, without a gap
    way = models.CharField(max_length=20, choices=Disposition)
    quantity = models.PositiveIntegerField()
    amount = models.BigIntegerField()  # of all these units, in the order's currency
    currency = models.CharField(max_length=3)
    estimated = models.BooleanField()
    by_kind = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("seq",)
        constraints = [
            models.UniqueConstraint(fields=["inspection", "seq"], name="recovered_in_order"),
            models.CheckConstraint(
                name="recovery_of_some_units", condition=models.Q(quantity__gte=1) & models.Q(amount__gte=0)
            ),
        ]

    def __str__(self):
        return f"{self.amount} {self.currency} for {self.quantity} of inspection {self.inspection_id}"
