"""Signed calls to Alipay, and only answers that are proven to be its own."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from refunds.gateways.alipay import reading, signature
from refunds.gateways.alipay.keys import Account
from refunds.gateways.interface import GatewayDown, GatewayRefused, Hurdle, NotAuthentic
from returns_platform.kernel.outbound import http

PATH = "/gateway.do"
TAKEN = "10000"
BUSINESS_FAILED = "40004"

# What stands in the way where Alipay's gateway itself turned the call down, and whether the same one may go again.
GATEWAY_CODES: dict[str, tuple[Hurdle, bool]] = {
    "20001": ("setup", True),
    "40001": ("setup", True),
    "40002": ("setup", True),
    "40003": ("setup", True),
    "40005": ("rate", True),
    "40006": ("setup", True),
}

# The same where the business failed, by sub_code. What is not listed is a person's ("other").
HURDLES: dict[str, tuple[Hurdle, bool]] = {
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": ("funds", True),
    "ACQ.REFUND_CHARGE_ERROR": ("rate", True),
    "ACQ.TRADE_HAS_FINISHED": ("age", False),
    "ACQ.TRADE_NOT_EXIST": ("payment", False),
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": ("rule", False),
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": ("rule", False),
    "ACQ.REFUND_FEE_ERROR": ("rule", False),
    "ACQ.TRADE_HAS_CLOSE": ("rule", False),
    "ACQ.TRADE_STATUS_ERROR": ("rule", False),
    "ACQ.REASON_TRADE_STATUS_INVALID": ("rule", False),
    "ACQ.REASON_TRADE_BEEN_FREEZEN": ("rule", False),
    "ACQ.TRADE_NOT_ALLOW_REFUND": ("rule", False),
    "ACQ.NOT_ALLOW_PARTIAL_REFUND": ("rule", False),
    "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND": ("rule", False),
    "ACQ.BUYER_NOT_EXIST": ("account", False),
    "ACQ.BUYER_ERROR": ("account", False),
    "ACQ.BUYER_ENABLE_STATUS_FORBID": ("account", False),
    "ACQ.CUSTOMER_VALIDATE_ERROR": ("account", False),
    "ACQ.REFUND_ACCOUNT_NOT_EXIST": ("account", False),
    "ACQ.REFUNDALLOC_UNAUTH_LIMIT": ("setup", False),
}
NOBODY_KNOWS = {"ACQ.SYSTEM_ERROR"}  # it may have happened, says Alipay: ask

LARGEST_FILE = 50_000_000
FILE_WITHIN_S = 60


class Client:
    """All methods raise GatewayDown or GatewayRefused."""

    def __init__(self, account: Account):
        self.account = account

    def call(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        """The response node of an answer with code 10000, which says only that the call was taken."""
        node = self._proven_node(method, self._exchange(method, content))
        try:
            if reading.text(node, "code") == TAKEN:
                return node
            raise _refusal(node)
        except reading.Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None

    def page(self, method: str, content: dict[str, Any], **more: str) -> str:
        """The address of one of Alipay's pages for this content; nothing is called."""
        if not self.account.base_url:
            raise GatewayDown("no address: the stand-in does not run", nothing_sent=True)
        said = {**self._common(method), **more, "biz_content": _written(content)}
        said["sign"] = signature.sign(signature.request_text(said), self.account.private_key)
        return f"{self.account.base_url}{PATH}?{urlencode(said)}"

    def download(self, url: str) -> bytes:
        """A file at an address that Alipay signed for us; it lives elsewhere and is good for half a minute."""
        if urlsplit(url).scheme != urlsplit(self.account.base_url).scheme:
            raise GatewayDown("the file is at an address that is not safe")
        answer = self._send("GET", url, timeout_s=FILE_WITHIN_S, largest=LARGEST_FILE)
        if answer.status != 200:
            raise GatewayDown(f"the file: answer {answer.status}")
        return answer.body

    def _exchange(self, method: str, content: dict[str, Any]) -> http.Answer:
        if not self.account.base_url:
            raise GatewayDown("no address: the stand-in does not run", nothing_sent=True)
        body, common = {"biz_content": _written(content)}, self._common(method)
        common["sign"] = signature.sign(signature.request_text({**common, **body}), self.account.private_key)
        answer = self._send(
            "POST",
            f"{self.account.base_url}{PATH}?{urlencode(common)}",
            headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
            body=urlencode(body).encode(),
        )
        if answer.status != 200:
            raise GatewayDown(f"answer {answer.status}")  # its own errors come with 200 as well
        return answer

    def _common(self, method: str) -> dict[str, str]:
        return {
            "app_id": self.account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": signature.SCHEME,
            "timestamp": reading.written(datetime.now(UTC)),
            "version": "1.0",
        }

    def _send(self, method: str, url: str, *, headers: dict[str, str] | None = None, **how: Any) -> http.Answer:
        try:
            return http.call(method, url, headers={"User-Agent": "returns-platform", **(headers or {})}, **how)
        except http.Down as error:
            raise GatewayDown(str(error), nothing_sent=isinstance(error, http.NotSent)) from error

    def _proven_node(self, method: str, answer: http.Answer) -> dict[str, Any]:
        """An unproven answer may be anybody's: it says nothing, not even that Alipay refused."""
        try:
            members = reading.members(answer.body)
            raw = members.get(f"{method.replace('.', '_')}_response") or members.get("error_response")
            if raw is None:
                raise GatewayDown("answer: no response node")
            signed = json.loads(members.get("sign", '""'))
            signature.verify(raw, signed if isinstance(signed, str) else "", keys=self.account.alipay_keys)
            return reading.json_object(raw)
        except (reading.Unreadable, NotAuthentic) as error:
            raise GatewayDown(f"answer: {error}") from None


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _refusal(node: dict[str, Any]) -> GatewayDown | GatewayRefused:
    code, sub_code = reading.text(node, "code"), node.get("sub_code") or ""
    if not isinstance(sub_code, str) or sub_code in NOBODY_KNOWS:
        return GatewayDown(f"answer {code} {sub_code}")
    message = str(node.get("sub_msg") or node.get("msg") or "")
    if code == BUSINESS_FAILED:
        hurdle, retry = HURDLES.get(sub_code, ("other", False))
        return GatewayRefused(sub_code or code, message, retry=retry, hurdle=hurdle)
    if code not in GATEWAY_CODES:
        return GatewayDown(f"answer {code} {sub_code}")  # 20000: it may have happened
    hurdle, retry = GATEWAY_CODES[code]
    return GatewayRefused(sub_code or code, message, retry=retry, hurdle=hurdle)
