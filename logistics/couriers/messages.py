"""Reading what couriers send us. Anybody may knock at their doors: strict, bounded, and never more than a hint."""

import json
from typing import Any

from returns_platform.kernel.errors import Malformed

MOST_ENTRIES = 100
LONGEST = 100
HEAVIEST_G = 1_000_000


def json_value(content: str) -> Any:
    """Any JSON value of whole characters. Raises Malformed."""
    try:
        value = json.loads(content)
        content.encode()
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate, escaped, only shows here
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    return value


def json_object(content: str) -> dict[str, Any]:
    return an_object(json_value(content))


def an_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed
    return value


def bounded(rows: Any, *, most: int = MOST_ENTRIES) -> list[dict[str, Any]]:
    """One to `most` objects."""
    if not isinstance(rows, list) or not 1 <= len(rows) <= most:
        raise Malformed
    return [an_object(row) for row in rows]


def word(row: dict[str, Any], name: str) -> str:
    text = optional(row, name)
    if not text:
        raise Malformed
    return text


def grams(row: dict[str, Any], name: str) -> int | None:
    """A weight that is told in kilograms, as a number or as text; None for none, and for what is no weight."""
    try:
        weight = round(float(row.get(name) or 0) * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
    return weight if 0 < weight <= HEAVIEST_G else None


def optional(row: dict[str, Any], name: str, *, longest: int = LONGEST) -> str:
    """Printable text, "" where it is missing."""
    text = row.get(name)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > longest or not text.isprintable():
        raise Malformed
    return text
