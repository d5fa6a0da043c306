"""One way to move a refund: locked, its history written, its exception kept up, news told after commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from orders.purchases.models import Payment
from refunds.payouts.models import Refund
from refunds.payouts.services.exceptions import keep_up
from refunds.signals import refund_moved
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import moving
from returns_platform.kernel.nudge import after_commit


@contextmanager
def moving_refund(
    refund_id: int, *, by: Actor, now: datetime, note: str = "", data: dict | None = None
) -> Iterator[Refund]:
    """Lock the refund, yield it, save it with its moves, tell whoever listens. Its payment's money stays as it is."""
    with transaction.atomic():
        with moving(Refund, refund_id, by=by, now=now, note=note, data=data) as refund:
            before = refund.state, refund.problem
            yield refund
        if (refund.state, refund.problem) != before:
            keep_up(refund, by=by, now=now)
        if refund.state != before[0]:
            tell(refund)


@contextmanager
def moving_refund_and_payment(
    refund_id: int, *, by: Actor, now: datetime, note: str = "", data: dict | None = None
) -> Iterator[Refund]:
    """The same where the move may give the money back to the payment, which is locked first."""
    with transaction.atomic():
        lock_payments(Refund.objects.filter(pk=refund_id))
        with moving_refund(refund_id, by=by, now=now, note=note, data=data) as refund:
            yield refund


def lock_payments(refunds) -> None:
    """Payments before refunds, in the order of their keys: whoever opens or releases does the same."""
    payments = Payment.objects.filter(pk__in=refunds.values("payment_id")).order_by("pk")
    list(payments.select_for_update(no_key=True).values_list("pk"))


def tell(refund: Refund) -> None:
    """After commit; an error of a listener is logged and never reaches the money."""
    refund_id = refund.pk

    def send():
        refund_moved.send_robust(sender=Refund, refund_id=refund_id)

    transaction.on_commit(send)


def wake_the_payer() -> None:
    after_commit("refunds.pay_due_refunds")


def wake_the_reader() -> None:
    after_commit("refunds.take_in_channel_news")


def channel_actor(channel: str) -> Actor:
    return Actor("channel", id=channel, name=channel)
