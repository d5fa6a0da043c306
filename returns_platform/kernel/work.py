"""Rows that mean work: due, claimed under a lease, tried again, or with a person.

The row is the queue entry. A message only says "look at what is due", and a sweep finds due rows without it.
"""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q

LEASE = timedelta(seconds=30)
RETRY_MINUTES = (1, 5, 10, 20, 30)


class Work(models.Model):
    """A row that somebody has to act on. `next_try_at` empty means nothing is due."""

    next_try_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.PositiveIntegerField(default=0)  # grows with each claim: a late writer is recognised by it
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class LostClaim(Exception):
    """Somebody else took the row over while this worker was away: its result must not be written."""


def due_rows(rows, *, now: datetime):
    """Of a model or queryset, what a worker could claim now."""
    queryset = rows.objects.all() if isinstance(rows, type) else rows
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return queryset.filter(free, next_try_at__lte=now)


def claim_due(rows, *, now: datetime, limit: int = 20, lease: timedelta = LEASE) -> list:
    """Take up to `limit` due rows of a model or queryset, so that no other worker takes them during the lease."""
    with transaction.atomic():
        due = due_rows(rows, now=now).order_by("next_try_at", "pk")
        taken = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        if not taken:
            return []
        due.model.objects.filter(pk__in=[row.pk for row in taken]).update(
            claimed_until=now + lease, claim=F("claim") + 1
        )
    for row in taken:
        row.claim += 1
        row.claimed_until = now + lease
    return taken


def must_be_mine(locked: Work, claimed: Work) -> None:
    """Compare the freshly locked row with the one this worker claimed; raises LostClaim when overtaken."""
    if locked.claim != claimed.claim:
        raise LostClaim(f"{type(locked).__name__} {locked.pk}")


def done(row: Work) -> None:
    """Nothing more is due. The caller saves."""
    row.next_try_at = row.claimed_until = None
    row.last_error = ""


def due_again(row: Work, *, at: datetime, error: str = "") -> None:
    """Due once more at `at`, without counting a try. The caller saves."""
    row.next_try_at, row.claimed_until, row.last_error = at, None, error[:300]


def retry_later(row: Work, *, now: datetime, minutes: tuple[int, ...] = RETRY_MINUTES, error: str = "") -> bool:
    """Count a failed try and set the next one; False when the ladder is exhausted and a person must look.

    The caller saves.
    """
    row.claimed_until, row.last_error = None, error[:300]
    exhausted = row.tries >= len(minutes)
    row.next_try_at = None if exhausted else now + timedelta(minutes=minutes[row.tries])
    row.tries += 1
    return not exhausted
