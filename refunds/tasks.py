"""What beat and nudges ask of a worker. A message says only "look at what is due"."""

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from threading import BoundedSemaphore

from celery import shared_task
from django.db import connection

from orders.accounts.services import beat
from refunds.payouts import queries, services
from returns_platform.kernel.clock import now

log = logging.getLogger(__name__)

AT_ONCE = 8  # calls under way in one process: a channel that hangs must not hold up the other refunds
WAIT_S = 2.0  # then the process is free for other work, while calls that hang end in their own threads

free_payers = BoundedSemaphore(AT_ONCE)


@shared_task(name="refunds.pay_due_refunds")
def pay_due_refunds() -> None:
    beat("refunds.pay_due_refunds", now=now())
    wanted = queries.due_refunds(now())[:AT_ONCE].count()
    wait([payers().submit(_pay) for _ in range(wanted) if free_payers.acquire(blocking=False)], timeout=WAIT_S)


@cache
def payers() -> ThreadPoolExecutor:
    """Made at the first use, which is in the process that works and not in the one it was forked from."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="payer")


def _pay() -> None:
    """Each step with the time it begins at: an earlier one may have waited for its channel."""
    try:
        while services.pay_next_refund(now=now()):
            pass
    except Exception:
        log.exception("a payer stopped; the next sweep goes on")
    finally:
        connection.close()
        free_payers.release()


@shared_task(name="refunds.take_in_channel_news")
def take_in_channel_news() -> None:
    beat("refunds.take_in_channel_news", now=now())
    services.take_in_channel_news(now())
