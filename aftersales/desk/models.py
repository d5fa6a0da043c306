"""The queues of the staff as entries of their own in the admin, and who has which case open right now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from aftersales.returns.models import ReturnRequest, SupportTask


class Lease(models.Model):
    """Somebody works on this; nobody else is handed it until then."""

    about = models.CharField(max_length=40, unique=True)  # a return number; task-17 where a task has no request
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    until = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "until"])]

    def __str__(self):
        return self.about


# --- requests that wait for the platform ------------------------------------------------------------------


class PlatformReview(ReturnRequest):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Waiting for the platform's decision")


class DoubtfulInspection(ReturnRequest):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Doubtful inspections")


class SecondPerson(ReturnRequest):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Waiting for a second person")


# --- tasks, by what they are about ------------------------------------------------------------------------


class Appeal(SupportTask):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("The platform was called in")


class GoodsTask(SupportTask):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Goods that do not add up")


class ParcelTask(SupportTask):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Parcels in trouble")


class LateTask(SupportTask):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Time is over")


class ReplacementTask(SupportTask):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Exchanges and repairs that do not move")


class OtherTask(SupportTask):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Other tasks")
