"""Reading a channel's JSON strictly: a fact of another type is no fact."""

import json
from collections.abc import Mapping
from typing import Any


class Unreadable(Exception):
    """Names what is wrong with the message."""


def json_object(raw: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    return value


def text(data: Mapping[str, Any], name: str, *, longest: int = 128) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest or not value.isprintable():
        raise Unreadable(f"{name} is no text")
    return value


def whole(data: Mapping[str, Any], name: str) -> int:
    """A whole number above zero."""
    value = data.get(name)
    if type(value) is not int or value <= 0:
        raise Unreadable(f"{name} is no amount")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)
