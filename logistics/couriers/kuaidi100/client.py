"""Calls to Kuaidi100: forms with an upper-case MD5, answers in JSON, read strictly.

Source: api.kuaidi100.com and its own demos. What each interface signs differs; a number asked for more often than
every half hour is locked.
"""

import hashlib
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from logistics.couriers.interface import CourierDown
from logistics.couriers.kuaidi100.account import API, POLL, WWW, Account
from returns_platform.kernel import clock
from returns_platform.kernel.outbound import http

QUERY, SUBSCRIBE, ORDER = "/poll/query.do", "/poll", "/order/borderapi.do"
RECOGNISE = "/autonumber/auto"
LABEL = "/label/order"
KUAIDI_TIME = "%Y-%m-%d %H:%M:%S"  # without an offset: Chinese time
KUAIDI_ZONE = ZoneInfo("Asia/Shanghai")
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}


class Rejected(Exception):
    """Kuaidi100 said no; `code` is its own."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def text_of(param: dict[str, Any]) -> str:
    return json.dumps(param, ensure_ascii=False, separators=(",", ":"))


def query(account: Account, param: dict[str, Any]) -> dict[str, Any]:
    """The route of a waybill. Raises CourierDown or Rejected."""
    text = text_of(param)
    form = {"customer": account.customer, "sign": md5(text + account.key + account.customer), "param": text}
    answer = _post(account.url(POLL, QUERY), form)
    if str(answer.get("status")) != "200" or not isinstance(answer.get("data"), list):
        raise Rejected(str(answer.get("returnCode") or answer.get("status")), str(answer.get("message") or ""))
    return answer


def subscribe(account: Account, param: dict[str, Any]) -> None:
    """Raises CourierDown or Rejected."""
    form = {"schema": "json", "param": text_of({**param, "key": account.key})}
    _believed(_post(account.url(POLL, SUBSCRIBE), form))


def order(account: Account, method: str, text: str) -> dict[str, Any]:
    """An order, its cancellation, price or detail; `text` is sent as it is. Raises CourierDown or Rejected."""
    answer = _believed(_post(account.url(POLL, ORDER), _signed(account, method, text)))
    return answer["data"] if isinstance(answer.get("data"), dict) else {}


def label(account: Account, param: dict[str, Any]) -> str:
    """The address of a label. Raises CourierDown or Rejected."""
    text = text_of(param)
    answer = _believed(_post(account.url(API, LABEL), _signed(account, "order", text)))
    data = answer["data"] if isinstance(answer.get("data"), dict) else {}
    if data.get("kuaidinum") != param["kuaidinum"] or not isinstance(data.get("label"), str):
        raise CourierDown("an answer without the label")
    return data["label"]


def _signed(account: Account, method: str, text: str) -> dict[str, str]:
    t = str(int(clock.now().timestamp() * 1000))
    sign = md5(text + t + account.key + account.secret)
    return {"method": method, "key": account.key, "t": t, "param": text, "sign": sign}


def recognise(account: Account, number: str) -> list[str]:
    """Kuaidi100's codes of companies whose number it may be, the likeliest first. Raises CourierDown."""
    address = account.url(WWW, RECOGNISE) + "?" + urlencode({"num": number, "key": account.key})
    found = _json(_answer("GET", address, b""))
    if not isinstance(found, list):
        raise CourierDown("an answer that is no list")
    return [row["comCode"] for row in found if isinstance(row, dict) and isinstance(row.get("comCode"), str)]


def read_time(text: str) -> datetime:
    """Kuaidi100's wall-clock time; ValueError when it is none."""
    return datetime.strptime(text, KUAIDI_TIME).replace(tzinfo=KUAIDI_ZONE)


def _believed(answer: dict[str, Any]) -> dict[str, Any]:
    """A good answer says so twice."""
    if answer.get("result") is True and str(answer.get("returnCode")) == "200":
        return answer
    if answer.get("result") is not False:
        raise CourierDown("an answer without a result")
    raise Rejected(str(answer.get("returnCode")), str(answer.get("message") or ""))


def _post(url: str, form: dict[str, str]) -> dict[str, Any]:
    value = _json(_answer("POST", url, urlencode(form).encode()))
    if not isinstance(value, dict):
        raise CourierDown("an answer that is no object")
    return value


def _answer(method: str, url: str, body: bytes) -> bytes:
    try:
        answer = http.call(method, url, headers=FORM, body=body)
    except http.Down as error:
        raise CourierDown(str(error)) from error
    if answer.status != 200:
        raise CourierDown(f"HTTP {answer.status}")
    return answer.body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CourierDown("an answer that is not JSON") from error
