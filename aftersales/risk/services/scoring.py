"""The sweep that keeps every customer's score in step with what happened."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from aftersales.credit import rules
from aftersales.credit.models import Standing
from aftersales.credit.services import keep_score, look_again
from aftersales.risk.queries import history_of, moved_since
from aftersales.risk.services.measures import propose_by_signals
from aftersales.risk.services.signals import find_signals
from orders.accounts.models import Heartbeat
from returns_platform.kernel import work

log = logging.getLogger(__name__)
LOOK_BACK = timedelta(minutes=15)
DAILY = timedelta(days=1)
BEAT = "look_at_credit"


def look_at_credit(*, now: datetime, limit: int = 200) -> int:
    """Look again at customers whose cases moved since the last sweep, and at those whose time it is."""
    last = Heartbeat.objects.filter(name=BEAT).values_list("at", flat=True).first()
    look_again(moved_since((last or now - DAILY) - LOOK_BACK), now=now)
    due = work.claim_due(Standing, now=now, limit=limit)
    for standing in due:
        try:
            score_again(standing.pk, now=now)
        except Exception as fault:
            log.exception("the credit of customer %s could not be worked out", standing.customer_id)
            _try_later(standing.pk, repr(fault), now=now)
    return len(due)


@transaction.atomic
def score_again(pk: int, *, now: datetime) -> Standing:
    """Read the history and keep what the rules say of it; looked at daily while anything in it can grow old."""
    standing = Standing.objects.select_for_update(of=("self",)).select_related("customer__merchant").get(pk=pk)
    signals = find_signals(standing.customer, now=now)
    propose_by_signals(standing.customer, now=now)
    history = history_of([standing.customer], signals=signals, now=now)
    lives = bool(signals or history.units_returned or history.requests or history.contradicted or history.confirmed)
    keep_score(standing, history, rules.score(history), again_at=now + DAILY if lives else None, now=now)
    return standing


@transaction.atomic
def _try_later(pk: int, error: str, *, now: datetime) -> None:
    """Nobody waits for it: the last score stands, and the next day or the next case asks again."""
    standing = Standing.objects.select_for_update().get(pk=pk)
    if not work.retry_later(standing, now=now, error=error):
        work.due_again(standing, at=now + DAILY, error=error)
    standing.save()
