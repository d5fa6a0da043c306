"""A stand-in of Stripe for refunds: forms in, JSON out, answers kept by idempotency key, signed events.

Where the public pages leave a choice: a payment id never seen is a charge of 1,000,000.00 yuan; a refund that waits
for our balance is paid five minutes later, as if somebody had topped it up.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from secrets import randbelow, token_hex
from typing import Any

from django.conf import settings
from django.urls import reverse

from refunds.gateways.stripe import reports, signature
from refunds.gateways.stripe.keys import DemoKeys
from refunds.gateways.stripe.simulator_messages import (
    Asked,
    Trouble,
    charge_object,
    event,
    nested_form,
    now,
    refund_object,
)
from refunds.gateways.stripe.simulator_pay import TakesMoney
from refunds.gateways.stripe.simulator_report import report
from refunds.gateways.stripe.units import from_stripe, to_stripe
from returns_platform.kernel.money import minor_digits
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import BEHAVIOURS, ChannelStandIn, Reply, Request, Route, Row
from returns_platform.kernel.stand_in.book import Payment

ARRIVES_AFTER_S = 2
FAILS_AFTER_S = 2
REPORT_TAKES_S = 1
ANSWER_EVENT_WITHIN_S = 5
MINUTE, HOUR = 60, 3600
TOPPED_UP_AFTER_S = 5 * MINUTE  # scaled
LADDER_S = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 20 * HOUR)
KEYS_LIVE = timedelta(hours=24)
CURRENCY = "CNY"  # a refund is in the currency of its charge, and names none itself

FOR_A_MOMENT = {
    "frequency_limited": (429, "rate_limit", "Too many requests hit the API too quickly.", {"retry": "true"}),
    "lock_timeout": (429, "lock_timeout", "This object cannot be accessed right now.", {"retry": "true"}),
    "key_in_use": (
        409,
        "idempotency_key_in_use",
        "There is another request with this key.",
        {"type": "idempotency_error"},
    ),
}
CAME_TO_NOTHING = {
    "error_500": (500, None, "An unknown error occurred.", {"type": "api_error"}),
    "not_enough_balance": (400, "balance_insufficient", "Insufficient funds in your Stripe balance.", {}),
    "account_abnormal": (402, "expired_card", "The card has expired.", {"type": "card_error"}),
}


class Stripe(TakesMoney, ChannelStandIn):
    """Beyond the common behaviours:

    fails_later          arrives, and the bank sends it back a little later
    insufficient_funds   accepted, and waits until our balance is topped up
    lock_timeout         429 about a locked object: not done
    key_in_use           409: not done, as another call with the same key runs
    out_of_order         the last event comes first
    two_signatures       the secret is being rolled: every event is signed with the old one and a new one
    old_signature        the first delivery of every event was signed an hour ago
    """

    name = "stripe"
    indexed = ("transaction_id", "refund_id")
    behaviours = (
        *BEHAVIOURS, "fails_later", "insufficient_funds", "lock_timeout", "key_in_use", "out_of_order",
        "two_signatures", "old_signature",
    )  # fmt: skip

    def __init__(self, data_dir: Path | str, *, time_scale: float = 60):
        super().__init__(data_dir, time_scale=time_scale)
        keys = DemoKeys(data_dir)
        self.secret_key, self.webhook_secret = keys.secret_key, keys.webhook_secret

    @classmethod
    def ensure_keys(cls, data_dir: Path | str) -> None:
        keys = DemoKeys(data_dir)
        _ = keys.secret_key, keys.webhook_secret

    def routes(self) -> list[Route]:
        protocol = {
            ("POST", "/v1/refunds"): self.create,
            ("GET", "/v1/refunds"): self.list_refunds,
            ("GET", "/v1/refunds/(?P<refund_id>[^/]+)"): self.retrieve,
            ("POST", "/v1/refunds/(?P<refund_id>[^/]+)/cancel"): self.cancel,
            ("GET", f"{reports.TYPES}/(?P<name>[^/]+)"): self.report_type,
            ("POST", reports.RUNS): self.run_report,
            ("GET", reports.RUNS): self.list_runs,
            ("GET", f"{reports.RUNS}/(?P<run_id>[^/]+)"): self.retrieve_run,
            ("GET", "/v1/files/(?P<run_id>[^/]+)/contents"): self.report_file,
        }
        ours = [Route(*way, self.for_the_merchant(do)) for way, do in protocol.items()]
        return [*super().routes(), *ours, *self.pay_routes()]

    # The edge: who asks, and how trouble is told

    def for_the_merchant(self, handle: Callable[..., Reply]) -> Callable[..., Reply]:
        def answer(request: Request, **parts: str) -> Reply:
            try:
                self.must_be_the_merchant(request)
                reply = handle(request, **parts)
            except Trouble as trouble:
                reply = told(trouble)
            return replace(reply, headers={"Request-Id": f"req_{token_hex(7)}", **reply.headers})

        return answer

    def must_be_the_merchant(self, request: Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not compare_digest(key.encode(), self.secret_key.encode()):
            raise Trouble(401, None, "Invalid API Key provided.")

    # Refunds

    def create(self, request: Request) -> Reply:
        """The first answer under a key is kept with the key, errors included, and given again."""
        asked = Asked.read(request.body)
        behaviour = self.next_behaviour(
            number=asked.number, transaction_id=asked.transaction_id, amount=self.minor(asked)
        )
        if behaviour in FOR_A_MOMENT:
            raise trouble_of(FOR_A_MOMENT[behaviour])
        key = request.headers.get("Idempotency-Key", "")
        with self.book.writing():
            reply = self.kept(key, request.body) or self.carry_out(asked, behaviour, key, request.body)
        if behaviour == "callback_before_answer":
            reply = self.settle_at_once(reply)
        if behaviour == "garbage":
            reply = replace(reply, body=reply.body[: len(reply.body) // 2])
        return self.in_the_manner_of(behaviour, reply)

    def minor(self, asked: Asked) -> int | None:
        """The amount in minor units, for those who choose a behaviour by it."""
        payment = self.book.payment(asked.transaction_id)
        return asked.amount and from_stripe(asked.amount, payment.currency if payment else CURRENCY)

    def kept(self, key: str, body: bytes) -> Reply | None:
        """What was answered under that key within the last day, word by word."""
        note = self.book.note("key", key) if key else None
        if note is None or note["at"] < (datetime.now(UTC) - KEYS_LIVE).timestamp():
            return None
        if note["body"] != hashlib.sha256(body).hexdigest():
            message = "Keys for idempotent requests can only be used with the same parameters."
            raise Trouble(400, None, message, type="idempotency_error")
        return Reply.json(note["status"], note["answer"], {"Idempotent-Replayed": "true"})

    def carry_out(self, asked: Asked, behaviour: str, key: str, body: bytes) -> Reply:
        try:
            reply = Reply.json(200, refund_object(self.accept(asked, behaviour)))
        except Trouble as trouble:
            reply = told(trouble)
        if behaviour == "apply_then_500" and reply.status == 200:
            reply = told(trouble_of(CAME_TO_NOTHING["error_500"]))
        if key:
            note = {"body": hashlib.sha256(body).hexdigest(), "status": reply.status,
                    "answer": json.loads(reply.body), "at": time.time()}  # fmt: skip
            self.book.write_note("key", key, note)
        return reply

    def accept(self, asked: Asked, behaviour: str) -> Row:
        """The refund as booked, its end promised; or Trouble, and nothing is booked."""
        if behaviour == "error_500":
            raise trouble_of(CAME_TO_NOTHING[behaviour])
        payment, amount = self.must_be_refundable(asked)
        if behaviour in CAME_TO_NOTHING:
            raise trouble_of(CAME_TO_NOTHING[behaviour])
        waits = behaviour == "insufficient_funds"
        refund_id = f"re_{token_hex(12)}"
        row = self.book.add(
            asked.number or refund_id,
            state="processing",
            transaction_id=payment.id,
            payment_intent=asked.payment.get("payment_intent"),
            charge=asked.payment.get("charge", f"ch_{payment.id.removeprefix('pi_')}"),
            amount=amount,
            currency=payment.currency,
            refund_id=refund_id,
            reference=f"{randbelow(10**23):023d}",
            reason=asked.reason,
            metadata=asked.metadata,
            pending_reason="insufficient_funds" if waits else "processing",
            created=now(),
        )
        if behaviour not in ("callback_never", "callback_before_answer", "out_of_order"):
            self.announce(row, "refund.created", behaviour=behaviour)
            self.announce(row, "charge.refunded", behaviour=behaviour)
        if waits:
            self.later(TOPPED_UP_AFTER_S, "settle", scaled=True, number=row.number, behaviour=behaviour)
        elif behaviour != "callback_before_answer":
            self.later(ARRIVES_AFTER_S, "settle", number=row.number, behaviour=behaviour)
        return row

    def must_be_refundable(self, asked: Asked) -> tuple[Payment, int]:
        """The payment, and how much of it is asked for, in minor units."""
        payment = self.payment(asked.transaction_id, amount=10**6 * 10 ** minor_digits(CURRENCY), currency=CURRENCY)
        name = next(iter(asked.payment))
        if payment is None:
            raise Trouble(404, "resource_missing", f"No such {name}: '{asked.transaction_id}'", param=name)
        taken = sum(row["amount"] for row in self.refunds_of(payment.id) if row.state not in ("closed", "failed"))
        left = payment.amount - taken
        if left <= 0:
            raise Trouble(400, "charge_already_refunded", "The charge has already been refunded.")
        amount = from_stripe(asked.amount, payment.currency) if asked.amount else left
        if amount > left:
            raise Trouble(400, "amount_too_large", "Refund amount is greater than unrefunded amount.", param="amount")
        return payment, amount

    def refunds_of(self, payment_id: str) -> list[Row]:
        return self.book.rows(transaction_id=payment_id)

    def list_refunds(self, request: Request) -> Reply:
        query = request.query
        name = next((name for name in ("payment_intent", "charge") if query.get(name)), "")
        limit = int(query["limit"]) if query.get("limit", "").isdecimal() else 10
        if not 1 <= limit <= 100:
            raise Trouble(400, "parameter_invalid_integer", "Invalid integer", param="limit")
        if query.get(name, "").startswith("UNKNOWN"):
            raise Trouble(404, "resource_missing", f"No such {name}: '{query[name]}'", param=name)
        rows = (self.refunds_of(query[name]) if name else self.book.rows())[::-1]
        ids = [row["refund_id"] for row in rows]
        if after := query.get("starting_after"):
            if after not in ids:
                raise Trouble(400, "resource_missing", f"No such refund: '{after}'", param="starting_after")
            rows = rows[ids.index(after) + 1 :]
        return Reply.json(200, listed("/v1/refunds", [refund_object(row) for row in rows], limit))

    def retrieve(self, request: Request, *, refund_id: str) -> Reply:
        return Reply.json(200, refund_object(self.refund(refund_id)))

    def cancel(self, request: Request, *, refund_id: str) -> Reply:
        """Only a refund that waits for the customer can be cancelled, and none of ours ever does."""
        self.refund(refund_id)
        raise Trouble(400, None, "This refund cannot be canceled.")

    def refund(self, refund_id: str) -> Row:
        rows = self.book.rows(refund_id=refund_id)
        if not rows:
            raise Trouble(404, "resource_missing", f"No such refund: '{refund_id}'", param="id")
        return rows[0]

    # What comes later

    def settle(self, *, number: str, behaviour: str) -> None:
        with self.book.writing():
            row = self.book.find(number)
            if row.state != "processing":
                return  # told once more, around a kill
            row = self.book.change(row, state="closed" if behaviour == "closed" else "succeeded")
            self.announce(row, "refund.updated", behaviour=behaviour)
            if behaviour == "out_of_order":
                self.announce(replace(row, state="processing"), "refund.created", behaviour=behaviour, after_s=1)
            if behaviour == "fails_later":
                self.later(FAILS_AFTER_S, "fail", number=number, behaviour=behaviour)

    def settle_at_once(self, reply: Reply) -> Reply:
        """Booked, arrived and told, before the answer that it was accepted goes out."""
        said = json.loads(reply.body)
        with self.book.writing():
            row = self.refund(said["id"]) if said.get("object") == "refund" else None
            if row is None or row.state != "processing":
                return reply
            row = self.book.change(row, state="succeeded")
        body = json.dumps(event("refund.updated", refund_object(row), event_id=f"evt_{token_hex(12)}"))
        self.deliver(body=body, behaviour="callback_before_answer", step=0)
        return replace(reply, body=json.dumps(refund_object(row)).encode())

    def fail(self, *, number: str, behaviour: str) -> None:
        """The bank sends the money back, and it is in our balance again."""
        with self.book.writing():
            row = self.book.find(number)
            if row.state != "succeeded":
                return
            row = self.book.change(row, state="failed", failure_reason="expired_or_canceled_card", failed_at=now())
            for kind in ("refund.updated", "refund.failed", "charge.refund.updated"):
                self.announce(row, kind, behaviour=behaviour)

    def announce(self, row: Row, kind: str, *, behaviour: str, after_s: float = 0) -> None:
        """An event, to be delivered once this is booked. One that is told twice has one id."""
        if behaviour == "callback_never":
            return
        last = kind == "refund.updated"
        if kind == "charge.refunded":
            thing = self.charge(row)
        else:
            thing = refund_object(row, wrong_by=1 if last and behaviour == "callback_wrong_amount" else 0)
        body = json.dumps(event(kind, thing, event_id=f"evt_{token_hex(12)}"), ensure_ascii=False)
        for _ in range(2 if last and behaviour == "callback_twice" else 1):
            self.later(after_s, "deliver", body=body, behaviour=behaviour, step=0)

    def charge(self, row: Row) -> dict[str, Any]:
        payment = self.book.payment(row["transaction_id"])
        taken = sum(each["amount"] for each in self.refunds_of(payment.id) if each.state not in ("closed", "failed"))
        paid, refunded = (to_stripe(amount, payment.currency) for amount in (payment.amount, taken))
        return charge_object(row, paid=paid, refunded=refunded)

    def deliver(self, *, body: str, behaviour: str, step: int) -> None:
        """One try at the address that a merchant sets up in the dashboard; the next comes by the ladder."""
        url = settings.SITE_URL + reverse("channel_news", args=[self.name])
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": self.signatures(body.encode(), behaviour=behaviour, step=step),
        }
        try:
            answer = http.call("POST", url, headers=headers, body=body.encode(), timeout_s=ANSWER_EVENT_WITHIN_S)
            taken = 200 <= answer.status < 300
        except http.Down:
            taken = False
        if not taken and step < len(LADDER_S):
            self.later(LADDER_S[step], "deliver", scaled=True, body=body, behaviour=behaviour, step=step + 1)

    def signatures(self, body: bytes, *, behaviour: str, step: int) -> str:
        stamp = int(time.time()) - (HOUR if behaviour == "old_signature" and step == 0 else 0)
        secrets = [self.webhook_secret]
        if behaviour == "two_signatures":
            secrets = ["whsec_the_other_one_while_it_is_rolled", self.webhook_secret]
        if behaviour == "callback_bad_signature":
            secrets = ["whsec_of_somebody_else"]
        signed = [signature.sign(body, secret=secret, stamp=str(stamp)).decode() for secret in secrets]
        return ",".join([f"t={stamp}", *(f"v1={each}" for each in signed), f"v0={token_hex(32)}"])

    # The day's report

    def statement(self, day: date) -> Reply:
        return Reply(200, self.report(day).encode(), {"Content-Type": "text/csv; charset=utf-8"})

    def report(self, day: date) -> str:
        rows = self.book.rows()
        payments = {row["transaction_id"]: self.book.payment(row["transaction_id"]) for row in rows}
        return report(day, rows, payments.values())

    def report_type(self, request: Request, *, name: str) -> Reply:
        if name != reports.REPORT:
            raise Trouble(404, "resource_missing", f"No such report type: '{name}'")
        return Reply.json(200, {"id": name, "object": "reporting.report_type", "data_available_start": 1,
                                "data_available_end": now() // 86400 * 86400, "livemode": False})  # fmt: skip

    def run_report(self, request: Request) -> Reply:
        form = nested_form(request.body)
        asked = form.get("parameters", {})
        if form.get("report_type") != reports.REPORT or not isinstance(asked, dict):
            raise Trouble(400, "resource_missing", "No such report type", param="report_type")
        begins, ends = (str(asked.get(name, "")) for name in ("interval_start", "interval_end"))
        if not begins.isdecimal() or not ends.isdecimal() or not int(begins) < int(ends) <= now():
            raise Trouble(400, None, "The interval is not available.", param="parameters[interval_end]")
        run = {
            "id": f"frr_{token_hex(12)}", "object": "reporting.report_run", "created": now(), "livemode": False,
            "report_type": reports.REPORT, "status": "pending", "result": None, "error": None,
            "parameters": {"interval_start": int(begins), "interval_end": int(ends),
                           "columns": [*asked.get("columns", {}).values()]},
        }  # fmt: skip
        self.book.write_note("report", run["id"], run)
        return Reply.json(200, run)

    def list_runs(self, request: Request) -> Reply:
        runs = [self.as_of_now(run, request) for run in reversed(self.book.notes("report"))]
        return Reply.json(200, listed(reports.RUNS, runs, 100))

    def retrieve_run(self, request: Request, *, run_id: str) -> Reply:
        return Reply.json(200, self.as_of_now(self.run(run_id), request))

    def report_file(self, request: Request, *, run_id: str) -> Reply:
        run = self.run(f"frr_{run_id.removeprefix('file_')}")
        day = datetime.fromtimestamp(run["parameters"]["interval_start"], UTC).date()
        return self.statement(day)

    def run(self, run_id: str) -> dict[str, Any]:
        run = self.book.note("report", run_id)
        if run is None:
            raise Trouble(404, "resource_missing", f"No such report run: '{run_id}'")
        return run

    def as_of_now(self, run: dict[str, Any], request: Request) -> dict[str, Any]:
        if now() < run["created"] + REPORT_TAKES_S:
            return run
        day = datetime.fromtimestamp(run["parameters"]["interval_start"], UTC).date()
        file_id = f"file_{run['id'].removeprefix('frr_')}"
        url = f"http://{request.headers.get('Host')}/v1/files/{file_id}/contents"
        size = len(self.report(day).encode())
        return run | {"status": "succeeded", "result": {"id": file_id, "object": "file", "size": size, "url": url}}


def told(trouble: Trouble) -> Reply:
    headers = {"Stripe-Should-Retry": trouble.retry} if trouble.retry else {}
    return Reply.json(trouble.status, {"error": trouble.error}, headers)


def trouble_of(facts: tuple[int, str | None, str, dict[str, str]]) -> Trouble:
    status, code, message, more = facts
    return Trouble(status, code, message, **more)


def listed(url: str, things: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": len(things) > limit, "data": things[:limit]}
