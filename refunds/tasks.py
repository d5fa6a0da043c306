"""What beat and nudges ask of a worker. A message says only "look at what is due"."""

from concurrent.futures import ThreadPoolExecutor

from celery import shared_task
from django.db import close_old_connections, connection

from orders.accounts.services import beat
from refunds.payouts import services
from returns_platform.kernel.clock import now

AT_ONCE = 4  # a channel that hangs for its ten seconds must not hold up the other refunds
AT_MOST = 100


@shared_task(name="refunds.pay_due_refunds")
def pay_due_refunds() -> None:
    beat("refunds.pay_due_refunds", now=now())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for thread in [pool.submit(_pay) for _ in range(AT_ONCE)]:
            thread.result()


def _pay() -> None:
    """Each step with the time it begins at: an earlier one may have waited for its channel."""
    close_old_connections()
    try:
        for _ in range(AT_MOST):
            if not services.pay_next_refund(now=now()):
                break
    finally:
        connection.close()


@shared_task(name="refunds.take_in_channel_news")
def take_in_channel_news() -> None:
    beat("refunds.take_in_channel_news", now=now())
    services.take_in_channel_news(now())
