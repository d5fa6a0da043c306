"""Telling people what happened and what happens next, each person once per event and channel."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from aftersales.notifications import policy_news
from aftersales.notifications.events import MAY_BE_TURNED_OFF, WITHOUT_SMS
from aftersales.notifications.models import Notice
from aftersales.policy.clause_models import Announcement, ClauseVersion
from aftersales.policy.models import PolicyVersion
from orders.accounts.models import User
from orders.customers.models import Customer
from orders.merchants.models import Merchant
from returns_platform.kernel import nudge

Channel = Notice.Channel
TOLD_AT_ONCE = 200  # customers who are told of new rules in one turn


def tell_customer(
    customer: Customer, *, case_ref: str, event: str, params: dict, now: datetime, occasion: str = "",
    each_person: bool = False,
) -> None:  # fmt: skip
    """Intend to tell a customer on every channel they can be reached by.

    event: a code of `events.CUSTOMER`. occasion: tells repeats of one event apart (a refund number, a round).
    each_person: who is a customer of several shops is told once: in the account, at a mailbox, on a phone.
    Called inside the transaction that moved the case: the notices are committed with it or not at all.
    """
    told = {
        "customer": customer, "language": _language_of(customer), "case_ref": case_ref, "event": event,
        "params": params, "created_at": now,
    }  # fmt: skip
    _intend(
        [
            Notice(
                key=f"{case_ref}:{event}:{occasion}:{_receiver(customer, address, each_person)}:{channel}",
                channel=channel, address=address, **told, **_due(channel, now),
            )
            for channel, address in _ways_to(customer, event)
        ]
    )  # fmt: skip


def tell_shop(
    merchant: Merchant, *, case_ref: str, event: str, params: dict, now: datetime, occasion: str = ""
) -> None:
    """Put a line into the shop's own inbox. event: a code of `events.SHOP`."""
    _intend(
        [
            Notice(
                key=f"{case_ref}:{event}:{occasion}:m{merchant.pk}:inbox", merchant=merchant, channel=Channel.INBOX,
                language="zh-hans", case_ref=case_ref, event=event, params=params, created_at=now,
                **_due(Channel.INBOX, now),
            )
        ]
    )  # fmt: skip


def tell_staff(user: User, *, case_ref: str, event: str, params: dict, now: datetime, occasion: str) -> None:
    """Write to somebody of the platform's staff, where their mailbox is known; their front page tells it anyway."""
    if not user.email:
        return
    _intend(
        [
            Notice(
                key=f"{case_ref}:{event}:{occasion}:u{user.pk}:email", user=user, channel=Channel.EMAIL,
                address=user.email, language=user.language or "zh-hans", case_ref=case_ref, event=event,
                params=params, created_at=now, **_due(Channel.EMAIL, now),
            )
        ]
    )  # fmt: skip


def announce_policies(*, now: datetime) -> bool:
    """Tell some customers of one version that has started; whether there may be more to tell.

    How far it came is noted, so that a killed worker's successor goes on from there; the notice's key keeps anybody
    from being told twice. What was bought before keeps its rules, and the notice says so.
    """
    version = policy_news.to_announce(now=now)
    if version is not None:
        _announce(version, now=now)
    return version is not None


@transaction.atomic
def _announce(version: PolicyVersion | ClauseVersion, *, now: datetime) -> None:
    about = {"clauses": version} if isinstance(version, ClauseVersion) else {"platform": version}
    Announcement.objects.get_or_create(**about)
    news = Announcement.objects.select_for_update().get(**about)
    if news.done_at:
        return
    left = policy_news.concerned(version, now=now).filter(pk__gt=news.reached).order_by("pk")
    found = list(left[:TOLD_AT_ONCE])
    for customer in found:
        tell_customer(
            customer, case_ref="", event=policy_news.EVENT, occasion=policy_news.occasion(version),
            params=policy_news.params_of(version, customer), now=now,
            each_person=isinstance(version, PolicyVersion),
        )  # fmt: skip
    news.reached = found[-1].pk if found else news.reached
    news.done_at = now if len(found) < TOLD_AT_ONCE else None
    news.save(update_fields=["reached", "done_at"])


def mark_read(notices: QuerySet[Notice], *, now: datetime) -> int:
    """These have been seen; how many had not been before."""
    return notices.filter(read_at=None).update(read_at=now)


def send_again(pk: int, *, now: datetime) -> None:
    """A person lets a notice that was given up be tried anew."""
    Notice.objects.filter(pk=pk, sent_at=None, next_try_at=None).update(next_try_at=now, tries=0)
    nudge.after_commit("aftersales.mail.send_due_notices")


def _ways_to(customer: Customer, event: str) -> list[tuple[Channel, str]]:
    """The inbox, and what the shop or the customer's own account knows of mailbox and phone."""
    account = customer.user
    mailbox = customer.email or (account.email if account else "")
    phone = str(customer.phone or (account.phone if account else "") or "")
    if event in MAY_BE_TURNED_OFF and not customer.rule_news:
        return [(Channel.INBOX, "")]
    ways = [(Channel.INBOX, ""), (Channel.EMAIL, mailbox), (Channel.SMS, "" if event in WITHOUT_SMS else phone)]
    return [(channel, address) for channel, address in ways if address or channel == Channel.INBOX]


def _receiver(customer: Customer, address: str, each_person: bool) -> str:
    """Who is told, as a part of the notice's key."""
    if not each_person:
        return f"c{customer.pk}"
    if address:
        return sha256(address.lower().encode()).hexdigest()[:32]
    return f"u{customer.user_id}" if customer.user_id else f"c{customer.pk}"


def _language_of(customer: Customer) -> str:
    return customer.user.language if customer.user else customer.language


def _due(channel: Channel, now: datetime) -> dict:
    """The inbox needs nobody to carry it: what is written there has arrived."""
    return {"sent_at": now} if channel == Channel.INBOX else {"next_try_at": now}


def _intend(notices: list[Notice]) -> None:
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    nudge.after_commit("aftersales.mail.send_due_notices")
