"""Thousands of refunds at once, as the services would have left them: rows, moves, postings and counters."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from orders.purchases.models import Order, Payment, Transaction
from orders.tests import samples
from refunds.ledger import rules as ledger
from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.ledger.rules import Money
from refunds.payouts import states
from refunds.payouts.models import Authorisation, Refund, RefundMove
from refunds.payouts.services.exceptions import keep_up
from returns_platform.kernel.actors import SYSTEM

PATHS = {
    states.PROMISED: (states.PROMISED,),
    states.ACCEPTED: (states.PROMISED, states.SENDING, states.ACCEPTED),
    states.ARRIVED: (states.PROMISED, states.SENDING, states.ACCEPTED, states.ARRIVED),
    states.MANUAL: (states.PROMISED, states.SENDING, states.MANUAL),
    states.CLOSED: (states.PROMISED, states.SENDING, states.CLOSED),
    states.CANCELLED: (states.PROMISED, states.CANCELLED),
    states.RETURNED_BY_BANK: (
        states.PROMISED, states.SENDING, states.ACCEPTED, states.ARRIVED, states.RETURNED_BY_BANK,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """One refund: how much, in which state, and when it arrived (or was asked for)."""

    amount: int
    at: datetime
    state: str = states.ARRIVED
    channel: str = "wechat"
    problem: str = ""


def make(wanted: list[Wanted], *, now: datetime) -> list[Refund]:
    """In the order asked for, each of a payment of its own; transaction ids are 42000000000000 and what follows."""
    order = samples.put(
        samples.shop(), "MANY", lines=[samples.line(quantity=1, unit_price=10**9)],
        payments=[samples.payment(10**9, "41")],
    )  # fmt: skip
    payments = _payments(order, wanted)
    refunds = _refunds(order, payments, wanted, now=now)
    _moves(refunds)
    _postings(refunds)
    for refund in refunds:
        if refund.state in (states.MANUAL, states.CLOSED, states.RETURNED_BY_BANK):
            keep_up(refund, by=SYSTEM, now=now)
    know_the_sizes()
    return refunds


def know_the_sizes() -> None:
    """What a database that has lived for a while knows of its tables by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _payments(order: Order, wanted: list[Wanted]) -> list[Payment]:
    paid = Transaction.objects.bulk_create(
        Transaction(channel=one.channel, transaction_id=f"{42 * 10**12 + nth}", currency="CNY", allotted=10**6)
        for nth, one in enumerate(wanted)
    )
    return Payment.objects.bulk_create(
        Payment(
            order=order, position=nth + 1, transaction=transaction, channel=one.channel, amount=10**6,
            paid_at=one.at - timedelta(days=2), reserved=one.amount if one.state in states.LIVE else 0,
        )
        for nth, (transaction, one) in enumerate(zip(paid, wanted, strict=True))
    )  # fmt: skip


def _refunds(order: Order, payments: list[Payment], wanted: list[Wanted], *, now: datetime) -> list[Refund]:
    why = Authorisation.objects.bulk_create(
        Authorisation(
            case_ref=f"RT{10**13 + nth}", amount=one.amount, currency="CNY", rule="platform.no_reason",
            rule_version=1, by_kind="rule", at=one.at,
        )
        for nth, one in enumerate(wanted)
    )  # fmt: skip
    there = (states.ARRIVED, states.RETURNED_BY_BANK)
    return Refund.objects.bulk_create(
        Refund(
            number=f"RF{10**13 + nth}-1", case_ref=f"RT{10**13 + nth}", serial=1, authorisation=authorisation,
            order=order, merchant_id=order.merchant_id, customer=order.customer, payment=payment,
            channel=one.channel, amount=one.amount, currency="CNY", state=one.state, version=len(PATHS[one.state]),
            problem=one.problem, promised_at=one.at, promised_by=one.at + timedelta(days=3), asked_at=one.at,
            accepted_at=one.at, arrived_at=one.at if one.state in there else None, channel_ref=f"503{10**9 + nth}",
            next_try_at=now + timedelta(days=30) if one.state in (states.PROMISED, states.ACCEPTED) else None,
        )
        for nth, (authorisation, payment, one) in enumerate(zip(why, payments, wanted, strict=True))
    )  # fmt: skip


def _moves(refunds: list[Refund]) -> None:
    RefundMove.objects.bulk_create(
        (
            RefundMove(
                row=refund, seq=seq, from_state=before, to_state=after, by_kind="channel", at=refund.promised_at
            )
            for refund in refunds
            for seq, (before, after) in enumerate(
                zip(("", *PATHS[refund.state]), PATHS[refund.state], strict=False), start=1
            )
        ),
        batch_size=5000,
    )


def _postings(refunds: list[Refund]) -> None:
    due = [posting for refund in refunds for posting in _posted(refund)]
    posted = LedgerTransaction.objects.bulk_create(
        LedgerTransaction(reference=f"{kind}:{refund.number}", kind=kind, order=refund.order, at=refund.promised_at)
        for refund, kind, _entries in due
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            transaction=transaction, account=entry.account, merchant_id=entry.merchant_id, amount=entry.amount,
            currency=entry.currency,
        )
        for transaction, (_refund, _kind, entries) in zip(posted, due, strict=True)
        for entry in entries
    )  # fmt: skip


def _posted(refund: Refund) -> list[tuple]:
    money = Money(refund.amount, 0, "CNY", refund.merchant_id)
    at = ledger.channel(refund.channel)
    found = [(refund, ledger.PROMISED, ledger.promised(money))]
    if refund.state in (states.ARRIVED, states.RETURNED_BY_BANK):
        found.append((refund, ledger.ARRIVED, ledger.arrived(money, at=at)))
    if refund.state in (states.CLOSED, states.CANCELLED):
        found.append((refund, ledger.CANCELLED, ledger.cancelled(money)))
    if refund.state == states.RETURNED_BY_BANK:
        found.append((refund, ledger.RETURNED, ledger.returned(money, at=at)))
    return found
