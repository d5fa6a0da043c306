from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from returns_platform.kernel.work import Work


class User(AbstractUser):
    """A person who signs in: customer, member of a shop, or staff of the platform."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    language = models.CharField(max_length=7, choices=Language, default=Language.CHINESE)
    phone = PhoneNumberField(_("phone"), blank=True, db_index=True)


class OneTimeCode(Work):
    """A code sent to a phone or mailbox to prove that a person holds it; used once, for ten minutes.

    The row is also the work of sending it. The code itself is kept nowhere: it follows from `salt` and the
    secret key. A decoy (nobody to send it to) looks the same from outside and never opens anything.
    """

    class Purpose(models.TextChoices):
        ORDER = "order"
        SIGN_IN = "sign_in"

    address = models.CharField(max_length=254, db_index=True)  # E.164 or e-mail
    purpose = models.CharField(max_length=10, choices=Purpose)
    reference = models.CharField(max_length=100, blank=True)  # what it opens: an order number
    language = models.CharField(max_length=7, default=User.Language.CHINESE)
    salt = models.CharField(max_length=64, unique=True)
    decoy = models.BooleanField(default=False)
    guesses = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"code {self.pk} for {self.purpose}"


class Attempt(models.Model):
    """Somebody tried a door. Counted per key and time; the key is a digest, so the table names nobody."""

    what = models.CharField(max_length=20)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["what", "key", "at"])]

    def __str__(self):
        return f"{self.what} at {self.at}"


class SentMessage(models.Model):
    """The outbox of a demonstration: what would have gone out by SMS or mail. Real servers keep none."""

    class Channel(models.TextChoices):
        SMS = "sms"
        MAIL = "mail"

    channel = models.CharField(max_length=4, choices=Channel)
    to = models.CharField(max_length=254, db_index=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    code = models.CharField(max_length=10, blank=True)  # the one-time code inside, if any
    reference = models.CharField(max_length=150, unique=True)  # as a real gateway: the same again is the same message
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.channel} to {self.to}"


class Heartbeat(models.Model):
    """When a sweep last ran: `readyz` reads it."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name
