from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Orders(AppConfig):
    """What was bought: the ground everything else stands on."""

    name = "orders"
    verbose_name = _("Orders")
