"""The half of the stand-in that takes money: Checkout Sessions, their page, and the event when one is paid."""

import hashlib
import json
import time
from secrets import token_hex
from typing import Any

from refunds.gateways.simulator_pay import Till
from refunds.gateways.stripe.simulator_messages import Trouble, event, nested_form, now
from refunds.gateways.stripe.units import from_stripe, to_stripe
from returns_platform.kernel.stand_in import Reply, Request, Route

SESSIONS = "/v1/checkout/sessions"
STATES = {"unpaid": "open", "paid": "complete", "closed": "expired"}


class TakesMoney:
    """Mixed into the stand-in: `pay_routes` beside its own."""

    @property
    def till(self) -> Till:
        return Till(self.book, name="Stripe Checkout")

    def pay_routes(self) -> list[Route]:
        protocol = {
            ("POST", SESSIONS): self.open_session,
            ("GET", f"{SESSIONS}/(?P<session_id>[^/]+)"): self.session,
            ("POST", f"{SESSIONS}/(?P<session_id>[^/]+)/expire"): self.expire_session,
        }
        return [
            *(Route(*way, self.for_the_merchant(do)) for way, do in protocol.items()),
            Route("GET", "/pay/(?P<session_id>[^/]+)", self.pay_page),
            Route("POST", "/pay/(?P<session_id>[^/]+)", self.pay),
        ]

    def open_session(self, request: Request) -> Reply:
        """The first answer under a key is given again, whatever the body says."""
        key = request.headers.get("Idempotency-Key", "")
        if kept := self.kept(key, request.body):
            return kept
        form = nested_form(request.body)
        try:
            item = form["line_items"]["0"]
            price = item["price_data"]
            currency, number = price["currency"].upper(), form["client_reference_id"]
            amount = from_stripe(int(price["unit_amount"]), currency)
            title, back = price["product_data"]["name"], form["success_url"]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Trouble(400, "parameter_missing", "line_items, client_reference_id, success_url") from None
        behaviour = self.next_behaviour(number=number, amount=amount)
        if behaviour == "error_500":
            raise Trouble(500, None, "An unknown error occurred", type="api_error")
        session_id = f"cs_test_{token_hex(24)}"
        charge = self.till.open(
            number, amount=amount, currency=currency, title=title, return_url=back, id=session_id, created=now(),
            behaviour=behaviour, host=request.headers["Host"],
        )  # fmt: skip
        reply = Reply.json(200, session_object(charge))
        if key:
            note = {"body": hashlib.sha256(request.body).hexdigest(), "status": 200,
                    "answer": json.loads(reply.body), "at": time.time()}  # fmt: skip
            self.book.write_note("key", key, note)
        return self.in_the_manner_of(behaviour, reply)

    def session(self, request: Request, *, session_id: str) -> Reply:
        return Reply.json(200, session_object(self.found(session_id)))

    def expire_session(self, request: Request, *, session_id: str) -> Reply:
        charge = self.found(session_id)
        if self.till.close(charge["number"]) == "paid":
            raise Trouble(400, "resource_missing", "Only Checkout Sessions with a status of open can be expired.")
        return Reply.json(200, session_object(self.till.find(charge["number"])))

    def found(self, session_id: str) -> dict[str, Any]:
        charge = self.till.find_by(id=session_id)
        if charge is None:
            raise Trouble(404, "resource_missing", f"No such checkout.session: '{session_id}'")
        return charge

    def pay_page(self, request: Request, *, session_id: str) -> Reply:
        return self.till.page(self.till.find_by(id=session_id), request)

    def pay(self, request: Request, *, session_id: str) -> Reply:
        charge = self.till.find_by(id=session_id)
        paid = charge and self.till.pay(charge["number"], transaction_id=f"pi_{token_hex(12)}")
        if paid and paid.get("behaviour") != "callback_never":
            told = event("checkout.session.completed", session_object(paid), event_id=f"evt_{token_hex(12)}")
            for _ in range(2 if paid.get("behaviour") == "callback_twice" else 1):
                self.later(0, "deliver", body=json.dumps(told), behaviour=paid.get("behaviour", "ok"), step=0)
        return self.pay_page(request, session_id=session_id)


def session_object(charge: dict[str, Any]) -> dict[str, Any]:
    wrong_by = 1 if charge.get("behaviour") == "callback_wrong_amount" else 0
    return {
        "id": charge["id"], "object": "checkout.session", "client_reference_id": charge["number"],
        "amount_total": to_stripe(charge["amount"], charge["currency"]) + wrong_by,
        "currency": charge["currency"].lower(), "created": charge["created"], "livemode": False, "mode": "payment",
        "payment_intent": charge["transaction_id"] or None, "status": STATES[charge["state"]],
        "payment_status": "paid" if charge["state"] == "paid" else "unpaid",
        "url": f"http://{charge['host']}/pay/{charge['id']}",
    }  # fmt: skip
