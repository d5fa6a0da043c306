"""Scans: asked for at the courier, stored once, and only then believed.

Couriers' messages are unsigned or weakly signed, so they are hints: they say whom to ask about, and the answer moves
the parcel.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from logistics import couriers
from logistics.couriers.interface import CourierDown, CourierRefused, News, Scan
from logistics.couriers.models import CourierPush
from logistics.couriers.reading import read_push
from logistics.parcels import rules, states
from logistics.parcels.models import Parcel
from logistics.parcels.queries import to_ask_after
from logistics.parcels.rules import outbound_ref
from logistics.parcels.services.asking import enter_waybill, open_self_ship
from logistics.parcels.services.booking import courier_actor
from logistics.parcels.services.choosing import note_lateness
from logistics.parcels.services.following import (
    carrier_found,
    follow_scans,
    note_agent,
    pickup_called_off,
    take_waybill,
)
from logistics.parcels.services.moving import ASK_EVERY, WaybillTaken, ask_after, due, moving_parcel
from logistics.parcels.services.weighing import note_weight
from logistics.tracking import asking, queries
from logistics.tracking.models import TrackingEvent
from orders.purchases.models import Shipment
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor

log = logging.getLogger(__name__)

OLDEST_SCAN = timedelta(days=60)  # before the parcel was asked for: a waybill can be used again after a year


# The aggregator locks a number that it is asked for more often.
NOT_AGAIN_WITHIN = timedelta(0) if settings.DEMO else timedelta(minutes=30)
SUBSCRIBE_AGAIN_AFTER = timedelta(minutes=30)  # as Kuaidi100 wants it after it gave a number up


class NotConfirmed(Exception):
    """The courier itself does not say (yet) what its message said."""


class TooSoon(Exception):
    """The number was asked for a moment ago; `at` is when it may be again."""

    def __init__(self, at: datetime):
        super().__init__(f"not before {at:%H:%M}")
        self.at = at


# Asking


def poll_due_parcels(now: datetime, *, limit: int = 50) -> int:
    """Ask couriers where the parcels are whose turn it is; returns how many were asked after."""
    done = 0
    while done < limit and (claimed := work.claim_due(to_ask_after(), now=now, limit=1)):
        done += 1
        _poll(claimed[0], now=now)
    return done


def _poll(parcel: Parcel, *, now: datetime) -> None:
    """A parcel whose courier tells what nobody can read must not hold up the others."""
    try:
        ask_for_waybill(parcel, now=now)
        ask_where(parcel, now=now)
        ask_if_coming(parcel, now=now)
    except (CourierDown, CourierRefused) as error:
        _ask_again(parcel, now=now, error=str(error))
    except WaybillTaken:
        _taken_by_another(parcel, now=now)
    except LookupError:
        _do_not_ask(parcel, now=now)
    except Exception as error:
        log.exception("parcel %s", parcel.pk)
        _ask_again(parcel, now=now, error=repr(error))


def ask_where(parcel: Parcel, *, now: datetime) -> None:
    """Store the scans the courier has and move the parcel to where they say. Raises CourierDown, LookupError."""
    if not parcel.waybill:
        return
    carrier, scans = asking.route_of(parcel)
    subscribed = _subscribe(parcel, carrier)
    take_scans(parcel, scans, carrier=carrier, subscribed_to=subscribed, now=now)


def take_scans(
    parcel: Parcel, scans: Iterable[Scan], *, now: datetime, carrier: str = "", subscribed_to: str = ""
) -> None:
    """What the courier itself told: each scan is stored once, and all together say where the parcel is."""
    carrier = carrier or parcel.courier
    with moving_parcel(parcel.pk, by=Actor("courier", id=carrier), now=now, note="scanned") as row:
        _store(row, scans, carrier=carrier, now=now)
        if (row.waybill, row.courier) == (parcel.waybill, parcel.courier):
            carrier_found(row, carrier)
            row.subscribed_to, row.asked_at = subscribed_to or row.subscribed_to, now
        follow_scans(row, rules.whereabouts(queries.events_of(row), now=now), now=now)


def _subscribe(parcel: Parcel, carrier: str) -> str:
    """The carrier under which the aggregator tells us news from now on; empty where it need not, or does not."""
    told = parcel.followed_by == couriers.AGGREGATOR and carrier and parcel.state in states.UNDER_WAY
    if not told or parcel.subscribed_to == carrier:
        return ""
    try:
        couriers.aggregator().subscribe(parcel.waybill, carrier=carrier, phone=parcel.sender.get("phone", ""))
    except (CourierDown, CourierRefused) as error:  # it is asked all the same, and subscribed with the next question
        log.warning("parcel %s is not subscribed: %s", parcel.pk, error)
        return ""
    return carrier


def ask_for_waybill(parcel: Parcel, *, now: datetime) -> None:
    """Some couriers number a pickup only when they come."""
    if parcel.waits_for_van and parcel.state == states.BOOKED and not parcel.waybill:
        ask_what_is_booked(parcel, now=now)
        parcel.refresh_from_db(fields=["waybill", "courier"])


def ask_if_coming(parcel: Parcel, *, now: datetime) -> None:
    """Once the slot has passed without a scan: is the van still to come? It may have been called off unheard."""
    if parcel.waits_for_van and parcel.state == states.BOOKED and parcel.slot_to < now:
        ask_what_is_booked(parcel, now=now)


def ask_what_is_booked(parcel: Parcel, *, now: datetime) -> None:
    """Is the van still to come, and under which waybill? The courier itself says. Raises CourierDown, LookupError."""
    if parcel.rides_along:
        return _wait_with_the_van(parcel, now=now)
    found = couriers.of(parcel.asked_courier).find(parcel.number)
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now, note="called_off") as row:
        if row.number != parcel.number or row.state not in states.UNDER_WAY:
            return
        if found and found.live:
            take_waybill(row, found)
            row.problem = row.problem or _late(row, now=now)
            if row.problem == Parcel.Problem.NOT_COLLECTED:
                note_lateness(row.number)
        elif row.state == states.BOOKED:
            pickup_called_off(row)
        if row.claim == parcel.claim and row.next_try_at and not row.waybill:
            work.due_again(row, at=now + ASK_EVERY)


def _wait_with_the_van(parcel: Parcel, *, now: datetime) -> None:
    """The parcel that has the van is asked about, and what becomes of it becomes of this one."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        if row.claim == parcel.claim and row.next_try_at and not row.waybill:
            work.due_again(row, at=now + ASK_EVERY)


def _late(row: Parcel, *, now: datetime) -> str:
    return Parcel.Problem.NOT_COLLECTED if row.state == states.BOOKED and row.slot_to < now else ""


def _store(row: Parcel, scans: Iterable[Scan], *, carrier: str, now: datetime) -> None:
    foreign = queries.scans_of_others(row)
    TrackingEvent.objects.bulk_create(
        (
            TrackingEvent(
                parcel=row, courier=carrier, waybill=scan.waybill, op_code=scan.op_code[:20], at=scan.at,
                stage=scan.stage, incident=scan.incident, place=_clean(scan.place, 100),
                text=_clean(scan.text, 500), seen_at=now,
            )
            for scan in scans
            if scan.at > row.requested_at - OLDEST_SCAN and (scan.op_code[:20], scan.at) not in foreign
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
    """Nobody under contract knows that carrier: the shop's count tells that the parcel is there."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        work.done(row)
        row.problem = row.problem or Parcel.Problem.NOT_FOLLOWED


def _taken_by_another(parcel: Parcel, *, now: datetime) -> None:
    """The number is that of another live parcel's carrier: a person looks, and it is asked after once more."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        row.problem = Parcel.Problem.WAYBILL_TAKEN
        work.due_again(row, at=now + timedelta(days=1))


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
    except TooSoon as soon:
        work.due_again(push, at=soon.at, error=str(soon))
        _save(push)
    except (CourierDown, CourierRefused, NotConfirmed, WaybillTaken) as error:
        _later(push, now=now, error=str(error) or "not_confirmed")
    except Exception as error:  # one message that breaks must not hold up the others
        log.exception("message %s", push.pk)
        _later(push, now=now, error=repr(error))
    else:
        _end(push, now=now, reason="" if any(known) else "unknown_parcel")


def _follow(courier: str, news: News, *, now: datetime) -> bool:
    """False for a parcel we do not know. Raises NotConfirmed while the courier does not say the same."""
    parcels = queries.parcels_of(courier, news)
    if not parcels and news.op_code:
        taken_up = [_take_up(shipment, news, now=now) for shipment in queries.shipments_of(courier, news)]
        return any(taken_up)
    for parcel in parcels:
        _follow_one(parcel, news, now=now)
    return bool(parcels)


def _take_up(shipment: Shipment, news: News, *, now: datetime) -> bool:
    """A parcel that the shop sent is followed once its courier carries it back to the shop (T116), and not before."""
    order, by = shipment.order, Actor("courier", id=shipment.courier)
    sender, receiver = order.merchant.return_address, order.ship_to
    asked = Parcel(way=Parcel.Way.SELF_SHIP, courier=shipment.courier, waybill=shipment.waybill, sender=sender)
    carrier, scans = asking.route_of(asked)
    if not any((scan.op_code, scan.at) == (news.op_code, news.at) for scan in scans):
        raise NotConfirmed
    if rules.whereabouts(scans, now=now).problem != Parcel.Problem.RETURNED_TO_SENDER:
        return False
    parcel = open_self_ship(
        reference=outbound_ref(shipment.pk), order=order, sender=sender, receiver=receiver,
        kind=Parcel.Kind.OUTBOUND, by=by, now=now,
    )  # fmt: skip
    parcel = enter_waybill(parcel.pk, courier=shipment.courier, waybill=shipment.waybill, by=by, now=now)
    take_scans(parcel, scans, carrier=carrier, now=now)
    return True


def _follow_one(parcel: Parcel, news: News, *, now: datetime) -> None:
    if news.agent_phone or news.problem:
        _note_agent(parcel, news, now=now)
    if news.grams:
        _note_weight(parcel, news.grams, now=now)
    if parcel.state == states.REQUESTED and (news.op_code or news.ask) and not parcel.rides_along:
        _have_it_found(parcel, now=now)
    if news.called_off or (news.ask and news.number):
        ask_what_is_booked(parcel, now=now)
    if news.carrier and news.carrier != parcel.courier:
        _correct_carrier(parcel, news.carrier, now=now)
    elif news.op_code and not news.called_off and not queries.is_known(parcel, news):
        _confirm(parcel, news, now=now)
    elif news.ask and not news.number:
        _not_too_soon(parcel, now=now)
        ask_where(parcel, now=now)
    if news.given_up:
        _given_up(parcel, now=now)


def _have_it_found(parcel: Parcel, *, now: datetime) -> None:
    """The booking's answer never came."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        if row.state == states.REQUESTED:
            due(row, now=now)
    raise NotConfirmed


def _confirm(parcel: Parcel, news: News, *, now: datetime) -> None:
    _not_too_soon(parcel, now=now)
    ask_where(parcel, now=now)
    if not queries.is_known(parcel, news):
        raise NotConfirmed


def _not_too_soon(parcel: Parcel, *, now: datetime) -> None:
    at = parcel.asked_at and parcel.asked_at + NOT_AGAIN_WITHIN
    if at and now < at and parcel.followed_by == couriers.AGGREGATOR:
        raise TooSoon(at)


def _correct_carrier(parcel: Parcel, carrier: str, *, now: datetime) -> None:
    """Said to be another carrier's: believed once the number has a route there. The subscription moved by itself."""
    if parcel.way == Parcel.Way.PICKUP:
        raise NotConfirmed
    phone = parcel.sender.get("phone", "")
    scans = couriers.aggregator().route_of(parcel.waybill, carrier=carrier, phone=phone)
    if not scans:
        raise NotConfirmed
    take_scans(parcel, scans, carrier=carrier, subscribed_to=carrier, now=now)


def _given_up(parcel: Parcel, *, now: datetime) -> None:
    """The aggregator stopped looking. It is subscribed anew; what nobody knows is a person's to ask about."""
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now, note="given_up") as row:
        row.subscribed_to = ""
        if row.state not in states.UNDER_WAY:
            return
        if row.way != Parcel.Way.PICKUP and row.state == states.BOOKED and not queries.events_of(row).exists():
            row.problem = Parcel.Problem.NO_RECORD
        ask_after(row, at=now + SUBSCRIBE_AGAIN_AFTER)


def _note_agent(parcel: Parcel, news: News, *, now: datetime) -> None:
    with moving_parcel(parcel.pk, by=courier_actor(parcel), now=now) as row:
        note_agent(row, name=news.agent_name, phone=news.agent_phone, problem=news.problem)


def _note_weight(parcel: Parcel, grams: int, *, now: datetime) -> None:
    by = courier_actor(parcel)
    with moving_parcel(parcel.pk, by=by, now=now) as row:
        note_weight(row, grams, by=by, now=now)


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
