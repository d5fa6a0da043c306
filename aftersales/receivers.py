"""News from below: the fact is committed there already; here one service is called. A sweep calls the same."""

from django.dispatch import receiver

from aftersales.desk import services as desk
from aftersales.replacements.signals import replacement_moved
from aftersales.returns.services import news
from logistics.signals import parcel_moved
from orders.signals import order_changed
from refunds.signals import charge_moved, exception_assigned, refund_moved
from returns_platform.kernel import clock


@receiver(parcel_moved, dispatch_uid="aftersales.parcel_moved")
def on_parcel_moved(sender, parcel_id: int, **kwargs) -> None:
    news.take_parcel_news(parcel_id, now=clock.now())


@receiver(replacement_moved, dispatch_uid="aftersales.replacement_moved")
def on_replacement_moved(sender, replacement_id: int, **kwargs) -> None:
    news.take_replacement_news(replacement_id, now=clock.now())


@receiver(refund_moved, dispatch_uid="aftersales.refund_moved")
def on_refund_moved(sender, refund_id: int, **kwargs) -> None:
    news.take_refund_news(refund_id, now=clock.now())


@receiver(charge_moved, dispatch_uid="aftersales.charge_moved")
def on_charge_moved(sender, charge_id: int, **kwargs) -> None:
    news.take_charge_news(charge_id, now=clock.now())


@receiver(exception_assigned, dispatch_uid="aftersales.exception_assigned")
def on_exception_assigned(sender, exception_id: int, **kwargs) -> None:
    desk.tell_owner(exception_id, now=clock.now())


@receiver(order_changed, dispatch_uid="aftersales.order_changed")
def on_order_changed(sender, order_id: int, note: str = "", **kwargs) -> None:
    news.take_order_news(order_id, note, now=clock.now())
