"""What couriers' scans mean to us, in one vocabulary for all couriers."""

PENDING = "pending"
PICKED_UP = "picked_up"
IN_TRANSIT = "in_transit"
OUT_FOR_DELIVERY = "out_for_delivery"
READY_FOR_PICKUP = "ready_for_pickup"
DELIVERED = "delivered"
DELIVERY_FAILED = "delivery_failed"
ON_HOLD = "on_hold"
RETURN_TO_SENDER = "return_to_sender"
CANCELLED = "cancelled"
UNKNOWN = "unknown"

ALL = (
    PENDING, PICKED_UP, IN_TRANSIT, OUT_FOR_DELIVERY, READY_FOR_PICKUP, DELIVERED, DELIVERY_FAILED, ON_HOLD,
    RETURN_TO_SENDER, CANCELLED, UNKNOWN,
)  # fmt: skip

# What went wrong, where a scan says so.
REFUSED = "refused"
LOST = "lost"
