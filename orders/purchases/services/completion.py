"""Orders that are over: signed for long enough that nobody waits for anything any more."""

from datetime import datetime, timedelta

from django.db.models import Max

from orders.purchases import states
from orders.purchases.models import Order
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.fsm import moving

COMPLETE_AFTER = timedelta(days=15)  # after the last signature; after-sales stay open to a completed order


def complete_signed_orders(*, now: datetime, limit: int = 500) -> int:
    """Complete what was signed for long ago; how many. A later call does the rest."""
    last_signature = Max("shipments__window_from")
    signed = Order.objects.filter(state=states.SIGNED).annotate(last_signature=last_signature)
    done = 0
    for pk in signed.filter(last_signature__lt=now - COMPLETE_AFTER).values_list("pk", flat=True)[:limit]:
        with moving(Order, pk, by=SYSTEM, now=now, note="signed_long_ago") as order:
            if order.state == states.SIGNED:
                order.complete()
                done += 1
    return done
