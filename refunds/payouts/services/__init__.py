"""What can be done to a refund. Everything that writes stands in this package."""

from refunds.payouts.services.moving_back import move_to_original
from refunds.payouts.services.news import keep_delivery, take_in_channel_news
from refunds.payouts.services.paying import pay_due_refunds, pay_next_refund
from refunds.payouts.services.people import ask_again, close_break, retry, send_anew
from refunds.payouts.services.promising import agree_as_second, authorise, cancel_refunds, open_refund
from refunds.payouts.services.settling import confirm_settlement, propose_settlement, take_back

__all__ = [
    "agree_as_second",
    "ask_again",
    "authorise",
    "cancel_refunds",
    "close_break",
    "confirm_settlement",
    "keep_delivery",
    "move_to_original",
    "open_refund",
    "pay_due_refunds",
    "pay_next_refund",
    "propose_settlement",
    "retry",
    "send_anew",
    "take_back",
    "take_in_channel_news",
]
