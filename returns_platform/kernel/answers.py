"""What a page says when it cannot do what was asked: the right status, what happened, what next."""

import logging
import sys
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from returns_platform.kernel import pages, ui
from returns_platform.kernel.errors import NotSignedIn, Refused

log = logging.getLogger(__name__)
RETRY_AFTER_S = 5
# Without the letters and digits that are mistaken for one another when read aloud.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DATABASE_AWAY = (OperationalError, InterfaceError)
TOO_MUCH = (RequestDataTooBig, TooManyFilesSent)


@dataclass(frozen=True)
class Said:
    """mark: which shape stands before the sentence. again: what the button back says, "" for no such button."""

    mark: str
    title: str
    line: str
    again: str = ""


NOTHING_CHANGED = _("Nothing was changed.")
SAID = {
    400: Said(
        "lost",
        _("We could not read this link or form"),
        _("The link may be cut off, or a field was sent twice. Nothing was changed."),
    ),
    403: Said(
        "bad", _("This account may not do that"), _("Sign in with another account, or ask us. Nothing was changed.")
    ),
    404: Said("lost", _("We cannot find this page"), _("The link may be incomplete, or it is not in your account.")),
    405: Said("lost", _("This link only takes a form"), _("Go back to the page before and use its button.")),
    409: Said(
        "late",
        _("This has changed in the meantime"),
        _("What you sent had no effect and no money moved."),
        _("See how it is now"),
    ),
    413: Said("bad", _("That is too large"), _("Nothing was kept of it. Send less, or a smaller file."), _("Back")),
    414: Said("lost", _("This link is too long"), _("Shorten what you search for.")),
    415: Said("bad", _("We cannot take this kind of file"), _("Nothing was kept of it."), _("Back")),
    422: Said("bad", _("This does not fit yet"), NOTHING_CHANGED, _("Back")),
    429: Said(
        "late", _("That was too often"), _("Wait a moment, then try again. Nothing was changed."), _("Try again")
    ),
    500: Said(
        "bad",
        _("Something broke on our side"),
        _("Try again in a minute; sending twice counts once. If it fails again, tell us the number."),
        _("Try again"),
    ),
    503: Said(
        "late", _("We are not ready for a moment"), _("Try again in a few seconds. Nothing is lost."), _("Try again")
    ),
}
TOO_OLD = Said(
    "late",
    _("This page was open for too long"),
    _("The form was not taken, for your safety. Open the page again and send it once more; cookies must be allowed."),
    _("Open the page again"),
)


class Answers:
    """Turns a refusal that left a page's view into its page, and dresses the framework's bare answers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in (405, 429) and not response.content and wants_page(request):
            dressed = plain(request, response.status_code)
            for name in ("Allow", "Retry-After"):
                if name in response:
                    dressed[name] = response[name]
            response = dressed
        keep_private(response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused) and wants_page(request):
            return refusal(request, error)
        return None


def wants_page(request: HttpRequest) -> bool:
    """The API answers its own errors."""
    return not request.path.startswith("/api/")


def keep_private(response: HttpResponse) -> None:
    """Pages are about one person: no cache keeps them, and the back button asks again after signing out."""
    if response.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Cache-Control", "no-store, private")
        patch_vary_headers(response, ("Cookie", "Accept-Language"))


# --- refusals ---------------------------------------------------------------------------------------------
def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    if isinstance(refused, NotSignedIn):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    response = plain(request, refused.status, refused=refused)
    if wait := getattr(refused, "retry_after_s", None):
        response["Retry-After"] = str(wait)
    return response


def plain(request: HttpRequest, status: int, *, refused: Refused | None = None) -> HttpResponse:
    said = SAID.get(status) or SAID[422]
    if refused and refused.message != type(refused).default:
        said = replace(said, title=str(refused.message))
    return _page(request, status, {"said": said, "refused": refused}, with_user=True)


def _page(request: HttpRequest, status: int, context: dict, *, with_user: bool) -> HttpResponse:
    """The page; only its sentence where htmx asked for a part."""
    name = "errors/_part.html" if request.headers.get("HX-Request") == "true" else "errors/page.html"
    context |= {"again": came_from(request), **ui.frame(request)}
    return HttpResponse(render_to_string(name, context, request if with_user else None), status=status)


def came_from(request: HttpRequest) -> str:
    """Where to look again: the page itself, or after a form the page that held it."""
    if request.method == "GET":
        return ui.address(request)
    return pages.own(request, request.headers.get("Referer", ""))


# --- the framework's own answers, named in urls.py and settings -------------------------------------------
def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain(request, 413 if isinstance(exception, TOO_MUCH) else 400)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain(request, 403)


def not_there(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    return plain(request, 404)


def too_often(request: HttpRequest) -> HttpResponse:
    """Named as `handler429`: sign-in pages ask it when their limits are reached."""
    return plain(request, 429)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """No valid form token: an old tab, cookies switched off, or a form of another site."""
    log.warning("form token refused on %s: %s", request.path, reason)
    return _page(request, 403, {"said": TOO_OLD}, with_user=True)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours, with a number to quote; 503 while the database is away.

    Rendered without the request: who is signed in may be what cannot be read.
    """
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_AWAY):
        log.error("database away on %s: %s", request.path, error)
        response = _page(request, 503, {"said": SAID[503]}, with_user=False)
        response["Retry-After"] = str(RETRY_AFTER_S)
        return response
    number = f"{get_random_string(4, ALPHABET)}-{get_random_string(4, ALPHABET)}"
    log.error("fault %s on %s %s", number, request.method, request.path, exc_info=error)
    return _page(request, 500, {"said": SAID[500], "number": number}, with_user=False)
