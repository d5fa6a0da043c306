"""JD Logistics on this machine: its open platform, its vans, its traces, and its signed messages to us."""

import json
import math
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from logistics.couriers.jd import courier, stages
from logistics.couriers.jd.account import DEMO_APP_KEY, DEMO_CUSTOMER_CODE, demo_secret, demo_token
from logistics.couriers.jd.client import ALGORITHM, JD_TIME, JD_ZONE, VERSION, read_time, sign
from logistics.couriers.stand_in import VanStandIn, post
from returns_platform.kernel import clock
from returns_platform.kernel.stand_in import Reply, Request, Route, Row

CLOCKS_APART = timedelta(minutes=10)
PHONE = re.compile(r"(\+?86)?1\d{10}|0\d{9,11}|\+\d{6,15}", re.ASCII)
REFUSALS = {  # behaviour: JD's code and words
    "pickup_time_refused": ("1005", "该时间段不支持上门揽收"),
    "capacity": ("1006", "揽收运力不足"),
    "not_served": ("1004", "揽收地址超区"),
    "not_enough_balance": ("1007", "月结账号不可用"),
    "account_abnormal": ("1007", "商家编码已停用"),
}
TRACES = {  # event: state, title, words, whose city
    "collected": ("30", "配送员完成揽收", "您的快件已由京东快递员揽收完成", "sender"),
    "in_transit": ("60", "分拣中心发货", "您的快件已离开【{city}分拣中心】", "receiver"),
    "delivered": ("150", "妥投", "您的快件已签收，感谢您使用京东物流", "receiver"),
    "refused": (stages.REFUSED, "拒收", "收件人拒收，快件待退回", "receiver"),
    "lost": (stages.LOST, "遗失", "您的快件遗失，京东物流将尽快与您联系", "receiver"),
    "returned": ("180", "逆向换单", "您的快件正在退回寄件人", "receiver"),
}
# What it costs, in fen: the first kilogram, each further one; where it is far; where it does not come at all.
FIRST_KG, NEXT_KG = 1300, 300
FAR, FAR_TIMES = ("西藏", "新疆", "青海"), 2
UNSERVED = ("三沙", "台湾", "香港", "澳门")


class JDLogistics(VanStandIn):
    name = "jd"
    waybills = re.compile(r"JD[A-Z0-9]{11,15}", re.ASCII)
    new_waybill_prefix = "JDVC"

    @classmethod
    def ensure_keys(cls, data_dir) -> None:
        demo_secret(data_dir)
        demo_token(data_dir)

    def routes(self) -> list[Route]:
        doors = {
            courier.CREATE: self.create, courier.STATUS: self.status, courier.CANCEL: self.cancel,
            courier.TRACE: self.trace, courier.PRECHECK: self.precheck,
        }  # fmt: skip
        ours = [Route("POST", path, lambda request, do=do: self.service(request, do)) for path, do in doors.items()]
        return [*super().routes(), *ours]

    # The gateway

    def service(self, request: Request, do) -> Reply:
        if wrong := self._wrong_signature(request):
            return Reply.json(200, {"error_response": dict(zip(("code", "zh_desc"), wrong, strict=True))})
        try:
            (data,) = json.loads(request.body)
        except (ValueError, TypeError):
            return _rejected("1000", "参数格式错误")
        if not isinstance(data, dict) or data.get("orderOrigin") != courier.ORIGIN:
            return _rejected("1000", "参数格式错误")
        if data.get("customerCode") != DEMO_CUSTOMER_CODE:
            return _rejected("1007", "商家编码不存在")
        return do(data)

    def _wrong_signature(self, request: Request) -> tuple[str, str] | None:
        given, token = request.query, demo_token(self.data_dir)
        if given.get("app_key") != DEMO_APP_KEY or given.get("LOP-DN") != "ECAP" or given.get("v") != VERSION:
            return "21", "应用不存在或未授权"
        if given.get("access_token") != token:
            return "19", "access_token 无效或已过期"
        try:
            at = read_time(given.get("timestamp", ""))
        except ValueError:
            return "25", "时间戳格式错误"
        if abs(clock.now() - at) > CLOCKS_APART:
            return "25", "时间戳已过期"
        ours = sign(
            secret=demo_secret(self.data_dir), token=token, key=DEMO_APP_KEY, path=request.path,
            body=request.body.decode(errors="replace"), timestamp=given["timestamp"],
        )  # fmt: skip
        same = given.get("algorithm") == ALGORITHM and secrets.compare_digest(ours, given.get("sign", ""))
        return None if same else ("22", "签名无效")

    def create(self, data: dict[str, Any]) -> Reply:
        if missing := _missing(data):
            return _rejected(*missing)
        number = data["orderId"]
        behaviour = self.behaviour_for(number)
        if behaviour in ("error_500", "frequency_limited"):
            return Reply(500 if behaviour == "error_500" else 429)
        if behaviour in REFUSALS:
            return _rejected(*REFUSALS[behaviour])
        with self.book.writing():
            if first := self.book.find(number):
                return self.in_the_manner_of(behaviour, _accepted(_order(first)))
            row = self.book.add(number, state="booked", waybill=self.new_waybill(), pushes=behaviour, routes=[],
                                cities=_cities(data))  # fmt: skip
        answer = {"apply_then_500": Reply(500), "garbage": Reply(200, b"<html>\xff{")}.get(behaviour)
        self._announce_agent(row, at_once=behaviour == "callback_before_answer")
        if behaviour == "closed":
            self.later(2, "call_off", number=number)
        return self.in_the_manner_of(behaviour, answer or _accepted(_order(row)))

    def status(self, data: dict[str, Any]) -> Reply:
        row = self.book.find(str(data.get("orderId") or ""))
        return _accepted(_order(row)) if row else _rejected("2001", "订单不存在")

    def cancel(self, data: dict[str, Any]) -> Reply:
        with self.book.writing():
            row = self.book.find(str(data.get("orderId") or ""))
            if row is None:
                return _rejected("2001", "订单不存在")
            if row.data.get("cancelled"):
                return _rejected("2003", "订单已取消")
            if row["routes"]:
                return _rejected("2004", "已揽收，不能取消")
            self.book.change(row, state="cancelled", cancelled=True)
        return _accepted({"orderId": row.number, "cancelResult": True})

    def trace(self, data: dict[str, Any]) -> Reply:
        row = self.by_waybill(str(data.get("waybillCode") or ""))
        if row is None:
            return _rejected("2001", "运单不存在")
        return _accepted({"traceDetails": [{"waybillCode": row["waybill"], **trace} for trace in row["routes"]]})

    def precheck(self, data: dict[str, Any]) -> Reply:
        """Whether it comes there, what it costs, how long it takes."""
        places = [_address(data, name) for name in ("senderContact", "receiverContact")]
        if not all(places):
            return _rejected("1001", "地址不能为空")
        if any(name in place for place in places for name in UNSERVED):
            return _rejected(*REFUSALS["not_served"])
        kilograms = max(1, math.ceil(float((data.get("cargoes") or [{}])[0].get("weight") or 1)))
        times = FAR_TIMES if any(name in place for place in places for name in FAR) else 1
        fee = (FIRST_KG + (kilograms - 1) * NEXT_KG) * times
        return _accepted({"shipmentInfo": {"totalFreight": f"{fee / 100:.2f}", "deliveryPromiseDays": 1 + times}})

    # What happens to a parcel, and what it tells us of it

    def scan(self, row: Row, event: str, at: datetime) -> dict[str, Any]:
        state, title, words, whose = TRACES[event]
        city = row["cities"].get(whose) or "北京市"
        return {
            "state": state, "operationTitle": title, "operationRemark": words.format(city=city),
            "operationTime": at.astimezone(JD_ZONE).strftime(JD_TIME), "operatorName": "京东快递",
            "routeCityName": city,
        }  # fmt: skip

    def announce_route(self, row: Row) -> None:
        told = {"waybillCode": row["waybill"], "orderId": row.number, **row["routes"][-1]}
        if row["pushes"] == "callback_wrong_amount":
            told["state"] = "150"
        self.announce(row, door="jd_routes", content=[told])

    def announce_called_off(self, row: Row) -> None:
        self.announce(row, door="jd_orders", content=[_order_message(row, stages.CALLED_OFF)])

    def _announce_agent(self, row: Row, *, at_once: bool) -> None:
        message = {"door": "jd_orders", "content": [_order_message(row, stages.ASSIGNED)]}
        if at_once:
            return self.tell(times=0, badly=self.badly(row), **message)
        self.announce(row, wait_s=1, **message)

    def told(self, *, badly: bool, door: str, content: list[dict[str, Any]]) -> bool:
        path, body = reverse(f"logistics:{door}"), json.dumps(content, ensure_ascii=False)
        timestamp = clock.now().astimezone(JD_ZONE).strftime(JD_TIME)
        secret = "not-the-secret" if badly else demo_secret(self.data_dir)
        signature = sign(secret=secret, token="", key=DEMO_APP_KEY, path=path, body=body, timestamp=timestamp)
        query = urlencode({
            "app_key": DEMO_APP_KEY, "timestamp": timestamp, "algorithm": ALGORITHM, "sign": signature,
        })  # fmt: skip
        answer = post(f"{settings.SITE_URL}{path}?{query}", body.encode(), kind="application/json;charset=utf-8")
        return b'"code": 0' in answer


def _accepted(data: dict[str, Any]) -> Reply:
    return Reply.json(200, {"code": 0, "msg": "成功", "success": True, "data": data})


def _rejected(code: str, message: str) -> Reply:
    return Reply.json(200, {"code": int(code), "msg": message, "success": False, "data": None})


def _missing(data: dict[str, Any]) -> tuple[str, str] | None:
    """The first thing a booking cannot be without."""
    number = data.get("orderId")
    if not isinstance(number, str) or not 1 <= len(number) <= 50:
        return "1000", "orderId 不合法"
    for name in ("senderContact", "receiverContact"):
        if not _address(data, name) or not data[name].get("name"):
            return "1001", f"{name} 不完整"
        if not PHONE.fullmatch(str(data[name].get("mobile") or "")):
            return "1002", f"{name}.mobile 不合法"
    if not data.get("cargoes") or not data.get("goods"):
        return "1003", "托寄物不能为空"
    start, end = data.get("pickupStartTime"), data.get("pickupEndTime")
    if type(start) is not int or type(end) is not int or start >= end:
        return REFUSALS["pickup_time_refused"]
    if any(name in _address(data, "senderContact") for name in UNSERVED):
        return REFUSALS["not_served"]
    settles = data.get("c2bAddedSettleTypeInfo")
    return None if isinstance(settles, dict) and data.get("settleType") == 5 else ("1007", "结算方式不合法")


def _address(data: dict[str, Any], name: str) -> str:
    contact = data.get(name)
    address = contact.get("fullAddress") if isinstance(contact, dict) else ""
    return address if isinstance(address, str) and 1 <= len(address) <= 200 else ""


def _cities(data: dict[str, Any]) -> dict[str, str]:
    """The first city that an address names."""
    found = {"sender": _address(data, "senderContact"), "receiver": _address(data, "receiverContact")}
    cities = {whose: re.search(r"([^省市区]{2,6}市)", address) for whose, address in found.items()}
    return {whose: city.group(1) for whose, city in cities.items() if city}


def _order(row: Row) -> dict[str, Any]:
    status = (
        stages.STATUS_CANCELLED if row.data.get("cancelled") else (row["routes"] or [{"state": "20"}])[-1]["state"]
    )
    return {"orderId": row.number, "orderCode": f"EO{row.seq:012d}", "waybillCode": row["waybill"],
            "statusCode": int(status)}  # fmt: skip


def _order_message(row: Row, state: str) -> dict[str, Any]:
    return {
        "orderId": row.number, "waybillCode": row["waybill"], "state": state, "courier": "京东小哥",
        "courierTel": "13700137000", "operationTime": clock.now().astimezone(JD_ZONE).strftime(JD_TIME),
    }  # fmt: skip
