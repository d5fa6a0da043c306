"""Signed calls to WeChat Pay, and only answers that are proven to be its own."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from wechatpayv3.utils import build_authorization

from refunds.gateways.interface import GatewayDown, GatewayRefused, Hurdle, NotAuthentic
from refunds.gateways.wechat import reading, signature
from refunds.gateways.wechat.keys import Account
from returns_platform.kernel.outbound import http

# What the codes of the refund pages mean: what stands in the way, and whether the same number may go again.
HURDLES: dict[str, tuple[Hurdle, bool]] = {
    "FREQUENCY_LIMITED": ("rate", True),
    "NOT_ENOUGH": ("funds", True),
    "SIGN_ERROR": ("setup", True),
    "NO_AUTH": ("setup", True),
    "MCH_NOT_EXISTS": ("setup", True),
    "USER_ACCOUNT_ABNORMAL": ("account", False),
    "RESOURCE_NOT_EXISTS": ("payment", False),
    "INVALID_REQUEST": ("rule", False),
    "PARAM_ERROR": ("other", False),
    "ORDER_NOT_EXIST": ("payment", False),
    "ORDERNOTEXIST": ("payment", False),
    "ORDERPAID": ("rule", False),
    "STATEMENT_CREATING": ("rate", True),
    "NO_STATEMENT_EXIST": ("other", False),
}


LARGEST_FILE = 50_000_000
FILE_WITHIN_S = 60


class Client:
    """`post` and `get` return the JSON object of a 200; all raise GatewayDown or GatewayRefused."""

    def __init__(self, account: Account):
        self.account = account

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, json.dumps(body, ensure_ascii=False))

    def get(self, path: str) -> dict[str, Any]:
        return self._call("GET", path, "")

    def download(self, url: str) -> bytes:
        """A file at an address that WeChat gave. It is not signed: the caller compares its hash.

        An address elsewhere is not called: our signature would be shown to a stranger.
        """
        ours, theirs = urlsplit(self.account.base_url), urlsplit(url)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise GatewayDown("the file is at an address that is not WeChat's")
        target = f"{theirs.path}?{theirs.query}" if theirs.query else theirs.path
        answer = self._exchange("GET", target, "", timeout_s=FILE_WITHIN_S, largest=LARGEST_FILE)
        if answer.status != 200:
            raise GatewayDown(f"the file: answer {answer.status}")
        return answer.body

    def _call(self, method: str, path: str, body: str) -> dict[str, Any]:
        answer = self._exchange(method, path, body)
        if answer.status == 401:
            raise _refusal(answer)  # WeChat signs only where it believed our signature
        self._must_be_proven(answer)
        if 400 <= answer.status < 500:
            raise _refusal(answer)
        if answer.status == 204:
            return {}
        if answer.status != 200:
            raise GatewayDown(f"answer {answer.status}")
        try:
            return reading.json_object(answer.body)
        except reading.Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None

    def _exchange(self, method: str, path: str, body: str, **limits: Any) -> http.Answer:
        if not self.account.base_url:
            raise GatewayDown("no address: the stand-in does not run", nothing_sent=True)
        try:
            return http.call(
                method,
                self.account.base_url + path,
                headers=self._headers(method, path, body),
                body=body.encode(),
                **limits,
            )
        except http.Down as error:
            raise GatewayDown(str(error), nothing_sent=isinstance(error, http.NotSent)) from error

    def _headers(self, method: str, path: str, body: str) -> dict[str, str]:
        return {
            "Authorization": build_authorization(
                path, method, self.account.mchid, self.account.serial, self.account.private_key, data=body
            ),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "returns-platform",
            # In public-key mode WeChat signs with the key named here; with certificates the line is harmless.
            "Wechatpay-Serial": next(iter(self.account.platform_keys)),
        }

    def _must_be_proven(self, answer: http.Answer) -> None:
        """An unproven answer may be anybody's: it says nothing, not even that WeChat refused."""
        try:
            signature.verify(answer.headers, answer.body, account=self.account, now=datetime.now(UTC))
        except NotAuthentic as error:
            raise GatewayDown(f"answer {answer.status}: {error}") from None


def _refusal(answer: http.Answer) -> GatewayDown | GatewayRefused:
    try:
        data = reading.json_object(answer.body)
        code, message = reading.text(data, "code"), reading.text(data, "message", longest=512)
    except reading.Unreadable as error:
        return GatewayDown(f"answer {answer.status}: {error}")
    hurdle, retry = HURDLES.get(code, ("rate", True) if answer.status == 429 else ("other", False))
    return GatewayRefused(code, message, retry=retry, hurdle=hurdle, status=answer.status)
