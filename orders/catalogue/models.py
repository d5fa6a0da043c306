from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """Kinds of goods that policy tells apart. Orders freeze the code; other codes are taken as sent."""

    FRESH = "fresh", _("fresh food")
    PACKAGED_FOOD = "packaged_food", _("packaged food")
    APPAREL = "apparel", _("clothing")
    SHOES_BAGS = "shoes_bags", _("shoes and bags")
    ELECTRONICS = "electronics", _("electronics")
    COSMETICS = "cosmetics", _("cosmetics")
    FURNITURE = "furniture", _("furniture and home")
    CUSTOM = "custom", _("made to order")
    DIGITAL = "digital", _("digital goods")


class Product(models.Model):
    """What a shop sells. Orders freeze title, category and price: nothing is recomputed from here."""

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="products")
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=20, choices=Category)
    price = models.BigIntegerField()
    style = models.CharField(max_length=64, blank=True)  # what its sizes and colours share; empty: there are none
    option = models.CharField(max_length=60, blank=True)  # which of them this is: "L", "black, 64 GB"
    weight_g = models.PositiveIntegerField(default=500)
    picture = models.CharField(max_length=200, blank=True)  # path below static/

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="one_product_per_sku")]

    def __str__(self):
        return self.title


class Stock(models.Model):
    """How many units of an article a shop has. Two counters, which only movements change.

    available: may be promised to somebody. reserved: promised, still on the shelf. An article without a row is not
    counted here: its shop looks after it itself.
    """

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="stock")
    sku = models.CharField(max_length=64)
    available = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="one_stock_per_sku"),
            models.CheckConstraint(name="stock_never_below_zero", condition=Q(available__gte=0) & Q(reserved__gte=0)),
        ]

    def __str__(self):
        return f"{self.sku}: {self.available} + {self.reserved}"


class StockMovement(models.Model):
    """Why stock changed. Only ever added; the same reference moves nothing a second time (T119)."""

    class Kind(models.TextChoices):
        COUNTED = "counted", _("counted")
        RESERVED = "reserved", _("reserved")
        RELEASED = "released", _("free again")
        SENT = "sent", _("sent")
        RESTOCKED = "restocked", _("back on the shelf")

    stock = models.ForeignKey(Stock, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=9, choices=Kind)
    available = models.BigIntegerField()  # by how much that counter changed
    reserved = models.BigIntegerField()
    reference = models.CharField(max_length=100, unique=True)
    by_kind = models.CharField(max_length=10)
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self):
        return f"{self.kind} {self.reference}"
