"""Reading what stands of a customer."""

from datetime import datetime

from aftersales.credit.models import Standing
from aftersales.credit.rules import Known
from orders.customers.models import Customer


def known(customer: Customer, *, now: datetime) -> Known:
    """For judging. No query where the customer was read with `standing`; a customer without one is new."""
    try:
        return customer.standing.known_at(now)
    except Standing.DoesNotExist:
        return Known()
