"""Scans: asked for at the courier, stored once, and only then believed.

Couriers' messages are unsigned, so they are hints: they say whom to ask about, and the answer moves the parcel.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from logistics import couriers
from logistics.couriers.interface import CourierDown, CourierRefused, News, Scan
from logistics.couriers.models import CourierPush
from logistics.couriers.reading import read_push
from logistics.parcels import rules, states
from logistics.parcels.models import Parcel
from logistics.parcels.queries import to_ask_after
from logistics.parcels.services.booking import courier_actor
from logistics.parcels.services.following import follow_scans, note_agent, pickup_called_off
from logistics.parcels.services.moving import ASK_EVERY, due, moving_parcel
from logistics.tracking import queries
from logistics.tracking.models import TrackingEvent
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor

log = logging.getLogger(__name__)

OLDEST_SCAN = timedelta(days=60)  # before the parcel was asked for: a waybill can be used again after a year


class NotConfirmed(Exception):
    """The courier itself does not say (yet) what its message said."""


# Asking


def poll_due_parcels(now: datetime, *, limit: int = 50) -> int:
    """Ask couriers where the parcels are whose turn it is; returns how many were asked after."""
    done = 0
    while done < limit and (claimed := work.claim_due(to_ask_after(), now=now, limit=1)):
        done += 1
        _poll(claimed[0], now=now)
    return done


def _poll(parcel: Parcel, *, now: datetime) -> None:
    try:
        ask_where(parcel, now=now)
        ask_if_coming(parcel, now=now)
    except (CourierDown, CourierRefused) as error:
        _ask_again(parcel, now=now, error=str(error))
    except LookupError:
        _do_not_ask(parcel, now=now)


def ask_where(parcel: Parcel, *, now: datetime) -> None:
    """Store the scans the courier has and move the parcel to where they say. Raises CourierDown, LookupError."""
    if not parcel.waybill:
        return
    scans = couriers.of(parcel.courier).route(parcel.waybill, phone=parcel.sender.get("phone", ""))
    take_scans(parcel, scans, now=now)


def take_scans(parcel: Parcel, scans: Iterable[Scan], *, now: datetime) -> None:
    """What the courier itself told: each scan is stored once, and all together say where the parcel is."""
    with moving_parcel(parcel.pk, by=Actor("courier", id=parcel.courier), now=now, note="scanned") as row:
        _store(row, scans, now=now)
        follow_scans(row, rules.whereabouts(row.events.all(), now=now), now=now)


def ask_if_coming(parcel: Parcel, *, now: datetime) -> None:
    """Once the slot has passed without a scan: is the van still to come? It may have been called off unheard."""
    if parcel.waits_for_van and parcel.state == states.BOOKED and parcel.slot_to < now:
        ask_if_called_off(parcel, now=now)


def ask_if_called_off(parcel: Parcel, *, now: datetime) -> None:
    found = couriers.of(parcel.asked_courier).find(parcel.number)
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now, note="called_off") as row:
        if row.number != parcel.number or row.state != states.BOOKED:
            return
        if found and found.live:
            row.problem = row.problem or _late(row, now=now)
        else:
            pickup_called_off(row)


def _late(row: Parcel, *, now: datetime) -> str:
    return Parcel.Problem.NOT_COLLECTED if row.slot_to < now else ""


def _store(row: Parcel, scans: Iterable[Scan], *, now: datetime) -> None:
    TrackingEvent.objects.bulk_create(
        (
            TrackingEvent(
                parcel=row, waybill=scan.waybill, op_code=scan.op_code[:20], at=scan.at, stage=scan.stage,
                incident=scan.incident, place=_clean(scan.place, 100), text=_clean(scan.text, 500), seen_at=now,
            )
            for scan in scans
            if scan.at > row.requested_at - OLDEST_SCAN
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def _clean(text: str, longest: int) -> str:
    return "".join(c if c.isprintable() else " " for c in text).strip()[:longest]


def _ask_again(parcel: Parcel, *, now: datetime, error: str) -> None:
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        if row.claim == parcel.claim:
            work.due_again(row, at=now + ASK_EVERY, error=error)


def _do_not_ask(parcel: Parcel, *, now: datetime) -> None:
    """A courier without a contract: the shop's count tells that the parcel is there."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        work.done(row)


# Messages


def take_in_courier_news(now: datetime, *, limit: int = 50) -> int:
    """Follow up the messages that were kept; returns how many were looked at."""
    done = 0
    while done < limit and (claimed := work.claim_due(CourierPush, now=now, limit=1)):
        done += 1
        _take_in(claimed[0], now=now)
    return done


def _take_in(push: CourierPush, *, now: datetime) -> None:
    try:
        known = [_follow(push.courier, news, now=now) for news in read_push(push)]
    except (CourierDown, CourierRefused, NotConfirmed) as error:
        _later(push, now=now, error=str(error) or "not_confirmed")
    except Exception as error:  # one message that breaks must not hold up the others
        log.exception("message %s", push.pk)
        _later(push, now=now, error=repr(error))
    else:
        _end(push, now=now, reason="" if any(known) else "unknown_parcel")


def _follow(courier: str, news: News, *, now: datetime) -> bool:
    """False for a parcel we do not know. Raises NotConfirmed while the courier does not say the same."""
    parcel = queries.parcel_of(courier, news)
    if parcel is None:
        return False
    if news.agent_phone or news.problem:
        _note_agent(parcel, news, now=now)
    if news.called_off:
        ask_if_called_off(parcel, now=now)
    if news.op_code and not news.called_off and not queries.is_known(parcel, news):
        _confirm(parcel, news, now=now)
    return True


def _confirm(parcel: Parcel, news: News, *, now: datetime) -> None:
    if parcel.state == states.REQUESTED:  # the booking's answer never came: have it found first
        with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
            due(row, now=now)
        raise NotConfirmed
    ask_where(parcel, now=now)
    if not queries.is_known(parcel, news):
        raise NotConfirmed


def _note_agent(parcel: Parcel, news: News, *, now: datetime) -> None:
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        note_agent(row, name=news.agent_name, phone=news.agent_phone, problem=news.problem)


def _later(push: CourierPush, *, now: datetime, error: str) -> None:
    """The courier's own books may lag its messages; what it never confirms is ignored."""
    if work.retry_later(push, now=now, error=error):
        _save(push)
    else:
        _end(push, now=now, reason="not_confirmed")


def _end(push: CourierPush, *, now: datetime, reason: str) -> None:
    work.done(push)
    push.outcome = CourierPush.Outcome.IGNORED if reason else CourierPush.Outcome.DONE
    push.reason, push.ended_at = reason, now
    _save(push)


def _save(push: CourierPush) -> None:
    """Written only by the worker that still holds the claim."""
    mine = CourierPush.objects.filter(pk=push.pk, claim=push.claim)
    fields = ("next_try_at", "claimed_until", "tries", "last_error", "outcome", "reason", "ended_at")
    mine.update(**{name: getattr(push, name) for name in fields})
