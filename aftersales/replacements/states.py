"""What replaces the goods of a request. Names are public and frozen."""

RESERVED = "reserved"  # promised to the customer: new ones on the shelf, or her own to be mended
AWAITING_PAYMENT = "awaiting_payment"  # the customer pays a difference, a fee or a deposit first
TO_SEND = "to_send"
SENT = "sent"
DELIVERED = "delivered"
OUT_OF_STOCK = "out_of_stock"  # it cannot be had now: the customer chooses
CONVERTED = "converted"  # money instead
CANCELLED = "cancelled"

ALL = (RESERVED, AWAITING_PAYMENT, TO_SEND, SENT, DELIVERED, OUT_OF_STOCK, CONVERTED, CANCELLED)
ENDED = (DELIVERED, CONVERTED, CANCELLED)
NOTHING = (CONVERTED, CANCELLED)  # nothing is sent because of it
LIVE = tuple(state for state in ALL if state not in ENDED)
HOLDS_STOCK = (RESERVED, AWAITING_PAYMENT, TO_SEND)
NOT_SENT = (RESERVED, AWAITING_PAYMENT, TO_SEND, OUT_OF_STOCK)
WAITS_FOR_CUSTOMER = (AWAITING_PAYMENT, OUT_OF_STOCK)
