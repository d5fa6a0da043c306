from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from refunds.ledger import rules
from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.ledger.rules import Entry, Money


class PostedOtherwise(Exception):
    """The reference is taken by a posting with other entries: a fault of ours, never to be papered over."""


def post(reference: str, *, kind: str, entries: Iterable[Entry], at: datetime, order=None) -> LedgerTransaction:
    """Write one balanced transaction; the same reference with the same entries again changes nothing.

    Raises rules.Unbalanced, or PostedOtherwise when the reference was used for something else.
    """
    entries = [entry for entry in entries if entry.amount]
    rules.must_balance(entries)
    with transaction.atomic():
        posted, new = LedgerTransaction.objects.get_or_create(
            reference=reference, defaults={"kind": kind, "order": order, "at": at}
        )
        if new:
            _write(posted, entries)
    if not new and sorted(map(_key, posted.entries.all())) != sorted(map(_key, entries)):
        raise PostedOtherwise(reference)
    return posted


def return_subsidy(reference: str, *, order, amount: int, at: datetime) -> LedgerTransaction | None:
    """The platform's part of a discount goes back although the customer gets no money; nothing for 0.

    amount: minor units of the order's currency. reference: of the case, used once.
    """
    if not amount:
        return None
    money = Money(amount=0, platform_share=amount, currency=order.currency, merchant_id=order.merchant_id)
    return post(
        f"{rules.SUBSIDY}:{reference}", kind=rules.SUBSIDY, entries=rules.subsidy_returned(money), at=at, order=order
    )


def _write(posted: LedgerTransaction, entries: list[Entry]) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            transaction=posted,
            account=entry.account,
            merchant_id=entry.merchant_id,
            amount=entry.amount,
            currency=entry.currency,
        )
        for entry in entries
    )


def _key(entry: Entry | LedgerEntry) -> tuple:
    return entry.account, entry.amount, entry.currency, entry.merchant_id or 0
