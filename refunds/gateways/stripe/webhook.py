"""Stripe's events about refunds: who sent them, and what they say.

The HTTP status is the answer: any 2xx ends the retries. Events come in any order and more than once; the event's id
is what makes two of them the same.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from refunds.gateways.interface import AboutPayment, Malformed, NoNews, Notification, NotUnderstood
from refunds.gateways.reading import Unreadable, json_object, text, whole
from refunds.gateways.stripe import reading, signature
from refunds.gateways.stripe.keys import LIVE, TEST, account

PAYMENTS = ("checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.expired")
KINDS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")


def read(headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notification:
    """The news. Raises Malformed, NotAuthentic, NotUnderstood or NoNews."""
    try:
        event = json_object(raw_body)
    except Unreadable as error:
        raise Malformed(str(error)) from None
    signature.verify(headers, raw_body, secrets=account().webhook_secrets, now=now)
    try:
        event_id, kind = text(event, "id"), text(event, "type")
    except Unreadable as error:
        raise NotUnderstood(str(error)) from None
    if kind in PAYMENTS:
        raise AboutPayment(_our_number(event, event_id=event_id, kind=kind), event_id=event_id, kind=kind)
    if kind not in KINDS:
        reason = "its refunds tell of themselves" if kind == "charge.refunded" else "tells of no refund"
        raise NoNews(f"{kind}: {reason}", event_id=event_id, kind=kind)
    try:
        return _news(event, event_id=event_id, kind=kind)
    except Unreadable as error:
        raise NotUnderstood(str(error), event_id=event_id, kind=kind) from None


def _our_number(event: dict[str, Any], *, event_id: str, kind: str) -> str:
    """Under which we opened the page; a page that was opened past us tells nothing."""
    data = event.get("data")
    session = data.get("object") if isinstance(data, dict) else None
    try:
        return text(session if isinstance(session, dict) else {}, "client_reference_id", longest=64)
    except Unreadable as error:
        raise NoNews(f"{kind}: {error}", event_id=event_id, kind=kind) from None


def our_merchant_id() -> str:
    """Stripe names no account in events of our own; what must fit is whether the money is real."""
    return account().mode


def answer(status: int, message: str = "") -> tuple[bytes, str]:
    """The status alone is believed; a failure says why."""
    return message.encode(), "text/plain; charset=utf-8"


def _news(event: dict[str, Any], *, event_id: str, kind: str) -> Notification:
    data = event.get("data")
    refund = data.get("object") if isinstance(data, dict) else None
    if not isinstance(refund, dict):
        raise Unreadable("the event has no object")
    facts = reading.refund_facts(refund)
    succeeded_at = _moment(event) if facts["state"] == "succeeded" else None
    return Notification(
        event_id=event_id, kind=kind, merchant_id=_merchant_id(event), succeeded_at=succeeded_at, **facts
    )


def _merchant_id(event: dict[str, Any]) -> str:
    """An event of another account, connected to ours, names it."""
    if type(event.get("livemode")) is not bool:
        raise Unreadable("livemode is neither true nor false")
    mode = LIVE if event["livemode"] else TEST
    return f"{text(event, 'account')} {mode}" if event.get("account") else mode


def _moment(event: dict[str, Any]) -> datetime:
    """When Stripe made the event."""
    try:
        return datetime.fromtimestamp(whole(event, "created"), UTC)
    except (OverflowError, OSError, ValueError):
        raise Unreadable("created is no time") from None
