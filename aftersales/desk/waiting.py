"""Money that waits too long for its owners: what a letter to each of them says."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from orders.accounts.models import User
from refunds.matching import rules
from refunds.payouts import queries as payouts
from refunds.payouts import states
from refunds.payouts.models import Break

OLD = timedelta(days=1)  # an open difference


def late_of_owners(*, now: datetime) -> dict[User, dict]:
    """{owner: differences older than a day, refunds past their clock or promise, since when the oldest waits}."""
    found: dict[int, dict] = {}
    old = Break.objects.filter(closed_at=None, opened_at__lte=now - OLD)
    late = Q(due_at__lte=now) | Q(refund__state__in=states.ON_ITS_WAY, refund__promised_by__lt=now)
    for name, rows in (("breaks", old), ("refunds", payouts.open_exceptions().filter(late))):
        for owner, count, since in _by_owner(rows):
            told = found.setdefault(owner, {"breaks": 0, "refunds": 0, "since": since.isoformat()})
            told[name], told["since"] = count, min(told["since"], since.isoformat())
    people = User.objects.filter(is_active=True).in_bulk(found)
    return {person: found[key] for key, person in people.items()}


def _by_owner(rows: QuerySet) -> list[tuple]:
    mine = rows.filter(owner__isnull=False).order_by()
    return list(mine.values_list("owner").annotate(count=Count("pk"), since=Min("opened_at")))


def wrong_sums() -> QuerySet[Break]:
    """Open differences in the sum itself: they are told at once."""
    found = Break.objects.filter(
        closed_at=None, kind__in=rules.WRONG_SUMS, owner__isnull=False, owner__is_active=True
    )
    return found.select_related("owner").order_by("pk")


def told(found: Break) -> dict:
    return {
        "refund_no": found.number, "amount": found.amount, "currency": found.currency, "channel": found.source,
        "break_kind": found.kind,
    }  # fmt: skip
