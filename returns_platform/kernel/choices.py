"""What a person chooses about the pages themselves: the language and light or dark."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.views.decorators.http import require_POST

from returns_platform.kernel import pages, ui

A_YEAR_S = 365 * 24 * 3600


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """A cookie for this browser; on the account as well, so that letters come in the same language."""
    language = pages.one_of(request.POST, "language", dict(settings.LANGUAGES), settings.LANGUAGE_CODE)
    if request.user.is_authenticated:
        get_user_model().objects.filter(pk=request.user.pk).update(language=language)
    return _kept(redirect(pages.back(request)), settings.LANGUAGE_COOKIE_NAME, language)


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    response = redirect(pages.back(request))
    theme = pages.one_of(request.POST, "theme", ui.THEMES)
    if theme:
        return _kept(response, "theme", theme)
    response.delete_cookie("theme")
    return response


def _kept(response: HttpResponse, name: str, value: str) -> HttpResponse:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=A_YEAR_S, samesite="Lax", secure=secure, httponly=name != "theme")
    return response


class AccountLanguage:
    """Who signs in on a new browser reads the language of the account until another is chosen there."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and settings.SESSION_COOKIE_NAME in request.COOKIES:
            language = getattr(request.user, "language", "")
            if language in dict(settings.LANGUAGES):
                translation.activate(language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class DeskClock:
    """Django's admin tells and takes times in the platform's zone. Our own pages name the shop's zone themselves."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.zone = ZoneInfo(settings.SHOP_ZONE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(self.zone):
            return self.get_response(request)
