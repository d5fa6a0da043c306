"""Where the money is. Names are public and frozen."""

PROMISED = "promised"  # will be sent; a hold may still run
HELD = "held"  # waits for a second person
SENDING = "sending"  # being handed to the channel, or to be handed again with the same number
ACCEPTED = "accepted"  # the channel took it; not there yet
UNKNOWN = "unknown"  # sent, and no usable answer
ARRIVED = "arrived"
MANUAL = "manual"  # with a person
CLOSED = "closed"  # the channel says: not paid, and never under this number
RETURNED_BY_BANK = "returned_by_bank"
CANCELLED = "cancelled"  # withdrawn before it was sent

ALL = (PROMISED, HELD, SENDING, ACCEPTED, UNKNOWN, ARRIVED, MANUAL, CLOSED, RETURNED_BY_BANK, CANCELLED)
LIVE = (PROMISED, HELD, SENDING, ACCEPTED, UNKNOWN, MANUAL, ARRIVED)  # the money counts as taken from the payment
NOT_SENT = (PROMISED, HELD)
ON_ITS_WAY = (PROMISED, HELD, SENDING, ACCEPTED, UNKNOWN, MANUAL)  # live and not arrived
AT_THE_CHANNEL = (SENDING, ACCEPTED, UNKNOWN, ARRIVED, MANUAL)  # counts against the channel's limits
EDGES = {
    (PROMISED, HELD),
    (HELD, PROMISED),
    (PROMISED, SENDING),
    (UNKNOWN, SENDING),
    (MANUAL, SENDING),
    (ACCEPTED, SENDING),
    (SENDING, ACCEPTED),
    (UNKNOWN, ACCEPTED),
    (MANUAL, ACCEPTED),
    (SENDING, UNKNOWN),
    (SENDING, ARRIVED),
    (ACCEPTED, ARRIVED),
    (UNKNOWN, ARRIVED),
    (MANUAL, ARRIVED),
    (PROMISED, MANUAL),
    (HELD, MANUAL),
    (SENDING, MANUAL),
    (ACCEPTED, MANUAL),
    (UNKNOWN, MANUAL),
    (SENDING, CLOSED),
    (ACCEPTED, CLOSED),
    (UNKNOWN, CLOSED),
    (MANUAL, CLOSED),
    (PROMISED, CANCELLED),
    (HELD, CANCELLED),
    (ARRIVED, RETURNED_BY_BANK),
}
