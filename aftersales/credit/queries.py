"""Reading what stands of a customer."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from aftersales.credit.models import Standing
from aftersales.credit.rules import Known, Reason, that_count
from orders.customers.models import Customer

MEASURES = ("reviewed_until", "limited_until", "limit", "limit_currency", "blocked_until", "deposit_until")


def known(customer: Customer, *, elsewhere: Iterable[Standing] | None = None, now: datetime) -> Known:
    """For judging: the score of this customer, and the measures about their account at whatever shop.

    elsewhere: as `read_elsewhere` gave it; asked for where it is left out. No query where that is given and the
    customer was read with `standing`. A customer without a row is new.
    """
    own = getattr(customer, "standing", None)
    others = _elsewhere(customer) if elsewhere is None else elsewhere
    rows = [row for row in (own, *others) if row is not None]
    measures = that_count(held for row in rows for held in row.measures_at(now))
    if own is None:
        return Known(measures=measures)
    return Known(own.score, own.level, tuple(Reason(**reason) for reason in own.reasons), measures)


def of_account() -> ArraySubquery:
    """What stands of an order's customer at other shops, read with the order, so that it costs no statement."""
    same = Q(customer__user=OuterRef("customer__user")) & ~Q(customer=OuterRef("customer"))
    told = JSONObject(**{name: name for name in MEASURES})
    return ArraySubquery(Standing.objects.filter(same).order_by("pk").values(told=told))


def read_elsewhere(told: Iterable[dict]) -> tuple[Standing, ...]:
    """told: of `of_account`."""
    return tuple(Standing(**{name: _read(name, value) for name, value in row.items()}) for row in told)


def _read(name: str, value):
    return datetime.fromisoformat(value) if value and name.endswith("_until") else value


def _elsewhere(customer: Customer) -> Iterable[Standing]:
    """The same account at other shops, also where it has joined one only since."""
    if customer.user_id is None:
        return ()
    return Standing.objects.filter(customer__user=customer.user_id).exclude(customer=customer).order_by("pk")
