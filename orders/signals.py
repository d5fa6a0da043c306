"""News for the apps above. The fact is committed first; a sweep upstairs finds it without the signal too."""

import logging

from django.db import transaction
from django.dispatch import Signal

log = logging.getLogger(__name__)

# Sent with order_id (int) and note: "created", "changed", or "shipped_in_use" (a parcel left with units that
# an after-sale had already taken as unshipped).
order_changed = Signal()


def tell_after_commit(order_id: int, notes: list[str]) -> None:
    """Tell whoever listens, after commit; a listener that fails undoes nothing here."""

    def tell():
        for note in notes:
            for receiver, answer in order_changed.send_robust(sender=None, order_id=order_id, note=note):
                if isinstance(answer, Exception):
                    log.error("%s failed on order %s", receiver, order_id, exc_info=answer)

    transaction.on_commit(tell)
