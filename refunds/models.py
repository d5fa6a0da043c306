"""Gathers the packages' tables for Django."""

from refunds.documents.models import PaperRead, Voucher, VoucherBook, VoucherCancellation
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
from refunds.wallet.models import (
    Compensation,
    GiftCard,
    GiftCardEntry,
    PointsAccount,
    PointsEntry,
    PointsOfCase,
    ReturnedCoupon,
    StoreCoupon,
    Wallet,
    WalletEntry,
)

__all__ = [
    "Authorisation",
    "Break",
    "Compensation",
    "GiftCard",
    "GiftCardEntry",
    "LedgerEntry",
    "LedgerTransaction",
    "Pace",
    "PaperRead",
    "PointsAccount",
    "PointsEntry",
    "PointsOfCase",
    "Refund",
    "RefundAttempt",
    "RefundMove",
    "ReturnedCoupon",
    "Settlement",
    "StoreCoupon",
    "Voucher",
    "VoucherBook",
    "VoucherCancellation",
    "Wallet",
    "WalletEntry",
    "WebhookDelivery",
]
