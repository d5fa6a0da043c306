"""Notices: one row per person, event and channel. The row is the work; sending it twice is impossible."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel.work import Work


class Notice(Work):
    """A line in somebody's inbox, which is there at once, or a letter or SMS, which is due until it is sent."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("SMS")
        INBOX = "inbox", _("inbox")

    key = models.CharField(max_length=120, unique=True)  # case, event, receiver, channel: each once (I29)
    case_ref = models.CharField(max_length=20, db_index=True)
    event = models.CharField(max_length=30)
    channel = models.CharField(max_length=5, choices=Channel)
    customer = models.ForeignKey("orders.Customer", models.PROTECT, null=True, blank=True, related_name="notices")
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, null=True, blank=True, related_name="notices")
    user = models.ForeignKey(  # somebody of the platform's staff
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="notices"
    )
    address = models.CharField(max_length=254, blank=True)  # mailbox or phone; empty for the inbox
    language = models.CharField(max_length=7, choices=settings.LANGUAGES)
    params = models.JSONField(default=dict)  # facts that the text is made of when it is sent or read
    subject = models.CharField(max_length=200, blank=True)  # as it was sent
    body = models.TextField(blank=True)  # as it was sent
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        permissions = [("send_again", _("May let a notice be sent again"))]
        constraints = [
            models.CheckConstraint(
                name="notice_has_one_reader",
                condition=Q(customer=None, merchant__isnull=False, user=None)
                | Q(customer__isnull=False, merchant=None, user=None)
                | Q(customer=None, merchant=None, user__isnull=False),
            ),
            models.CheckConstraint(name="a_way_to_send_it", condition=Q(channel="inbox") | ~Q(address="")),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="notice_due", condition=Q(next_try_at__isnull=False)),
            models.Index(
                fields=["customer", "-created_at", "-id"], name="inbox_of_customer", condition=Q(channel="inbox")
            ),
            models.Index(
                fields=["merchant", "-created_at", "-id"],
                name="inbox_of_shop",
                condition=Q(channel="inbox", merchant__isnull=False),
            ),
            models.Index(fields=["customer"], name="unread", condition=Q(channel="inbox", read_at=None)),
            models.Index(
                fields=["created_at"],
                name="notice_given_up",
                condition=Q(sent_at=None, next_try_at=None),
            ),
        ]

    def __str__(self):
        return self.key

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    @property
    def is_given_up(self) -> bool:
        return self.sent_at is None and self.next_try_at is None
