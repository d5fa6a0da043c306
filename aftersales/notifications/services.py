"""Telling people what happened and what happens next, each person once per event and channel."""

from datetime import datetime

from aftersales.notifications.models import Notice
from orders.customers.models import Customer
from orders.merchants.models import Merchant


def tell_customer(
    customer: Customer, *, case_ref: str, event: str, params: dict, now: datetime, occasion: str = ""
) -> None:
    """Intend to tell a customer on every channel they can be reached by.

    event: a code of `events.py`. occasion: tells repeats of one event apart (a refund number, a round).
    Called inside the transaction that moved the case: the notices are committed with it or not at all.
    """
    ways = [(Notice.Channel.INBOX, ""), (Notice.Channel.EMAIL, customer.email)]
    ways.append((Notice.Channel.SMS, str(customer.phone or "")))
    _intend(
        [
            Notice(
                key=f"{case_ref}:{event}:{occasion}:c{customer.pk}:{channel}",
                customer=customer, channel=channel, address=address, language=customer.language,
                case_ref=case_ref, event=event, params=params, created_at=now, next_try_at=now,
            )
            for channel, address in ways
            if address or channel == Notice.Channel.INBOX
        ]
    )  # fmt: skip


def tell_shop(
    merchant: Merchant, *, case_ref: str, event: str, params: dict, now: datetime, occasion: str = ""
) -> None:
    """Put a line into the shop's own inbox."""
    _intend(
        [
            Notice(
                key=f"{case_ref}:{event}:{occasion}:m{merchant.pk}:inbox", merchant=merchant,
                channel=Notice.Channel.INBOX, language="zh-hans", case_ref=case_ref, event=event, params=params,
                created_at=now, next_try_at=now,
            )
        ]
    )  # fmt: skip


def _intend(notices: list[Notice]) -> None:
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
