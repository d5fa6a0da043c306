"""API v1: the apps' operations under one door, one error shape and one OpenAPI document."""

import logging

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from orders.merchants.doors import Bearer
from returns_platform.kernel import references
from returns_platform.kernel.api import StrictJson, error_answer, plain_fields
from returns_platform.kernel.errors import Invalid, Malformed, NotSignedIn, NotThere, Refused, TooLarge

log = logging.getLogger(__name__)
PREFIX = "/api/"
NO_FAULTS = (OperationalError, InterfaceError, Http404, PermissionDenied, SuspiciousOperation)

api = NinjaAPI(
    title="Returns platform",
    version="1",
    description="Orders in, returns filed and decided, money followed. Amounts are integers in minor units.",
    urls_namespace="api",
    auth=Bearer(),
    parser=StrictJson(),
)
api.add_router("", "orders.api.router", tags=["orders"])
api.add_router("", "refunds.api.router", tags=["gift cards"])
api.add_router("", "aftersales.api.router", tags=["returns"])


@api.exception_handler(Refused)
def refused(request, error: Refused):
    return error_answer(error)


@api.exception_handler(ValidationError)
def invalid(request, error: ValidationError):
    if any(wrong["type"] == "missing" and wrong["loc"] == ("body", "body") for wrong in error.errors):
        return error_answer(Malformed(_("The body must be a JSON object.")))
    fields = plain_fields(error.errors)
    return error_answer(Invalid(_("Some fields are not accepted."), fields=fields))


@api.exception_handler(AuthenticationError)
def not_signed_in(request, error):
    response = error_answer(NotSignedIn(_("Send a valid token: Authorization: Bearer TOKEN.")))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Http404)
def not_there(request, error):
    return error_answer(NotThere())


@api.exception_handler(RequestDataTooBig)
def too_large(request, error):
    return error_answer(TooLarge())


@api.exception_handler(HttpError)
def plain_error(request, error: HttpError):
    if isinstance(error.__cause__, Refused):  # what our own parser said about the body
        return error_answer(error.__cause__)
    return error_answer(Malformed() if error.status_code == 400 else _as_refused(error.status_code))


class ApiErrors:
    """Gives the framework's own refusals under the API (unknown URL, wrong method, faults) the one shape."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        foreign = not response.get("Content-Type", "").startswith("application/json")
        if request.path.startswith(PREFIX) and response.status_code >= 400 and foreign:
            return _keep_headers(error_answer(_as_refused(response.status_code)), response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not request.path.startswith(PREFIX) or isinstance(error, NO_FAULTS):
            return None  # Django has an answer of its own for these; it gets our shape on its way out
        if isinstance(error, MultiPartParserError):
            return error_answer(Malformed())
        number = references.token(6)
        log.exception("fault %s on %s %s", number, request.method, request.path)
        told = _("Something broke on our side. Nothing was changed. Please quote %(number)s.") % {"number": number}
        fault = Refused(told, code="fault")
        fault.status = 500
        return error_answer(fault)


def _as_refused(status: int) -> Refused:
    sentences = {
        400: ("malformed", _("The request could not be read.")),
        401: ("unauthorized", _("Send a valid token: Authorization: Bearer TOKEN.")),
        403: ("forbidden", _("You may see this but not do it.")),
        404: ("not_found", NotThere.default),
        405: ("method_not_allowed", _("This address does not take that method.")),
        413: ("too_large", _("That is too large.")),
        415: ("unsupported_media_type", _("This kind of file or body is not taken here.")),
        429: ("too_many_requests", _("That was too often. Please wait a moment.")),
        503: ("unavailable", _("The service is starting or busy. Please try again in a moment.")),
    }
    code, sentence = sentences.get(status, ("error", _("That did not work.")))
    told = Refused(sentence, code=code)
    told.status = status
    return told


def _keep_headers(ours: HttpResponse, theirs: HttpResponse) -> HttpResponse:
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in theirs:
            ours[name] = theirs[name]
    return ours
