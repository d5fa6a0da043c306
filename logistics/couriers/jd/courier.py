"""JD Logistics (京东物流): a pickup is an order of origin 2 (c2b), which brings the shop's own goods back."""

from datetime import UTC, datetime
from typing import Any

from logistics.couriers.interface import (
    Booking,
    BookingOrder,
    Contact,
    CourierDown,
    CourierRefused,
    Quote,
    Scan,
)
from logistics.couriers.jd import client, stages
from logistics.couriers.jd.account import account
from logistics.couriers.prices import minor_units

ORIGIN = 2  # c2b
MONTHLY = 3  # the shop pays by its account
PRODUCT = "ed-m-0001"
BY_KIND = 5  # settleType: each kind of cost by its own party
FROM_THE_DOOR = 1

CREATE, STATUS, CANCEL = "/ecap/v1/orders/create", "/ecap/v1/orders/status/get", "/ecap/v1/orders/cancel"
TRACE, PRECHECK = "/ecap/v1/orders/trace/query", "/ecap/v1/orders/precheck"

NO_SUCH_ORDER = frozenset({"2001"})
CANCELLED_ALREADY = "2003"
ON_ITS_WAY = frozenset({"2004"})

# JD's code: ours, and whether the same call may succeed later. What is not listed may have taken effect.
REFUSALS = {
    "1001": ("address", False),
    "1002": ("phone", False),
    "1003": ("goods", False),
    "1004": ("not_served", False),
    "1005": ("pickup_time", True),
    "1006": ("no_capacity", True),
    "1007": ("account", False),
    **dict.fromkeys(NO_SUCH_ORDER, ("no_such_booking", False)),
    **dict.fromkeys(ON_ITS_WAY, ("collected", False)),
}


class JD:
    code = "jd"

    def __init__(self):
        self._account = account()

    def book(self, order: BookingOrder) -> Booking:
        """JD answers an order number it has already with the first order."""
        try:
            data = self._call(CREATE, _order(order))
        except client.Rejected as no:
            raise _refusal(no) from no
        return _booking(order.number, data)

    def find(self, number: str) -> Booking | None:
        try:
            data = self._call(STATUS, {"orderId": number})
        except client.Rejected as no:
            if no.code in NO_SUCH_ORDER:
                return None
            raise CourierDown(f"asked for an order, was told {no}") from no
        return _booking(number, data)

    def cancel(self, number: str) -> None:
        try:
            self._call(CANCEL, {"orderId": number, "cancelReason": "用户取消", "cancelReasonCode": "1"})
        except client.Rejected as no:
            if no.code != CANCELLED_ALREADY:
                raise _refusal(no) from no

    def route(self, waybill: str, *, phone: str = "") -> list[Scan]:
        try:
            data = self._call(TRACE, {"waybillCode": waybill})
        except client.Rejected as no:
            if no.code in NO_SUCH_ORDER:
                return []
            raise _refusal(no) from no
        return sorted(_scans(waybill, data), key=lambda scan: scan.at)

    def quote(self, sender: Contact, receiver: Contact, *, grams: int) -> Quote:
        request = {
            "senderContact": _contact(sender), "receiverContact": _contact(receiver),
            "productsReq": {"productCode": PRODUCT},
            "cargoes": [{"name": "退货商品", "quantity": 1, "weight": grams / 1000, "volume": 1000}],
        }  # fmt: skip
        try:
            data = self._call(PRECHECK, request)
        except client.Rejected as no:
            raise _refusal(no) from no
        return _quote(data)

    def _call(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        ours = {"orderOrigin": ORIGIN, "customerCode": self._account.customer_code}
        return client.call(self._account, path, {**request, **ours})


def _order(order: BookingOrder) -> dict[str, Any]:
    name = "、".join(goods.name for goods in order.goods)[:100]
    count = sum(goods.count for goods in order.goods)
    return {
        "orderId": order.number,
        "senderContact": _contact(order.sender),
        "receiverContact": _contact(order.receiver),
        "productsReq": {"productCode": PRODUCT},
        "settleType": BY_KIND,
        "c2bAddedSettleTypeInfo": {  # JD's own spelling
            "basicFreigthSettleType": MONTHLY,
            "packageServiceSettleType": MONTHLY,
            "guaranteeMoneyServiceSettleType": MONTHLY,
        },
        "cargoes": [{"name": name, "quantity": 1, "weight": 1, "volume": 1000}],
        "goods": [{"name": goods.name, "quantity": goods.count} for goods in order.goods],
        "pickupStartTime": _milliseconds(order.slot_from),
        "pickupEndTime": _milliseconds(order.slot_to),
        "pickupType": FROM_THE_DOOR,
        "remark": f"{count} 件",
        "commonChannelInfo": {"channelCode": "0030001"},
    }


def _contact(who: Contact) -> dict[str, str]:
    address = f"{who.province}{who.city}{who.district}{who.street}"[:200]
    return {"name": who.name, "mobile": who.phone.removeprefix("+86"), "fullAddress": address}


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _refusal(no: client.Rejected) -> Exception:
    """What JD surely did not do, or that nobody knows."""
    if no.code not in REFUSALS:
        return CourierDown(f"a code nobody has explained: {no}")
    code, retry = REFUSALS[no.code]
    return CourierRefused(code, f"{no.code} {no.message}".strip(), retry=retry)


def _booking(number: str, data: dict[str, Any]) -> Booking:
    """Believed only where it names our order and one waybill."""
    waybill = data.get("waybillCode")
    if data.get("orderId") != number or not isinstance(waybill, str) or not waybill:
        raise CourierDown(f"an answer that is not about order {number}")
    return Booking(number, waybill, live=str(data.get("statusCode")) != stages.STATUS_CANCELLED)


def _quote(data: dict[str, Any]) -> Quote:
    try:
        info = data["shipmentInfo"]
        return Quote(minor_units(info["totalFreight"]), int(info["deliveryPromiseDays"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CourierDown(f"a price that cannot be read: {error!r}") from error


def _scans(waybill: str, data: dict[str, Any]) -> list[Scan]:
    try:
        return [_scan(row) for row in data["traceDetails"] if row["waybillCode"] == waybill]
    except (KeyError, TypeError, ValueError) as error:
        raise CourierDown(f"a trace that cannot be read: {error!r}") from error


def _scan(row: dict[str, Any]) -> Scan:
    state = str(row["state"])
    return Scan(
        waybill=row["waybillCode"], op_code=state, at=client.read_time(row["operationTime"]).astimezone(UTC),
        stage=stages.stage(state), incident=stages.incident(state), place=str(row.get("routeCityName") or ""),
        text=str(row.get("operationRemark") or ""),
    )  # fmt: skip
