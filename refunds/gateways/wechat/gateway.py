"""Refunds over WeChat Pay."""

import hashlib
from datetime import date, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from refunds.gateways.interface import (
    GatewayDown,
    GatewayRefused,
    Limits,
    Rates,
    RefundAnswer,
    RefundOrder,
    State,
    StatementNotReady,
)
from refunds.gateways.wechat import reading
from refunds.gateways.wechat.client import Client
from refunds.gateways.wechat.keys import account

PATH = "/v3/refund/domestic/refunds"
BILLS = "/v3/bill/tradebill"

STATES: dict[str, State] = {
    "PROCESSING": "processing",
    "SUCCESS": "succeeded",
    "CLOSED": "closed",
    "ABNORMAL": "abnormal",
}

LONGEST_REASON = 80  # bytes of UTF-8


class WeChatGateway:
    code = "wechat"
    limits = Limits(
        parts=50,
        spacing=timedelta(minutes=1),
        age=timedelta(days=365),
        working_days=3,
        arrives=_("about 5 minutes to WeChat balance, 1 to 3 working days to a bank card"),
        rates=Rates(refunds=150, queries=300, failing=6),
    )

    def __init__(self) -> None:
        self.client = Client(account())

    def refund(self, order: RefundOrder) -> RefundAnswer:
        return _answer(self.client.post(PATH, _body(order)))

    def query(self, order: RefundOrder) -> RefundAnswer | None:
        try:
            return _answer(self.client.get(f"{PATH}/{quote(order.number, safe='')}"))
        except GatewayRefused as error:
            if error.status == 404 and error.code == "RESOURCE_NOT_EXISTS":
                return None
            raise

    def statement(self, day: date) -> bytes:
        """The bill of the refunds of a Beijing day; empty where WeChat has none, because nothing was refunded."""
        try:
            told = self.client.get(f"{BILLS}?bill_date={day}&bill_type=REFUND")
        except GatewayRefused as error:
            if error.code == "NO_STATEMENT_EXIST":
                return b""
            if error.code == "STATEMENT_CREATING":
                raise StatementNotReady(error.message) from None
            raise
        url, digest = _where(told)
        raw = self.client.download(url)
        if not compare_digest(hashlib.sha1(raw, usedforsecurity=False).hexdigest(), digest):
            raise GatewayDown("the file is not the one that was announced: its hash differs")
        return raw


def _where(told: dict[str, Any]) -> tuple[str, str]:
    """The address of the file, and the SHA-1 that WeChat signed for it."""
    try:
        if reading.text(told, "hash_type") != "SHA1":
            raise reading.Unreadable("hash_type is not SHA1")
        return reading.text(told, "download_url", longest=2048), reading.text(told, "hash_value").lower()
    except reading.Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None


def _body(order: RefundOrder) -> dict[str, Any]:
    body = {
        "transaction_id": order.transaction_id,
        "out_refund_no": order.number,
        "reason": _shortened(order.reason),
        "notify_url": order.notify_url,
        "amount": {"refund": order.amount, "total": order.total, "currency": order.currency},
    }
    return {name: value for name, value in body.items() if value}


def _shortened(reason: str) -> str:
    """At most 80 bytes, never half a character."""
    return reason.encode()[:LONGEST_REASON].decode(errors="ignore")


def _answer(data: dict[str, Any]) -> RefundAnswer:
    """A 200 that does not say what became of the refund leaves the outcome unknown."""
    try:
        return RefundAnswer(**reading.refund_facts(data, status="status", states=STATES))
    except reading.Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None
