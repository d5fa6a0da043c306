"""Gathers the packages' tables for Django."""

from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.payouts.models import (
    Authorisation,
    Break,
    Pace,
    Refund,
    RefundAttempt,
    RefundMove,
    Settlement,
    WebhookDelivery,
)
from refunds.wallet.models import StoreCoupon, Wallet, WalletEntry

__all__ = [
    "Authorisation",
    "Break",
    "LedgerEntry",
    "LedgerTransaction",
    "Pace",
    "Refund",
    "RefundAttempt",
    "RefundMove",
    "Settlement",
    "StoreCoupon",
    "Wallet",
    "WalletEntry",
    "WebhookDelivery",
]
