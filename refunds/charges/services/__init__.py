"""Everything that writes a charge: what people ask, and what workers do at the channel."""

from refunds.charges.services.asking import call_off, call_off_all, mark_used, take_hint, want_payment
from refunds.charges.services.following import follow_due_charges

__all__ = ["call_off", "call_off_all", "follow_due_charges", "mark_used", "take_hint", "want_payment"]
