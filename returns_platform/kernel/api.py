"""What every API operation shares: strict JSON in, one error shape out, exact types."""

import json
import re
from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.parser import Parser
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from returns_platform.kernel.errors import Malformed, Refused, TooLarge, WrongType

BODY_LIMIT = 1_000_000
AMOUNT_LIMIT = 10**13  # minor units; far above any order, far below a bigint


# --- reading bodies ---------------------------------------------------------------------------------------


class StrictJson(Parser):
    """JSON objects only: no repeated key, no NaN, no NUL, no lone surrogate, at most 1 MB."""

    def parse_body(self, request: HttpRequest) -> dict:
        if request.content_type != "application/json":
            raise WrongType(_("Send JSON: Content-Type application/json."))
        return read_json(read_body(request, limit=BODY_LIMIT))


def read_body(request: HttpRequest, *, limit: int) -> bytes:
    """The raw body; raises TooLarge before reading more than the limit."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Malformed from None
    if announced > limit:
        raise TooLarge(_("The body is larger than %(limit)s bytes.") % {"limit": limit})
    try:
        return request.body
    except RequestDataTooBig:
        raise TooLarge(_("The body is larger than %(limit)s bytes.") % {"limit": limit}) from None


def read_json(raw: bytes) -> dict:
    """A JSON object with every key once; raises Malformed for anything else."""
    try:
        text = raw.decode("utf-8")
        body = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Malformed(_("The body is not valid JSON.")) from None
    if not isinstance(body, dict):
        raise Malformed(_("The body must be a JSON object."))
    _must_be_storable(text, raw)
    return body


def _once_each(pairs: list[tuple[str, Any]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _no_constant(name: str):
    raise ValueError(name)


def _must_be_storable(text: str, raw: bytes) -> None:
    """NUL and lone surrogates are valid JSON escapes that no database row can hold."""
    escapes = rb"\\u0000|\\u[dD][89a-fA-F]"
    if re.search(escapes, raw) and _has_unstorable(json.loads(text)):
        raise Malformed(_("The body holds characters that cannot be stored."))


def _has_unstorable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return any(_has_unstorable(key) or _has_unstorable(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_unstorable(item) for item in value)


# --- types ------------------------------------------------------------------------------------------------


class Body(Schema):
    """Base of every request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def _moment(value: Any) -> datetime:
    """RFC 3339 with offset, between 2000 and 2100."""
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise PydanticCustomError("moment", "not a time with offset")
    try:
        moment = datetime.fromisoformat(value.replace("z", "Z"))
    except ValueError:
        raise PydanticCustomError("moment", "no such time") from None
    if not 2000 <= moment.year <= 2100:
        raise PydanticCustomError("moment", "outside 2000-2100")
    return moment


RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _said(value: str) -> str:
    """Zero-width characters alone say nothing."""
    if not value.strip(BLANKS):
        raise PydanticCustomError("blank", "blank")
    return value


BLANKS = " \t\r\n\u00a0\u00ad\u200b\u200c\u200d\u2060\u3164\ufeff\uffa0\u3000"


def _printable(value: str) -> str:
    if any(char < " " and char not in "\n\t\r" for char in value):
        raise PydanticCustomError("control", "control characters")
    return value


def text(limit: int, *, required: bool = True, pattern: str | None = None):
    """A text type of at most `limit` characters."""
    checks = [AfterValidator(_printable)] + ([AfterValidator(_said)] if required else [])
    return Annotated[str, Field(strict=True, max_length=limit, pattern=pattern), *checks]


Moment = Annotated[datetime, BeforeValidator(_moment)]
Amount = Annotated[int, Field(strict=True, ge=0, le=AMOUNT_LIMIT)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Flag = Annotated[bool, Field(strict=True)]
Note = text(2000, required=False)
Name = text(100)
OrderNo = text(64, pattern=r"^[A-Za-z0-9._-]+$")


# --- answers ----------------------------------------------------------------------------------------------


class Error(Schema):
    """The one shape of every error answer."""

    error: str
    message: str
    fields: dict[str, str]


ERRORS = dict.fromkeys((400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503), Error)


def answer(body: dict | list, *, status: int = 200) -> HttpResponse:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return HttpResponse(raw, status=status, content_type="application/json; charset=utf-8")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def error_answer(refused: Refused) -> HttpResponse:
    """A refusal as the API tells it, in the language of the request."""
    told = {
        "error": refused.code,
        "message": str(refused.message),
        "fields": {name: str(sentence) for name, sentence in refused.fields.items()},
    }
    if getattr(refused, "state", ""):
        told["state"] = refused.state
    response = answer(told, status=refused.status)
    if wait := getattr(refused, "retry_after_s", None):
        response["Retry-After"] = str(wait)
    return response


def plain_fields(errors: list[dict]) -> dict[str, str]:
    """{"lines.0.quantity": sentence} from pydantic's errors, in the reader's language; a field's first one stands."""
    told: dict[str, str] = {}
    for error in errors:
        told.setdefault(_where(error["loc"]), _sentence(error))
    return told


def _where(loc: tuple) -> str:
    names = [str(part) for part in loc if part not in ("body", "query", "path", "form", "file")]
    # Of a form with a file the file itself is the field.
    return ".".join(name for name in names if not name.startswith(BRANCHES)) or ("file" if "file" in loc else "body")


BRANCHES = ("function-", "constrained-")  # how pydantic names the ways through a type, which no sender knows


def _sentence(error: dict) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    sentences = {
        "missing": _("This field is required."),
        "extra_forbidden": _("This field is not known here."),
        "int_type": _("Must be an integer."),
        "int_parsing": _("Must be an integer."),
        "int_from_float": _("Must be an integer."),
        "bool_type": _("Must be true or false."),
        "string_type": _("Must be text."),
        "string_too_long": _("At most %(max_length)s characters."),
        "string_too_short": _("At least %(min_length)s characters."),
        "string_pattern_mismatch": _("This form is not accepted."),
        "literal_error": _("Must be one of: %(expected)s."),
        "greater_than_equal": _("Must be at least %(ge)s."),
        "greater_than": _("Must be more than %(gt)s."),
        "less_than_equal": _("Must be at most %(le)s."),
        "list_type": _("Must be a list."),
        "too_long": _("Too many entries."),
        "too_short": _("Too few entries."),
        "model_attributes_type": _("Must be an object."),
        "dict_type": _("Must be an object."),
        "moment": _("Must be a time as in 2026-11-01T10:00:00+08:00."),
        "blank": _("Must not be empty."),
        "control": _("Must not hold control characters."),
    }
    return sentences.get(kind, _("This value is not accepted.")) % context
