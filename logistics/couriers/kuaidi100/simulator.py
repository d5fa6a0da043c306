"""Kuaidi100 on this machine: it sends companies' vans, knows where every waybill is, and tells what we subscribed.

Whose a waybill is shows in its number, whatever company was named: a subscription under another one is corrected
(`autoCheck`, `comOld`, `comNew`), and a query under another one finds nothing. How a subscription goes is set with
it: `aborted` (nothing was found for three days), `rebuilt` (each news is followed by the whole route as `updateall`).
`number_late`: the company gives the waybill only when it has been there; `number_changed`: it gives another one then.
"""

import hashlib
import hmac
import json
import math
import re
import secrets
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from logistics.couriers import numbers
from logistics.couriers.kuaidi100 import client, stages
from logistics.couriers.kuaidi100.account import DEMO_CUSTOMER, demo_key, demo_salt, demo_secret
from logistics.couriers.kuaidi100.client import KUAIDI_TIME, KUAIDI_ZONE, md5
from logistics.couriers.kuaidi100.courier import SAME_ORDER_FOR
from logistics.couriers.stand_in import VanStandIn, label_pdf, post
from returns_platform.kernel import clock
from returns_platform.kernel.stand_in import BadInput, Reply, Request, Route, Row

OF_TRACKING = ("aborted", "rebuilt")
OF_NUMBERS = ("number_late", "number_changed")
PREFIXES = {"yuantong": "YT", "jtexpress": "JT", "jd": "JDVK", "shunfeng": "SF"}
PHONE = re.compile(r"(\+?86)?1\d{10}|0\d{9,11}|\+\d{6,15}", re.ASCII)
REFUSALS = {  # behaviour: Kuaidi100's code and words
    "pickup_time_refused": ("30003", "预约时间不可用"),
    "capacity": ("30004", "运力不足"),
    "not_served": ("30002", "揽收超区"),
    "not_enough_balance": ("601", "POLL:KEY已过期或余额不足"),
    "account_abnormal": ("600", "您不是合法的订阅者"),
}
EVENTS = {  # event: code, state of the route, words
    "collected": ("103", "1", "快件已揽收"),
    "in_transit": ("1002", "0", "快件离开【转运中心】，发往下一站"),
    "delivered": ("301", "3", "快件已签收，签收人：本人"),
    "refused": ("203", "2", "收件人拒收"),
    "lost": ("2", "2", "快件遗失，请联系客服理赔"),
    "returned": ("6", "6", "快件正在退回寄件人"),
}
ORDER_STATUS = {"collected": "10"}
# What it costs, in fen: the first kilogram, each further one; where it is far; where it does not come at all.
FIRST_KG, NEXT_KG = 1050, 250
FAR, FAR_TIMES = ("西藏", "新疆", "青海"), 2
UNSERVED = ("三沙", "台湾", "香港", "澳门")


class Kuaidi100(VanStandIn):
    name = "kuaidi100"
    waybills = re.compile(r"[A-Z0-9]{6,32}", re.ASCII)
    push_again_after_s = (1800, 1800, 1800)
    behaviours = (*VanStandIn.behaviours, *OF_NUMBERS, *OF_TRACKING)
    not_of_bookings = OF_TRACKING

    @classmethod
    def ensure_keys(cls, data_dir) -> None:
        for key in (demo_key, demo_secret, demo_salt):
            key(data_dir)

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("POST", client.QUERY, self.query),
            Route("POST", client.SUBSCRIBE, self.subscribe),
            Route("POST", client.ORDER, self.orders),
            Route("GET", client.RECOGNISE, self.recognise),
            Route("POST", client.LABEL, self.label),
            Route("GET", r"/labels/(?P<proof>[0-9a-f]{64})/(?P<waybill>[A-Z0-9]+)\.pdf", self.label_file),
            Route("POST", "/_weigh", self.weigh),
        ]

    # Tracking

    def query(self, request: Request) -> Reply:
        form = request.form()
        text = form.get("param", "")
        signed = md5(text + demo_key(self.data_dir) + DEMO_CUSTOMER)
        if form.get("customer") != DEMO_CUSTOMER or not _same(form.get("sign"), signed):
            return _no("503", "验证签名失败")
        param = _object(text)
        company, number = str(param.get("com")), str(param.get("num"))
        row = self.by_waybill(number)
        if row is None or not row["routes"] or row["com"] != company:
            return _no("500", "查询无结果，请隔段时间再查")
        if company in stages.ASK_FOR_PHONE and not re.fullmatch(r"\d{4}|\d{11}", str(param.get("phone") or "")):
            return _no("408", "手机尾号错误")
        return Reply.json(200, {"message": "ok", "status": "200", "condition": "", **_route(row)})

    def subscribe(self, request: Request) -> Reply:
        param = _object(request.form().get("param", ""))
        if param.get("key") != demo_key(self.data_dir):
            return _no("600", "您不是合法的订阅者")
        company, number, wishes = (param.get(name) for name in ("company", "number", "parameters"))
        known = isinstance(number, str) and self.waybills.fullmatch(number) and company in stages.CARRIERS
        if not known or not isinstance(wishes, dict) or not str(wishes.get("callbackurl")).startswith("http"):
            return _no("700", "订阅方的订阅数据存在错误")
        if (there := self.book.note("subscription", number)) and there["status"] != "abort":
            return _no("501", "重复订阅")
        behaviour = self.book.take_behaviour({"order": number}, except_for=set(self.behaviours) - set(OF_TRACKING))
        there = {"number": number, "com": company, "url": wishes["callbackurl"], "salt": wishes.get("salt", ""),
                 "status": "polling", "behaviour": behaviour or "ok"}  # fmt: skip
        self.book.write_note("subscription", number, there)
        if behaviour == "aborted":
            self.later(1, "abort", waybill=number)
        elif (row := self.by_waybill(number)) and row["routes"]:
            self.announce_route(row)
        return Reply.json(200, {"result": True, "returnCode": "200", "message": "提交成功"})

    def recognise(self, request: Request) -> Reply:
        if request.query.get("key") != demo_key(self.data_dir):
            return _no("600", "key 无效")
        found = [stages.COMPANIES[carrier] for carrier in numbers.candidates(request.query.get("num", ""))]
        return Reply.json(200, [{"comCode": company, "noCount": 100, "noPre": ""} for company in found])

    # Pickups

    def _is_signed(self, form: dict[str, str]) -> bool:
        key = demo_key(self.data_dir)
        signed = md5(form.get("param", "") + form.get("t", "") + key + demo_secret(self.data_dir))
        return form.get("key") == key and _same(form.get("sign"), signed)

    def orders(self, request: Request) -> Reply:
        form = request.form()
        text = form.get("param", "")
        if not self._is_signed(form):
            return _no("503", "验证签名失败")
        does = {"bOrder": self.place, "cancel": self.cancel, "price": self.price, "detail": self.detail}
        if form.get("method") not in does:
            return _no("400", "method 不存在")
        return does[form["method"]](_object(text))

    def label(self, request: Request) -> Reply:
        """The label of an order that is there, for the number it has."""
        form = request.form()
        if not self._is_signed(form):
            return _no("503", "验证签名失败")
        param = _object(form.get("param", ""))
        row = self.by_waybill(str(param.get("kuaidinum") or ""))
        if form.get("method") != "order" or row is None or not row.number or row["task"] != param.get("taskId"):
            return _no("400", "订单不存在")
        file = f"/labels/{self._label_proof(row['waybill'])}/{row['waybill']}.pdf"
        url = f"http://{request.headers.get('Host', '')}{file}"
        return _yes({"taskId": row["task"], "kuaidinum": row["waybill"], "label": url})

    def label_file(self, request: Request, *, proof: str, waybill: str) -> Reply:
        row = self.by_waybill(waybill)
        if row is None or not _same(proof, self._label_proof(waybill)):
            return Reply(403)
        pdf = label_pdf(row["com"].upper(), waybill, f"ORDER {row.number}")
        return Reply(200, pdf, {"Content-Type": "application/pdf"})

    def _label_proof(self, waybill: str) -> str:
        return hmac.new(demo_secret(self.data_dir).encode(), waybill.encode(), hashlib.sha256).hexdigest()

    def place(self, param: dict[str, Any]) -> Reply:
        if missing := _missing(param):
            return _no(*missing)
        number = param["thirdOrderId"]
        behaviour = self.behaviour_for(number)
        if behaviour in ("error_500", "frequency_limited"):
            return Reply(500) if behaviour == "error_500" else _no("500", "系统繁忙")
        if behaviour in REFUSALS:
            return _no(*REFUSALS[behaviour])
        with self.book.writing():
            row = self.book.find(number)
            if row is None or datetime.fromisoformat(row.at) < clock.now() - SAME_ORDER_FOR:
                row, new = self._placed(number, param, behaviour), True
            else:
                new = False
        answer = {"apply_then_500": Reply(500), "garbage": Reply(200, b"<html>\xff{")}.get(behaviour)
        if new:
            self._announce_order(row, "1", wait_s=0 if behaviour == "callback_before_answer" else 1)
            if behaviour == "closed":
                self.later(2, "call_off", number=number)
        told = {"taskId": row["task"], "orderId": row["order"], "kuaidinum": row["waybill"], "eOrder": ""}
        return self.in_the_manner_of(behaviour, answer or _yes(told))

    def _placed(self, number: str, param: dict[str, Any], behaviour: str) -> Row:
        company = param["kuaidicom"]
        waybill = "" if behaviour == "number_late" else self._waybill_of(company)
        return self.book.add(
            number, state="booked", waybill=waybill, com=company, pushes=behaviour, routes=[],
            task=uuid.uuid4().hex.upper(), order=str(secrets.randbelow(10**10)), url=param["callBackUrl"],
            salt=param.get("salt", ""),
        )  # fmt: skip

    def _waybill_of(self, company: str) -> str:
        return f"{PREFIXES.get(company, 'YT')}{secrets.randbelow(9 * 10**12) + 10**12}"

    def cancel(self, param: dict[str, Any]) -> Reply:
        with self.book.writing():
            row = self._of_task(param)
            if row is None or row["order"] != param.get("orderId"):
                return _no("30007", "任务不存在")
            if row["routes"]:
                return _no("30006", "快件已取件，无法取消")
            if not row.data.get("cancelled"):
                row = self.book.change(row, state="cancelled", cancelled=True)
        self._announce_order(row, "9")
        return _yes({})

    def detail(self, param: dict[str, Any]) -> Reply:
        row = self._of_task(param)
        if row is None:
            return _no("30007", "任务不存在")
        status = "9" if row.data.get("cancelled") else "10" if row["routes"] else "1"
        return _yes({"taskId": row["task"], "orderId": row["order"], "kuaidiCom": row["com"],
                     "kuaidiNum": row["waybill"], "status": status})  # fmt: skip

    def _of_task(self, param: dict[str, Any]) -> Row | None:
        rows = self.book.rows(task=str(param.get("taskId") or ""))
        return rows[-1] if rows else None

    def price(self, param: dict[str, Any]) -> Reply:
        places = [str(param.get(name) or "") for name in ("sendManPrintAddr", "recManPrintAddr")]
        if not all(places):
            return _no("30001", "地址不能为空")
        if any(name in place for place in places for name in UNSERVED):
            return _no(*REFUSALS["not_served"])
        kilograms = max(1, math.ceil(float(param.get("weight") or 1)))
        times = FAR_TIMES if any(name in place for place in places for name in FAR) else 1
        fee = f"{(FIRST_KG + (kilograms - 1) * NEXT_KG) * times / 100:.2f}"
        first, next_ = f"{FIRST_KG * times / 100:.2f}", f"{NEXT_KG * times / 100:.2f}"
        return _yes({"kuaidicom": param.get("kuaidicom"), "price": fee, "firstPrice": first, "overPrice": next_})

    # What happens to a parcel, and what it tells us of it

    def unknown_facts(self) -> dict[str, Any]:
        return {"com": ""}

    def handed_in(self, waybill: str, **facts: Any) -> Row:
        candidates = numbers.candidates(waybill)
        company = stages.COMPANIES[candidates[0]] if candidates else "youzhengguonei"
        return super().handed_in(waybill, **facts | {"com": company})

    def push(self, *, waybill: str, event: str, at: datetime) -> None:
        super().push(waybill=self._number_now(waybill, event), event=event, at=at)
        row = self.by_waybill(waybill)
        if row and row.number and event in ORDER_STATUS:
            self._announce_order(row, ORDER_STATUS[event])

    def _number_now(self, waybill: str, event: str) -> str:
        """The company gives a pickup its number, or another one, as it takes the goods."""
        if event != "collected":
            return waybill
        late = self.book.find(waybill)  # under our order's number, while it has none of its own
        row = late if late and not late["waybill"] else self.by_waybill(waybill)
        if row and row["pushes"] in OF_NUMBERS and not row["routes"]:
            return self.book.change(row, state=row.state, waybill=self._waybill_of(row["com"]))["waybill"]
        return waybill

    def scan(self, row: Row, event: str, at: datetime) -> dict[str, Any]:
        code, _state, words = EVENTS[event]
        told_at = at.astimezone(KUAIDI_ZONE).strftime(KUAIDI_TIME)
        return {"time": told_at, "ftime": told_at, "context": words, "statusCode": code, "status": words[2:4],
                "areaName": "浙江,杭州市"}  # fmt: skip

    def announce_route(self, row: Row) -> None:
        there = self.book.note("subscription", row["waybill"])
        if there is None or there["status"] in ("abort", "shutdown"):
            return
        told = self._told_route(row, there)
        if there["com"] != row["com"]:
            told |= {"autoCheck": "1", "comOld": there["com"], "comNew": row["com"]}
        ended = row["routes"][-1]["statusCode"] == "301"
        status = {"status": "shutdown" if ended else "polling"}
        self.book.write_note("subscription", row["waybill"], {**there, **status, "com": row["com"]})
        self.announce(row, url=there["url"], salt=there["salt"], form={"param": told | status})
        if there["behaviour"] == "rebuilt":
            self.announce(row, url=there["url"], salt=there["salt"], form={"param": told | {"status": "updateall"}})

    def _told_route(self, row: Row, there: dict[str, Any]) -> dict[str, Any]:
        route = _route(row)
        if row["pushes"] == "callback_wrong_amount":
            route["data"] = [route["data"][0] | {"statusCode": "301", "context": "快件已签收"}, *route["data"][1:]]
        return {"billstatus": "check", "message": "", "autoCheck": "0", "comOld": there["com"], "comNew": "",
                "lastResult": {"message": "ok", "status": "200", "condition": "", **route}}  # fmt: skip

    def abort(self, *, waybill: str) -> None:
        """Nothing was found for three days: the subscription ends."""
        there = self.book.note("subscription", waybill)
        self.book.write_note("subscription", waybill, {**there, "status": "abort", "behaviour": "ok"})
        result = {"nu": waybill, "com": there["com"], "state": "0", "ischeck": "0", "data": []}
        told = {"status": "abort", "message": "3天查询无记录", "autoCheck": "0", "comOld": "", "comNew": "",
                "lastResult": result}  # fmt: skip
        self.tell(times=0, badly=False, url=there["url"], salt=there["salt"], form={"param": told})

    def announce_called_off(self, row: Row) -> None:
        self._announce_order(row, "9")

    def weigh(self, request: Request) -> Reply:
        """POST /_weigh {"waybill", "grams"}: the courier settles its bill, by a weight rounded up to 0.5 kg."""
        asked = request.json()
        row = self.by_waybill(str(asked.get("waybill") or ""))
        if row is None or not row.number or not isinstance(asked.get("grams"), int) or asked["grams"] < 1:
            raise BadInput("Say the waybill of a pickup, and grams.", status=404)
        kilograms = math.ceil(asked["grams"] / 500) / 2
        self._announce_order(row, "15", weight=f"{kilograms:.2f}")
        return Reply.json(200, {"weight": kilograms})

    def _announce_order(self, row: Row, status: str, *, wait_s: float = 0, **more: str) -> None:
        data = {"orderId": row["order"], "status": status, "courierName": "圆通小哥", "courierMobile": "13600136000",
                **more}  # fmt: skip
        told = {
            "kuaidicom": row["com"],
            "kuaidinum": row["waybill"],
            "status": "200",
            "message": "成功",
            "data": data,
        }
        message = {"url": row["url"], "salt": row["salt"], "form": {"taskId": row["task"], "param": told}}
        if row["pushes"] == "callback_before_answer" and not wait_s:
            return self.tell(times=0, badly=self.badly(row), **message)
        self.announce(row, wait_s=wait_s, **message)

    def told(self, *, badly: bool, url: str, salt: str, form: dict[str, Any]) -> bool:
        """Without a salt it signs nothing."""
        param = json.dumps(form["param"], ensure_ascii=False)
        sign = {"sign": md5(param + ("not-the-salt" if badly else salt))} if salt else {}
        body = urlencode({**form, "param": param, **sign}).encode()
        return b'"returnCode": "200"' in post(url, body, kind="application/x-www-form-urlencoded;charset=UTF-8")


def _yes(data: dict[str, Any]) -> Reply:
    return Reply.json(200, {"result": True, "returnCode": "200", "message": "提交成功", "data": data})


def _no(code: str, message: str) -> Reply:
    return Reply.json(200, {"result": False, "returnCode": code, "message": message})


def _same(given: str | None, ours: str) -> bool:
    return given is not None and secrets.compare_digest(given.encode(), ours.encode())


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _route(row: Row) -> dict[str, Any]:
    """The latest line first, by its own time."""
    lines = sorted(row["routes"], key=lambda line: line["ftime"], reverse=True)
    state = next((state for code, state, _words in EVENTS.values() if code == lines[0]["statusCode"]), "0")
    return {"nu": row["waybill"], "com": row["com"], "ischeck": str(int(state == "3")), "state": state, "data": lines}


def _missing(param: dict[str, Any]) -> tuple[str, str] | None:
    """The first thing an order cannot be without."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", str(param.get("thirdOrderId") or ""), re.ASCII):
        return "400", "thirdOrderId 不合法"
    if param.get("kuaidicom") not in stages.CARRIERS or param.get("payment") != "SHIPPER":
        return "400", "参数错误"
    for name in ("sendMan", "recMan"):
        if not param.get(f"{name}Name") or not param.get(f"{name}PrintAddr"):
            return "30001", "地址不完整"
        if not PHONE.fullmatch(str(param.get(f"{name}Mobile") or "")):
            return "30005", "手机号错误"
    if any(name in param["sendManPrintAddr"] for name in UNSERVED):
        return REFUSALS["not_served"]
    url = str(param.get("callBackUrl") or "")
    return None if url.startswith("http") and len(url.encode()) <= 200 else ("400", "callBackUrl 不合法")
