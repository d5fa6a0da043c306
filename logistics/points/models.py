"""Places where customers hand goods in without a courier: a shop's stores, and stations that send parcels on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from logistics.points import rules


class Point(models.Model):
    """One place of one shop.

    sends_on: a station that forwards the parcel; otherwise goods are taken in, counted and checked right there.
    capacity: parcels a day. closed_on: ISO weekdays, 1 is Monday. Coordinates in degrees.
    """

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="points")
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    province = models.CharField(_("province"), max_length=50)
    city = models.CharField(_("city"), max_length=50)
    district = models.CharField(_("district"), max_length=50, blank=True)
    street = models.CharField(_("street and number"), max_length=200)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    opens = models.TimeField(_("opens at"))
    closes = models.TimeField(_("closes at"))
    closed_on = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("closed on"), default=list, blank=True)
    capacity = models.PositiveIntegerField(_("parcels a day"))
    sends_on = models.BooleanField(_("sends parcels on to the warehouse"), default=False)
    is_active = models.BooleanField(_("takes parcels in"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("drop-off point"), _("drop-off points")
        constraints = [
            models.CheckConstraint(
                name="point_is_on_earth",
                condition=Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
            ),
            models.CheckConstraint(name="point_opens_before_it_closes", condition=Q(opens__lt=F("closes"))),
            models.UniqueConstraint(fields=["merchant", "name"], name="point_once_per_shop"),
        ]
        indexes = [
            models.Index(name="points_near", fields=["merchant", "latitude"], condition=Q(is_active=True)),
        ]

    def __str__(self):
        return self.name

    @property
    def local_name(self) -> str:
        return self.name_en or self.name if get_language() == "en" else self.name

    @property
    def spot(self) -> rules.Spot:
        return rules.Spot(self.latitude, self.longitude)

    @property
    def address(self) -> dict:
        return {name: getattr(self, name) for name in ("province", "city", "district", "street")}

    def is_open(self, now: datetime, zone: str) -> bool:
        local = now.astimezone(ZoneInfo(zone))
        return rules.is_open(local, opens=self.opens, closes=self.closes, closed_on=self.closed_on)
