"""New rules as news (S27): which version is to be told, to whom, and what of it. Writing is the services'."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from aftersales.notifications.models import Notice
from aftersales.policy import queries as policies
from aftersales.policy.clause_models import ClauseVersion
from aftersales.policy.models import PolicyVersion
from orders.customers.models import Customer
from orders.purchases import states
from orders.visitors.queries import Viewer

EVENT = "policy_new"
LATE = timedelta(days=7)  # what started earlier is no news any more
_ROLLS = timedelta(days=10)  # a last day that is an off day moves on by less


def to_announce(*, now: datetime) -> PolicyVersion | ClauseVersion | None:
    """A version that started and of which not everybody was told yet; the shops' first."""
    started = Q(state="published", starts_at__lte=now, starts_at__gt=now - LATE)
    waiting = Q(announcement=None) | Q(announcement__done_at=None)
    for kind in (ClauseVersion, PolicyVersion):
        if found := kind.objects.filter(started, waiting).order_by("starts_at", "pk").first():
            return found
    return None


def concerned(version: PolicyVersion | ClauseVersion, *, now: datetime) -> QuerySet[Customer]:
    """Who bought something whose time to return it still runs: in the shop of the clauses, or anywhere."""
    clauses = version if isinstance(version, ClauseVersion) else None
    since = now - _longest(clauses, now=now)
    still = Q(orders__shipments=None) | Q(orders__shipments__window_from=None)
    still |= Q(orders__shipments__window_from__gt=since)
    found = Customer.objects.filter(still, orders__state__in=states.OPEN_FOR_AFTER_SALE).filter(
        orders__placed_at__gt=now - timedelta(days=365)
    )
    if clauses is not None:
        found = found.filter(merchant_id=clauses.merchant_id)
    return Customer.objects.filter(pk__in=found.values("pk")).select_related("user", "merchant")


def _longest(clauses: ClauseVersion | None, *, now: datetime) -> timedelta:
    holds = policies.in_force(now, clauses.merchant_id if clauses else None)
    rows = [row for row in holds.clauses.rows if row.gives in ("window", "open")]
    hours = [window.least_hours for window in holds.windows]
    hours += [row.length * (24 if row.unit == "days" else 1) for row in rows]
    return timedelta(hours=max(hours, default=0)) + _ROLLS


def occasion(version: PolicyVersion | ClauseVersion) -> str:
    return f"c{version.pk}" if isinstance(version, ClauseVersion) else f"p{version.pk}"


def params_of(version: PolicyVersion | ClauseVersion, customer: Customer) -> dict:
    """The facts that the notice is made of."""
    clauses = version if isinstance(version, ClauseVersion) else None
    shop = customer.merchant
    rows = policies.compiled_clauses(clauses).rows if clauses else ()
    return {
        "shop": shop.name, "shop_en": shop.name_en or shop.name, "shop_code": shop.code, "zone": shop.zone,
        "currency": shop.currency, "at": version.starts_at.isoformat(), "version": version.number,
        "note": version.note if clauses else "", "clauses": [asdict(row) for row in rows],
        "of_platform": clauses is None,
    }  # fmt: skip


def unread_news(seen_by: Viewer) -> QuerySet[Notice]:
    """What an account was told of new rules and has not put away yet."""
    if not seen_by.user:
        return Notice.objects.none()
    lines = Notice.objects.filter(channel=Notice.Channel.INBOX, customer__user=seen_by.user)
    return lines.filter(event=EVENT, read_at=None).order_by("-created_at", "-pk")
