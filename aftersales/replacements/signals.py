"""News for the request above: a committed fact and the key of its row. A lost signal is made good by the sweep."""

from django.db import transaction
from django.dispatch import Signal

replacement_moved = Signal()  # replacement_id


def tell_replacement_moved(replacement_id: int) -> None:
    """After commit, and never raising."""

    def tell():
        replacement_moved.send_robust(sender=None, replacement_id=replacement_id)

    transaction.on_commit(tell)
