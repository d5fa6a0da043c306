"""Reading notices: a customer's inbox, a shop's inbox, what could not be sent."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from aftersales.notifications import texts
from aftersales.notifications.events import OF_CREDIT
from aftersales.notifications.models import Notice
from aftersales.notifications.shop_texts import for_shop
from orders.merchants.models import Merchant
from orders.visitors.queries import Viewer


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as an inbox shows it, in the reader's language. said: what else there is to know."""

    pk: int
    at: datetime
    case_ref: str
    event: str
    zone: str
    title: str
    said: tuple[str, ...]
    unread: bool
    href: str
    steps: tuple[str, ...] = ()


def page_of(notice: Notice) -> str:
    """Where its reader goes on: the request, how their requests are handled, or the shop's rules."""
    if notice.event.startswith(OF_CREDIT):
        return reverse("aftersales:standing")
    if notice.event == "policy_new":
        return reverse("aftersales:shop_policy", args=[notice.params["shop_code"]])
    return reverse("aftersales:case", args=[notice.case_ref])


def inbox_of(seen_by: Viewer) -> QuerySet[Notice]:
    """What a customer was told; a guest of one order reads what concerns that order.

    For `pages.keyset(..., order=("-created_at", "-pk"))`.
    """
    lines = Notice.objects.filter(channel=Notice.Channel.INBOX)
    if seen_by.user:
        return lines.filter(customer__user=seen_by.user)
    order = seen_by.orders().first()
    return lines.filter(customer=order.customer_id, params__order_no=order.order_no) if order else lines.none()


def inbox_of_shop(merchant: Merchant) -> QuerySet[Notice]:
    return Notice.objects.filter(channel=Notice.Channel.INBOX, merchant=merchant)


def unread_of(seen_by: Viewer) -> int:
    return inbox_of(seen_by).filter(read_at=None).count() if seen_by.known else 0


def lines_for_customer(notices: list[Notice], *, now: datetime) -> list[Line]:
    return [_line(notice, texts.for_customer, now=now) for notice in notices]


def lines_for_shop(merchant: Merchant, *, now: datetime, most: int = 50) -> list[Line]:
    """The newest lines of a shop's inbox."""
    newest = inbox_of_shop(merchant).order_by("-created_at", "-pk")[:most]
    return [_line(notice, for_shop, now=now) for notice in newest]


def unread_of_shop(merchant: Merchant) -> int:
    return inbox_of_shop(merchant).filter(read_at=None).count()


def was_told(case_ref: str, event: str, *, since: datetime) -> bool:
    """Whether the customer can have read of an event of a case."""
    told = Notice.objects.filter(case_ref=case_ref, event=event, created_at__gte=since)
    return told.filter(customer__isnull=False).exists()


def given_up() -> QuerySet[Notice]:
    """Letters and SMS that nobody took, again and again; each with its last error."""
    return Notice.objects.filter(sent_at=None, next_try_at=None)


def _line(notice: Notice, tell, *, now: datetime) -> Line:
    """Dates without "tomorrow": a line is read long after it was written."""
    told = tell(notice.event, notice.params, now=now, style="plain")
    return Line(
        pk=notice.pk, at=notice.created_at, case_ref=notice.case_ref, event=notice.event,
        zone=notice.params.get("zone", ""), title=told.title, said=told.said, unread=notice.is_unread,
        href=page_of(notice), steps=told.steps,
    )  # fmt: skip
