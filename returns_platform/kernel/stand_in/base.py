"""What every stand-in can do, before it speaks a protocol."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from returns_platform.kernel.stand_in.book import Book, Payment, Row
from returns_platform.kernel.stand_in.http import (
    BYTE_BY_BYTE,
    DROPPED,
    NEVER,
    BadInput,
    Reply,
    Request,
    Route,
)

BEHAVIOURS = (
    "ok",
    # the call takes effect
    "apply_then_timeout",
    "apply_then_500",
    "slow",
    "garbage",
    "drop_connection",
    "callback_before_answer",
    "callback_twice",
    "callback_never",
    "callback_bad_signature",
    "callback_wrong_amount",
    # it does not
    "error_500",
    "not_enough_balance",
    "frequency_limited",
    "account_abnormal",
    # it does, and is undone later
    "closed",
)

MANNERS = {"apply_then_timeout": NEVER, "slow": BYTE_BY_BYTE, "drop_connection": DROPPED}

LARGEST_AMOUNT = 10**12
MOST_TIMES = 100_000


class StandIn:
    """See the package for how to write one. `time_scale` divides the seconds of `later(…, scaled=True)`."""

    name: str
    book_name: str  # the key of GET /_book
    behaviours: tuple[str, ...] = BEHAVIOURS
    match_keys: Mapping[str, type]  # what POST /_next may match on
    indexed: tuple[str, ...] = ()  # facts of book rows that are looked up often

    def __init__(self, data_dir: Path | str, *, time_scale: float = 60):
        self.data_dir = Path(data_dir)
        self.time_scale = time_scale
        self.book = Book(self.data_dir / "stand_ins" / f"{self.name}.sqlite3", indexed=self.indexed)
        self.ensure_keys(data_dir)

    @classmethod
    def ensure_keys(cls, data_dir: Path | str) -> None:
        """Makes the demo keys both sides share, if there are none yet."""

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/_book", self.answer_book),
            Route("GET", "/_next", self.answer_queue),
            Route("POST", "/_next", self.answer_next),
            Route("DELETE", "/_next", self.answer_forget),
        ]

    def public_row(self, row: Row) -> dict[str, Any]:
        raise NotImplementedError

    def next_behaviour(self, **facts: Any) -> str:
        """How this create call shall go: the oldest behaviour asked for that fits, now used up."""
        return self.book.take_behaviour(facts) or "ok"

    def in_the_manner_of(self, behaviour: str, reply: Reply) -> Reply:
        """The same reply never sent, dripping a byte a second, or dropped, where the behaviour is that."""
        return replace(reply, manner=MANNERS.get(behaviour, reply.manner))

    def later(self, seconds: float, job: str, *, scaled: bool = False, **args: Any) -> None:
        """Calls the method named `job` with `args` (JSON values) then; at least once, also after kill -9."""
        delay = seconds / self.time_scale if scaled else seconds
        self.book.add_job(job, due=time.time() + delay, args=args)

    def answer_book(self, request: Request) -> Reply:
        return Reply.json(200, {self.book_name: [self.public_row(row) for row in self.book.rows()]})

    def answer_queue(self, request: Request) -> Reply:
        return Reply.json(200, {"queued": self.book.queued_behaviours()})

    def answer_next(self, request: Request) -> Reply:
        body = request.json()
        _only(body, {"behaviour", "times", "match"})
        behaviour = body.get("behaviour")
        if behaviour not in self.behaviours:
            raise BadInput(f"behaviour is one of {', '.join(self.behaviours)}.")
        times = whole_number(body.get("times", 1), "times", largest=MOST_TIMES)
        match = self._match(body.get("match", {}))
        self.book.queue_behaviour(behaviour, times=times, match=match)
        return Reply.json(200, {"behaviour": behaviour, "times": times, "match": match})

    def answer_forget(self, request: Request) -> Reply:
        self.book.forget_behaviours()
        return Reply.json(200, {})

    def _match(self, match: Any) -> dict[str, Any]:
        if not isinstance(match, dict):
            raise BadInput("match is an object.")
        _only(match, set(self.match_keys))
        return {
            key: whole_number(value, key) if self.match_keys[key] is int else text(value, key)
            for key, value in match.items()
        }


class ChannelStandIn(StandIn):
    """A payment channel. The book holds refunds: `add(number, state=…, transaction_id=…, amount=…, …)`."""

    book_name = "refunds"
    indexed = ("transaction_id",)
    match_keys = {"number": str, "transaction_id": str, "amount": int}

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route("POST", "/_payments", self.answer_payments),
            Route("GET", "/_statement", self.answer_statement),
        ]

    def public_row(self, row: Row) -> dict[str, Any]:
        return {
            "number": row.number,
            "amount": row["amount"],
            "currency": row["currency"],
            "state": row.state,
            "applied_at": row.at,
        }

    def statement(self, day: date) -> Reply:
        """The bill of that day in the channel's own format."""
        raise NotImplementedError

    def payment(self, payment_id: str, *, amount: int, currency: str) -> Payment | None:
        """The payment; one never seen is opened as paid yesterday. None: the channel does not know it."""
        if payment_id.startswith("UNKNOWN"):
            return None
        yesterday = datetime.now(UTC) - timedelta(days=1)
        return self.book.open_payment(Payment(payment_id, amount, currency, yesterday))

    def answer_payments(self, request: Request) -> Reply:
        body = request.json()
        _only(body, {"transaction_id", "amount", "currency", "paid_at"})
        payment = Payment(
            id=text(body.get("transaction_id"), "transaction_id"),
            amount=whole_number(body.get("amount"), "amount"),
            currency=currency(body.get("currency", "CNY")),
            paid_at=moment(body.get("paid_at"), "paid_at"),
        )
        if payment.id.startswith("UNKNOWN"):
            raise BadInput("Ids beginning UNKNOWN stay unknown.")
        if self.book.open_payment(payment) != payment:
            raise BadInput("That payment is open already, with other facts.", status=409)
        return Reply.json(200, body)

    def answer_statement(self, request: Request) -> Reply:
        try:
            day = date.fromisoformat(request.query.get("date", ""))
        except ValueError:
            raise BadInput("date is a day such as 2026-11-01.") from None
        return self.statement(day)


class CourierStandIn(StandIn):
    """A courier. The book holds pickups: `add(number, state=…, waybill=…, …)`."""

    book_name = "pickups"
    indexed = ("waybill",)
    match_keys = {"order": str}
    events = ("collected", "in_transit", "delivered", "refused", "lost", "returned")

    def routes(self) -> list[Route]:
        return [*super().routes(), Route("POST", "/_push", self.answer_push)]

    def public_row(self, row: Row) -> dict[str, Any]:
        return {"number": row.number, "waybill": row["waybill"], "state": row.state, "booked_at": row.at}

    def push(self, *, waybill: str, event: str, at: datetime) -> None:
        """Moves the parcel and tells the product. BadInput(…, status=404): nobody booked that waybill."""
        raise NotImplementedError

    def answer_push(self, request: Request) -> Reply:
        body = request.json()
        _only(body, {"waybill", "event", "at"})
        event = body.get("event")
        if event not in self.events:
            raise BadInput(f"event is one of {', '.join(self.events)}.")
        at = moment(body["at"], "at") if "at" in body else datetime.now(UTC)
        self.push(waybill=text(body.get("waybill"), "waybill"), event=event, at=at)
        return Reply.json(200, {"waybill": body["waybill"], "event": event, "at": at.isoformat()})


def installed(data_dir: Path | str) -> dict[str, StandIn]:
    """The stand-ins of `settings.STAND_INS` ({name: dotted path}), built over this data folder."""
    return {
        name: import_string(path)(data_dir, time_scale=settings.STAND_IN_TIME_SCALE)
        for name, path in settings.STAND_INS.items()
    }


def ensure_keys(data_dir: Path | str) -> None:
    """Makes the demo keys of every installed stand-in under `keys/` (0600), where there are none yet."""
    for path in settings.STAND_INS.values():
        import_string(path).ensure_keys(data_dir)


# Reading what was sent. Each returns the clean value or raises BadInput with the name.


def text(value: Any, name: str, *, longest: int = 128) -> str:
    if not isinstance(value, str) or not re.fullmatch(rf"[!-~]{{1,{longest}}}", value):
        raise BadInput(f"{name} is text of 1 to {longest} visible ASCII characters.")
    return value


def whole_number(value: Any, name: str, *, largest: int = LARGEST_AMOUNT) -> int:
    if type(value) is not int or not 1 <= value <= largest:
        raise BadInput(f"{name} is a whole number from 1 to {largest}.")
    return value


def currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
        raise BadInput("currency is three capital letters.")
    return value


def moment(value: Any, name: str) -> datetime:
    """A time with offset, as RFC 3339."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadInput(f"{name} is a time such as 2026-11-01T10:00:00+08:00.") from None
    if at.tzinfo is None:
        raise BadInput(f"{name} needs an offset.")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise BadInput(f"{name} is too far away.") from None


def _only(body: dict[str, Any], names: set[str]) -> None:
    if unknown := sorted(set(body) - names):
        raise BadInput(f"Unknown: {', '.join(unknown)}.")
