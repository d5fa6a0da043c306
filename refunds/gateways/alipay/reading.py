"""Reading what Alipay writes, strictly: sums are yuan with two decimals, times are Beijing's and have no offset."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from refunds.gateways.reading import Unreadable, json_object, text

__all__ = ["BEIJING", "Unreadable", "fen", "form", "json_object", "members", "moment", "text", "written", "yuan"]

BEIJING = ZoneInfo("Asia/Shanghai")
WHEN = "%Y-%m-%d %H:%M:%S"
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
YUAN = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})")
BLANK = re.compile(r"[ \t\r\n]*")
MOST_FIELDS = 100


def fen(data: Mapping[str, Any], name: str) -> int:
    """A sum of zero or more."""
    found = YUAN.fullmatch(text(data, name))
    if not found:
        raise Unreadable(f"{name} is no sum")
    return int(found[1] + found[2])


def yuan(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def moment(data: Mapping[str, Any], name: str) -> datetime:
    """In UTC."""
    value = text(data, name)
    try:
        if not TIME.fullmatch(value):
            raise ValueError
        return datetime.strptime(value, WHEN).replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{name} is no time") from None


def written(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):{WHEN}}"


def members(raw: bytes) -> dict[str, str]:
    """The members of a JSON object, each as the raw text of its value: what is signed is the text, not the value.

    A name that stands there twice is Unreadable: one of the two would be verified, and the other believed.
    """
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None
    json_object(whole)  # well-formed; from here on only the places are looked for
    found: dict[str, str] = {}
    decoder, at = json.JSONDecoder(), _skip(whole, whole.index("{") + 1)
    while whole[at] != "}":
        name, at = decoder.raw_decode(whole, at)
        start = _skip(whole, _skip(whole, at) + 1)
        _, end = decoder.raw_decode(whole, start)
        if name in found:
            raise Unreadable(f"{name[:64]} twice")
        found[name] = whole[start:end]
        at = _skip(whole, end)
        at = _skip(whole, at + 1) if whole[at] == "," else at
    return found


def _skip(whole: str, at: int) -> int:
    return BLANK.match(whole, at).end()


def form(raw: bytes) -> dict[str, str]:
    """The fields of a form in UTF-8, each of which stands there once."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Unreadable("not a form") from None
    fields = dict(pairs)
    if not fields or len(fields) != len(pairs):
        raise Unreadable("an empty form, or a field twice")
    return fields
