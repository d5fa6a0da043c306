"""Scans, whichever way and in whichever order they come."""

import itertools
import random
from datetime import timedelta

import pytest

from logistics.couriers.interface import Scan
from logistics.couriers.models import CourierPush
from logistics.couriers.services import keep_push
from logistics.parcels import services, states
from logistics.parcels.models import Parcel
from logistics.tests.conftest import CUSTOMER, NOW, RECEIVER, SENDER, SHOP, minutes
from logistics.tests.couriers.messages import order_message, route_message
from logistics.tracking import services as tracking
from logistics.tracking.models import TrackingEvent
from logistics.tracking.services import poll_due_parcels, take_in_courier_news
from returns_platform.kernel import fsm


@pytest.fixture
def booked(sf, pickup):
    parcel = pickup()
    services.book_due_parcels(NOW)
    return fsm.reload(parcel)


def poll(parcel, at=NOW):
    Parcel.objects.filter(pk=parcel.pk).update(next_try_at=at)
    poll_due_parcels(at)
    return fsm.reload(parcel)


def hear(content: str, kind="routes", at=NOW):
    keep_push(courier="sf", kind=kind, content=content, now=at)
    take_in_courier_news(at)
    return CourierPush.objects.latest("pk")


def test_asking_moves_the_parcel_and_stores_each_scan_once(sf, booked):
    sf.push(booked.waybill, "collected", NOW - minutes(30))
    sf.push(booked.waybill, "in_transit", NOW - minutes(20))
    poll(booked)
    parcel = poll(booked)
    assert (parcel.state, parcel.collected_at) == (states.IN_TRANSIT, NOW - minutes(30))
    assert [(scan.op_code, scan.stage) for scan in parcel.events.all()] == [
        ("31", "in_transit"), ("50", "picked_up")
    ]  # fmt: skip
    assert parcel.events.first().text == "快件到达 【杭州市转运中心】"
    assert parcel.next_try_at > NOW


@pytest.mark.parametrize(
    ("event", "state", "problem"),
    [("delivered", states.DELIVERED, ""), ("refused", states.REFUSED, "refused_at_door"),
     ("lost", states.LOST, "lost"), ("returned", states.REFUSED, "returned_to_sender")],
)  # fmt: skip
def test_where_it_ends(sf, booked, event, state, problem):
    sf.push(booked.waybill, "collected", NOW - minutes(30))
    sf.push(booked.waybill, event, NOW - minutes(20))
    parcel = poll(booked)
    assert (parcel.state, parcel.problem) == (state, problem)


def test_delivered_without_a_collection_scan(sf, booked):
    sf.push(booked.waybill, "delivered", NOW - minutes(20))
    assert poll(booked).state == states.DELIVERED
    sf.push(booked.waybill, "collected", NOW - minutes(10))
    parcel = poll(booked)
    assert (parcel.state, parcel.version, parcel.events.count()) == (states.DELIVERED, 3, 2)


def test_neither_order_nor_repetition_of_news_changes_where_it_ends(sf, order, pickup):
    """I28: every order of the same scans, some told twice, one parcel each."""
    events = [("collected", 50), ("in_transit", 40), ("refused", 30), ("delivered", 20)]
    ends = set()
    for number, told in enumerate(itertools.permutations(events)):
        parcel = pickup(f"RT{number}")
        services.book_due_parcels(NOW)
        fsm.reload(parcel)
        again = random.Random(number).choice(told)
        for event, ago in (*told, again):
            sf.push(parcel.waybill, event, NOW - minutes(ago))
            poll(parcel)
        ends.add((parcel.state, parcel.problem, parcel.collected_at, parcel.delivered_at, parcel.events.count()))
    assert ends == {(states.DELIVERED, "", NOW - minutes(50), NOW - minutes(20), 4)}


def test_a_delivery_that_was_turned_back_is_no_delivery(sf, booked):
    sf.push(booked.waybill, "delivered", NOW - minutes(20))
    poll(booked)
    sf.push(booked.waybill, "returned", NOW - minutes(10))
    parcel = poll(booked)
    assert (parcel.state, parcel.problem, parcel.delivered_at) == (states.REFUSED, "returned_to_sender", None)


def test_what_the_shop_counted_no_scan_changes(sf, booked):
    services.delivered_by_word(booked.pk, by=SHOP, now=NOW)
    for event in ("collected", "lost", "returned"):
        sf.push(booked.waybill, event, NOW - minutes(5))
    Parcel.objects.update(stale_numbers=[])
    parcel = poll(booked)
    assert (parcel.state, parcel.by_word, parcel.delivered_at) == (states.DELIVERED, True, NOW)
    assert parcel.events.count() == 3


def test_no_scan_makes_a_worker_forget_to_call_a_van_off(sf, booked):
    """The goods were counted, or nobody wants the van any more; its courier was not told yet."""
    services.cancel_parcel(booked.pk, by=CUSTOMER, now=NOW)
    sf.push(booked.waybill, "delivered", NOW)
    hear(route_message(booked.waybill, "80", NOW))
    parcel = fsm.reload(booked)
    assert (parcel.state, parcel.stale_numbers, parcel.next_try_at) == (states.CANCELLED, [booked.number], NOW)


def test_a_delivery_is_never_later_than_we_heard_of_it(sf, booked):
    sf.push(booked.waybill, "delivered", NOW + timedelta(days=9))
    assert poll(booked).delivered_at == NOW


def test_scans_of_an_earlier_life_of_the_waybill_are_not_ours(sf, booked):
    sf.push(booked.waybill, "delivered", NOW - timedelta(days=365))
    parcel = poll(booked)
    assert (parcel.state, parcel.events.count()) == (states.BOOKED, 0)


def test_a_parcel_handed_in_is_followed_too(sf, order):
    parcel = services.open_self_ship(
        reference="RT5", order=order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=NOW
    )
    services.enter_waybill(parcel.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    sf.push("SF1234567890123", "delivered", NOW - minutes(1))
    assert poll(parcel).state == states.DELIVERED
    assert sf.vans == []


def test_a_courier_nobody_can_ask_is_not_asked(kuaidi100, order):
    parcel = services.open_self_ship(
        reference="RT5", order=order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=NOW
    )
    services.enter_waybill(parcel.pk, courier="fedex", waybill="961312345678901", by=CUSTOMER, now=NOW)
    parcel = poll(parcel)
    assert (parcel.state, parcel.next_try_at, parcel.problem) == (states.BOOKED, None, "not_followed")


def test_a_courier_that_is_down_is_asked_again(sf, booked, settings):
    settings.SF_BASE_URL = "http://127.0.0.1:9"
    parcel = poll(booked)
    assert parcel.next_try_at > NOW
    assert parcel.last_error
    assert parcel.state == states.BOOKED


def test_a_van_that_did_not_come_is_said_so(sf, booked):
    parcel = poll(booked, booked.slot_to + minutes(1))
    assert (parcel.state, parcel.problem) == (states.BOOKED, "not_collected")


def test_a_pickup_called_off_unheard_is_found_out(sf, booked):
    from logistics import couriers

    couriers.of("sf").cancel(booked.number)
    parcel = poll(booked, booked.slot_to + minutes(1))
    assert (parcel.state, parcel.problem, parcel.next_try_at) == (states.FAILED, "called_off", None)


# Messages


def test_a_message_is_a_hint_and_the_route_moves_the_parcel(sf, booked):
    sf.push(booked.waybill, "delivered", NOW - minutes(5))
    push = hear(route_message(booked.waybill, "80", NOW - minutes(5)))
    assert fsm.reload(booked).state == states.DELIVERED
    assert (push.outcome, push.next_try_at) == ("done", None)


def test_a_forged_delivery_moves_nothing(sf, booked):
    push = hear(route_message(booked.waybill, "80", NOW))
    assert fsm.reload(booked).state == states.BOOKED
    assert TrackingEvent.objects.count() == 0
    at = NOW
    while push.next_try_at:
        at = push.next_try_at
        take_in_courier_news(at)
        push.refresh_from_db()
    assert (push.outcome, push.reason) == ("ignored", "not_confirmed")
    assert at - NOW == minutes(66)


def test_the_same_message_many_times_is_one(sf, booked):
    sf.push(booked.waybill, "collected", NOW - minutes(5))
    for _ in range(20):
        hear(route_message(booked.waybill, "50", NOW - minutes(5)))
    assert (CourierPush.objects.count(), fsm.reload(booked).version) == (1, 3)


def test_news_of_an_unknown_parcel_is_kept_and_ignored(sf, booked):
    push = hear(route_message("SF9999999999999", "80", NOW))
    assert (push.outcome, push.reason) == ("ignored", "unknown_parcel")


def test_news_before_the_booking_was_answered(sf, pickup):
    """The van has come, and our booking's answer never did."""
    sf.next("apply_then_500")
    parcel = pickup()
    services.book_due_parcels(NOW)
    from logistics import couriers

    waybill = couriers.of("sf").find("RT1").waybill
    sf.push(waybill, "collected", NOW)
    push = hear(route_message(waybill, "50", NOW, number="RT1"))
    assert push.outcome == ""
    services.book_due_parcels(NOW)
    take_in_courier_news(NOW + minutes(1))
    assert fsm.reload(parcel).state == states.COLLECTED
    push.refresh_from_db()
    assert push.outcome == "done"


def test_who_comes_is_shown_and_moves_nothing(sf, booked):
    hear(order_message(booked, "04-40001"), "orders")
    fsm.reload(booked)
    assert (booked.state, booked.agent_phone) == (states.BOOKED, "13900139000")
    with pytest.raises(services.CourierOnTheWay) as refused:
        services.change_slot(
            booked.pk, slot_from=booked.slot_from + timedelta(days=1), slot_to=booked.slot_to + timedelta(days=1),
            by=CUSTOMER, now=booked.slot_from,
        )  # fmt: skip
    assert "13900139000" in str(refused.value.message)


def test_nobody_home_is_shown(sf, booked):
    hear(order_message(booked, "04-40004"), "orders")
    assert fsm.reload(booked).problem == "unreachable"


def test_called_off_is_believed_only_from_sf_itself(sf, booked):
    hear(order_message(booked, "04-40014"), "orders")
    assert fsm.reload(booked).state == states.BOOKED
    from logistics import couriers

    couriers.of("sf").cancel(booked.number)
    hear(order_message(booked, "04-40014", request="again"), "orders")
    assert (fsm.reload(booked).state, booked.problem) == (states.FAILED, "called_off")


def test_an_unknown_code_is_kept_and_changes_nothing(sf, booked):
    push = hear(order_message(booked, "99-12345"), "orders")
    assert (push.outcome, fsm.reload(booked).state) == ("done", states.BOOKED)


def test_sf_down_means_the_message_waits(sf, booked, settings):
    settings.SF_BASE_URL = "http://127.0.0.1:9"
    push = hear(route_message(booked.waybill, "80", NOW))
    assert (push.outcome, push.next_try_at) == ("", NOW + minutes(1))


def test_a_waybill_used_again_means_the_later_parcel(sf, order):
    old, new = (
        services.open_self_ship(
            reference=f"RT{n}", order=order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=NOW
        )
        for n in (1, 2)
    )
    services.enter_waybill(old.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    services.delivered_by_word(old.pk, by=SHOP, now=NOW)
    services.enter_waybill(new.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    sf.push("SF1234567890123", "collected", NOW)
    hear(route_message("SF1234567890123", "50", NOW))
    assert (fsm.reload(new).state, new.events.count(), old.events.count()) == (states.COLLECTED, 1, 0)


def test_a_parcel_that_cannot_be_read_is_asked_after_later_and_holds_up_no_other(sf, pickup, booked, monkeypatch):
    """Nine of them, met first, would stop every thread of a worker."""
    other = pickup("RT2")
    services.book_due_parcels(NOW)
    sf.push(fsm.reload(other).waybill, "collected", NOW - minutes(5))
    asked = tracking.asking.route_of

    def told(parcel):
        broken = [Scan(parcel.waybill, "5\x000", NOW, "picked_up")]
        return ("sf", broken) if parcel.pk == booked.pk else asked(parcel)

    monkeypatch.setattr(tracking.asking, "route_of", told)
    Parcel.objects.filter(pk=booked.pk).update(next_try_at=NOW - minutes(9))
    Parcel.objects.filter(pk=other.pk).update(next_try_at=NOW)
    assert poll_due_parcels(NOW) == 2
    assert fsm.reload(other).state == states.COLLECTED
    broken = fsm.reload(booked)
    assert (broken.state, broken.next_try_at > NOW, "NUL" in broken.last_error) == (states.BOOKED, True, True)


def test_a_long_name_of_who_comes_is_cut(sf, booked):
    message = order_message(booked, "04-40001").replace("顺丰小哥", "驿" * 90).replace("13900139000", "1" * 90)
    assert hear(message, "orders").outcome == "done"
    parcel = fsm.reload(booked)
    assert (len(parcel.agent_name), len(parcel.agent_phone)) == (50, 30)
