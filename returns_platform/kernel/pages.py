"""Reading what a page was asked for, and walking through long lists."""

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as _render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from returns_platform.kernel import texts
from returns_platform.kernel.errors import Malformed

MOST_ROWS = 100


def render(request: HttpRequest, template: str, context: dict | None = None, *, status: int = 200) -> HttpResponse:
    return _render(request, template, context or {}, status=status)


# --- one value of the address -----------------------------------------------------------------------------
def one_of(params, name: str, allowed: Collection[str], default: str = "") -> str:
    """A word from a list; anything else is the default. Nobody sorts or filters by a name of their own."""
    value = params.get(name, default)
    return value if value in allowed else default


def whole(params, name: str, *, default: int, least: int, most: int) -> int:
    """A whole number, brought within its limits; anything else is the default."""
    value = params.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        return default
    return min(max(int(value), least), most)


def text(params, name: str, *, most: int = 100) -> str:
    """What was searched for, without invisible characters, cut at `most`."""
    value = " ".join(params.get(name, "").split())[:most]
    return "" if texts.broken(value) or texts.is_invisible(value) else value


def day(params, name: str) -> date | None:
    """A date between 2000 and 2100 as YYYY-MM-DD; anything else is none."""
    value = params.get(name, "")
    try:
        found = date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2100 else None


def back(request: HttpRequest, default: str = "/") -> str:
    """The page of ours that `next` names, else `default`."""
    return own(request, request.POST.get("next") or request.GET.get("next", ""), default)


def own(request: HttpRequest, address: str, default: str = "/") -> str:
    """`address` if it is a whole one of ours; "-1" or "x" would be relative to whatever page is open."""
    whole = address.startswith(("/", "http://", "https://"))
    safe = whole and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe and not texts.broken(address) else default


def repeats(*names: str):
    """Marks a view that takes these names more than once; the guard refuses any other that is sent twice."""

    def mark(view):
        view.repeats = frozenset(names)
        return view

    return mark


# --- long lists -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    """Some rows of a list. next: what `?after=` must be for the following ones, "" at the end."""

    rows: list
    next: str
    first: bool


def keyset(rows: QuerySet, request: HttpRequest, *, order=("-created_at", "-pk"), size: int = 50) -> Page:
    """The rows after `?after=`, found by value and not by counting, so that page 1,000 costs as much as page 1.

    order: names of columns without nulls, all in one direction, the last one unique. Raises Malformed for an
    `after` that we did not write.
    """
    after = request.GET.get("after", "")
    rows = rows.order_by(*order)
    if after:
        rows = rows.filter(_beyond(rows.model, order, _read_mark(after, rows.model, order)))
    size = min(size, MOST_ROWS)
    found = list(rows[: size + 1])
    more = len(found) > size
    return Page(found[:size], _write_mark(found[size - 1], order) if more else "", first=not after)


def _beyond(model, order, values) -> Q:
    """a < x, or a = x and b < y, and so on."""
    found, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.removeprefix("-")
        found |= same & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{column: value})
    return found


def _write_mark(row, order) -> str:
    values = [_field(row, name).value_to_string(row) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read_mark(mark: str, model, order) -> list:
    try:
        values = json.loads(base64.b64decode(mark + "=" * (-len(mark) % 4), altchars=b"-_", validate=True))
        if len(values) != len(order) or not all(isinstance(value, str) for value in values):
            raise ValueError
        if any(texts.broken(value) for value in values):
            raise ValueError
        return [_field(model, name).to_python(value) for name, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, RecursionError, binascii.Error, ValidationError):
        raise Malformed(_("This link is not complete. Start from the first page.")) from None


def _field(model, name: str):
    column = name.removeprefix("-")
    return model._meta.pk if column == "pk" else model._meta.get_field(column)
