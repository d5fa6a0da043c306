"""Refunds, the people and transfers behind them, and what the channels tell of them."""

from refunds.payouts.models.exceptions import ExceptionEvent, PayeeLook, RefundException, RouteChange
from refunds.payouts.models.news import Break, BreakEvent, WebhookDelivery
from refunds.payouts.models.refunds import (
    ACTOR_KINDS,
    Authorisation,
    Pace,
    Refund,
    RefundAttempt,
    RefundMove,
    Settlement,
)
from refunds.payouts.models.transfers import BatchedTransfer, Transfer, TransferBatch

__all__ = [
    "ACTOR_KINDS",
    "Authorisation",
    "BatchedTransfer",
    "Break",
    "BreakEvent",
    "ExceptionEvent",
    "Pace",
    "PayeeLook",
    "Refund",
    "RefundAttempt",
    "RefundException",
    "RefundMove",
    "RouteChange",
    "Settlement",
    "Transfer",
    "TransferBatch",
    "WebhookDelivery",
]
