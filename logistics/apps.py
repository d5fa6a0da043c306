from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Logistics(AppConfig):
    """Moving parcels: couriers, pickups, and where things are."""

    name = "logistics"
    verbose_name = _("Logistics")
