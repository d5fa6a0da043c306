from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class Customer(models.Model):
    """A buyer as one shop knows them. A person (`user`) may be a customer of several shops."""

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="customers")
    external_id = models.CharField(max_length=100)
    name = models.CharField(_("name"), max_length=100)
    phone = PhoneNumberField(_("phone"), blank=True, db_index=True)
    email = models.EmailField(_("e-mail"), blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="customers"
    )
    language = models.CharField(max_length=7, choices=settings.LANGUAGES, default="zh-hans")
    rule_news = models.BooleanField(_("new rules also by e-mail and SMS"), default=True)
    points_balance = models.BigIntegerField(null=True, blank=True)  # as the shop last told; null = not told

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="one_customer_per_external_id")
        ]
        indexes = [models.Index(Upper("email"), name="customer_by_email")]

    def __str__(self):
        return self.name
