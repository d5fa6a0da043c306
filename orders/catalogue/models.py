from django.db import models
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
    weight_g = models.PositiveIntegerField(default=500)
    picture = models.CharField(max_length=200, blank=True)  # path below static/

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="one_product_per_sku")]

    def __str__(self):
        return self.title
