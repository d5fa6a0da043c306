"""Alipay's messages about refunds: who sent them, and which refund they are about.

None of them names the amount of one refund: the notification of a payment carries the sum of all its refunds, the
message about a bank card only what went to the card. So both are hints, after which Alipay is asked. Exactly
`success` ends the retries (eight deliveries within 24 h 22 min), anything else asks for another one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from refunds.gateways.alipay import reading, signature
from refunds.gateways.alipay.keys import Account, account
from refunds.gateways.interface import AboutPayment, Malformed, NoNews, NotAuthentic, Notification, NotUnderstood

PAYMENT_CHANGED = "trade_status_sync"
CARD_ANSWERED = "alipay.trade.refund.depositback.completed"
TRADE_STATES = {"TRADE_SUCCESS", "TRADE_CLOSED", "TRADE_FINISHED"}
ABOUT_A_REFUND = ("out_biz_no", "refund_fee", "gmt_refund")

OLDEST = timedelta(hours=25)  # its last delivery comes 24 h 22 min after the first
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


def read(headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notification:
    """The hint. Raises Malformed, NotAuthentic, NoNews, or NotUnderstood."""
    us = account()
    try:
        said = reading.form(raw_body)
    except reading.Unreadable as error:
        raise Malformed(str(error)) from None
    if said.get("sign_type") != signature.SCHEME:
        raise NotAuthentic("signed in another way, or not at all")
    signature.verify(signature.notification_text(said), said.get("sign", ""), keys=us.alipay_keys)
    try:
        event_id = reading.text(said, "notify_id")
        kind = reading.text(said, "msg_method" if "msg_method" in said else "notify_type")
    except reading.Unreadable as error:
        raise NotUnderstood(str(error)) from None
    try:
        _must_be_recent(said, now)
        return _hint(said, us, event_id=event_id, kind=kind)
    except reading.Unreadable as error:
        raise NotUnderstood(str(error), event_id=event_id, kind=kind) from None


def our_merchant_id() -> str:
    return account().app_id


def answer(status: int, message: str = "") -> tuple[bytes, str]:
    said = "success" if status == 200 else f"fail: {message}"
    return said.encode(), "text/plain; charset=utf-8"


def _must_be_recent(said: Mapping[str, str], now: datetime) -> None:
    """What was told longer ago than Alipay repeats itself is somebody's copy."""
    told_at = _milliseconds(said) if "utc_timestamp" in said else reading.moment(said, "notify_time")
    if not now - OLDEST <= told_at <= now + CLOCKS_MAY_DIFFER:
        raise NotAuthentic("told at another time")


def _milliseconds(said: Mapping[str, str]) -> datetime:
    value = said["utc_timestamp"]
    if not (value.isascii() and value.isdigit() and len(value) == 13):
        raise reading.Unreadable("utc_timestamp is no time")
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def _hint(said: Mapping[str, str], us: Account, *, event_id: str, kind: str) -> Notification:
    if kind == CARD_ANSWERED:
        facts = _of_the_card(said)
    elif kind != PAYMENT_CHANGED:
        raise NoNews("a message of another kind", event_id=event_id, kind=kind)
    elif not any(said.get(name) for name in ABOUT_A_REFUND):
        raise AboutPayment(reading.text(said, "out_trade_no", longest=64), event_id=event_id, kind=kind)
    else:
        facts = _of_the_payment(said)
    return Notification(
        event_id=event_id, kind=kind, channel_ref="", state=None, amount=None, total=None, currency="CNY",
        merchant_id=_sent_to(said, us), **facts,
    )  # fmt: skip


def _of_the_payment(said: Mapping[str, str]) -> dict[str, Any]:
    if said.get("trade_status") not in TRADE_STATES:
        raise reading.Unreadable("unknown trade_status")
    return {
        "number": reading.text(said, "out_biz_no", longest=64),
        "transaction_id": reading.text(said, "trade_no", longest=64),
        "refunded": reading.fen(said, "refund_fee"),
    }


def _of_the_card(said: Mapping[str, str]) -> dict[str, Any]:
    content = reading.json_object(said.get("biz_content", ""))
    if content.get("dback_status") not in ("S", "F"):
        raise reading.Unreadable("unknown dback_status")
    reading.fen(content, "dback_amount")
    return {
        "number": reading.text(content, "out_request_no", longest=64),
        "transaction_id": reading.text(content, "trade_no", longest=64),
    }


def _sent_to(said: Mapping[str, str], us: Account) -> str:
    """Our app; where a seller is named as well and is another one, both."""
    app_id, seller_id = reading.text(said, "app_id"), said.get("seller_id", us.seller_id)
    return app_id if seller_id == us.seller_id else f"{app_id} for {seller_id[:32]}"
