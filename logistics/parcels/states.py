"""The parcel's machine, for goods coming back and goods going out. Names are public and frozen."""

REQUESTED = "requested"
BOOKED = "booked"
COLLECTED = "collected"
IN_TRANSIT = "in_transit"
DELIVERED = "delivered"
FAILED = "failed"  # never collected: the courier called the pickup off
REFUSED = "refused"  # refused at the door, or turned back to its sender: `problem` says which
LOST = "lost"
CANCELLED = "cancelled"
MANUAL = "manual"  # no courier could be booked: a person looks, or the customer sends it herself

ALL = (
    REQUESTED, BOOKED, COLLECTED, IN_TRANSIT, DELIVERED, FAILED, REFUSED, LOST, CANCELLED, MANUAL,
)  # fmt: skip
LIVE = (REQUESTED, BOOKED, COLLECTED, IN_TRANSIT, MANUAL)
NOT_COLLECTED = (REQUESTED, BOOKED, MANUAL)
LEFT = (COLLECTED, IN_TRANSIT, DELIVERED, REFUSED, LOST)  # the goods are not with their sender any more
MAY_ARRIVE = (BOOKED, COLLECTED, IN_TRANSIT, DELIVERED)
ANOTHER_TRY = (MANUAL, FAILED)  # another slot may be picked, or the sender hands it in
UNDER_WAY = (BOOKED, COLLECTED, IN_TRANSIT)  # a courier can be asked where it is
TROUBLE = (FAILED, REFUSED, LOST, MANUAL)  # somebody above has to do something
# Where scans may lead from: everything a courier may have touched. Cancelled stays cancelled.
FOLLOWED = (REQUESTED, BOOKED, COLLECTED, IN_TRANSIT, DELIVERED, FAILED, REFUSED, LOST, MANUAL)
