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
CAME_TO_NOTHING = (CLOSED, RETURNED_BY_BANK)  # still owed, under a new number
BY_HAND = "bank_transfer"  # the channel that people pay
# Problems that end the way the money was to go. With `account_abnormal` the channel still has the money.
WAY_CLOSED = ("too_old", "too_many_parts", "account_closed", "account_abnormal")
# Problems with which the channel may hold the money, or have paid it: it is asked before anything is sent again.
ONLY_ASK = ("mismatch", "unasked", "account_abnormal", "vanished")
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
