from django.apps import AppConfig


class ReturnsPlatform(AppConfig):
    """Wiring only: commands, templates and tests that span the apps. It has no models."""

    name = "returns_platform"
    verbose_name = "Returns platform"
