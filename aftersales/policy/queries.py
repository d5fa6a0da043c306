"""The policy that holds for a purchase, compiled: a version of the platform and a version of the shop's clauses.

Published versions never change, so what is compiled is kept by each process for as long as it lives; only which
versions were in force is asked again, in one statement.
"""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from time import monotonic

from django.db.models import BigIntegerField, F, Q, QuerySet, Value

from .clause_models import ClauseRow, ClauseVersion
from .clauses import NO_CLAUSES, Clause, Clauses
from .conditions import compiled_rule
from .models import OffDay, PolicyVersion
from .rules import Policy, Terms
from .windows import OffDays, Window

OFF_DAYS_KEPT_S = 60
_PUBLISHED = Q(state=PolicyVersion.State.PUBLISHED)
_PLATFORM = 0  # the place of a merchant's key in the schedule

# --- what holds -------------------------------------------------------------------------------------------


def in_force(at: datetime, merchant_id: int | None = None) -> Policy:
    """What holds for a purchase made at that time in that shop; without a shop the platform's policy alone.

    The first version of the platform holds for anything older.
    """
    schedule = _schedule({merchant_id} - {None})
    return _effective(_key(schedule[_PLATFORM], at, oldest=True), _key(schedule.get(merchant_id, ()), at))


def in_force_each(orders: Iterable) -> dict[int, Policy]:
    """{order key: what holds for it}, for many orders in one statement. Each has pk, placed_at and merchant_id."""
    orders = list(orders)
    schedule = _schedule({order.merchant_id for order in orders})
    return {
        order.pk: _effective(
            _key(schedule[_PLATFORM], order.placed_at, oldest=True),
            _key(schedule.get(order.merchant_id, ()), order.placed_at),
        )
        for order in orders
    }


def of_case(case) -> Policy:
    """What a case is judged by: it keeps both versions. case: has policy_version and clauses_id."""
    return _effective(_key_of(case.policy_version), case.clauses_id)


def terms_of(case) -> Terms:
    """The figures that are no rule, as the case's shop betters them."""
    return of_case(case).terms


def clauses_in_force(at: datetime, merchant_id: int) -> ClauseVersion | None:
    return _published_clauses(merchant_id).filter(starts_at__lte=at).order_by("-starts_at", "-number").first()


def by_number(number: int) -> Policy:
    """A published version of the platform alone. Raises PolicyVersion.DoesNotExist."""
    return _platform(_key_of(number))


# --- any version, drafts too ------------------------------------------------------------------------------


def effective(version: PolicyVersion, clauses: ClauseVersion | None = None) -> Policy:
    """The policy of these two versions as they stand now, drafts too. Raises Invalid for what cannot work."""
    return compiled_version(version).with_clauses(compiled_clauses(clauses) if clauses else NO_CLAUSES)


def compiled_version(version: PolicyVersion) -> Policy:
    """The platform's version as rules read it, a draft too. Raises Invalid for a condition that cannot work."""
    return Policy(
        number=version.number,
        starts_at=version.starts_at,
        windows=tuple(_window(row) for row in version.windows.all()),
        rules=tuple(
            compiled_rule(row.name, row.effect, row.code, row.conditions, row.who, row.asks)
            for row in version.rules.all()
        ),
        terms=Terms(**{field.name: getattr(version, field.name) for field in fields(Terms)}),
    )


def compiled_clauses(version: ClauseVersion) -> Clauses:
    """A shop's clauses as rules read them, a draft too."""
    rows = tuple(clause(row) for row in version.rows.all())
    return Clauses(version.number, version.starts_at, rows, key=version.pk)


def clause(row: ClauseRow) -> Clause:
    return Clause(
        gives=row.gives,
        basis=row.basis,
        category=row.category,
        sku=row.sku,
        reason=row.reason,
        length=row.length or 0,
        unit=row.unit or "days",
        limit=row.limit or 0,
        evidence=row.evidence,
        term=row.term,
        row=row.pk,
    )


# --- off days ---------------------------------------------------------------------------------------------


def off_days() -> OffDays:
    """The off days that staff added; a change is seen by every process within a minute."""
    return _off_days(int(monotonic() // OFF_DAYS_KEPT_S))


@lru_cache(maxsize=2)
def _off_days(_minute: int) -> OffDays:
    return off_days_now()


def off_days_now() -> OffDays:
    return OffDays(dict(OffDay.objects.values_list("date", "is_off")))


# --- kept by the process ----------------------------------------------------------------------------------


def _schedule(merchant_ids: set[int]) -> dict[int, list[tuple[datetime, int]]]:
    """{merchant key, _PLATFORM for the platform: [(start, version key), the latest first]}, in one statement."""
    columns = ("owner", "starts_at", "number", "pk")
    platform = PolicyVersion.objects.filter(_PUBLISHED).annotate(owner=Value(_PLATFORM, BigIntegerField()))
    rows = platform.order_by().values_list(*columns)
    if merchant_ids:
        shops = ClauseVersion.objects.filter(_PUBLISHED, merchant_id__in=merchant_ids)
        owned = shops.annotate(owner=F("merchant_id")).order_by().values_list(*columns)
        rows = rows.union(owned, all=True)
    found: dict[int, list[tuple[datetime, int]]] = {}
    for owner, starts_at, _number, key in sorted(rows, key=lambda row: (row[1], row[2]), reverse=True):
        found.setdefault(owner, []).append((starts_at, key))
    return found


def _key(starts: Iterable[tuple[datetime, int]], at: datetime, *, oldest: bool = False) -> int | None:
    starts = list(starts)
    found = next((key for start, key in starts if start <= at), None)
    return starts[-1][1] if found is None and oldest else found


def _published_clauses(merchant_id: int) -> QuerySet[ClauseVersion]:
    return ClauseVersion.objects.filter(_PUBLISHED, merchant_id=merchant_id)


@lru_cache(maxsize=64)
def _key_of(number: int) -> int:
    published = PolicyVersion.objects.exclude(state=PolicyVersion.State.DRAFT)
    return published.values_list("pk", flat=True).get(number=number)


@lru_cache(maxsize=64)
def _platform(key: int) -> Policy:
    return compiled_version(PolicyVersion.objects.get(pk=key))


@lru_cache(maxsize=4096)
def _clauses(key: int) -> Clauses:
    return compiled_clauses(ClauseVersion.objects.get(pk=key))


@lru_cache(maxsize=4096)
def _effective(key: int, clauses_key: int | None) -> Policy:
    platform = _platform(key)
    return platform if clauses_key is None else platform.with_clauses(_clauses(clauses_key))


def _window(row) -> Window:
    return Window(row.basis, row.category, row.reason, row.length or 0, row.unit, row.excluded)
