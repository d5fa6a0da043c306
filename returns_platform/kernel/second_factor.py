"""Staff work with a second factor: who has none sets it up before anything else opens."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

ALWAYS_OPEN = ("/accounts/", "/static/", "/language/", "/theme/", "/healthz", "/readyz", "/api/")


class StaffSecondFactor:
    """On where `STAFF_MFA_REQUIRED` is; the demo goes without."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_MFA_REQUIRED and must_set_up(request):
            messages.warning(request, _("Set up your second factor first. Staff pages open after that."))
            return redirect("mfa_activate_totp")
        return self.get_response(request)


def must_set_up(request: HttpRequest) -> bool:
    if request.path.startswith(ALWAYS_OPEN):
        return False
    return request.user.is_authenticated and request.user.is_staff and not is_mfa_enabled(request.user)
