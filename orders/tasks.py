"""What workers do for orders: send one-time codes, complete orders, forget what has had its time."""

from celery import shared_task

from orders.accounts import services
from orders.merchants.services import forget_kept_answers
from orders.purchases.services import completion
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
    forget_kept_answers(now=now)
    services.beat("orders.forget_old_doors", now=now)


@shared_task(name="orders.complete_signed_orders")
def complete_signed_orders():
    now = clock.now()
    completion.complete_signed_orders(now=now)
    services.beat("orders.complete_signed_orders", now=now)
