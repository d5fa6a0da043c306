"""News of refunds, for the documents about them; the sweep of vouchers finds the same rows without it."""

from django.dispatch import receiver

from refunds.documents import services
from refunds.signals import refund_moved
from returns_platform.kernel import clock


@receiver(refund_moved, dispatch_uid="refunds.documents.refund_moved")
def on_refund_moved(sender, refund_id: int, **kwargs) -> None:
    services.take_refund_news(refund_id, now=clock.now())
