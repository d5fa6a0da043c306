"""Photos and videos of a case: what is kept is a re-encoded copy without metadata, seen by the parties only."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from aftersales.evidence.advice import WORDS, advice
from returns_platform.kernel.work import Work

REPORT = "-R"  # after a case's number: pages of an independent inspector's report, which its parties see
TRANSFER = "transfer-"  # begins what a bank's slip is about, instead of a case: the platform's people alone see it


class Evidence(Work):
    """A row is work until a worker has looked at the picture."""

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
    facts = models.JSONField(default=dict)  # what the upload said of itself: camera, program, times; never a place
    features = ArrayField(models.FloatField(), default=list)  # colour and texture, `sandbox/produce.py:NAMES`
    codes = ArrayField(models.CharField(max_length=32), default=list)  # numbers in barcodes that are in the picture
    looked_at = models.DateTimeField(null=True, blank=True)

    @property
    def advice(self) -> str:
        """To the customer, on a photo that is hard to judge; "" for none."""
        return WORDS.get(advice(self.facts), "")

    class Meta:
        ordering = ("created_at", "pk")
        indexes = [
            models.Index(fields=["next_try_at"], name="evidence_due", condition=models.Q(next_try_at__isnull=False)),
        ]

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


class Bits(models.Field):
    """A row of bits of fixed length, as "0" and "1" in Python; compared in the database by bit_count(a # b)."""

    def __init__(self, length: int, *args, **kwargs):
        self.length = length
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.length, *args], kwargs

    def db_type(self, connection):
        return f"bit({self.length})"

    def get_placeholder(self, value, compiler, connection):
        return f"%s::bit({self.length})"


class Print(models.Model):
    """What a picture looks like, as bits (`aftersales/evidence/sandbox/prints.py`). bands: to find it by."""

    class Part(models.TextChoices):
        WHOLE = "whole"
        MIRROR = "mirror"
        CROP = "crop"

    evidence = models.ForeignKey(Evidence, models.CASCADE, related_name="prints")
    part = models.CharField(max_length=6, choices=Part)
    fine = Bits(256)
    bands = ArrayField(models.IntegerField(), size=4)

    class Meta:
        indexes = [GinIndex(fields=["bands"], name="print_bands", fastupdate=False)]

    def __str__(self):
        return f"{self.part} of {self.evidence_id}"


class Twin(models.Model):
    """Two uploads that show one picture. distance: bits of 256 in which they differ at best."""

    first = models.ForeignKey(Evidence, models.CASCADE, related_name="later_twins")
    second = models.ForeignKey(Evidence, models.CASCADE, related_name="earlier_twins")
    distance = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_row_per_pair_of_twins"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="the_older_twin_first"),
        ]

    def __str__(self):
        return f"{self.first_id} = {self.second_id}"


class WaybillPhoto(Work):
    """A photo of a waybill of which somebody wants the number; the row is work until its print has been read."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_ref = models.CharField(max_length=20, db_index=True)
    path = models.CharField(max_length=200, blank=True)  # below MEDIA_ROOT, as it was sent; empty once it is read
    numbers = ArrayField(models.CharField(max_length=32), default=list)  # what looks like one
    printed = models.BooleanField()  # read from characters, which may be mistaken, not from bars
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], name="waybill_photo_due",
                         condition=models.Q(next_try_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.public_id} of {self.case_ref}"


class Grade(models.Model):
    """How much of the goods in a photo is bad, in percent, as a person saw it who judged the case."""

    evidence = models.OneToOneField(Evidence, models.CASCADE, related_name="grade")
    share = models.PositiveSmallIntegerField()
    by_kind = models.CharField(max_length=10)
    by_id = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(share__lte=100), name="a_share_is_at_most_all")]

    def __str__(self):
        return f"{self.share} % of {self.evidence_id}"
