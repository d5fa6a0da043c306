"""Sending what is due: claimed, told, handed over outside any transaction, settled. Each notice once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from aftersales.notifications import texts
from aftersales.notifications.letters import Letter, letter
from aftersales.notifications.models import Notice
from aftersales.notifications.queries import page_of
from aftersales.notifications.staff_texts import for_staff
from aftersales.notifications.words import Words
from orders.accounts.services import send_message
from orders.visitors.queries import link_token
from returns_platform.kernel import work
from returns_platform.kernel.outbound.sms import NotTaken, SenderDown

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # longer than handing one over can take
A_RUN = timedelta(seconds=45)  # then the next sweep goes on
MOST = 500


def send_due_notices(*, now: datetime) -> int:
    """Send what is due; how many were handed over. A channel that is down is left alone until the next sweep."""
    began, down, sent = monotonic(), set(), 0
    for _turn in range(MOST):
        at = now + timedelta(seconds=monotonic() - began)
        notice = _claim(down, at=at) if at < now + A_RUN else None
        if notice is None:
            break
        try:
            send(notice, at=at)
            sent += 1
        except SenderDown as away:
            down.add(notice.channel)
            _try_later(notice, str(away), at=at)
        except NotTaken as refused:
            _try_later(notice, str(refused), at=at)
        except Exception as fault:
            log.exception("notice %s could not be sent", notice.pk)
            _try_later(notice, repr(fault), at=at)
    return sent


def _claim(down: set[str], *, at: datetime) -> Notice | None:
    """One at a time, so that a worker that dies holds up one notice and no more."""
    free = Notice.objects.exclude(channel__in=down).select_related("customer__merchant", "user")
    return next(iter(work.claim_due(free, now=at, limit=1, lease=LEASE)), None)


def send(notice: Notice, *, at: datetime) -> None:
    """Told in the reader's language as things stand now, then handed over."""
    words = written(notice, at=at)
    send_message(
        notice.address,
        words.subject,
        words.text,
        html=words.html,
        language=notice.language,
        reference=notice.key,
        now=at,
    )
    with _settling(notice) as row:
        work.done(row)
        row.subject, row.body, row.sent_at = words.subject, words.text, at


def written(notice: Notice, *, at: datetime) -> Letter:
    """What a notice says when it is sent at that moment; an SMS has its text only."""
    with translation.override(notice.language):
        if notice.user_id:
            return _to_staff(notice, at=at)
        told, link = texts.for_customer(notice.event, notice.params, now=at), _link(notice, at=at)
        if notice.channel == Notice.Channel.SMS:
            return Letter("", texts.sms(told, notice.params, link=link, now=at), "")
        return letter(told, Words(notice.params, now=at), name=notice.customer.name, link=link)


def _to_staff(notice: Notice, *, at: datetime) -> Letter:
    told = for_staff(notice.event, notice.params, now=at)
    name = notice.user.first_name or notice.user.get_username()
    link = settings.SITE_URL + notice.params.get("page", reverse("admin:index"))
    return letter(told, Words(notice.params, now=at), name=name, link=link)


def _link(notice: Notice, *, at: datetime) -> str:
    """To the case. Who has no account yet gets, the first time, the link that makes one and leads there."""
    case = page_of(notice)
    if notice.customer.user_id is None and _is_first(notice, at=at):
        way_in = reverse("orders:link", args=[link_token(notice.customer)])
        return f"{settings.SITE_URL}{way_in}?next={quote(case, safe='')}"
    return settings.SITE_URL + case


def _is_first(notice: Notice, *, at: datetime) -> bool:
    before = Notice.objects.filter(customer=notice.customer_id, channel=notice.channel, sent_at__lte=at)
    return not before.exclude(pk=notice.pk).exists()


def _try_later(notice: Notice, error: str, *, at: datetime) -> None:
    """Up the ladder of minutes; at its end the notice is given up, with the error, for a person to see."""
    with _settling(notice) as row:
        work.retry_later(row, now=at, error=error or "not sent")


@contextmanager
def _settling(notice: Notice) -> Iterator[Notice]:
    """The row to write the outcome to; nothing is written when another worker took the notice over meanwhile."""
    with transaction.atomic():
        row = Notice.objects.select_for_update().get(pk=notice.pk)
        yield row
        if row.claim == notice.claim:
            row.save()
        else:
            log.warning("notice %s was taken over by another worker", notice.pk)
