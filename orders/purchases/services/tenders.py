"""What an order was paid with. A transaction belongs to one order, unless every part names the same total."""

from django.db.models import F
from django.utils.translation import gettext as _

from orders.purchases.forms import PaymentIn
from orders.purchases.models import Order, Payment, Transaction
from returns_platform.kernel.errors import Conflict


def keep_payments(order: Order, payments: list[PaymentIn]) -> None:
    """Write the tenders of a locked order whose money may still change.

    Raises Conflict when a transaction belongs to another order or its parts exceed its total.
    """
    kept = {(p.channel, p.transaction.transaction_id): p for p in order.payments.select_related("transaction")}
    told = {(p.channel, p.transaction_id): (index, p) for index, p in enumerate(payments)}
    for key in sorted(kept.keys() | told.keys()):  # one order for everybody: two orders of one payment never deadlock
        if key not in told:
            _drop(kept[key])
            continue
        position, part = told[key]
        payment = kept.get(key) or Payment(order=order, channel=part.channel, amount=0)
        payment.transaction = _allot(payment, part, currency=order.currency, where=position)
        payment.position, payment.amount, payment.paid_at = position, part.amount, part.paid_at
        payment.gift_card = part.gift_card or ""
        payment.save()


def _drop(payment: Payment) -> None:
    transaction = payment.transaction_id
    payment.delete()
    Transaction.objects.filter(pk=transaction).update(allotted=F("allotted") - payment.amount)


def _allot(payment: Payment, part: PaymentIn, *, currency: str, where: int) -> Transaction:
    row = _locked(part, currency=currency)
    if row.payments.exclude(order=payment.order).exists():
        _must_be_a_part(row, part, currency=currency, where=where)
    row.currency, row.total = currency, part.transaction_total
    row.allotted += part.amount - payment.amount
    if row.total is not None and row.allotted > row.total:
        raise _taken(_("The parts of this payment come to more than its total."), where=where)
    row.save()
    return row


def _locked(part: PaymentIn, *, currency: str) -> Transaction:
    """The transaction's row, made if it is not there, and nobody else's until this transaction ends."""
    same = {"channel": part.channel, "transaction_id": part.transaction_id}
    row = Transaction.objects.select_for_update(no_key=True).filter(**same).first()
    return (
        row
        or Transaction.objects.select_for_update(no_key=True).get_or_create(**same, defaults={"currency": currency})[
            0
        ]
    )


def _must_be_a_part(row: Transaction, part: PaymentIn, *, currency: str, where: int) -> None:
    if part.transaction_total is None or row.total is None:
        raise _taken(_("This payment belongs to another order."), where=where)
    if (row.total, row.currency) != (part.transaction_total, currency):
        raise _taken(_("Another part of this payment names another total."), where=where)


def _taken(sentence: str, *, where: int) -> Conflict:
    return Conflict(sentence, code="transaction_taken", fields={f"payments.{where}.transaction_id": sentence})
