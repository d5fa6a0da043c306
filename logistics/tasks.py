"""The workers' door: look at what is due. Each also runs from beat, which finds what no message announced."""

from datetime import timedelta

from celery import shared_task

from logistics.parcels import services as parcels
from logistics.tracking import services as tracking
from orders.accounts.services import beat
from returns_platform.kernel import clock

LONGEST_RUN = timedelta(seconds=60)


@shared_task(name="logistics.book_due_parcels")
def book_due_parcels() -> None:
    _work("logistics.book_due_parcels", parcels.book_due_parcels)


@shared_task(name="logistics.poll_due_parcels")
def poll_due_parcels() -> None:
    _work("logistics.poll_due_parcels", tracking.poll_due_parcels)


@shared_task(name="logistics.take_in_courier_news")
def take_in_courier_news() -> None:
    _work("logistics.take_in_courier_news", tracking.take_in_courier_news)


def _work(name: str, look_at_due) -> None:
    """One row at a time, each with its own `now`: a call may take ten seconds, and the lease counts from it."""
    beat(name, now=clock.now())
    until = clock.now() + LONGEST_RUN
    while (now := clock.now()) < until and look_at_due(now, limit=1):
        pass
