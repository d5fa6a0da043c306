"""Reading what JD sends us: traces and states of pickups, as JSON arrays."""

from datetime import UTC, datetime
from typing import Any

from logistics.couriers.interface import News
from logistics.couriers.jd import client, stages
from logistics.couriers.messages import bounded, json_value, optional, word
from returns_platform.kernel.errors import Malformed


def read_routes(content: str) -> list[News]:
    """Raises Malformed."""
    return [
        News(
            waybill=word(row, "waybillCode"), number=optional(row, "orderId"), op_code=word(row, "state"),
            at=_time(row, "operationTime"),
        )
        for row in bounded(json_value(content))
    ]  # fmt: skip


def read_orders(content: str) -> list[News]:
    """Raises Malformed."""
    return [_order_news(row) for row in bounded(json_value(content))]


def _order_news(row: dict[str, Any]) -> News:
    state = word(row, "state")
    return News(
        waybill=optional(row, "waybillCode"), number=word(row, "orderId"), agent_name=optional(row, "courier"),
        agent_phone=optional(row, "courierTel"), problem=stages.ORDER_PROBLEMS.get(state, ""),
        called_off=state == stages.CALLED_OFF,
    )  # fmt: skip


def _time(row: dict[str, Any], name: str) -> datetime:
    try:
        return client.read_time(word(row, name)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed from error
