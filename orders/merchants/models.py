from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from simple_history.models import HistoricalRecords


class Merchant(models.Model):
    """A shop. What it needs before it can take goods back: a return address, hours, and a contact."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    return_name = models.CharField(_("who takes returns in"), max_length=100, blank=True)
    return_phone = PhoneNumberField(_("phone for couriers"), blank=True)
    return_province = models.CharField(_("province"), max_length=50, blank=True)
    return_city = models.CharField(_("city"), max_length=50, blank=True)
    return_district = models.CharField(_("district"), max_length=50, blank=True)
    return_street = models.CharField(_("street and number"), max_length=200, blank=True)
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    contact = models.CharField(_("how customers reach the shop"), max_length=200, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)
    # The return centre that takes its newly approved returns in; null: the shop itself does.
    joining = models.ForeignKey(
        "orders.Joining", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("return centre")
    )
    history = HistoricalRecords()

    def __str__(self):
        return self.name

    @property
    def local_name(self) -> str:
        """In the reader's language, as far as it has one."""
        return self.name_en or self.name if get_language() == "en" else self.name

    @property
    def can_take_returns(self) -> bool:
        """A courier can be sent: somebody, somewhere, with a phone."""
        return all((self.return_name, self.return_phone, self.return_city, self.return_street))

    @property
    def returns_go_to(self):
        """Where goods go whose return is approved now: its return centre, else the shop itself."""
        return self.joining.centre if self.joining_id else self

    @property
    def return_address(self) -> dict:
        return {
            "name": self.return_name, "phone": str(self.return_phone), "province": self.return_province,
            "city": self.return_city, "district": self.return_district, "street": self.return_street,
        }  # fmt: skip


class Member(models.Model):
    """A person who works for a shop, and as what."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        AGENT = "agent", _("agent")
        WAREHOUSE = "warehouse", _("warehouse")
        FINANCE = "finance", _("finance")
        VIEWER = "viewer", _("viewer")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    # In a small shop one person wears several hats: the owner who also unpacks the parcels.
    also = ArrayField(models.CharField(max_length=10, choices=Role), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="one_membership_per_shop")]

    def __str__(self):
        return f"{self.user} ({self.role}) at {self.merchant}"

    @property
    def roles(self) -> frozenset[str]:
        return frozenset({self.role, *self.also})


class ApiToken(models.Model):
    """A program that acts for one shop. Only the digest is kept."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10), default=list)
    label = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"token {self.pk} of {self.merchant}"


class KeptAnswer(models.Model):
    """What a call with an Idempotency-Key was answered, so that the same call changes nothing again."""

    token = models.ForeignKey(ApiToken, models.PROTECT)
    path = models.CharField(max_length=300)
    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "path", "key"], name="one_answer_per_key")]

    def __str__(self):
        return f"{self.status} on {self.path}"
