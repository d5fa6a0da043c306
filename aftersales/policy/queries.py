"""The policy in force, compiled, and what it needs from the database."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from time import monotonic

from .conditions import compiled_rule
from .models import OffDay, PolicyVersion
from .rules import Policy, Terms
from .windows import OffDays, Window

OFF_DAYS_KEPT_S = 60


def in_force(at: datetime) -> Policy:
    """The version that holds for a purchase made at that time; the first one for anything older."""
    published = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED)
    key = published.filter(starts_at__lte=at).order_by("-starts_at", "-number").values_list("pk", flat=True).first()
    return _kept(key or published.order_by("starts_at", "number").values_list("pk", flat=True)[0])


def in_force_each(times: Iterable[datetime]) -> dict[datetime, Policy]:
    """As `in_force` for many purchases at once, in one query."""
    published = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED)
    starts = list(published.order_by("-starts_at", "-number").values_list("starts_at", "pk"))
    oldest = starts[-1][1]
    return {at: _kept(next((key for start, key in starts if start <= at), oldest)) for at in set(times)}


@lru_cache(maxsize=64)
def by_number(number: int) -> Policy:
    """A published version, for a case that keeps its number. Raises PolicyVersion.DoesNotExist."""
    published = PolicyVersion.objects.exclude(state=PolicyVersion.State.DRAFT)
    return _kept(published.values_list("pk", flat=True).get(number=number))


def terms(number: int) -> Terms:
    return by_number(number).terms


def off_days() -> OffDays:
    """The off days that staff added; a change is seen by every process within a minute."""
    return _off_days(int(monotonic() // OFF_DAYS_KEPT_S))


@lru_cache(maxsize=2)
def _off_days(_minute: int) -> OffDays:
    return off_days_now()


def off_days_now() -> OffDays:
    return OffDays(dict(OffDay.objects.values_list("date", "is_off")))


def compiled_version(version: PolicyVersion) -> Policy:
    """The version as rules read it, a draft too. Raises Invalid for a condition that cannot work."""
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


@lru_cache(maxsize=64)
def _kept(key: int) -> Policy:
    # A published version never changes, so a process may keep it for as long as it lives.
    return compiled_version(PolicyVersion.objects.get(pk=key))


def _window(row) -> Window:
    return Window(row.basis, row.category, row.reason, row.length or 0, row.unit, row.excluded)
