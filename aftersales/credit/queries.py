"""Reading what stands of a customer."""

from collections.abc import Iterable
from datetime import datetime

from aftersales.credit.models import Standing
from aftersales.credit.rules import Known, Reason, that_count
from orders.customers.models import Customer


def known(customer: Customer, *, now: datetime) -> Known:
    """For judging: the score of this customer, and the measures about their account at whatever shop.

    No query where the customer was read with `standing` and has no account. A customer without a row is new.
    """
    own = getattr(customer, "standing", None)
    rows = [row for row in (own, *_elsewhere(customer)) if row is not None]
    measures = that_count(held for row in rows for held in row.measures_at(now))
    if own is None:
        return Known(measures=measures)
    return Known(own.score, own.level, tuple(Reason(**reason) for reason in own.reasons), measures)


def _elsewhere(customer: Customer) -> Iterable[Standing]:
    """The same account at other shops, also where it has joined one only since."""
    if customer.user_id is None:
        return ()
    return Standing.objects.filter(customer__user=customer.user_id).exclude(customer=customer).order_by("pk")
