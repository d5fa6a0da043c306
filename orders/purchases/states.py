"""The order's machine. After-sale is shown beside it, never mixed in. Names are public and frozen."""

PLACED = "placed"
PAID = "paid"
PARTLY_SHIPPED = "partly_shipped"
SHIPPED = "shipped"
SIGNED = "signed"
COMPLETED = "completed"
CANCELLED = "cancelled"

ALL = (PLACED, PAID, PARTLY_SHIPPED, SHIPPED, SIGNED, COMPLETED, CANCELLED)
OPEN_FOR_AFTER_SALE = frozenset({PAID, PARTLY_SHIPPED, SHIPPED, SIGNED, COMPLETED})
EDGES = {
    (PLACED, PAID),
    (PLACED, CANCELLED),
    (PAID, CANCELLED),
    (PAID, PARTLY_SHIPPED),
    (PAID, SHIPPED),
    (PARTLY_SHIPPED, SHIPPED),
    (PARTLY_SHIPPED, SIGNED),
    (SHIPPED, SIGNED),
    (SIGNED, COMPLETED),
    # The new order of an exchange was lost on its way, and is money instead:
    (SHIPPED, CANCELLED),
    # What a parcel held was corrected:
    (SHIPPED, PARTLY_SHIPPED),
    (SIGNED, PARTLY_SHIPPED),
    (SIGNED, SHIPPED),
}
