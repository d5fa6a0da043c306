"""What can be done to what customers have stored. Everything that writes stands in this package.

Locks, after those of order, payments, lines, case and refund: points, then cards, then the balance.
"""

from refunds.wallet.services.balance import (
    NotEnough,
    credit,
    debit,
    spend,
    take_in_all_orders,
    take_in_order,
    take_in_orders,
)
from refunds.wallet.services.cards import (
    CardsNotFree,
    credit_card,
    disable_cards,
    enable_cards,
    keep_card,
    look_up,
)
from refunds.wallet.services.compensating import agree, compensate, decline
from refunds.wallet.services.coupons import give_coupons_back, issue_coupon
from refunds.wallet.services.points import give_points_back, lock_points, take_points

__all__ = [
    "CardsNotFree",
    "NotEnough",
    "agree",
    "compensate",
    "credit",
    "credit_card",
    "debit",
    "decline",
    "disable_cards",
    "enable_cards",
    "give_coupons_back",
    "give_points_back",
    "issue_coupon",
    "keep_card",
    "lock_points",
    "look_up",
    "spend",
    "take_in_all_orders",
    "take_in_order",
    "take_in_orders",
    "take_points",
]
