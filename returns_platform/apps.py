from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ReturnsPlatform(AppConfig):
    """Wiring only: commands, templates and tests that span the apps. It has no models."""

    name = "returns_platform"
    verbose_name = "Returns platform"
    default = True


class DeskAdmin(AdminConfig):
    """Django's admin with our own site in its place."""

    default = False
    default_site = "aftersales.desk.site.DeskSite"
