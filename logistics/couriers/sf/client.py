"""One call to SF's gateway: signed, posted as a form, its answer unpacked twice and read strictly.

Source: SF open platform, digital signature and return codes. The answer is JSON whose `apiResultData` is again
JSON, as text. A1000 says only that the gateway worked; `success` with S0000 inside says that the business did.
"""

import base64
import hashlib
import json
import uuid
from typing import Any
from urllib.parse import quote_plus, urlencode

from logistics.couriers.interface import CourierDown, CourierRefused
from logistics.couriers.sf.account import Account
from returns_platform.kernel import clock
from returns_platform.kernel.outbound import http

PRINT = "COM_RECE_CLOUD_PRINT_WAYBILLS"
# The gateway may have passed the call on before it failed: the outcome is unknown.
UNKNOWN_OUTCOMES = frozenset({"A1005", "A1007", "A1009", "A1099"})


class Rejected(Exception):
    """The business behind the gateway said no; `code` is SF's."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


def msg_digest(msg_data: str, timestamp: str, checkword: str) -> str:
    """Base64 of the MD5 of the URL-encoded text, encoded as Java does it (space is +, * stays, ~ does not)."""
    encoded = quote_plus(msg_data + timestamp + checkword, safe="*").replace("~", "%7E")
    return base64.b64encode(hashlib.md5(encoded.encode(), usedforsecurity=False).digest()).decode()


def call(account: Account, service: str, data: dict[str, Any]) -> dict[str, Any]:
    """The answer's msgData. Raises CourierDown, CourierRefused (the gateway, our account) or Rejected."""
    answer = _post(account, _form(account, service, data))
    code = _text(answer, "apiResultCode")
    if code in UNKNOWN_OUTCOMES:
        raise CourierDown(f"{service}: {code}")
    if code != "A1000":
        raise CourierRefused("account", f"{code} {answer.get('apiErrorMsg') or ''}", retry=True)
    return _business(_object(_text(answer, "apiResultData")))


def printed(account: Account, waybill: str) -> tuple[str, str]:
    """(address, token) of a waybill's label. This service words its answer in a way of its own. Raises as `call`."""
    asked = {
        "templateCode": f"fm_150_standard_{account.partner_id}", "version": "2.0", "fileType": "pdf", "sync": True,
        "documents": [{"masterWaybillNo": waybill}],
    }  # fmt: skip
    answer = _post(account, _form(account, PRINT, asked))
    code = _text(answer, "apiResultCode")
    if code in UNKNOWN_OUTCOMES:
        raise CourierDown(f"{PRINT}: {code}")
    if code != "A1000":
        raise CourierRefused("account", f"{code} {answer.get('apiErrorMsg') or ''}", retry=True)
    result = _object(_text(answer, "apiResultData"))
    if result.get("success") is not True:
        raise Rejected(str(result.get("errorCode")), str(result.get("errorMessage") or ""))
    return _file_of(result.get("obj"), waybill)


def _file_of(told: Any, waybill: str) -> tuple[str, str]:
    files = told.get("files") if isinstance(told, dict) else None
    found = [file for file in files or () if isinstance(file, dict) and file.get("waybillNo") == waybill]
    if not found or not all(isinstance(found[0].get(name), str) for name in ("url", "token")):
        raise CourierDown("an answer without the label")
    return found[0]["url"], found[0]["token"]


def _form(account: Account, service: str, data: dict[str, Any]) -> bytes:
    msg_data = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    timestamp = str(int(clock.now().timestamp() * 1000))
    return urlencode({
        "partnerID": account.partner_id,
        "requestID": str(uuid.uuid4()),
        "serviceCode": service,
        "timestamp": timestamp,
        "msgDigest": msg_digest(msg_data, timestamp, account.checkword),
        "msgData": msg_data,
    }).encode()  # fmt: skip


def _post(account: Account, form: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
    try:
        answer = http.call("POST", account.url, headers=headers, body=form)
    except http.Down as error:
        raise CourierDown(str(error)) from error
    if answer.status != 200:
        raise CourierDown(f"HTTP {answer.status}")
    try:
        return _object(answer.body.decode())
    except UnicodeDecodeError as error:
        raise CourierDown("not UTF-8") from error


def _business(result: dict[str, Any]) -> dict[str, Any]:
    code = _text(result, "errorCode")
    if result.get("success") is not True or code != "S0000":
        raise Rejected(code, str(result.get("errorMsg") or ""))
    data = result.get("msgData")
    if not isinstance(data, dict):
        raise CourierDown("an answer without msgData")
    return data


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CourierDown("an answer that is not JSON") from error
    if not isinstance(value, dict):
        raise CourierDown("an answer that is no object")
    return value


def _text(value: dict[str, Any], name: str) -> str:
    if not isinstance(value.get(name), str):
        raise CourierDown(f"an answer without {name}")
    return value[name]
