"""Stripe's refund object in our words. A fact of another type or an unknown word is no fact."""

from collections.abc import Mapping
from typing import Any

from refunds.gateways.interface import State
from refunds.gateways.reading import Unreadable, text, whole
from refunds.gateways.stripe import units

NUMBER = "refund_no"  # the key in the metadata of a refund under which our number stands

# `failed` may come after `succeeded`, up to a month later: the bank sent it back, and it is in our balance again.
STATES: dict[str, State] = {
    "pending": "processing",
    "requires_action": "processing",
    "succeeded": "succeeded",
    "failed": "returned",
    "canceled": "closed",
}


def refund_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that answers and events share. A refund without our number is called by Stripe's own."""
    if data.get("object") != "refund":
        raise Unreadable("not a refund")
    state = STATES.get(text(data, "status"))
    if state is None:
        raise Unreadable("unknown status")
    currency = _currency(data)
    payment, other_name = _payment(data)
    return {
        "number": our_number(data) or text(data, "id"),
        "channel_ref": text(data, "id"),
        "state": state,
        "amount": units.from_stripe(whole(data, "amount"), currency),
        "total": None,
        "currency": currency,
        "transaction_id": payment,
        "also_known_as": other_name,
        "account": _reference(data),
        "waits_for_funds": state == "processing" and data.get("pending_reason") == "insufficient_funds",
    }


def our_number(data: Mapping[str, Any]) -> str:
    """Empty where somebody refunded by hand, in Stripe's dashboard."""
    metadata = data.get("metadata")
    return text(metadata, NUMBER) if isinstance(metadata, dict) and NUMBER in metadata else ""


def _currency(data: Mapping[str, Any]) -> str:
    currency = text(data, "currency")
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha() or not currency.islower():
        raise Unreadable("currency is none")
    return currency.upper()


def _payment(data: Mapping[str, Any]) -> tuple[str, str]:
    """The payment intent and the charge are one payment; an older charge has no intent."""
    names = [_id(data, name) for name in ("payment_intent", "charge") if data.get(name) is not None]
    if not names:
        raise Unreadable("no payment is named")
    return names[0], names[1] if len(names) > 1 else ""


def _id(data: Mapping[str, Any], name: str) -> str:
    """The id, also where the whole object stands in its place."""
    value = data[name]
    return text(value, "id") if isinstance(value, dict) else text(data, name)


def _reference(data: Mapping[str, Any]) -> str:
    """The number under which the customer's bank finds the refund, once there is one."""
    details = data.get("destination_details")
    card = details.get("card") if isinstance(details, dict) else None
    if not isinstance(card, dict) or card.get("reference_status") != "available":
        return ""
    return f"ARN {text(card, 'reference', longest=60)}"
