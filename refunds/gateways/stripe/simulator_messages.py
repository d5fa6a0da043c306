"""What goes to and fro between a merchant and Stripe, as the stand-in reads and writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from refunds.gateways.stripe.client import VERSION
from refunds.gateways.stripe.reading import NUMBER
from refunds.gateways.stripe.units import to_stripe
from returns_platform.kernel.stand_in import Row

STATUSES = {"processing": "pending", "succeeded": "succeeded", "closed": "canceled", "failed": "failed"}
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
KNOWN = {"charge", "payment_intent", "amount", "reason", "metadata", "expand"}


class Trouble(Exception):
    """An error of the protocol. code: None where the protocol names only a type."""

    def __init__(
        self, status: int, code: str | None, message: str, *, type: str = "invalid_request_error", retry: str = "",
        param: str = "",
    ):  # fmt: skip
        super().__init__(code or type)
        self.status, self.retry = status, retry
        self.error = {"type": type, "message": message}
        self.error |= {"code": code} if code else {}
        self.error |= {"param": param} if param else {}


@dataclass(frozen=True)
class Asked:
    """A request for a refund. amount: in Stripe's unit, None for all that is left."""

    payment: dict[str, str]  # payment_intent or charge, as named
    amount: int | None
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, body: bytes) -> "Asked":
        form = nested_form(body)
        if unknown := sorted(set(form) - KNOWN):
            raise Trouble(400, "parameter_unknown", f"Received unknown parameter: {unknown[0]}", param=unknown[0])
        named = {name: form[name] for name in ("payment_intent", "charge") if name in form}
        if len(named) != 1:
            raise Trouble(400, "parameter_missing", "One of charge or payment_intent is needed.", param="charge")
        reason = form.get("reason", "")
        if reason and reason not in REASONS:
            raise Trouble(400, "parameter_unknown", "Invalid reason.", param="reason")
        return cls(
            payment={name: _matching(value, r"[!-~]{1,255}", name) for name, value in named.items()},
            amount=_amount(form["amount"]) if "amount" in form else None,
            reason=reason,
            metadata=_metadata(form.get("metadata", {})),
        )

    @property
    def transaction_id(self) -> str:
        return next(iter(self.payment.values()))

    @property
    def number(self) -> str:
        return self.metadata.get(NUMBER, "")


def nested_form(body: bytes) -> dict[str, Any]:
    """`a[b][c]=d` as {"a": {"b": {"c": "d"}}}; `a[]=b` and `a[0]=b` are keys like any other."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise Trouble(400, None, "The body is not a form.") from None
    form: dict[str, Any] = {}
    for name, value in pairs:
        if not re.fullmatch(r"[^\[\]]+(\[[^\[\]]*\])*", name):
            raise Trouble(400, "parameter_unknown", f"Received unknown parameter: {name}", param=name)
        *outer, last = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        inner = form
        for key in outer:
            inner = inner.setdefault(key, {})
            if not isinstance(inner, dict):
                raise Trouble(400, "parameter_unknown", f"Received unknown parameter: {name}", param=name)
        inner[last] = value
    return form


def _matching(value: Any, pattern: str, name: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Trouble(400, "parameter_invalid_string_blank", f"Invalid string: {name}", param=name)
    return value


def _amount(value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{0,11}", value, re.ASCII):
        raise Trouble(400, "parameter_invalid_integer", "Invalid integer", param="amount")
    return int(value)


def _metadata(value: Any) -> dict[str, str]:
    fits = isinstance(value, dict) and len(value) <= 50
    if not fits or not all(
        isinstance(text, str) and len(text) <= 500 and len(key) <= 40 for key, text in value.items()
    ):
        raise Trouble(400, "parameter_invalid_empty", "Invalid metadata", param="metadata")
    return value


def refund_object(row: Row, *, wrong_by: int = 0) -> dict[str, Any]:
    """What create, retrieve, list and events say."""
    card = {"type": "refund", "reference_status": "pending", "reference_type": "acquirer_reference_number"}
    if row.state == "succeeded":
        card |= {"reference": row["reference"], "reference_status": "available"}
    return {
        "id": row["refund_id"],
        "object": "refund",
        "amount": to_stripe(row["amount"], row["currency"]) + wrong_by,
        "balance_transaction": f"txn_{row['refund_id'][3:]}",
        "charge": row["charge"],
        "created": row["created"],
        "currency": row["currency"].lower(),
        "destination_details": {"type": "card", "card": card},
        **({"failure_reason": row["failure_reason"]} if row.state == "failed" else {}),
        **({"failure_balance_transaction": f"txn_f{row['refund_id'][3:]}"} if row.state == "failed" else {}),
        "metadata": row["metadata"],
        "payment_intent": row["payment_intent"],
        **({"pending_reason": row["pending_reason"]} if row.state == "processing" else {}),
        "reason": row["reason"] or None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": STATUSES[row.state],
        "transfer_reversal": None,
    }


def charge_object(row: Row, *, paid: int, refunded: int) -> dict[str, Any]:
    """What `charge.refunded` tells: the sum so far, and no single refund. paid, refunded: in Stripe's unit."""
    return {
        "id": row["charge"], "object": "charge", "amount": paid, "amount_refunded": refunded,
        "currency": row["currency"].lower(), "payment_intent": row["payment_intent"],
        "refunded": refunded == paid, "status": "succeeded",
    }  # fmt: skip


def event(kind: str, thing: Mapping[str, Any], *, event_id: str) -> dict[str, Any]:
    return {
        "id": event_id,
        "object": "event",
        "api_version": VERSION,
        "created": now(),
        "data": {"object": dict(thing)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def now() -> int:
    return int(datetime.now(UTC).timestamp())
