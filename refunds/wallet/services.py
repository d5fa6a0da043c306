import secrets
from datetime import datetime

from django.db import transaction

from orders.customers.models import Customer
from refunds.ledger import rules as ledger
from refunds.ledger.rules import Entry
from refunds.ledger.services import post
from refunds.wallet import rules
from refunds.wallet.models import StoreCoupon, Wallet, WalletEntry

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another when read aloud


def credit(
    customer: Customer, *, amount: int, kind: str, reference: str, now: datetime, currency: str = "", order=None
) -> WalletEntry:
    """Put money on a customer's balance, and the posting that gives it; once per kind and reference.

    amount: above zero, minor units of `currency` (the shop's when left out). kind: one of rules.SOURCES.
    """
    currency = currency or customer.merchant.currency
    with transaction.atomic():
        wallet = _locked_wallet(customer, currency)
        entry = WalletEntry.objects.filter(kind=kind, reference=reference).first()
        if entry is None:
            entry = _enter(wallet, amount=amount, kind=kind, reference=reference, now=now)
            _post(entry, currency=currency, to=ledger.CUSTOMER_WALLET, order=order, customer=customer)
    return entry


def issue_coupon(
    customer: Customer, *, amount: int, kind: str, reference: str, now: datetime, currency: str = "",
    expires_at: datetime | None = None, order=None,
) -> StoreCoupon:  # fmt: skip
    """Give store credit as a coupon of its own, and the posting that gives it; once per kind and reference."""
    currency = currency or customer.merchant.currency
    facts = {"customer": customer, "amount": amount, "currency": currency, "issued_at": now, "expires_at": expires_at}
    with transaction.atomic():
        coupon, new = StoreCoupon.objects.get_or_create(
            kind=kind, reference=reference, defaults={**facts, "code": _code()}
        )
        if new:
            _post(coupon, currency=currency, to=ledger.STORE_COUPONS, order=order, customer=customer)
    return coupon


def _locked_wallet(customer: Customer, currency: str) -> Wallet:
    Wallet.objects.get_or_create(customer=customer, currency=currency)
    return Wallet.objects.select_for_update().get(customer=customer, currency=currency)


def _enter(wallet: Wallet, *, amount: int, kind: str, reference: str, now: datetime) -> WalletEntry:
    wallet.balance += amount
    wallet.save(update_fields=["balance"])
    return WalletEntry.objects.create(
        wallet=wallet, kind=kind, reference=reference, amount=amount, balance_after=wallet.balance, at=now
    )


def _post(given: WalletEntry | StoreCoupon, *, currency: str, to: str, order, customer: Customer) -> None:
    source = rules.SOURCES[given.kind]
    at = given.at if isinstance(given, WalletEntry) else given.issued_at
    merchant = customer.merchant_id
    entries = [Entry(source.account, -given.amount, currency, merchant), Entry(to, given.amount, currency, merchant)]
    post(f"{source.posting}:{given.reference}", kind=source.posting, entries=entries, at=at, order=order)


def _code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
