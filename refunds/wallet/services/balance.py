"""A customer's balance: credited, debited, each change once and with the posting that gives or takes it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.customers.models import Customer
from orders.purchases.models import Order
from refunds.ledger import rules as ledger
from refunds.ledger.rules import Entry
from refunds.ledger.services import post
from refunds.wallet import queries, rules
from refunds.wallet.models import Wallet, WalletEntry
from returns_platform.kernel.errors import Conflict


class NotEnough(Conflict):
    code = "spent"
    default = _("The balance does not hold that much any more.")


def credit(
    customer: Customer, *, amount: int, kind: str, reference: str, now: datetime, currency: str = "", order=None,
    account: str = "",
) -> WalletEntry:  # fmt: skip
    """Put money on a customer's balance, and the posting that gives it; once per kind and reference.

    amount: above zero, minor units of `currency` (the shop's when left out). kind: one of rules.SOURCES.
    account: gives it, where that is not the kind's own.
    """
    if amount <= 0:
        raise ValueError("a credit is above zero")
    return _change(
        customer, amount=amount, kind=kind, reference=reference, now=now, currency=currency, order=order,
        account=account,
    )  # fmt: skip


def debit(
    customer: Customer, *, amount: int, kind: str, reference: str, now: datetime, currency: str = "", order=None
) -> WalletEntry:
    """Take money off a customer's balance, once per kind and reference. Raises NotEnough, and changes nothing.

    What a kind without a source takes is posted by the caller, in the same transaction.
    """
    if amount <= 0:
        raise ValueError("a debit is above zero")
    return _change(customer, amount=-amount, kind=kind, reference=reference, now=now, currency=currency, order=order)


def spend(
    customer: Customer, *, amount: int, reference: str, now: datetime, currency: str = "", order=None
) -> WalletEntry:
    """Something is paid with the balance: the shop is owed it. Raises NotEnough."""
    return debit(
        customer, amount=amount, kind=rules.SPENT, reference=reference, now=now, currency=currency, order=order
    )


def _change(
    customer: Customer, *, amount: int, kind: str, reference: str, now: datetime, currency: str, order,
    account: str = "",
) -> WalletEntry:  # fmt: skip
    currency = currency or customer.merchant.currency
    with transaction.atomic():
        wallet = locked_wallet(customer, currency)
        entry = WalletEntry.objects.filter(kind=kind, reference=reference).first()
        if entry is None:
            entry = _enter(wallet, amount=amount, kind=kind, reference=reference, order=order, now=now)
            if source := rules.SOURCES.get(kind):
                _post(entry, source, account or source.account, currency=currency, customer=customer)
    return entry


def locked_wallet(customer: Customer, currency: str) -> Wallet:
    """The balance, and nobody else's until this transaction ends."""
    Wallet.objects.get_or_create(customer=customer, currency=currency)
    return Wallet.objects.select_for_update().get(customer=customer, currency=currency)


def _enter(
    wallet: Wallet, *, amount: int, kind: str, reference: str, order, now: datetime, about: str = ""
) -> WalletEntry:
    if wallet.balance + amount < 0:
        raise NotEnough
    wallet.balance += amount
    wallet.save(update_fields=["balance"])
    return WalletEntry.objects.create(
        wallet=wallet, kind=kind, reference=reference, amount=amount, balance_after=wallet.balance, order=order,
        about=about, at=now,
    )  # fmt: skip


# --- orders that were paid with it -------------------------------------------------------------------------


def take_in_order(order_id: int, *, now: datetime) -> None:
    """What a shop said of an order: its customer's balance, and any that it was booked on before, are up to date."""
    for customer, currency in queries.balances_of_order(order_id):
        take_in_orders(customer, currency=currency, now=now)


def take_in_orders(customer: Customer, *, currency: str, now: datetime) -> None:
    """Bring what a balance paid for orders to what their shop says of them by now. Again changes nothing.

    What lay there when it was paid is taken; the rest the shop had kept elsewhere, and brings it in with the payment.
    """
    if not queries.uses_to_enter(customer, currency):
        return
    with transaction.atomic():
        wallet = locked_wallet(customer, currency)
        for used in queries.uses_to_enter(customer, currency):
            _bring_to(wallet, used, now=now)


def take_in_all_orders(*, now: datetime, limit: int = 200) -> int:
    """What lost news would have brought; how many balances lagged behind."""
    found = queries.balances_with_uses_to_enter(limit=limit)
    for customer, currency in found:
        take_in_orders(customer, currency=currency, now=now)
    return len(found)


def _bring_to(wallet: Wallet, used: queries.Used, *, now: datetime) -> None:
    lay_there = queries.lay_there(wallet, since=used.paid_at)
    change = rules.use(used.amount, spent=used.spent, had=used.had, lay_there=lay_there)
    steps = [(rules.HAD, change.had), (rules.SPENT, change.spent)]
    for kind, amount in steps if change.had > 0 else reversed(steps):  # never below 0 between the two
        if amount:
            _enter_use(wallet, used, amount=amount, kind=kind, now=now)


def _enter_use(wallet: Wallet, used: queries.Used, *, amount: int, kind: str, now: datetime) -> None:
    before = wallet.entries.filter(kind=kind, about=used.about).count()
    reference = f"{wallet.pk} {used.about}#{before + 1}"
    order = Order(pk=used.order_id)
    entry = _enter(
        wallet, amount=amount, kind=kind, reference=reference, order=order, about=used.about, now=now
    )  # fmt: skip
    source = rules.SOURCES[kind]
    _post(entry, source, source.account, currency=wallet.currency, customer=wallet.customer)


def _post(entry: WalletEntry, source: rules.Source, account: str, *, currency: str, customer: Customer) -> None:
    entries = [
        Entry(account, -entry.amount, currency, customer.merchant_id),
        Entry(ledger.CUSTOMER_WALLET, entry.amount, currency, customer.merchant_id),
    ]
    reference = f"{source.posting}:{entry.reference}"
    post(reference, kind=source.posting, entries=entries, at=entry.at, order=entry.order)
