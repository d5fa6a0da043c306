"""What workers do for orders: send one-time codes, and forget them a day later."""

from celery import shared_task

from orders.accounts import services
from returns_platform.kernel import clock


@shared_task(name="orders.send_due_codes")
def send_due_codes():
    now = clock.now()
    services.send_due_codes(now=now)
    services.beat("orders.send_due_codes", now=now)


@shared_task(name="orders.forget_old_doors")
def forget_old_doors():
    now = clock.now()
    services.forget_old_doors(now=now)
    services.beat("orders.forget_old_doors", now=now)
