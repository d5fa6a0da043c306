"""The staff's admin: one place for its front page, and one door for every address of our own."""

from functools import wraps

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel import clock

OUR_APPS = ("orders", "logistics", "refunds", "aftersales")


class DeskSite(AdminSite):
    site_title = site_header = _("Returns desk")
    index_title = _("Returns desk")
    enable_nav_sidebar = False  # the front page leads everywhere

    def register(self, model_or_iterable, admin_class=None, **options):
        """Only rows of the product. Accounts' groups follow the code, and second factors are nobody's to read."""
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        super().register([model for model in models if model._meta.app_label in OUR_APPS], admin_class, **options)

    def door(self, view, right: str):
        """Wrap a view of our own: signed-in staff whose groups have this right. Anybody else: sign-in page or 403."""

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.has_perm(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.right = right
        return self.admin_view(guarded)

    def get_app_list(self, request, app_label=None):
        """Without the queues: the front page has them, with what waits in each."""
        from aftersales.desk.queries import QUEUES

        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"] = [entry for entry in app["models"] if entry["object_name"].lower() not in QUEUES]
        return [app for app in apps if app["models"]]

    def index(self, request, extra_context=None):
        # Imported late: the site exists before the models that its front page counts.
        from aftersales.desk.front import front_page
        from aftersales.desk.readers import Reader

        return super().index(request, front_page(Reader(request.user, clock.now())) | (extra_context or {}))
