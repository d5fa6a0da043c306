"""Keeping a channel's rate: every call takes its turn, whichever worker makes it, and waits until it comes.

Turns are given out by the database's clock, a call each. One that failed costs as many turns as fit into the pause
that the channel wants between failing calls.
"""

from time import sleep

from django.db import connection

from refunds.gateways.interface import Limits
from refunds.payouts.models import RefundAttempt

TAKE = """
INSERT INTO refunds_pace AS pace (name, free_at) VALUES (%(name)s, clock_timestamp() + %(cost)s * interval '1 second')
ON CONFLICT (name) DO UPDATE SET
    free_at = greatest(pace.free_at, clock_timestamp()) + %(cost)s * interval '1 second'
RETURNING greatest(0, extract(epoch FROM free_at - clock_timestamp()) - %(cost)s)
"""


def wait_for_turn(channel: str, kind: str, limits: Limits) -> None:
    """Return when this call may be made. Outside any transaction, for the row is everybody's."""
    if limits.rates:
        per_second = limits.rates.queries if kind == RefundAttempt.Kind.QUERY else limits.rates.refunds
        sleep(_take(channel, kind, seconds=1 / per_second))


def slow_down(channel: str, kind: str, limits: Limits) -> None:
    """A call has failed: the next ones wait until another failing one would be taken."""
    if limits.rates:
        _take(channel, kind, seconds=1 / limits.rates.failing)


def _take(channel: str, kind: str, *, seconds: float) -> float:
    """Use up so much of the channel's time; how long to wait, in seconds, until it begins."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"name": f"{channel} {kind}", "cost": seconds})
        return float(cursor.fetchone()[0])
