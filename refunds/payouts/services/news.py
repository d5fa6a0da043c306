"""Callbacks of the channels: kept as they come, answered at once, applied later, each once and in any order."""

import hashlib
import logging
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from refunds.gateways.interface import Notification
from refunds.payouts import queries, rules
from refunds.payouts.models import Refund, WebhookDelivery
from refunds.payouts.services.moves import channel_actor, moving_refund_and_payment, wake_the_reader
from refunds.payouts.services.words import open_break, take_hint, take_word
from returns_platform.kernel import work
from returns_platform.kernel.work import LostClaim

log = logging.getLogger(__name__)


def keep_delivery(
    source: str, *, body: bytes, news: Notification | None, our_merchant_id: str, event_id: str = "",
    ignored: str = "", now: datetime,
) -> None:  # fmt: skip
    """Store an authentic callback; the same event again is the same row. Nothing is applied here.

    news: None when it says nothing in words we know. event_id: only then, as far as it could be read. ignored: why
    it says nothing that we act on; such a row is kept, and nobody has to look at it.
    """
    event_id = (news.event_id if news else event_id) or hashlib.sha256(body).hexdigest()
    kept = news and {**asdict(news), "succeeded_at": _text(news.succeeded_at), "our_merchant_id": our_merchant_id}
    row = WebhookDelivery(
        source=source, event_id=event_id[:64], body=body, news=kept, received_at=now, next_try_at=now
    )
    if ignored:
        row.outcome, row.processed_at, row.next_try_at, row.last_error = "no_news", now, None, ignored[:300]
    with transaction.atomic():
        WebhookDelivery.objects.bulk_create([row], ignore_conflicts=True)
        wake_the_reader()


def take_in_channel_news(now: datetime, *, limit: int = 500) -> int:
    """Apply what came in, one message at a time; returns how many were looked at."""
    handled = 0
    while handled < limit and take_in_next(now=now):
        handled += 1
    return handled


def take_in_next(*, now: datetime) -> bool:
    claimed = work.claim_due(WebhookDelivery, now=now, limit=1)
    if not claimed:
        return False
    try:
        _take_in(claimed[0], now=now)
    except LostClaim:
        log.warning("delivery %s was taken over by another worker", claimed[0])
    except Exception as error:
        log.exception("delivery %s could not be taken in", claimed[0])
        _set_aside(claimed[0], error, now=now)
    return True


def _take_in(claimed: WebhookDelivery, *, now: datetime) -> None:
    """The effect and the note that it was taken in are one transaction: neither is ever without the other."""
    with transaction.atomic():
        delivery = WebhookDelivery.objects.select_for_update().get(pk=claimed.pk)
        work.must_be_mine(delivery, claimed)
        delivery.outcome = _apply(delivery, now=now)
        delivery.processed_at = now
        work.done(delivery)
        delivery.save()


def _apply(delivery: WebhookDelivery, *, now: datetime) -> str:
    if delivery.news is None:
        return _for_a_person(delivery, "not_understood", number="", now=now)
    told, our_merchant_id = _told(delivery.news)
    found = Refund.objects.filter(number=told.number, channel=delivery.source).first()
    if found is None:
        return _for_a_person(delivery, "unknown_number", number=told.number, now=now)
    delivery.refund = found
    if told.merchant_id != our_merchant_id:
        return _for_a_person(delivery, "mismatch", number=told.number, now=now)
    with moving_refund_and_payment(found.pk, by=channel_actor(delivery.source), now=now, note="callback") as refund:
        take = take_hint if told.state is None else take_word
        return take(
            refund, told, asked=queries.refund_order(refund), source=delivery.source,
            reference=delivery.event_id, now=now,
        )  # fmt: skip


def _for_a_person(delivery: WebhookDelivery, kind: str, *, number: str, now: datetime) -> str:
    open_break(kind, source=delivery.source, reference=delivery.event_id, number=number, refund=delivery.refund,
               theirs=delivery.news, now=now)  # fmt: skip
    return kind


def _told(news: dict) -> tuple[Notification, str]:
    facts = dict(news)
    our_merchant_id = facts.pop("our_merchant_id")
    if facts["succeeded_at"]:
        facts["succeeded_at"] = datetime.fromisoformat(facts["succeeded_at"])
    return Notification(**facts), our_merchant_id


def _text(at: datetime | None) -> str | None:
    return at and at.isoformat()


def _set_aside(claimed: WebhookDelivery, error: Exception, *, now: datetime) -> None:
    """A message that cannot be taken in must not stop the others; after the ladder a person looks at it."""
    with transaction.atomic():
        delivery = WebhookDelivery.objects.select_for_update().get(pk=claimed.pk)
        if delivery.claim != claimed.claim:
            return
        if not work.retry_later(delivery, now=now, minutes=rules.LADDER, error=repr(error)):
            delivery.outcome = _for_a_person(delivery, "not_taken_in", number="", now=now)
        delivery.save()
