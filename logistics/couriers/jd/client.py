"""One call to JD's open platform (LOP): signed, its answer read strictly.

The body is a JSON array of one request; the signature goes over the body as sent, with the secret around it. Source:
JDL open platform, ECAP, and clients of it in public. Their answers are known only from those clients: what is not
understood counts as unknown, never as refused.
"""

import hashlib
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from logistics.couriers.interface import CourierDown, CourierRefused
from logistics.couriers.jd.account import Account
from returns_platform.kernel import clock
from returns_platform.kernel.outbound import http

VERSION = "2.0"
ALGORITHM = "md5-salt"
JD_TIME = "%Y-%m-%d %H:%M:%S"  # without an offset: Chinese time, as the header lop-tz says
JD_ZONE = ZoneInfo("Asia/Shanghai")


class Rejected(Exception):
    """The business behind the gateway said no; `code` is JD's."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


def sign(*, secret: str, token: str, key: str, path: str, body: str, timestamp: str) -> str:
    """Lower-case hex MD5 of names and values in the alphabet's order, between two secrets."""
    content = "".join((
        secret, "access_token", token, "app_key", key, "method", path, "param_json", body,
        "timestamp", timestamp, "v", VERSION, secret,
    ))  # fmt: skip
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def call(account: Account, path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer's data. Raises CourierDown, CourierRefused (the gateway, our account) or Rejected."""
    body = json.dumps([request], ensure_ascii=False, separators=(",", ":"))
    answer = _post(account, path, body)
    if isinstance(refused := answer.get("error_response"), dict):
        raise CourierRefused("account", f"{refused.get('code')} {refused.get('zh_desc') or ''}", retry=True)
    if isinstance(answer.get("code"), bool) or not isinstance(answer.get("code"), int | str):
        raise CourierDown("an answer without a code")
    if str(answer["code"]) != "0" or answer.get("success") is False:
        raise Rejected(str(answer["code"]), str(answer.get("msg") or ""))
    if not isinstance(answer.get("data"), dict):
        raise CourierDown("an answer without data")
    return answer["data"]


def _post(account: Account, path: str, body: str) -> dict[str, Any]:
    timestamp = clock.now().astimezone(JD_ZONE).strftime(JD_TIME)
    signature = sign(
        secret=account.app_secret, token=account.access_token, key=account.app_key, path=path, body=body,
        timestamp=timestamp,
    )  # fmt: skip
    query = urlencode({
        "LOP-DN": "ECAP", "app_key": account.app_key, "access_token": account.access_token, "timestamp": timestamp,
        "v": VERSION, "algorithm": ALGORITHM, "sign": signature,
    })  # fmt: skip
    headers = {"Content-Type": "application/json;charset=utf-8", "lop-tz": "8"}
    try:
        answer = http.call("POST", f"{account.url}{path}?{query}", headers=headers, body=body.encode())
    except http.Down as error:
        raise CourierDown(str(error)) from error
    if answer.status != 200:
        raise CourierDown(f"HTTP {answer.status}")
    return _object(answer.body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CourierDown("an answer that is not JSON") from error
    if not isinstance(value, dict):
        raise CourierDown("an answer that is no object")
    return value


def read_time(text: str) -> datetime:
    """JD's wall-clock time; ValueError when it is none."""
    return datetime.strptime(text, JD_TIME).replace(tzinfo=JD_ZONE)
