"""The workers' door: look at what is due. Each also runs from beat, which finds what no message announced."""

from collections.abc import Callable
from datetime import datetime

from celery import shared_task

from logistics.couriers.models import CourierPush
from logistics.parcels import queries
from logistics.parcels import services as parcels
from logistics.tracking import services as tracking
from orders.accounts.services import beat
from returns_platform.kernel import clock, work
from returns_platform.kernel.aside import Aside

callers = Aside("courier")


@shared_task(name="logistics.book_due_parcels")
def book_due_parcels() -> None:
    _call("logistics.book_due_parcels", parcels.book_due_parcels, rows=queries.to_book_or_call_off())


@shared_task(name="logistics.poll_due_parcels")
def poll_due_parcels() -> None:
    _call("logistics.poll_due_parcels", tracking.poll_due_parcels, rows=queries.to_ask_after())


@shared_task(name="logistics.take_in_courier_news")
def take_in_courier_news() -> None:
    _call("logistics.take_in_courier_news", tracking.take_in_courier_news, rows=CourierPush)


def _call(name: str, look_at_due: Callable[..., int], *, rows) -> None:
    """One row at a time, each with its own `now`: a call may take ten seconds, and the lease counts from it."""
    now: datetime = clock.now()
    beat(name, now=now)
    wanted = work.due_rows(rows, now=now)[: callers.at_once].count()
    callers.work_off(lambda: look_at_due(clock.now(), limit=1), wanted=wanted)
