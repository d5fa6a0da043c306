"""Photos and videos of a case: what is kept is a re-encoded copy without metadata, seen by the parties only."""

import uuid

from django.db import models


class Evidence(models.Model):
    class Kind(models.TextChoices):
        PHOTO = "photo"
        VIDEO = "video"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="evidence")
    # Who may use it: the order it was uploaded for on the page; null for a token's upload, bound to its merchant.
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="evidence")
    case_ref = models.CharField(max_length=20, blank=True, db_index=True)  # empty until it is used
    kind = models.CharField(max_length=5, choices=Kind)
    sha256 = models.CharField(max_length=64, db_index=True)  # of the bytes as uploaded
    copy_sha256 = models.CharField(max_length=64)  # of the copy that is kept and shown
    path = models.CharField(max_length=200)  # below MEDIA_ROOT, random
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    size = models.PositiveIntegerField()
    at_bench = models.BooleanField(default=False)  # what the shop's bench saw, not what the customer showed
    label = models.CharField(max_length=100, blank=True)  # the file's name, cleaned; never used as a path
    taken_at = models.DateTimeField(null=True, blank=True)
    by_kind = models.CharField(max_length=10)
    by_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "pk")

    def __str__(self):
        return str(self.public_id)


class EvidenceRead(models.Model):
    """Who looked at which picture, when (I34)."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="reads")
    by_kind = models.CharField(max_length=10)
    by_id = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.by_kind} {self.by_id} read {self.evidence_id}"
