"""News for the apps above: a committed fact and the key of its row. A lost signal is made good by their sweep."""

from django.db import transaction
from django.dispatch import Signal

parcel_moved = Signal()  # parcel_id


def tell_parcel_moved(parcel_id: int) -> None:
    """After commit, and never raising: an error above cannot undo what happened to a parcel."""

    def tell():
        parcel_moved.send_robust(sender=None, parcel_id=parcel_id)

    transaction.on_commit(tell)
