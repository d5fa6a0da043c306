"""Paying by card on Stripe's own page (Checkout Sessions)."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from refunds.gateways.interface import ChargeAnswer, ChargeOrder, GatewayDown, GatewayRefused, PayPage
from refunds.gateways.reading import Unreadable, text, whole
from refunds.gateways.stripe import units
from refunds.gateways.stripe.client import Client, KeySpent
from refunds.gateways.stripe.keys import account

PATH = "/v1/checkout/sessions"


class Checkout:
    def __init__(self) -> None:
        self.account = account()

    def open(self, order: ChargeOrder) -> PayPage:
        """Under a key that is the charge's number: asked again, Stripe gives the same page."""
        try:
            data = Client(self.account).post(PATH, self._form(order), key=f"charge:{order.number}")
            return PayPage(text(data, "url", longest=2048), text(data, "id", longest=255))
        except KeySpent as spent:
            raise spent.error from spent
        except (Unreadable, ValueError) as error:
            raise GatewayDown(f"answer: {error}") from None

    def query(self, order: ChargeOrder) -> ChargeAnswer | None:
        if not order.channel_ref:
            return None
        try:
            return _answer(Client(self.account).get(f"{PATH}/{quote(order.channel_ref, safe='')}", {}))
        except GatewayRefused as error:
            if error.status == 404:
                return None
            raise
        except Unreadable as error:
            raise GatewayDown(f"answer: {error}") from None

    def close(self, order: ChargeOrder) -> None:
        if not order.channel_ref:
            return
        try:
            Client(self.account).post(
                f"{PATH}/{quote(order.channel_ref, safe='')}/expire", {}, key=f"expire:{order.number}"
            )
        except KeySpent:
            return
        except GatewayRefused as error:
            if error.status not in (400, 404):  # 400: it is not open any more, the query says why
                raise

    def _form(self, order: ChargeOrder) -> dict[str, str]:
        product = "line_items[0][price_data]"
        return {
            "mode": "payment",
            "client_reference_id": order.number,
            "line_items[0][quantity]": "1",
            f"{product}[currency]": order.currency.lower(),
            f"{product}[unit_amount]": str(units.to_stripe(order.amount, order.currency)),
            f"{product}[product_data][name]": order.title[:250],
            "expires_at": str(int(order.expires_at.timestamp())),
            "success_url": order.return_url,
            "cancel_url": order.return_url,
        }


def _answer(data: dict[str, Any]) -> ChargeAnswer:
    currency = text(data, "currency").upper()
    paid = data.get("payment_status") == "paid"
    state = "paid" if paid else {"expired": "closed", "open": "unpaid", "complete": "unpaid"}.get(data.get("status"))
    if state is None:
        raise Unreadable("unknown status")
    return ChargeAnswer(
        number=text(data, "client_reference_id", longest=64), state=state, currency=currency,
        amount=units.from_stripe(whole(data, "amount_total"), currency),
        transaction_id=text(data, "payment_intent") if paid else "",
        paid_at=datetime.now(UTC) if paid else None,
    )  # fmt: skip
