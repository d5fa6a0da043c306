from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class Aftersales(AppConfig):
    """The customer's case, from the wish to the money's arrival."""

    name = "aftersales"
    verbose_name = _("After-sales")

    def ready(self):
        from aftersales import receivers  # noqa: F401
        from aftersales.desk import labels

        labels.put_on()
        post_migrate.connect(install_policy, sender=self, dispatch_uid="aftersales.install_policy")
        post_migrate.connect(install_groups, sender=self, dispatch_uid="aftersales.install_groups")


def install_policy(using, **kwargs) -> None:
    """A platform without a policy can judge nothing: version 1 is there from the first migration on."""
    from aftersales.policy.services import install_platform_policy
    from returns_platform.kernel import clock

    if using == "default":
        install_platform_policy(clock.now())


def install_groups(using, **kwargs) -> None:
    """Who may do what follows the code: the staff's groups have exactly the rights of the table."""
    from aftersales.desk.groups import ensure_groups

    if using == "default":
        ensure_groups()
