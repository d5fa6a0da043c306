from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Refunds(AppConfig):
    """Paying money back: promised, sent, accepted, arrived, and every fen of it in the ledger."""

    name = "refunds"
    verbose_name = _("Refunds")

    def ready(self):
        from refunds import receivers  # noqa: F401  connects them
