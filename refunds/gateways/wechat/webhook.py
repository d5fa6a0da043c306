"""WeChat's callbacks about refunds: who sent them, and what they say.

The HTTP status is the answer: 200 or 204 ends the retries, anything else asks for another try. No path or
secret in the address proves the sender; the signature over the raw bytes does.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wechatpayv3.utils import aes_decrypt

from refunds.gateways.interface import AboutPayment, Malformed, NotAuthentic, Notification, NotUnderstood, State
from refunds.gateways.wechat import reading, signature
from refunds.gateways.wechat.keys import Account, account

PAID = "TRANSACTION.SUCCESS"
KINDS = {"REFUND.SUCCESS": "SUCCESS", "REFUND.CLOSED": "CLOSED", "REFUND.ABNORMAL": "ABNORMAL"}
STATES: dict[str, State] = {"SUCCESS": "succeeded", "CLOSED": "closed", "ABNORMAL": "abnormal"}


def read(headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notification:
    """The news. Raises Malformed, NotAuthentic, or NotUnderstood (authentic: keep it and answer 200)."""
    us = account()
    try:
        envelope = reading.json_object(raw_body)
    except reading.Unreadable as error:
        raise Malformed(str(error)) from None
    signature.verify(headers, raw_body, account=us, now=now)
    try:
        event_id, kind = reading.text(envelope, "id"), reading.text(envelope, "event_type")
    except reading.Unreadable as error:
        raise NotUnderstood(str(error)) from None
    try:
        content = decrypt(envelope, us)
        if kind == PAID:
            raise AboutPayment(reading.text(content, "out_trade_no"), event_id=event_id, kind=kind)
        return _news(content, event_id=event_id, kind=kind)
    except reading.Unreadable as error:
        raise NotUnderstood(str(error), event_id=event_id, kind=kind) from None


def our_merchant_id() -> str:
    return account().mchid


def answer(status: int, message: str = "") -> tuple[bytes, str]:
    """The status alone is believed; a failure says why."""
    return (json.dumps({"code": "FAIL", "message": message}).encode() if message else b"", "application/json")


def decrypt(envelope: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """The content of a callback. A content that our key does not open was not meant for us: NotAuthentic."""
    resource = envelope.get("resource")
    if not isinstance(resource, dict) or resource.get("algorithm") != "AEAD_AES_256_GCM":
        raise reading.Unreadable("resource is not AEAD_AES_256_GCM")
    associated = resource.get("associated_data") or ""
    if not isinstance(associated, str):
        raise reading.Unreadable("associated_data is no text")
    nonce = reading.text(resource, "nonce")
    ciphertext = reading.text(resource, "ciphertext", longest=100_000)
    try:
        content = aes_decrypt(nonce, ciphertext, associated, account.api_v3_key)
    except ValueError:
        content = None
    if content is None:
        raise NotAuthentic("the content does not open with our key")
    return reading.json_object(content)


def _news(data: dict[str, Any], *, event_id: str, kind: str) -> Notification:
    if KINDS.get(kind) is None or data.get("refund_status") != KINDS[kind]:
        raise reading.Unreadable("kind and refund_status do not fit")
    facts = reading.refund_facts(data, status="refund_status", states=STATES)
    return Notification(event_id=event_id, kind=kind, merchant_id=reading.text(data, "mchid"), **facts)
