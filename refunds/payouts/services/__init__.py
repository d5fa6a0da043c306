"""What can be done to a refund. Everything that writes stands in this package."""

from refunds.payouts.services.batches import make_batch, read_sheet, take_off
from refunds.payouts.services.exceptions import hand_exception, look_after_exceptions
from refunds.payouts.services.moving_back import move_to_original
from refunds.payouts.services.news import keep_delivery, take_in_channel_news
from refunds.payouts.services.paying import pay_due_refunds, pay_next_refund
from refunds.payouts.services.people import ask_again, retry
from refunds.payouts.services.promising import agree_as_second, authorise, cancel_refunds, open_refund
from refunds.payouts.services.routes import (
    agree_first,
    agree_second,
    carry_out_routes,
    choose_way,
    reveal_payee,
    send_anew,
    stop_route,
)
from refunds.payouts.services.settling import confirm_settlement, must_be_possible, propose_settlement
from refunds.payouts.services.transfers import confirm_transfer, drop_transfer, enter_transfer

__all__ = [
    "agree_as_second",
    "agree_first",
    "agree_second",
    "ask_again",
    "authorise",
    "cancel_refunds",
    "carry_out_routes",
    "choose_way",
    "confirm_settlement",
    "confirm_transfer",
    "drop_transfer",
    "enter_transfer",
    "hand_exception",
    "keep_delivery",
    "look_after_exceptions",
    "make_batch",
    "move_to_original",
    "must_be_possible",
    "open_refund",
    "pay_due_refunds",
    "pay_next_refund",
    "propose_settlement",
    "read_sheet",
    "retry",
    "reveal_payee",
    "send_anew",
    "stop_route",
    "take_in_channel_news",
    "take_off",
]
