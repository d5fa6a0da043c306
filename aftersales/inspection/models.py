"""The bench: what came, in which condition, and where it goes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    grade = models.CharField(max_length=1, choices=Grade)
    disposition = models.CharField(max_length=20, choices=Disposition)
    note = models.CharField(max_length=2000, blank=True)
    by_kind = models.CharField(max_length=10)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "grade"], name="a_line_once_per_grade")]

    def __str__(self):
        return f"{self.quantity} of line {self.line_id}: {self.grade}"
