"""SF Express (顺丰): a pickup is an order whose sender is the customer and whose receiver is the shop."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from logistics.couriers import labels
from logistics.couriers.interface import (
    Booking,
    BookingOrder,
    Contact,
    CourierDown,
    CourierRefused,
    Quote,
    Scan,
)
from logistics.couriers.prices import minor_units
from logistics.couriers.sf import client, stages
from logistics.couriers.sf.account import account

SF_TIME = "%Y-%m-%d %H:%M:%S"  # without an offset: Chinese time
SF_ZONE = ZoneInfo("Asia/Shanghai")
SENDER, RECEIVER = 1, 2
PAID_BY_CARD = 3  # a third party: our monthly card
CANCEL = 2

DUPLICATE = "8016"
NO_SUCH_ORDER = frozenset({"6150", "8018", "8024"})
CANCELLED_ALREADY = "8037"
NO_SUCH_WAYBILL = frozenset({*NO_SUCH_ORDER, "8191", "8247"})
ON_ITS_WAY = frozenset({"8168", "8252"})
NOT_SERVED = 3  # filterResult
NO_SUCH_ROUTE = frozenset({"20036"})  # the product does not go that way
STANDARD = "1"  # businessType, as expressTypeId of an order

# SF's code: ours, and whether the same call may succeed later.
REFUSALS = {
    "8096": ("pickup_time", True),
    "8177": ("no_capacity", True),
    **dict.fromkeys(("1010", "1011", "1014", "1015"), ("address", False)),
    **dict.fromkeys(("1012", "1016", "8196"), ("phone", False)),
    **dict.fromkeys(("1023", "20035", "20036"), ("goods", False)),
    **dict.fromkeys(("6126", "8057", "8114", "8119", "8256"), ("account", False)),
    **dict.fromkeys(NO_SUCH_ORDER, ("no_such_booking", False)),
    **dict.fromkeys(ON_ITS_WAY, ("collected", False)),
}


class SF:
    code = "sf"

    def __init__(self):
        self._account = account()

    def book(self, order: BookingOrder) -> Booking:
        try:
            data = self._call("EXP_RECE_CREATE_ORDER", self._order(order))
        except client.Rejected as no:
            if no.code != DUPLICATE:
                raise _refusal(no) from no
            return self._found_again(order.number)
        if data.get("filterResult") == NOT_SERVED:
            raise CourierRefused("not_served", str(data.get("remark") or ""))
        return _booking(order.number, data)

    def find(self, number: str) -> Booking | None:
        try:
            data = self._call("EXP_RECE_SEARCH_ORDER_RESP", {"searchType": "1", "orderId": number})
        except client.Rejected as no:
            if no.code in NO_SUCH_ORDER:
                return None
            if no.code == CANCELLED_ALREADY:
                return Booking(number, "", live=False)
            raise CourierDown(f"asked for an order, was told {no}") from no
        return _booking(number, data)

    def cancel(self, number: str) -> None:
        try:
            self._call("EXP_RECE_UPDATE_ORDER", {"orderId": number, "dealType": CANCEL})
        except client.Rejected as no:
            if no.code != CANCELLED_ALREADY:
                raise _refusal(no) from no

    def route(self, waybill: str, *, phone: str = "") -> list[Scan]:
        asked = {"language": "0", "trackingType": "1", "trackingNumber": [waybill], "methodType": "1"}
        if phone:
            asked["checkPhoneNo"] = phone[-4:]
        try:
            data = self._call("EXP_RECE_SEARCH_ROUTES", asked)
        except client.Rejected as no:
            raise _refusal(no) from no
        return sorted(_scans(waybill, data), key=lambda scan: scan.at)

    def label(self, number: str, waybill: str) -> bytes:
        try:
            url, token = client.printed(self._account, waybill)
        except client.Rejected as no:
            code = "no_such_booking" if no.code in NO_SUCH_WAYBILL else "other"
            raise CourierRefused(code, str(no)) from no
        return labels.fetch(
            url, asked=self._account.url, domain="sf-express.com", headers={"X-Auth-token": token}
        )  # fmt: skip

    def quote(self, sender: Contact, receiver: Contact, *, grams: int) -> Quote:
        asked = {
            "businessType": STANDARD, "searchPrice": "1", "weight": grams / 1000,
            "srcAddress": _address(sender), "destAddress": _address(receiver),
        }  # fmt: skip
        try:
            data = self._call("EXP_RECE_QUERY_DELIVERTM", asked)
        except client.Rejected as no:
            raise CourierRefused("not_served" if no.code in NO_SUCH_ROUTE else "other", str(no)) from no
        return _quote(data)

    def _call(self, service: str, data: dict[str, Any]) -> dict[str, Any]:
        return client.call(self._account, service, {"language": "zh-CN", **data})

    def _order(self, order: BookingOrder) -> dict[str, Any]:
        return {
            "orderId": order.number,
            "contactInfoList": [_contact(SENDER, order.sender), _contact(RECEIVER, order.receiver)],
            "cargoDetails": [{"name": goods.name, "count": goods.count} for goods in order.goods],
            "expressTypeId": 1,
            "payMethod": PAID_BY_CARD,
            "monthlyCard": self._account.monthly_card,
            "parcelQty": 1,
            "isDocall": 1,
            "sendStartTm": order.slot_from.astimezone(SF_ZONE).strftime(SF_TIME),
        }

    def _found_again(self, number: str) -> Booking:
        found = self.find(number)
        if found is None:
            raise CourierDown("a duplicate that cannot be found")
        return found


def read_time(text: str) -> datetime:
    """SF's wall-clock time as UTC; ValueError when it is none."""
    return datetime.strptime(text, SF_TIME).replace(tzinfo=SF_ZONE).astimezone(UTC)


def _contact(kind: int, who: Contact) -> dict[str, Any]:
    return {
        "contactType": kind, "contact": who.name, "mobile": who.phone.removeprefix("+86"), "country": "CN",
        "province": who.province, "city": who.city, "county": who.district, "address": who.street,
    }  # fmt: skip


def _address(who: Contact) -> dict[str, str]:
    return {"province": who.province, "city": who.city, "district": who.district, "address": who.street}


def _quote(data: dict[str, Any]) -> Quote:
    """Of the product that an order would take; SF names its prices in yuan."""
    try:
        (row,) = (row for row in data["deliverTmDto"] if str(row["businessType"]) == STANDARD)
        return Quote(minor_units(row["fee"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CourierDown(f"a price that cannot be read: {error!r}") from error


def _refusal(no: client.Rejected) -> CourierRefused:
    code, retry = REFUSALS.get(no.code, ("other", False))
    return CourierRefused(code, f"{no.code} {no.message}".strip(), retry=retry)


def _booking(number: str, data: dict[str, Any]) -> Booking:
    """Believed only where it names our order and one parent waybill."""
    waybills = [
        row["waybillNo"]
        for row in data.get("waybillNoInfoList") or ()
        if isinstance(row, dict) and row.get("waybillType") in (1, "1") and isinstance(row.get("waybillNo"), str)
    ]
    if data.get("orderId") != number or len(waybills) != 1 or not waybills[0]:
        raise CourierDown(f"an answer that is not about order {number}")
    return Booking(number, waybills[0])


def _scans(waybill: str, data: dict[str, Any]) -> list[Scan]:
    try:
        return [
            _scan(waybill, row)
            for parcel in data["routeResps"]
            if parcel["mailNo"] == waybill
            for row in parcel["routes"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise CourierDown(f"a route that cannot be read: {error!r}") from error


def _scan(waybill: str, row: dict[str, Any]) -> Scan:
    op_code, text = str(row["opCode"]), str(row.get("remark") or "")
    return Scan(
        waybill=waybill, op_code=op_code, at=read_time(row["acceptTime"]), stage=stages.stage(op_code),
        incident=stages.incident(op_code, text), place=str(row.get("acceptAddress") or ""), text=text,
    )  # fmt: skip
