"""News of refunds, for the documents about them, and of orders, for the balances that paid them. Sweeps find the same
without it."""

from django.dispatch import receiver

from orders.signals import order_changed
from refunds.documents import services
from refunds.signals import refund_moved
from refunds.wallet.services import take_in_order
from returns_platform.kernel import clock


@receiver(refund_moved, dispatch_uid="refunds.documents.refund_moved")
def on_refund_moved(sender, refund_id: int, **kwargs) -> None:
    services.take_refund_news(refund_id, now=clock.now())


@receiver(order_changed, dispatch_uid="refunds.wallet.order_changed")
def on_order_changed(sender, order_id: int, note: str = "", **kwargs) -> None:
    take_in_order(order_id, now=clock.now())
