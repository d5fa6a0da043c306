"""Money that a customer is asked for."""

ASKED = "asked"  # the channel is to be told
OPEN = "open"  # there is a page to pay on
CLOSING = "closing"  # it shall not be paid any more; the channel has the last word
PAID = "paid"
CLOSED = "closed"
FAILED = "failed"  # the channel would not open it
FROZEN = "frozen"  # paid, and not what was asked for: a person looks

PAYABLE = (ASKED, OPEN)
LIVE = (ASKED, OPEN, CLOSING)
