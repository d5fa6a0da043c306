from django.apps import AppConfig
from django.contrib.admin import apps as stock


class ReturnsPlatform(AppConfig):
    """Wiring only: commands, templates and tests that span the apps. It has no models."""

    name = "returns_platform"
    verbose_name = "Returns platform"


class DeskAdminConfig(stock.AdminConfig):
    """Django's admin with our own site in its place."""

    default = False  # `returns_platform` in INSTALLED_APPS means the other one
    default_site = "aftersales.desk.site.DeskSite"
