"""SF Express on this machine: its gateway, its vans, its scans, and its unsigned messages to us.

`callback_bad_signature` goes to an address that is not ours: SF signs nothing.
"""

import hashlib
import hmac
import json
import math
import re
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from logistics.couriers.sf.account import DEMO_PARTNER, SERVICE, demo_checkword, demo_push_token
from logistics.couriers.sf.client import PRINT, msg_digest
from logistics.couriers.sf.courier import SF_TIME, SF_ZONE
from logistics.couriers.stand_in import VanStandIn, label_pdf, post
from returns_platform.kernel import clock
from returns_platform.kernel.stand_in import Reply, Request, Route, Row

PHONE_END = re.compile(r"\d{4}", re.ASCII)

REFUSALS = {  # behaviour: SF's code and words
    "pickup_time_refused": ("8096", "您的预约时间超过了收派员的工作时间"),
    "capacity": ("8177", "高峰期资源紧张，暂不能下单"),
    "not_enough_balance": ("8114", "月结卡号不可用"),
    "account_abnormal": ("8119", "月结卡号不可用"),
}
NOT_SERVED = {"orderId": "", "filterResult": 3, "remark": "2", "waybillNoInfoList": None}
# What it costs, in fen: the first kilogram, each further one; where it is far; where it does not come at all.
FIRST_KG, NEXT_KG = 1200, 400
FAR, FAR_TIMES = ("西藏", "新疆", "青海"), 3
UNSERVED = ("三沙",)
SCANS = {  # event: operation code, words, whose city
    "collected": ("50", "顺丰速运 已收取快件", "sender"),
    "in_transit": ("31", "快件到达 【{city}转运中心】", "receiver"),
    "delivered": ("80", "在官网“运单资料&签收图”可查看签收人信息", "receiver"),
    "refused": ("70", "快件派送不成功，因客户拒收，待进一步处理", "receiver"),
    "lost": ("33", "快件异常：快件遗失，理赔人员将与您联系", "receiver"),
    "returned": ("99", "应客户要求，快件正在转寄退回中", "receiver"),
}


class SFExpress(VanStandIn):
    name = "sf"
    waybills = re.compile(r"SF\d{12,15}|\d{12}", re.ASCII)
    new_waybill_prefix = "SF"

    @classmethod
    def ensure_keys(cls, data_dir) -> None:
        demo_checkword(data_dir)
        demo_push_token(data_dir)

    def routes(self) -> list[Route]:
        label = Route("GET", r"/labels/(?P<waybill>[A-Z0-9]+)\.pdf", self.label_file)
        return [*super().routes(), Route("POST", SERVICE, self.service), label]

    # The gateway

    def service(self, request: Request) -> Reply:
        form = request.form()
        services = {
            "EXP_RECE_CREATE_ORDER": self.create,
            "EXP_RECE_SEARCH_ORDER_RESP": self.search,
            "EXP_RECE_UPDATE_ORDER": self.update,
            "EXP_RECE_SEARCH_ROUTES": self.search_routes,
            "EXP_RECE_QUERY_DELIVERTM": self.query_price,
            PRINT: lambda data: self.print_label(data, host=request.headers.get("Host", "")),
        }
        missing = {"partnerID", "requestID", "serviceCode", "timestamp", "msgData", "msgDigest"} - set(form)
        if missing:
            return _gateway("A1001", "必传参数不可为空")
        if form["partnerID"] != DEMO_PARTNER or form["serviceCode"] not in services:
            return _gateway("A1004", "无对应服务权限")
        digest = msg_digest(form["msgData"], form["timestamp"], demo_checkword(self.data_dir))
        if not secrets.compare_digest(form["msgDigest"].encode(), digest.encode()):
            return _gateway("A1006", "数字签名无效")
        try:
            data = json.loads(form["msgData"])
        except ValueError:
            return _rejected("8009", "报文格式错误")
        return services[form["serviceCode"]](data)

    def create(self, data: dict[str, Any]) -> Reply:
        if missing := _missing(data):
            return _rejected(*missing)
        number = data["orderId"]
        behaviour = self.behaviour_for(number)
        if behaviour == "error_500":
            return Reply(500)
        if behaviour == "frequency_limited":
            return _gateway("A1005", "访问频率超限")
        if behaviour in REFUSALS:
            return _rejected(*REFUSALS[behaviour])
        if behaviour == "not_served":
            return _accepted(NOT_SERVED | {"orderId": number})
        with self.book.writing():
            if self.book.find(number):
                return self.in_the_manner_of(behaviour, _rejected("8016", "重复下单"))
            row = self.book.add(number, state="booked", waybill=self.new_waybill(), pushes=behaviour, routes=[],
                                cities=_cities(data))  # fmt: skip
        answer = {"apply_then_500": Reply(500), "garbage": Reply(200, b"<html>\xff{")}.get(behaviour)
        self._announce_agent(row, at_once=behaviour == "callback_before_answer")
        if behaviour == "closed":
            self.later(2, "call_off", number=number)
        return self.in_the_manner_of(behaviour, answer or _accepted(_order(row)))

    def search(self, data: dict[str, Any]) -> Reply:
        row = self.book.find(str(data.get("orderId") or ""))
        if row is None:
            return _rejected("6150", "找不到该订单")
        if row.data.get("cancelled"):
            return _rejected("8037", "已消单")
        return _accepted(_order(row))

    def update(self, data: dict[str, Any]) -> Reply:
        if data.get("dealType") != 2:
            return _rejected("8009", "只支持取消")
        with self.book.writing():
            row = self.book.find(str(data.get("orderId") or ""))
            if row is None:
                return _rejected("6150", "找不到该订单")
            if row.data.get("cancelled"):
                return _rejected("8037", "已消单")
            if row["routes"]:
                return _rejected("8168", "已有路由，不能取消")
            self.book.change(row, state="cancelled", cancelled=True)
        return _accepted({"orderId": row.number, "resStatus": 2})

    def search_routes(self, data: dict[str, Any]) -> Reply:
        numbers = data.get("trackingNumber")
        if data.get("trackingType") != "1" or not isinstance(numbers, list) or not 1 <= len(numbers) <= 10:
            return _rejected("8013", "未传入运单号")
        return _accepted({"routeResps": [self._routes_of(number, data) for number in numbers]})

    def _routes_of(self, waybill: str, data: dict[str, Any]) -> dict[str, Any]:
        """Others than who booked it prove with the end of a phone number that it is theirs."""
        row = self.by_waybill(waybill)
        ours = row and (row.number or PHONE_END.fullmatch(str(data.get("checkPhoneNo") or "")))
        names = ("acceptTime", "acceptAddress", "remark", "opCode")
        routes = [{name: scan[name] for name in names} for scan in row["routes"]] if ours else []
        return {"mailNo": waybill, "routes": routes}

    def query_price(self, data: dict[str, Any]) -> Reply:
        """Time and price before an order."""
        far = [_place(data.get(name)) for name in ("srcAddress", "destAddress")]
        if not all(far) or any(name in place for place in far for name in UNSERVED):
            return _rejected("20036" if all(far) else "8014", "该产品在此流向不可用")
        kilograms = max(1, math.ceil(float(data.get("weight") or 1)))
        fee = FIRST_KG + (kilograms - 1) * NEXT_KG
        times = FAR_TIMES if any(name in place for place in far for name in FAR) else 1
        at = (clock.now() + timedelta(days=1 + times)).astimezone(SF_ZONE).strftime(SF_TIME)
        return _accepted({"deliverTmDto": [{
            "businessType": "1", "businessTypeDesc": "顺丰特快", "deliverTime": f"{at},{at}",
            "fee": fee * times / 100, "searchPrice": str(data.get("searchPrice") or "0"), "closeTime": None,
        }]})  # fmt: skip

    # Labels

    def print_label(self, data: dict[str, Any], *, host: str) -> Reply:
        """Cloud printing: an answer of its own kind, that names a file and the token that opens it."""
        asked = data.get("documents")
        waybill = asked[0].get("masterWaybillNo") if isinstance(asked, list) and len(asked) == 1 else ""
        row = self.by_waybill(str(waybill))
        if data.get("fileType") != "pdf" or row is None or not row.number:
            return _gateway("A1000", "", {"success": False, "errorCode": "8191", "errorMessage": "运单号不存在"})
        file = {"url": f"http://{host}/labels/{waybill}.pdf", "token": self._label_token(waybill), "seqNo": 1,
                "areaNo": 1, "pageNo": 1, "waybillNo": waybill}  # fmt: skip
        return _gateway("A1000", "", {"success": True, "obj": {"fileType": "pdf", "files": [file]}})

    def label_file(self, request: Request, *, waybill: str) -> Reply:
        token = request.headers.get("X-Auth-token", "")
        row = self.by_waybill(waybill)
        if row is None or not secrets.compare_digest(token.encode(), self._label_token(waybill).encode()):
            return Reply(403)
        pdf = label_pdf("SF EXPRESS", waybill, f"ORDER {row.number}")
        return Reply(200, pdf, {"Content-Type": "application/pdf"})

    def _label_token(self, waybill: str) -> str:
        return hmac.new(demo_checkword(self.data_dir).encode(), waybill.encode(), hashlib.sha256).hexdigest()

    # What happens to a parcel, and what it tells us of it

    def scan(self, row: Row, event: str, at: datetime) -> dict[str, Any]:
        op_code, words, whose = SCANS[event]
        city = row["cities"].get(whose) or "深圳市"
        return {
            "acceptTime": at.astimezone(SF_ZONE).strftime(SF_TIME), "acceptAddress": city,
            "remark": words.format(city=city), "opCode": op_code, "id": str(uuid.uuid4().int)[:18],
        }  # fmt: skip

    def announce_route(self, row: Row) -> None:
        message = _route_message(row, row["routes"][-1])
        if row["pushes"] == "callback_wrong_amount":
            message["Body"]["WaybillRoute"][0]["opCode"] = "80"
        self.announce(row, door="sf_routes", content=message)

    def announce_called_off(self, row: Row) -> None:
        self.announce(row, door="sf_orders", content=_order_message(row, "04-40014", "客户取消寄件"))

    def _announce_agent(self, row: Row, *, at_once: bool) -> None:
        message = {"door": "sf_orders", "content": _order_message(row, "04-40001", "调度成功")}
        if at_once:
            return self.tell(times=0, badly=self.badly(row), **message)
        self.announce(row, wait_s=1, **message)

    def told(self, *, badly: bool, door: str, content: dict[str, Any]) -> bool:
        token = "not-the-token" if badly else demo_push_token(self.data_dir)
        url = settings.SITE_URL + reverse(f"logistics:{door}", args=[token])
        body = json.dumps(content, ensure_ascii=False).encode()
        answer = post(url, body, kind="application/json;charset=UTF-8")
        return b'"return_code": "0000"' in answer


def _gateway(code: str, message: str, data: dict[str, Any] | None = None) -> Reply:
    return Reply.json(200, {
        "apiErrorMsg": message, "apiResponseID": uuid.uuid4().hex, "apiResultCode": code,
        "apiResultData": json.dumps(data, ensure_ascii=False) if data else None,
    })  # fmt: skip


def _accepted(msg_data: dict[str, Any]) -> Reply:
    result = {"success": True, "errorCode": "S0000", "errorMsg": None, "msgData": msg_data}
    return _gateway("A1000", "", result)


def _rejected(code: str, message: str) -> Reply:
    return _gateway("A1000", "", {"success": False, "errorCode": code, "errorMsg": message, "msgData": None})


def _missing(data: Any) -> tuple[str, str] | None:
    """The first thing a booking cannot be without, as SF names it."""
    contacts = {c.get("contactType"): c for c in data.get("contactInfoList") or () if isinstance(c, dict)}
    for kind, codes in ((1, ("1010", "1011", "1012")), (2, ("1014", "1015", "1016"))):
        for name, code in zip(("address", "contact", "mobile"), codes, strict=True):
            if not contacts.get(kind, {}).get(name):
                return code, f"{name} 不能为空"
    if not data.get("orderId") or not isinstance(data["orderId"], str):
        return "1001", "订单号不能为空"
    if not data.get("cargoDetails"):
        return "1023", "托寄物名称不能为空"
    card = re.fullmatch(r"\d{10}", str(data.get("monthlyCard") or ""), re.ASCII)
    return None if card else ("6126", "月结卡号不正确")


def _place(address: Any) -> str:
    """Province and city as one text, empty where one is missing."""
    if not isinstance(address, dict) or not address.get("province") or not address.get("city"):
        return ""
    return f"{address['province']}{address['city']}"


def _cities(data: dict[str, Any]) -> dict[str, str]:
    kinds = {1: "sender", 2: "receiver"}
    return {kinds[c["contactType"]]: str(c.get("city") or "") for c in data["contactInfoList"]}


def _order(row: Row) -> dict[str, Any]:
    waybills = [{"waybillType": 1, "waybillNo": row["waybill"]}]
    return {"orderId": row.number, "filterResult": 2, "remark": None, "waybillNoInfoList": waybills}


def _route_message(row: Row, scan: dict[str, Any]) -> dict[str, Any]:
    told = {"mailno": row["waybill"], "orderid": row.number, "reasonCode": "", "reasonName": "", **scan}
    return {"Body": {"WaybillRoute": [told]}}


def _order_message(row: Row, code: str, words: str) -> dict[str, Any]:
    at = clock.now().astimezone(SF_ZONE)
    state = {
        "orderNo": row.number, "waybillNo": row["waybill"], "orderStateCode": code, "orderStateDesc": words,
        "empCode": "顺丰小哥", "empPhone": "13900139000", "lastTime": at.strftime(SF_TIME),
        "createTm": (at - timedelta(seconds=1)).strftime(SF_TIME),
    }  # fmt: skip
    return {"requestId": uuid.uuid4().hex, "timestamp": str(int(at.timestamp() * 1000)), "orderState": [state]}
