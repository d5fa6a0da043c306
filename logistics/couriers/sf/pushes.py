"""Reading what SF sends us: routes as JSON or as XML in a form, states of orders as JSON.

Nobody signs it, and anybody may send it: strict, bounded, and never more than a hint.
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from xml.parsers import expat

from logistics.couriers.interface import News
from logistics.couriers.sf import stages
from logistics.couriers.sf.courier import read_time
from returns_platform.kernel.errors import Malformed

MOST_ENTRIES = 100  # SF sends ten
LONGEST = 100


def content_of_form(body: bytes) -> str:
    """The XML in the form field `content`."""
    try:
        fields = parse_qs(body.decode(), errors="strict", max_num_fields=10)
        (content,) = fields["content"]
    except (ValueError, KeyError) as error:
        raise Malformed from error
    return content


def read_routes(content: str) -> list[News]:
    """Raises Malformed."""
    rows = _xml_routes(content) if content.lstrip().startswith("<") else _json_routes(content)
    return [_route_news(row) for row in _bounded(rows)]


def read_orders(content: str) -> list[News]:
    """Raises Malformed."""
    rows = _json(content).get("orderState")
    return [_order_news(row) for row in _bounded([rows] if isinstance(rows, dict) else rows)]


def _json_routes(content: str) -> Any:
    body = _json(content).get("Body")
    return body.get("WaybillRoute") if isinstance(body, dict) else None


def _xml_routes(content: str) -> list[dict[str, str]]:
    """The attributes of each WaybillRoute. A document type, and with it every entity of its own, is refused."""
    rows: list[dict[str, str]] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = lambda name, attributes: rows.append(attributes) if name == "WaybillRoute" else None
    try:
        parser.Parse(content.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise Malformed from error
    return rows


def _no_doctype(*args: Any) -> None:
    raise Malformed


def _json(content: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
        content.encode()
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate, escaped, only shows here
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    if not isinstance(value, dict):
        raise Malformed
    return value


def _bounded(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ENTRIES:
        raise Malformed
    if not all(isinstance(row, dict) for row in rows):
        raise Malformed
    return rows


def _route_news(row: dict[str, Any]) -> News:
    op_code = _word(row, "opCode")
    called_off = (op_code, _text(row, "reasonCode")) == stages.SENDER_CANCELLED
    return News(
        waybill=_word(row, "mailno"), number=_text(row, "orderid"), op_code=op_code, at=_time(row, "acceptTime"),
        called_off=called_off,
    )  # fmt: skip


def _order_news(row: dict[str, Any]) -> News:
    code = _word(row, "orderStateCode")
    return News(
        waybill=_text(row, "waybillNo"), number=_word(row, "orderNo"), agent_name=_text(row, "empCode"),
        agent_phone=_text(row, "empPhone"), problem=stages.ORDER_PROBLEMS.get(code, ""),
        called_off=code in stages.ORDER_CALLED_OFF,
    )  # fmt: skip


def _word(row: dict[str, Any], name: str) -> str:
    text = _text(row, name)
    if not text:
        raise Malformed
    return text


def _text(row: dict[str, Any], name: str) -> str:
    text = row.get(name)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > LONGEST or not text.isprintable():
        raise Malformed
    return text


def _time(row: dict[str, Any], name: str) -> datetime:
    try:
        return read_time(_word(row, name))
    except (ValueError, OverflowError) as error:
        raise Malformed from error
