"""What couriers ask for a way, and whom a shop wants asked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Rate(models.Model):
    """What a courier asked for a parcel from one city to another, when it was asked. The shop's cost, in minor units.

    amount: empty where it does not come (`served` is False), or did not answer (`served` is empty).
    """

    courier = models.CharField(max_length=20)
    origin = models.CharField(max_length=100)  # province and city
    destination = models.CharField(max_length=100)
    grams = models.PositiveIntegerField()
    served = models.BooleanField(null=True)
    amount = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("courier's price")
        verbose_name_plural = _("couriers' prices")
        constraints = [
            models.UniqueConstraint(name="one_rate_per_way", fields=["courier", "origin", "destination", "grams"]),
            models.CheckConstraint(
                name="a_price_where_served",
                condition=models.Q(amount__gt=0, served=True)
                | models.Q(amount=None) & (models.Q(served=False) | models.Q(served=None)),
            ),
        ]

    def __str__(self):
        return f"{self.courier} {self.origin} {self.destination}"


class Wish(models.Model):
    """Which couriers a shop wants for its returns, the preferred one first. Without a row: the platform's order.

    cheapest: the price decides, and the order only between equals.
    """

    merchant = models.OneToOneField("orders.Merchant", models.CASCADE, related_name="courier_wish")
    couriers = ArrayField(models.CharField(max_length=20))
    cheapest = models.BooleanField(default=False)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("wish for couriers")
        verbose_name_plural = _("wishes for couriers")

    def __str__(self):
        return str(self.merchant)
