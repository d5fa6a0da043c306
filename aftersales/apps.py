from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Aftersales(AppConfig):
    """The customer's case, from the wish to the money's arrival."""

    name = "aftersales"
    verbose_name = _("After-sales")

    def ready(self):
        from aftersales import receivers  # noqa: F401
