"""Kuaidi100 (快递100): asks any company where a parcel is, and sends the company of our choice for a pickup.

It finds an order only by its own task number. That is noted as soon as it is told; until then the same order again
is the same order, for 48 hours, and names it: see decision 0037.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from logistics.couriers import labels, services
from logistics.couriers.interface import (
    Booking,
    BookingOrder,
    Contact,
    CourierDown,
    CourierRefused,
    Quote,
    Scan,
)
from logistics.couriers.kuaidi100 import client, stages
from logistics.couriers.kuaidi100.account import account, proof_of, salt
from logistics.couriers.models import CourierTask
from logistics.couriers.prices import minor_units
from returns_platform.kernel import clock

SAME_ORDER_FOR = timedelta(hours=47)  # an hour less than promised
DAYS = ("今天", "明天", "后天")
SUBSCRIBED_ALREADY = "501"
NO_RESULT = frozenset({"500", "501"})  # of a query: nothing is known of that number, or not yet

# Kuaidi100's code: ours, and whether the same call may succeed later. What is not listed may have taken effect.
REFUSALS = {
    "400": ("other", False),
    "503": ("account", True),
    "600": ("account", False),
    "601": ("account", False),
    "700": ("other", False),
    "701": ("not_served", False),
    "30001": ("address", False),
    "30002": ("not_served", False),
    "30003": ("pickup_time", True),
    "30004": ("no_capacity", True),
    "30005": ("phone", False),
    "30006": ("collected", False),
    "30007": ("no_such_booking", False),
}


class Kuaidi100:
    code = "kuaidi100"

    def __init__(self):
        self._account = account()

    # Pickups

    def book(self, order: BookingOrder) -> Booking:
        text = client.text_of(self._order(order))
        row = services.about_to_ask(courier=self.code, number=order.number, content=text, now=clock.now())
        return self._of_task(row) if row.task else self._place(row)

    def find(self, number: str) -> Booking | None:
        row = CourierTask.objects.filter(courier=self.code, number=number).first()
        if row is None:
            return None  # it was never asked
        if row.task:
            return self._of_task(row)
        try:
            return self._place(row)
        except CourierRefused as no:
            if no.code == "account":  # our keys: whether the order is there stays unknown
                raise CourierDown(str(no)) from no
            return None

    def cancel(self, number: str) -> None:
        found = self.find(number)
        if found is None:
            raise CourierRefused("no_such_booking")
        if not found.live:
            return
        row = CourierTask.objects.get(courier=self.code, number=number)
        self._call("cancel", client.text_of({"taskId": row.task, "orderId": row.order, "cancelMsg": "不寄了"}))

    def label(self, number: str, waybill: str) -> bytes:
        """For the number that the order has: none is given anew. The fields are read from publications only."""
        row = CourierTask.objects.filter(courier=self.code, number=number).exclude(task="").first()
        if row is None:
            raise CourierRefused("no_such_booking")
        asked = {
            "taskId": row.task, "orderId": row.order, "kuaidicom": self._account.pickup_com,
            "kuaidinum": waybill, "printType": "PDF",
        }  # fmt: skip
        try:
            url = client.label(self._account, asked)
        except client.Rejected as no:
            raise _refusal(no) from no
        return labels.fetch(url, asked=self._account.url(client.API, client.LABEL), domain="kuaidi100.com")

    def quote(self, sender: Contact, receiver: Contact, *, grams: int) -> Quote:
        param = {
            "kuaidicom": self._account.pickup_com, "sendManPrintAddr": _address(sender),
            "recManPrintAddr": _address(receiver), "weight": f"{grams / 1000:g}",
        }  # fmt: skip
        data = self._call("price", client.text_of(param))
        try:
            return Quote(minor_units(data["price"]))
        except (KeyError, ValueError) as error:
            raise CourierDown(f"a price that cannot be read: {error!r}") from error

    def _place(self, row: CourierTask) -> Booking:
        """The order, or the same order once more: it names its task."""
        if clock.now() > row.asked_at + SAME_ORDER_FOR:
            raise CourierDown("asked too long ago to be asked for again")
        try:
            data = self._call("bOrder", row.asked)
        except CourierRefused as no:
            if no.code != "account":  # the gate says nothing about what came before
                services.nothing_was_done(courier=self.code, number=row.number)
            raise
        task, order = data.get("taskId"), data.get("orderId")
        if not isinstance(task, str) or not task or not isinstance(order, str):
            raise CourierDown("an answer without a task")
        services.keep_task(courier=self.code, number=row.number, task=task, order=order)
        return Booking(row.number, _waybill(data, "kuaidinum"), carrier=self._pickup_carrier)

    def _of_task(self, row: CourierTask) -> Booking:
        data = self._call("detail", client.text_of({"taskId": row.task}))
        if data.get("taskId") != row.task:
            raise CourierDown(f"an answer that is not about task {row.task}")
        carrier = stages.CARRIERS.get(str(data.get("kuaidiCom")), self._pickup_carrier)
        live = str(data.get("status")) not in stages.ORDER_CALLED_OFF
        return Booking(row.number, _waybill(data, "kuaidiNum"), live=live, carrier=carrier)

    @property
    def _pickup_carrier(self) -> str:
        return stages.CARRIERS.get(self._account.pickup_com, self._account.pickup_com)

    def _order(self, order: BookingOrder) -> dict[str, str]:
        door = reverse("logistics:kuaidi100_orders", args=[order.number, proof_of(order.number)])
        start, end = (at.astimezone(client.KUAIDI_ZONE) for at in (order.slot_from, order.slot_to))
        return {
            "kuaidicom": self._account.pickup_com,
            "sendManName": order.sender.name, "sendManMobile": _mobile(order.sender),
            "sendManPrintAddr": _address(order.sender),
            "recManName": order.receiver.name, "recManMobile": _mobile(order.receiver),
            "recManPrintAddr": _address(order.receiver),
            "cargo": "、".join(goods.name for goods in order.goods)[:60], "weight": "1", "payment": "SHIPPER",
            "dayType": _day(start), "pickupStartTime": f"{start:%H:%M}", "pickupEndTime": f"{end:%H:%M}",
            "thirdOrderId": order.number, "callBackUrl": settings.SITE_URL + door, "salt": salt(),
        }  # fmt: skip

    def _call(self, method: str, text: str) -> dict[str, Any]:
        try:
            return client.order(self._account, method, text)
        except client.Rejected as no:
            raise _refusal(no) from no

    # Where parcels are

    def carriers(self, waybill: str) -> list[str]:
        known = (stages.CARRIERS.get(company) for company in client.recognise(self._account, waybill))
        return list(dict.fromkeys(filter(None, known)))

    def subscribe(self, waybill: str, *, carrier: str, phone: str = "") -> None:
        company = _company(carrier)
        door = settings.SITE_URL + reverse("logistics:kuaidi100_routes")
        wishes = {"callbackurl": door, "salt": salt(), "resultv2": "4", "autoCom": "1"}
        if phone and company in stages.ASK_FOR_PHONE:
            wishes["phone"] = phone[-4:]
        try:
            client.subscribe(self._account, {"company": company, "number": waybill, "parameters": wishes})
        except client.Rejected as no:
            if no.code != SUBSCRIBED_ALREADY:
                raise _refusal(no) from no

    def route(self, waybill: str, *, phone: str = "") -> list[Scan]:
        return self.route_of(waybill, carrier=self._pickup_carrier, phone=phone)

    def route_of(self, waybill: str, *, carrier: str, phone: str = "") -> list[Scan]:
        company = _company(carrier)
        asked = {"com": company, "num": waybill, "resultv2": "4", "show": "0", "order": "asc"}
        if phone and company in stages.ASK_FOR_PHONE:
            asked["phone"] = phone[-4:]
        try:
            answer = client.query(self._account, asked)
        except client.Rejected as no:
            if no.code in NO_RESULT:
                return []
            raise _refusal(no) from no
        if answer.get("nu") != waybill or answer.get("com") != company:
            raise CourierDown(f"an answer that is not about {company} {waybill}")
        return sorted(_scans(waybill, answer["data"]), key=lambda scan: scan.at)


def _company(carrier: str) -> str:
    if carrier not in stages.COMPANIES:
        raise LookupError(f"Kuaidi100 does not know carrier {carrier!r}")
    return stages.COMPANIES[carrier]


def _address(who: Contact) -> str:
    return f"{who.province}{who.city}{who.district}{who.street}"[:100]  # 300 bytes


def _mobile(who: Contact) -> str:
    return who.phone.removeprefix("+86")


def _day(start: datetime) -> str:
    """Kuaidi100 sends somebody today, tomorrow or the day after."""
    days = (start.date() - clock.now().astimezone(client.KUAIDI_ZONE).date()).days
    if not 0 <= days < len(DAYS):
        raise CourierRefused("pickup_time", "only until the day after tomorrow")
    return DAYS[days]


def _refusal(no: client.Rejected) -> Exception:
    """What Kuaidi100 surely did not do, or that nobody knows."""
    if no.code not in REFUSALS:
        return CourierDown(f"a code that may mean anything: {no}")
    code, retry = REFUSALS[no.code]
    return CourierRefused(code, f"{no.code} {no.message}".strip(), retry=retry)


def _waybill(data: dict[str, Any], name: str) -> str:
    """Empty while the company has not given one."""
    waybill = data.get(name) or ""
    if not isinstance(waybill, str) or len(waybill) > 32:
        raise CourierDown("a waybill that is none")
    return waybill


def _scans(waybill: str, rows: list[Any]) -> list[Scan]:
    try:
        return [_scan(waybill, row) for row in rows]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CourierDown(f"a route that cannot be read: {error!r}") from error


def _scan(waybill: str, row: dict[str, Any]) -> Scan:
    code, text = stages.code_of(row), str(row.get("context") or "")
    return Scan(
        waybill=waybill, op_code=code, at=client.read_time(row["ftime"]).astimezone(UTC), stage=stages.stage(code),
        incident=stages.incident(code, text), place=str(row.get("areaName") or row.get("location") or ""), text=text,
    )  # fmt: skip
