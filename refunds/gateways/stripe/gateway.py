"""Refunds over Stripe."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from refunds.gateways.interface import GatewayDown, GatewayRefused, Limits, RefundAnswer, RefundOrder
from refunds.gateways.reading import Unreadable
from refunds.gateways.stripe import reading, reports, units
from refunds.gateways.stripe.client import Client, KeySpent
from refunds.gateways.stripe.keys import account

PATH = "/v1/refunds"
A_PAGE = "100"

# Stripe forgets an idempotency key after a day; an hour of it is for clocks that differ.
KEYS_LIVE = timedelta(hours=23)
MOST_KEYS = 20


class StripeGateway:
    code = "stripe"
    limits = Limits(
        parts=10_000,  # none are documented
        spacing=timedelta(0),
        age=timedelta(days=3650),
        working_days=10,
        arrives=_("5 to 10 working days to the card"),
    )

    def __init__(self) -> None:
        self.account = account()

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Under a key that is the refund's number, so that Stripe itself repeats its answer instead of the payout.

        Where the keys may have died, and where a key repeats an error for good, nothing but Stripe's own list says
        whether the refund exists: only a list without it lets us ask under the next key.
        """
        client = Client(self.account)
        if _keys_may_be_dead(order):
            return _find(client, order) or _ask_under_a_fresh_key(client, order, first=1)
        try:
            return _ask(client, order, nth_key=1)
        except KeySpent:
            return _find(client, order) or _ask_under_a_fresh_key(client, order, first=2)

    def query(self, order: RefundOrder) -> RefundAnswer | None:
        return _find(Client(self.account), order)

    def statement(self, day: date) -> bytes:
        return reports.of_day(Client(self.account), day)


def _keys_may_be_dead(order: RefundOrder) -> bool:
    return order.asked_at is not None and datetime.now(UTC) - order.asked_at > KEYS_LIVE


def _ask_under_a_fresh_key(client: Client, order: RefundOrder, *, first: int) -> RefundAnswer:
    """Under the first key that does not repeat an error. Only after a look that found no refund of our number."""
    for nth in range(first, MOST_KEYS + 1):
        try:
            return _ask(client, order, nth_key=nth)
        except KeySpent as spent:
            last = spent.error
    raise last


def _ask(client: Client, order: RefundOrder, *, nth_key: int) -> RefundAnswer:
    return _answer(client.post(PATH, _form(order), key=_key(order, nth_key)))


def _key(order: RefundOrder, nth: int) -> str:
    return f"refund:{order.number}" + (f":{nth}" if nth > 1 else "")


def _form(order: RefundOrder) -> dict[str, str]:
    """The same for life, or Stripe refuses to repeat its answer."""
    try:
        amount = units.to_stripe(order.amount, order.currency)
    except ValueError as error:
        raise GatewayRefused("amount", str(error), retry=False, hurdle="rule") from None
    return {
        **_payment(order),
        "amount": str(amount),
        "reason": "requested_by_customer",
        f"metadata[{reading.NUMBER}]": order.number,
    }


def _payment(order: RefundOrder) -> dict[str, str]:
    return {"payment_intent" if order.transaction_id.startswith("pi_") else "charge": order.transaction_id}


def _find(client: Client, order: RefundOrder) -> RefundAnswer | None:
    """The refund of our number among all of its payment; Stripe finds none by number. Raises as a query does."""
    found = [row for row in _all_of_the_payment(client, order) if _is_ours(row, order)]
    if len(found) > 1:
        raise GatewayDown(f"{len(found)} refunds carry the number {order.number}")
    return _answer(found[0]) if found else None


def _all_of_the_payment(client: Client, order: RefundOrder) -> list[Any]:
    rows: list[Any] = []
    after: dict[str, str] = {}
    while True:
        try:
            page = client.get(PATH, {**_payment(order), "limit": A_PAGE, **after})
        except GatewayRefused as error:
            if error.status == 404 and error.code == "resource_missing":
                return []
            raise
        listed = page.get("data")
        if not isinstance(listed, list) or type(page.get("has_more")) is not bool:
            raise GatewayDown("answer: not a list")
        rows += listed
        if not page["has_more"]:
            return rows
        if not listed or not isinstance(listed[-1], dict):
            raise GatewayDown("answer: a list that does not go on")
        after = {"starting_after": str(listed[-1].get("id"))}


def _is_ours(row: Any, order: RefundOrder) -> bool:
    """A row that cannot be read may be the one: then nobody knows, rather than that there is none."""
    try:
        if not isinstance(row, dict):
            raise Unreadable("a refund is no object")
        return reading.our_number(row) == order.number
    except Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None


def _answer(data: dict[str, Any]) -> RefundAnswer:
    """A 200 that does not say what became of the refund leaves the outcome unknown. No time of arrival is told."""
    try:
        return RefundAnswer(**reading.refund_facts(data))
    except Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None
