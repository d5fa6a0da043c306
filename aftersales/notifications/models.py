"""Notices: one row per person, event and channel. The row is the work; sending it twice is impossible."""

from django.conf import settings
from django.db import models

from returns_platform.kernel.work import Work


class Notice(Work):
    class Channel(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"
        INBOX = "inbox"

    key = models.CharField(max_length=120, unique=True)  # case, event, receiver, channel: each once (I29)
    case_ref = models.CharField(max_length=20, db_index=True)
    event = models.CharField(max_length=30)
    channel = models.CharField(max_length=5, choices=Channel)
    customer = models.ForeignKey("orders.Customer", models.PROTECT, null=True, blank=True, related_name="notices")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, null=True, blank=True, related_name="notices")
    address = models.CharField(max_length=254, blank=True)  # mailbox or phone; empty for the inbox
    language = models.CharField(max_length=7, choices=settings.LANGUAGES)
    params = models.JSONField(default=dict)  # facts the text is made of, rendered when it is sent
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], name="notice_due", condition=models.Q(next_try_at__isnull=False)),
            models.Index(fields=["customer", "-created_at"], name="inbox_of_customer"),
        ]

    def __str__(self):
        return self.key
