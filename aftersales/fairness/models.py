"""Fairness as an entry of its own in the admin: figures over requests, no rows of their own."""

from django.utils.translation import gettext_lazy as _

from aftersales.returns.models import ReturnRequest


class Fairness(ReturnRequest):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = _("Fairness of shops and policies")
