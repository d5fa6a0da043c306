from django.db import models
from django.utils.translation import gettext_lazy as _

from logistics.couriers import stages
from logistics.parcels.models import Parcel


class TrackingEvent(models.Model):
    """One scan, as the courier itself told when it was asked; once, however often it is told. Never edited."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="events")
    courier = models.CharField(max_length=20, blank=True)  # who carried it, as far as it was known then
    waybill = models.CharField(max_length=32)
    op_code = models.CharField(max_length=20)
    at = models.DateTimeField()  # by the courier's clock
    stage = models.CharField(max_length=20, choices=[(stage, stage) for stage in stages.ALL])
    incident = models.CharField(max_length=10, blank=True)  # couriers.stages: refused, lost
    place = models.CharField(max_length=100, blank=True)
    text = models.CharField(max_length=500, blank=True)  # in the courier's words and language
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(name="one_row_per_scan", fields=["parcel", "waybill", "op_code", "at"]),
        ]

    def __str__(self):
        return f"{self.waybill} {self.op_code}"
