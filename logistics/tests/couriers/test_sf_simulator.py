"""SF's stand-in as others drive it: it tells the product's own doors, and comes again when nobody answers."""

import json
import time
import urllib.error

import pytest

from logistics.couriers.models import CourierPush
from logistics.couriers.sf.simulator import SFExpress
from logistics.parcels import services, states
from logistics.tests.conftest import CUSTOMER, NOW, StandIn
from logistics.tracking.services import take_in_courier_news
from returns_platform.kernel import clock, fsm
from returns_platform.kernel.stand_in import serve


@pytest.fixture
def telling(sf, live_server, settings):
    """The stand-in, with the product really listening."""
    settings.SITE_URL = live_server.url
    return sf


@pytest.fixture
def booked(transactional_db, telling, pickup):
    parcel = pickup()
    services.book_due_parcels(NOW)
    return fsm.reload(parcel)


def heard(count: int, kind: str) -> list[CourierPush]:
    deadline = time.monotonic() + 10
    while (found := CourierPush.objects.filter(kind=kind)).count() < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(found)


def test_who_comes_is_told_after_booking(booked):
    (push,) = heard(1, "orders")
    assert json.loads(push.content)["orderState"][0]["orderNo"] == booked.number


def test_a_moved_parcel_is_told_and_taken_in(telling, booked):
    telling.push(booked.waybill, "collected")
    telling.push(booked.waybill, "delivered")
    heard(2, "routes")
    take_in_courier_news(clock.now())
    assert fsm.reload(booked).state == states.DELIVERED


def test_what_nobody_takes_comes_again(telling, booked, live_server, settings):
    settings.SITE_URL = "http://127.0.0.1:9"
    telling.push(booked.waybill, "collected")
    time.sleep(0.3)
    settings.SITE_URL = live_server.url
    assert len(heard(1, "routes")) == 1


@pytest.mark.parametrize(
    ("behaviour", "rows"), [("callback_twice", 1), ("callback_never", 0), ("callback_bad_signature", 0)]
)
def test_how_the_messages_of_a_pickup_go(transactional_db, telling, pickup, behaviour, rows):
    telling.next(behaviour)
    parcel = pickup()
    services.book_due_parcels(NOW)
    telling.push(fsm.reload(parcel).waybill, "collected")
    time.sleep(0.6)
    assert CourierPush.objects.filter(kind="routes").count() == rows


def test_a_false_delivery_is_told_and_not_believed(transactional_db, telling, pickup):
    telling.next("callback_wrong_amount")
    parcel = pickup()
    services.book_due_parcels(NOW)
    telling.push(fsm.reload(parcel).waybill, "collected")
    heard(1, "routes")
    take_in_courier_news(clock.now())
    assert fsm.reload(parcel).state == states.COLLECTED


def test_what_it_did_survives_its_restart(tmp_path, settings):
    settings.DEMO, settings.SITE_URL = True, "http://127.0.0.1:9"
    with serve(SFExpress(tmp_path)) as served:
        StandIn(served.url).push("SF1234567890123", "collected")
    with serve(SFExpress(tmp_path)) as served:
        assert StandIn(served.url).vans == []
        assert len(SFExpress(tmp_path).book.rows(waybill="SF1234567890123")[0]["routes"]) == 1


@pytest.mark.parametrize(("match", "taken"), [("RT1-P", True), ("RT1", True), ("RT2", False), ("", True)])
def test_a_behaviour_is_for_an_order_or_its_case(sf, pickup, match, taken):
    sf.next("capacity", order=match)
    pickup("RT1-P")
    services.book_due_parcels(NOW)
    assert (sf.vans == []) is taken


@pytest.mark.parametrize("waybill", ["x", "JD12345678901", "SF1"])
def test_no_waybill_of_sfs_is_404(sf, waybill):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sf.push(waybill, "collected")
    assert refused.value.code == 404
    refused.value.close()


def test_withdrawn_at_sf_itself_is_told(transactional_db, telling, pickup):
    telling.next("closed")
    parcel = pickup()
    services.book_due_parcels(NOW)
    heard(2, "orders")
    take_in_courier_news(clock.now())
    assert (fsm.reload(parcel).state, parcel.problem) == (states.FAILED, "called_off")
    with pytest.raises(Exception, match="wrong_state"):
        services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
