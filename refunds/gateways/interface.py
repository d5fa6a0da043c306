"""What the product asks of a payment channel, whichever it is.

One folder per channel speaks its protocol and answers in these words. A gateway never writes to our database
and never retries by itself: when to ask again is decided where the refund lives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

State = Literal["processing", "succeeded", "closed", "abnormal", "returned"]
Hurdle = Literal["rate", "funds", "account", "age", "rule", "payment", "setup", "other"]


@dataclass(frozen=True)
class RefundOrder:
    """What we ask for. `amount` of `total` paid, both in minor units; `number` is ours and stays for life.

    asked_at: when it was asked for the first time.
    """

    number: str
    transaction_id: str
    amount: int
    total: int
    currency: str
    reason: str
    notify_url: str
    paid_at: datetime
    asked_at: datetime | None = None


@dataclass(frozen=True)
class RefundAnswer:
    """What the channel says about a refund now. Well formed, but not yet compared with what we asked for.

    processing: accepted, money on its way. succeeded: arrived. closed: given up by the channel, no money
    moved, another try needs a new number. abnormal: the payer's account does not take it, the money waits.
    returned: it was on its way or had arrived, and is back in our account at the channel; final as well.
    `total` is None where the channel does not say it; `also_known_as` is the channel's other name of the same
    payment, where it has two. `account` is where it goes, in the channel's words; `succeeded_at` only when
    succeeded. `waits_for_funds`: processing, until our account at the channel is topped up.
    """

    number: str
    channel_ref: str
    state: State
    amount: int
    total: int | None
    currency: str
    transaction_id: str
    account: str = ""
    succeeded_at: datetime | None = None
    also_known_as: str = ""
    waits_for_funds: bool = False


@dataclass(frozen=True)
class Notification:
    """An authentic message of the channel about one refund, not yet compared with our row.

    `number` is ours; where the channel names none (somebody paid back by hand there), the channel's own.
    `state` None: something happened to it, and the message does not say what: the channel has to be asked.
    `amount` and `total` None where it does not name them. `refunded`: of the whole payment, with this refund, where
    that is the sum it names.
    """

    event_id: str
    kind: str
    number: str
    channel_ref: str
    state: State | None
    amount: int | None
    total: int | None
    currency: str
    transaction_id: str
    merchant_id: str
    account: str = ""
    succeeded_at: datetime | None = None
    also_known_as: str = ""
    waits_for_funds: bool = False
    refunded: int | None = None


@dataclass(frozen=True)
class Limits:
    """What the channel allows for one payment, and when the money arrives after it accepted.

    `arrives` says it in words (lazy, translated); `working_days` is the latest of them, for a date.
    `rates` is for all payments together.
    `silence`: for so long after a call "no such refund" proves nothing. `forgets`: what it took may come to nothing
    without a word, and the same number then goes again; else what was accepted is known for ever.
    """

    parts: int
    spacing: timedelta
    age: timedelta
    working_days: int
    arrives: str
    rates: "Rates | None" = None
    silence: timedelta = timedelta(0)
    forgets: bool = False


@dataclass(frozen=True)
class Rates:
    """Calls a second that the channel takes: refunds, questions, and of either those that fail."""

    refunds: int
    queries: int
    failing: int


@dataclass(frozen=True)
class ChargeOrder:
    """What a customer shall pay: `amount` in minor units, under our `number`, on a page of the channel's own.

    channel_ref: how the channel calls it, once it has said so. return_url: where its page leads back to.
    """

    number: str
    amount: int
    currency: str
    title: str
    notify_url: str
    return_url: str
    expires_at: datetime
    channel_ref: str = ""


@dataclass(frozen=True)
class PayPage:
    """Where the customer pays, and the channel's own number of it where it has one."""

    url: str
    channel_ref: str = ""


@dataclass(frozen=True)
class ChargeAnswer:
    """What the channel says about a charge now. Well formed, but not yet compared with what we asked for."""

    number: str
    state: Literal["unpaid", "paid", "closed"]
    amount: int
    currency: str
    transaction_id: str = ""
    paid_at: datetime | None = None


class Checkout(Protocol):
    """How customers pay by a channel. All raise GatewayDown or GatewayRefused, as a gateway does."""

    def open(self, order: ChargeOrder) -> PayPage:
        """A page to pay on; asking again with the same order is the same charge."""

    def query(self, order: ChargeOrder) -> ChargeAnswer | None:
        """What became of it; None when the channel has no charge of that number."""

    def close(self, order: ChargeOrder) -> None:
        """It cannot be paid any more, unless it has been: the next query says which."""


class GatewayDown(Exception):
    """No answer that can be believed: whether the refund exists is unknown. Ask later, with the same number.

    `nothing_sent`: not even a connection came about, so this call changed nothing.
    """

    def __init__(self, message: str, *, nothing_sent: bool = False):
        super().__init__(message)
        self.nothing_sent = nothing_sent


class GatewayRefused(Exception):
    """The channel did not accept the refund: no money moves because of this call.

    `retry` True: the same number may be sent again later, unchanged. False: final, a person decides.
    `hurdle` says what stands in the way: rate (too fast), funds (our balance), account (the payer's), age (the
    payment is too old), rule (over the amount, too many parts …), payment (not known there), setup (our keys or
    rights), other.
    `code` and `message` are the channel's own.
    """

    def __init__(self, code: str, message: str, *, retry: bool, hurdle: Hurdle, status: int = 0):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.retry, self.hurdle, self.status = code, message, retry, hurdle, status


class Malformed(Exception):
    """Not even a message of this channel: answer 400, keep nothing."""


class NotAuthentic(Exception):
    """A message whose sender is not proven: answer 401, keep nothing but its hash."""


class NotUnderstood(Exception):
    """Authentic, but no news of a refund in words we know: keep it, answer 2xx, a person looks."""

    def __init__(self, reason: str, *, event_id: str = "", kind: str = ""):
        super().__init__(reason)
        self.event_id, self.kind = event_id, kind


class NoNews(Exception):
    """Authentic, and of a kind that tells nothing about one refund: keep it with the reason, answer 2xx, go on."""

    def __init__(self, reason: str, *, event_id: str = "", kind: str = ""):
        super().__init__(reason)
        self.event_id, self.kind = event_id, kind


class AboutPayment(NoNews):
    """Authentic, and about a payment of ours under this number: a hint after which the channel is asked."""

    def __init__(self, number: str, *, event_id: str = "", kind: str = ""):
        super().__init__("a payment", event_id=event_id, kind=kind)
        self.number = number


@dataclass(frozen=True)
class StatementRow:
    """One movement on a channel's bill. amount: minor units, above zero; `at` in UTC.

    refund: money went to the customer. reversal: it came back to us (the bank's return, a failed refund).
    other: fees, payments and whatever concerns no refund. `number` is ours, empty where the channel names none;
    `line` counts from 1 in the file. `also_known_as`: the channel's other name of the payment, where it has two.
    """

    line: int
    kind: Literal["refund", "reversal", "other"]
    number: str
    channel_ref: str
    transaction_id: str
    amount: int
    currency: str
    at: datetime
    also_known_as: str = ""


@dataclass(frozen=True)
class Statement:
    """A whole bill: complete and consistent with its own totals, or it is not read at all."""

    day: date
    rows: tuple[StatementRow, ...]


class StatementUnreadable(Exception):
    """`line` counts from 1; 0 when the whole file is meant (truncated, another day, totals that do not add up)."""

    def __init__(self, reason: str, *, line: int = 0):
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason, self.line = reason, line


class StatementNotReady(Exception):
    """The channel has not made the bill of that day yet: ask later."""


class Gateway(Protocol):
    code: str
    limits: Limits

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Asks for the refund; asking again with the same order never pays twice.

        Raises GatewayDown or GatewayRefused. An answer means accepted, and arrived only where it says so.
        """

    def query(self, order: RefundOrder) -> RefundAnswer | None:
        """What became of it; None when the channel has no refund of that number. Raises as `refund` does.

        The whole order is given, because not every channel finds a refund by our number alone.
        """

    def statement(self, day: date) -> bytes:
        """The channel's bill of one of its days, as the file it gives. Raises StatementNotReady, and as `refund`."""


class Door(Protocol):
    """The module `webhook` of a channel's folder: how its messages are read and answered.

    A channel's statement is read by the module `statement` of its folder: `read(raw: bytes, *, day: date)` gives
    a Statement or raises StatementUnreadable.
    """

    def read(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notification:
        """What it says. Raises Malformed, NotAuthentic, NotUnderstood or NoNews."""

    def our_merchant_id(self) -> str:
        """As which the channel knows us; compared with the message's own."""

    def answer(self, status: int, message: str = "") -> tuple[bytes, str]:
        """Body and content type that tell the channel whether it was heard."""


def differences(asked: RefundOrder, told: RefundAnswer | Notification) -> tuple[str, ...]:
    """The names of the facts in which the channel's word differs from what we asked for."""
    same = {
        "number": told.number == asked.number,
        "transaction_id": asked.transaction_id in (told.transaction_id, told.also_known_as),
        "amount": told.amount in (asked.amount, None),
        "total": told.total in (asked.total, None),
        "currency": told.currency == asked.currency,
    }
    return tuple(name for name, is_same in same.items() if not is_same)
