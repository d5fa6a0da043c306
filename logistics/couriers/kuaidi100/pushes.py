"""Reading what Kuaidi100 sends us: the whole route of a subscribed waybill, and what became of a pickup.

The route comes anew with each change, the latest line first: that line says what changed. A route that was rebuilt
(`updateall`) or given up (`abort`) has no such line, so the courier is asked in any case.
"""

from datetime import UTC, datetime
from typing import Any

from logistics.couriers.interface import News
from logistics.couriers.kuaidi100 import client, stages
from logistics.couriers.messages import an_object, bounded, grams, json_object, optional, word
from returns_platform.kernel.errors import Malformed

STATUSES = frozenset({"polling", "shutdown", "abort", "updateall"})
MOST_LINES = 1000


def read_routes(content: str) -> list[News]:
    """Raises Malformed."""
    told = json_object(content)
    if word(told, "status") not in STATUSES:
        raise Malformed
    result = an_object(told.get("lastResult"))
    waybill, company = word(result, "nu"), word(result, "com")
    lines = bounded(result["data"], most=MOST_LINES) if result.get("data") else []
    carrier = _corrected(told, company)
    return [
        News(
            waybill=waybill, op_code=stages.code_of(lines[0]) if lines else "",
            at=_time(lines[0], "ftime") if lines else None, carrier=carrier,
            ask=told["status"] in ("updateall", "abort"), given_up=told["status"] == "abort" and not carrier,
        )
    ]  # fmt: skip


def _corrected(told: dict[str, Any], company: str) -> str:
    """Our code of the company that Kuaidi100 found instead of the one we named; empty: it is the one."""
    if new := optional(told, "comNew"):
        return stages.CARRIERS.get(new, "")
    checked = str(told.get("autoCheck")) == "1"
    return stages.CARRIERS.get(company, "") if checked and company != optional(told, "comOld") else ""


def content_of_order(*, number: str, task: str, param: str) -> str:
    """One message of a pickup as it is kept: our number stood in the address, their task in the form."""
    return client.text_of({"number": number, "task": task, "told": json_object(param)})


def order_ids(content: str) -> tuple[str, str, str]:
    """(our number, task, order). Raises Malformed."""
    kept = json_object(content)
    data = an_object(an_object(kept.get("told")).get("data"))
    return word(kept, "number"), word(kept, "task"), optional(data, "orderId")


def read_orders(content: str) -> list[News]:
    """Raises Malformed."""
    number, _task, _order = order_ids(content)
    told = an_object(json_object(content)["told"])
    data = an_object(told.get("data"))
    status = str(data.get("status", ""))
    return [
        News(
            waybill=optional(told, "kuaidinum"), number=number, agent_name=optional(data, "courierName"),
            agent_phone=optional(data, "courierMobile"), called_off=status in stages.ORDER_CALLED_OFF, ask=True,
            grams=grams(data, "weight"),
        )
    ]  # fmt: skip


def _time(row: dict[str, Any], name: str) -> datetime:
    try:
        return client.read_time(word(row, name)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed from error
