"""A request for a red-letter invoice. Names are public and frozen."""

REQUESTED = "requested"  # finance has to issue it in the tax system
CONFIRMED = "confirmed"  # issued: the red-letter number is known
CANCELLED = "cancelled"  # came to nothing; what it was for may be requested again

ALL = (REQUESTED, CONFIRMED, CANCELLED)
LIVE = (REQUESTED, CONFIRMED)  # counts against the invoice
