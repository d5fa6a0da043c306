"""Everything that writes a replacement: its stock, its parcel, the new order. The request above says when."""

from aftersales.replacements.services.ending import (
    cancel_replacement,
    convert_replacement,
    found_gone,
    order_cancelled,
)
from aftersales.replacements.services.moving import moving_replacement
from aftersales.replacements.services.opening import Wanted, open_replacement, want_instead
from aftersales.replacements.services.sending import (
    book_courier,
    can_be_sent_again,
    confirm_receipt,
    enter_waybill,
    follow_new_order,
    follow_parcel,
    let_go,
    send_once_more,
)
from aftersales.replacements.services.stock import hold_stock, keep_only, ran_out

__all__ = [
    "Wanted",
    "book_courier",
    "can_be_sent_again",
    "cancel_replacement",
    "confirm_receipt",
    "convert_replacement",
    "enter_waybill",
    "follow_new_order",
    "follow_parcel",
    "found_gone",
    "hold_stock",
    "keep_only",
    "let_go",
    "moving_replacement",
    "open_replacement",
    "order_cancelled",
    "ran_out",
    "send_once_more",
    "want_instead",
]
