"""A browser, recognised by a cookie of our own: only its keyed digest is kept, with the requests filed from it."""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"
AGE_S = 180 * 24 * 3600


def known(request: HttpRequest) -> str:
    """The token of the browser, a new one where it brought none that looks like ours."""
    told = request.COOKIES.get(COOKIE, "")
    fits = len(told) == 32 and told.isascii() and told.isalnum()
    return told if fits else secrets.token_hex(16)


def digest(token: str) -> str:
    key = f"aftersales.credit.device:{settings.SECRET_KEY}".encode()
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()


def remember(response: HttpResponse, token: str) -> HttpResponse:
    response.set_cookie(
        COOKIE, token, max_age=AGE_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response
