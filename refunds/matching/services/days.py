"""Each day of each channel: opened when it is over, fetched once the channel has its bill, matched, done.

The row is the work. A bill that is not ready is asked for again until it comes, however long that takes.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from refunds import gateways
from refunds.gateways.interface import GatewayDown, GatewayRefused, StatementNotReady, StatementUnreadable
from refunds.matching import queries, rules
from refunds.matching.models import StatementDay
from refunds.matching.services.importing import import_statement, note_unreadable
from refunds.matching.services.matching import match_day
from returns_platform.kernel import work
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.work import LostClaim

log = logging.getLogger(__name__)

FIRST_DAYS = 7  # how far back the first look of all goes
LEASE = timedelta(minutes=5)  # a bill is fetched within one, and matched within one
SOON, AT_FIRST = timedelta(minutes=2), 3  # some channels make a bill once they are asked for it
ASK_AGAIN = {"not_ready": timedelta(minutes=30), "down": timedelta(minutes=10), "unreadable": timedelta(hours=1)}


def open_days(*, now: datetime) -> int:
    """One row per channel and day that is over; days missed while nobody looked are opened too."""
    opened = []
    for channel in queries.channels():
        last = StatementDay.objects.filter(channel=channel, next_try_at__isnull=False).aggregate(last=Max("day"))
        done = StatementDay.objects.filter(channel=channel, file__isnull=False).aggregate(last=Max("day"))
        known = [found["last"] for found in (last, done) if found["last"]]
        days = rules.days_to_open(
            last=max(known, default=None), today=rules.day_of(channel, now), first_ever=FIRST_DAYS
        )
        for day in days:
            ready = max(rules.ready_at(channel, day), now)  # one opened afterwards is not late yet
            opened.append(StatementDay(channel=channel, day=day, due_from=ready, next_try_at=ready))
    StatementDay.objects.bulk_create(opened, ignore_conflicts=True)
    return len(opened)


def take_next_day(*, now: datetime) -> bool:
    """Claim the day that is due longest and take it one step further. False when none is due."""
    claimed = work.claim_due(StatementDay, now=now, limit=1, lease=LEASE)
    if not claimed:
        return False
    try:
        _take_further(claimed[0], now=now)
    except LostClaim:
        log.warning("%s was taken over by another worker", claimed[0])
    except Exception as error:
        log.exception("%s could not be taken further", claimed[0])
        _again(claimed[0], at=now + ASK_AGAIN["down"], error=repr(error))
    return True


def _take_further(claimed: StatementDay, *, now: datetime) -> None:
    if claimed.file_id is None and not _fetch(claimed, now=now):
        return
    day = StatementDay.objects.get(pk=claimed.pk)
    match_day(day, now=now)
    with transaction.atomic():
        locked = StatementDay.objects.select_for_update(of=("self",)).get(pk=claimed.pk)
        if locked.file_id != day.file_id:
            return  # another revision came meanwhile, and is due
        locked.matched_at = now
        work.done(locked)
        locked.save()


def _fetch(claimed: StatementDay, *, now: datetime) -> bool:
    """Ask the channel, in no transaction; True once its bill is kept."""
    try:
        raw = gateways.of(claimed.channel).statement(claimed.day)
    except StatementNotReady as error:
        wait = SOON if claimed.tries < AT_FIRST else ASK_AGAIN["not_ready"]
        return _again(claimed, at=now + wait, error=f"not ready: {error}")
    except (GatewayDown, GatewayRefused) as error:
        return _again(claimed, at=now + ASK_AGAIN["down"], error=str(error))
    try:
        import_statement(claimed.channel, claimed.day, raw, source="nightly", by=SYSTEM, now=now)
    except StatementUnreadable as error:
        note_unreadable(claimed, raw, error, now=now)
        return _again(claimed, at=now + ASK_AGAIN["unreadable"], error=str(error))
    return True


def _again(claimed: StatementDay, *, at: datetime, error: str) -> bool:
    with transaction.atomic():
        day = StatementDay.objects.select_for_update(of=("self",)).get(pk=claimed.pk)
        if day.claim == claimed.claim:
            day.tries = min(day.tries + 1, 1000)
            work.due_again(day, at=at, error=error)
            day.save()
    return False
