from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from simple_history.models import HistoricalRecords


class Centre(models.Model):
    """A return centre: small shops that have no bench send their returns there to be counted and graded.

    fee_parcel, fee_unit: what a shop that joins today pays, in minor units of `currency`.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    receiver = models.CharField(_("who takes returns in"), max_length=100)
    phone = PhoneNumberField(_("phone for couriers"))
    province = models.CharField(_("province"), max_length=50)
    city = models.CharField(_("city"), max_length=50)
    district = models.CharField(_("district"), max_length=50, blank=True)
    street = models.CharField(_("street and number"), max_length=200)
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    fee_parcel = models.PositiveIntegerField(_("fee for a parcel, in fen"), default=0)
    fee_unit = models.PositiveIntegerField(_("fee for a unit, in fen"), default=0)
    takes_shops = models.BooleanField(_("shops may join"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name, verbose_name_plural = _("return centre"), _("return centres")
        permissions = [("run_centre", "Can let shops join a return centre and leave it, and name its people")]

    def __str__(self):
        return self.name

    @property
    def local_name(self) -> str:
        return self.name_en or self.name if get_language() == "en" else self.name

    @property
    def can_take_returns(self) -> bool:
        """As of a shop: a centre is never without an address."""
        return True

    @property
    def return_address(self) -> dict:
        """As couriers get it."""
        return {
            "name": self.receiver, "phone": str(self.phone), "province": self.province, "city": self.city,
            "district": self.district, "street": self.street,
        }  # fmt: skip


class CentreMember(models.Model):
    """A person who works in a return centre, and as what."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("manager")
        INSPECTOR = "inspector", _("inspector")
        RECEIVER = "receiver", _("receiver")

    centre = models.ForeignKey(Centre, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="centre_memberships")
    role = models.CharField(max_length=10, choices=Role)
    also = ArrayField(models.CharField(max_length=10, choices=Role), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "user"], name="one_membership_per_centre")]

    def __str__(self):
        return f"{self.user} ({self.role}) at {self.centre}"

    @property
    def roles(self) -> frozenset[str]:
        return frozenset({self.role, *self.also})

    @property
    def is_manager(self) -> bool:
        return self.Role.MANAGER in self.roles


class Joining(models.Model):
    """A shop sends its returns to a centre, for the fees it agreed to. Ended, and never changed otherwise.

    The shop's present one is `Merchant.joining`; a case keeps the one under which it was approved.
    """

    merchant = models.ForeignKey("orders.Merchant", models.PROTECT, related_name="joinings")
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="joinings")
    fee_parcel = models.PositiveIntegerField()
    fee_unit = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    joined_at = models.DateTimeField()
    joined_by = models.CharField(max_length=150)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant"], condition=Q(left_at=None), name="one_centre_at_a_time")
        ]

    def __str__(self):
        return f"{self.merchant} at {self.centre}"
