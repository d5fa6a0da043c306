"""Where a request really comes from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The network address of whoever asks. Only as many proxies are believed as the settings name."""
    passed = request.headers.get("X-Forwarded-For", "").split(",") if settings.TRUSTED_PROXIES else []
    if len(passed) >= settings.TRUSTED_PROXIES > 0:
        return passed[-settings.TRUSTED_PROXIES].strip()
    return request.META.get("REMOTE_ADDR", "")
