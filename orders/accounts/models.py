from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class User(AbstractUser):
    """A person who signs in: customer, member of a shop, or staff of the platform."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    language = models.CharField(max_length=7, choices=Language, default=Language.CHINESE)
    phone = PhoneNumberField(_("phone"), blank=True, db_index=True)


class OneTimeCode(models.Model):
    """A code sent to a phone or mailbox to prove that a person holds it. Kept as a digest, used once."""

    address = models.CharField(max_length=254, db_index=True)  # E.164 or e-mail, whichever was asked
    purpose = models.CharField(max_length=20)
    reference = models.CharField(max_length=100, blank=True)  # what it opens: an order, a customer
    digest = models.CharField(max_length=128)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class Heartbeat(models.Model):
    """When a sweep last ran: `readyz` reads it."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()
