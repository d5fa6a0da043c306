"""Reading what SF sends us, which nobody signs: routes as JSON or as XML in a form, states of orders as JSON."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from xml.parsers import expat

from logistics.couriers.interface import News
from logistics.couriers.messages import bounded, json_object, optional, word
from logistics.couriers.sf import stages
from logistics.couriers.sf.courier import read_time
from returns_platform.kernel.errors import Malformed


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
    return [_route_news(row) for row in bounded(rows)]


def read_orders(content: str) -> list[News]:
    """Raises Malformed."""
    rows = json_object(content).get("orderState")
    return [_order_news(row) for row in bounded([rows] if isinstance(rows, dict) else rows)]


def _json_routes(content: str) -> Any:
    body = json_object(content).get("Body")
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


def _route_news(row: dict[str, Any]) -> News:
    op_code = word(row, "opCode")
    called_off = (op_code, optional(row, "reasonCode")) == stages.SENDER_CANCELLED
    return News(
        waybill=word(row, "mailno"), number=optional(row, "orderid"), op_code=op_code, at=_time(row, "acceptTime"),
        called_off=called_off,
    )  # fmt: skip


def _order_news(row: dict[str, Any]) -> News:
    code = word(row, "orderStateCode")
    return News(
        waybill=optional(row, "waybillNo"), number=word(row, "orderNo"), agent_name=optional(row, "empCode"),
        agent_phone=optional(row, "empPhone"), problem=stages.ORDER_PROBLEMS.get(code, ""),
        called_off=code in stages.ORDER_CALLED_OFF,
    )  # fmt: skip


def _time(row: dict[str, Any], name: str) -> datetime:
    try:
        return read_time(word(row, name))
    except (ValueError, OverflowError) as error:
        raise Malformed from error
