"""What the workers would do, at a time that is handed in: the same services that their tasks call."""

from collections.abc import Callable, Iterable
from datetime import datetime

from aftersales.notifications.sending import send_due_notices
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import deadlines, following, news
from logistics.parcels import services as parcels
from logistics.tracking import services as tracking
from refunds.documents.services import write_due_vouchers
from refunds.payouts import services as payout
from refunds.payouts.models import Refund, WebhookDelivery


def follow_cases(now: datetime) -> None:
    while following.follow_due_cases(now=now):
        pass


def sweep_deadlines(now: datetime) -> None:
    deadlines.sweep_deadlines(now=now)
    news.catch_up(now=now)


def look_after_money(now: datetime) -> None:
    """Exceptions get their owners and clocks, and what arrived its voucher."""
    payout.look_after_exceptions(now)
    payout.carry_out_routes(now)
    write_due_vouchers(now=now)


def send_notices(now: datetime) -> None:
    send_due_notices(now=now)


ALL: tuple[Callable[[datetime], object], ...] = (
    follow_cases,
    payout.pay_due_refunds,
    payout.take_in_channel_news,
    parcels.book_due_parcels,
    tracking.take_in_courier_news,
    tracking.poll_due_parcels,
    sweep_deadlines,
    look_after_money,
)


def look_at_everything(now: datetime) -> None:
    for look in ALL:
        look(now)


def anything_due(order_ids: Iterable[int]) -> bool:
    """Whether a case or a message of a channel still waits for a worker."""
    cases = ReturnRequest.objects.filter(order__in=list(order_ids), next_try_at__isnull=False)
    moving = Refund.objects.filter(order__in=list(order_ids), state="manual", next_try_at__isnull=False)
    return cases.exists() or moving.exists() or WebhookDelivery.objects.filter(next_try_at__isnull=False).exists()
