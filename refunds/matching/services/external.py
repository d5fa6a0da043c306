"""Refunds that somebody made at the channel, past this platform (F44): counted on the payment, posted in the ledger.

Which ones there are follows from the bills in force alone: what is no longer on one, or turns out to be a refund of
ours, is undone. So a corrected bill, or the same one twice, never counts money twice.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from orders.purchases.models import Payment
from orders.purchases.services.claims import release_external, reserve_external
from refunds.ledger import rules as ledger
from refunds.ledger.rules import Money
from refunds.ledger.services import post
from refunds.matching import queries, rules
from refunds.matching.models import ExternalRefund
from refunds.matching.rules import Finding, Line
from refunds.payouts.models import Refund

HELD, NOT_HELD, SHARED = "held", "not_held", "shared"  # what became of one: notes on its break


def follow_external(
    channel: str, keys: Collection[str], findings: Collection[Finding], *, now: datetime
) -> dict[int, str]:
    """Book what is new of these numbers, undo what is gone; {row: what became of it}. Inside the matching."""
    wanted = {_ref(line): line for finding in findings if finding.kind in rules.BOOKED for line in finding.lines}
    booked: dict[str, list[ExternalRefund]] = {}
    for external in ExternalRefund.objects.filter(channel=channel, undone_at=None):
        if external.channel_ref in wanted or rules.key_of(external.number, external.channel_ref) in keys:
            booked.setdefault(external.channel_ref, []).append(external)
    for ref, parts in booked.items():
        if ref not in wanted or not _same(parts, wanted[ref]):
            for external in sorted(parts, key=lambda part: part.payment_id):
                undo_external(external, now=now)
    kept = {ref for ref, parts in booked.items() if ref in wanted and _same(parts, wanted[ref])}
    new = [line for ref, line in wanted.items() if ref not in kept]
    payments = queries.known_payments(channel, {line.transaction_id for line in new})
    became = {wanted[ref].id: _became(booked[ref]) for ref in kept}
    for line in sorted(new, key=lambda line: (_payment_key(payments, line), _ref(line))):
        payment = payments.get(line.transaction_id)
        if payment is None or payment.order.currency != line.currency:
            became[line.id] = SHARED  # whose money it was is a person's to say: `place_external`
        else:
            became[line.id] = _became([_book(channel, line, payment, amount=line.amount, now=now)])
    return became


def place_external(line: Line, channel: str, parts: Mapping[Payment, int], *, now: datetime) -> str:
    """Book a refund of a payment that several orders share on those that a person has named; what became of it.

    parts: {payment: minor units}, together the line's sum. The channel is held by the caller.
    """
    in_order = sorted(parts.items(), key=lambda part: part[0].pk)
    return _became([_book(channel, line, payment, amount=amount, now=now) for payment, amount in in_order])


def _became(parts: Collection[ExternalRefund]) -> str:
    return HELD if all(external.reserved for external in parts) else NOT_HELD


def undo_external(external: ExternalRefund, *, now: datetime, refund: Refund | None = None) -> None:
    """The payment holds its money again and the posting is reversed. refund: the one of ours that it was."""
    if external.reserved:
        release_external(external.payment_id, amount=external.amount)
    entries = ledger.reversed_(_entries(external))
    post(
        f"{ledger.EXTERNAL_UNDONE}:{external.pk}", kind=ledger.EXTERNAL_UNDONE, entries=entries, at=now,
        order=external.order,
    )  # fmt: skip
    external.undone_at, external.refund = now, refund
    external.save(update_fields=["undone_at", "refund"])


def _book(channel: str, line: Line, payment: Payment, *, amount: int, now: datetime) -> ExternalRefund:
    order = payment.order
    external = ExternalRefund.objects.create(
        channel=channel, channel_ref=_ref(line), number=line.number, payment=payment, order=order,
        merchant_id=order.merchant_id, amount=amount, currency=line.currency, at=line.at, booked_at=now,
        reserved=reserve_external(payment.pk, amount=amount),
    )  # fmt: skip
    post(f"{ledger.EXTERNAL}:{external.pk}", kind=ledger.EXTERNAL, entries=_entries(external), at=now, order=order)
    return external


def _entries(external: ExternalRefund) -> list[ledger.Entry]:
    money = Money(external.amount, 0, external.currency, external.merchant_id)
    return ledger.external(money, at=ledger.channel(external.channel))


def _ref(line: Line) -> str:
    return line.channel_ref or line.number


def _same(parts: Collection[ExternalRefund], line: Line) -> bool:
    facts = {(external.currency, external.number) for external in parts}
    return facts == {(line.currency, line.number)} and sum(external.amount for external in parts) == line.amount


def _payment_key(payments: dict[str, Payment], line: Line) -> int:
    """Payments are taken in the order of their keys, as everywhere."""
    return payments[line.transaction_id].pk if line.transaction_id in payments else 0
