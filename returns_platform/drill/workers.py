"""What the workers would do, at a time that is handed in: the same services that their tasks call."""

from collections.abc import Callable, Iterable
from datetime import datetime

from aftersales.desk import services as desk
from aftersales.notifications.sending import send_due_notices
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import deadlines, following, news, paying, waiting
from logistics.parcels import services as parcels
from logistics.tracking import services as tracking
from refunds.charges import services as charges
from refunds.documents.services import write_due_vouchers
from refunds.matching import services as matching
from refunds.payouts import services as payout
from refunds.payouts.models import Refund, WebhookDelivery
from refunds.wallet import services as wallet


def follow_cases(now: datetime) -> None:
    while following.follow_due_cases(now=now):
        pass


def follow_replacements(now: datetime) -> None:
    while waiting.follow_due_replacements(now=now):
        pass


def look_after_charges(now: datetime) -> None:
    charges.follow_due_charges(now)
    paying.follow_charges(now=now)


def sweep_deadlines(now: datetime) -> None:
    deadlines.sweep_deadlines(now=now)
    news.catch_up(now=now)
    desk.tell_owners(now=now)


def look_after_money(now: datetime) -> None:
    """Exceptions get their owners and clocks, and what arrived its voucher; orders take off what balances paid."""
    payout.look_after_exceptions(now)
    payout.carry_out_routes(now)
    write_due_vouchers(now=now)
    wallet.take_in_all_orders(now=now)


def match_bills(now: datetime) -> None:
    """Those that were fetched or imported; which days are over is asked by nobody here."""
    while matching.take_next_day(now=now):
        pass


def send_notices(now: datetime) -> None:
    while send_due_notices(now=now):
        pass


def look_for_missing(now: datetime) -> None:
    matching.look_for_missing(now=now)


ALL: tuple[Callable[[datetime], object], ...] = (
    follow_cases,
    follow_replacements,
    look_after_charges,
    payout.pay_due_refunds,
    payout.take_in_channel_news,
    parcels.book_due_parcels,
    tracking.take_in_courier_news,
    tracking.poll_due_parcels,
    sweep_deadlines,
    look_after_money,
    match_bills,
)


SELDOM = (look_for_missing, send_notices)  # now and then, and at the end: they say things, and move no money


def look_at_everything(now: datetime, *, seldom: bool = False) -> None:
    for look in (*ALL, *SELDOM) if seldom else ALL:
        look(now)


def anything_due(order_ids: Iterable[int]) -> bool:
    """Whether a case or a message of a channel still waits for a worker."""
    cases = ReturnRequest.objects.filter(order__in=list(order_ids), next_try_at__isnull=False)
    moving = Refund.objects.filter(order__in=list(order_ids), state="manual", next_try_at__isnull=False)
    return cases.exists() or moving.exists() or WebhookDelivery.objects.filter(next_try_at__isnull=False).exists()
