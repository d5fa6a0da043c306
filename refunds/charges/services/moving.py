"""One way to change a charge: lock, move, save, and tell the apps above after commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from refunds.charges.models import Charge
from refunds.signals import charge_moved
from returns_platform.kernel import nudge
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import moving


@contextmanager
def moving_charge(pk: int, *, by: Actor, now: datetime, note: str = "") -> Iterator[Charge]:
    with moving(Charge, pk, by=by, now=now, note=note) as charge:
        yield charge
    transaction.on_commit(lambda: charge_moved.send_robust(sender=None, charge_id=pk))


def due(charge: Charge, *, at: datetime) -> None:
    """A worker shall look at it then. The caller saves."""
    charge.next_try_at, charge.claimed_until, charge.tries, charge.last_error = at, None, 0, ""
    nudge.after_commit("refunds.follow_charges")
