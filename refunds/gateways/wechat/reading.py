"""Reading WeChat's JSON strictly: a fact of another type or an unknown word is no fact."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from refunds.gateways.interface import State
from refunds.gateways.reading import Unreadable, json_object, text, whole

__all__ = ["Unreadable", "json_object", "moment", "refund_facts", "text", "whole"]


def refund_facts(data: Mapping[str, Any], *, status: str, states: Mapping[str, State]) -> dict[str, Any]:
    """The fields that answers and callbacks share, in our words; `status` names the field of the state."""
    state = states.get(text(data, status))
    if state is None:
        raise Unreadable(f"unknown {status}")
    amount = data.get("amount")
    if not isinstance(amount, dict):
        raise Unreadable("amount is no object")
    return {
        "number": text(data, "out_refund_no"),
        "channel_ref": text(data, "refund_id"),
        "state": state,
        "amount": whole(amount, "refund"),
        "total": whole(amount, "total"),
        # Callbacks carry no currency: domestic refunds are in CNY only.
        "currency": text(amount, "currency") if "currency" in amount else "CNY",
        "transaction_id": text(data, "transaction_id"),
        "account": text(data, "user_received_account") if data.get("user_received_account") else "",
        "succeeded_at": moment(data, "success_time") if state == "succeeded" else None,
    }


def moment(data: Mapping[str, Any], name: str) -> datetime:
    """In UTC."""
    try:
        value = datetime.fromisoformat(text(data, name))
        if value.tzinfo is None:
            raise Unreadable(f"{name} has no offset")
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{name} is no time") from None
