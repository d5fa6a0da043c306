"""What every courier has in common, each over its own protocol: one van, its news in any order, its refusals."""

import itertools
import json
import random
import time
from datetime import timedelta

import pytest

from logistics import couriers
from logistics.couriers.interface import BookingOrder, Contact, CourierDown, CourierRefused, Goods
from logistics.couriers.models import CourierPush
from logistics.parcels import services, states
from logistics.parcels.models import Parcel
from logistics.parcels.slots import next_slot
from logistics.tests.conftest import CUSTOMER, RECEIVER, SENDER, minutes
from logistics.tests.test_books import violations
from logistics.tracking.services import poll_due_parcels, take_in_courier_news
from returns_platform.kernel import clock, fsm
from returns_platform.kernel.outbound import http

SLOT = next_slot(clock.now(), "Asia/Shanghai")
ORDER = BookingOrder("RT1", Contact(**SENDER), Contact(**RECEIVER), (Goods("大衣", 1),), SLOT.start, SLOT.end)
FAR = SENDER | {"province": "西藏自治区", "city": "拉萨市", "district": "城关区"}
NOWHERE = SENDER | {"province": "海南省", "city": "三沙市", "district": "西沙区"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    patient = http.call
    monkeypatch.setattr(http, "call", lambda *args, **more: patient(*args, **more | {"timeout_s": 1}))


@pytest.fixture
def ask(each_courier, db):
    return couriers.of(each_courier.code)


def settle(parcel: Parcel, *, at=None, rounds: int = 8) -> Parcel:
    """Workers look as often as they are to."""
    at = at or clock.now()
    for _ in range(rounds):
        services.book_due_parcels(at)
        fsm.reload(parcel)
        if parcel.state != states.REQUESTED and not parcel.stale_numbers:
            break
        at = max(at, parcel.next_try_at or at)
    return parcel


def poll(parcel: Parcel, at) -> Parcel:
    Parcel.objects.filter(pk=parcel.pk).update(next_try_at=at)
    poll_due_parcels(at)
    return fsm.reload(parcel)


def wish(pickup, reference="RT1", **more) -> Parcel:
    return pickup(reference, now=clock.now(), **more)


def test_a_booking_is_one_however_often_it_is_sent(ask, each_courier):
    first = ask.book(ORDER)
    again = [ask.book(ORDER) for _ in range(3)]
    assert first.waybill
    assert {booking.waybill for booking in again} == {first.waybill}
    assert each_courier.vans == [("RT1", "booked")]


def test_what_was_booked_is_found_and_what_was_not_is_not(ask):
    booked = ask.book(ORDER)
    assert ask.find("RT1").waybill == booked.waybill
    assert ask.find("RT1").live
    assert ask.find("RT9") is None


def test_a_cancelled_van_does_not_come_and_is_found_cancelled(ask, each_courier):
    ask.book(ORDER)
    ask.cancel("RT1")
    ask.cancel("RT1")
    assert each_courier.vans == [("RT1", "cancelled")]
    assert not ask.find("RT1").live
    with pytest.raises(CourierRefused) as refused:
        ask.cancel("RT9")
    assert refused.value.code == "no_such_booking"


def test_what_was_collected_is_not_called_off(ask, each_courier):
    each_courier.push(ask.book(ORDER).waybill, "collected", clock.now())
    with pytest.raises(CourierRefused) as refused:
        ask.cancel("RT1")
    assert refused.value.code == "collected"


@pytest.mark.parametrize(
    ("behaviour", "code", "retry"),
    [("pickup_time_refused", "pickup_time", True), ("capacity", "no_capacity", True),
     ("not_served", "not_served", False), ("account_abnormal", "account", False),
     ("not_enough_balance", "account", False)],
)  # fmt: skip
def test_a_refusal_is_understood_and_nothing_was_booked(ask, each_courier, behaviour, code, retry):
    each_courier.next(behaviour)
    with pytest.raises(CourierRefused) as refused:
        ask.book(ORDER)
    assert (refused.value.code, refused.value.retry) == (code, retry)
    assert each_courier.vans == []
    assert ask.book(ORDER).waybill


@pytest.mark.parametrize(
    "behaviour",
    ["apply_then_timeout", "apply_then_500", "garbage", "drop_connection", "error_500", "frequency_limited"],
)
def test_an_answer_that_cannot_be_believed_is_unknown(ask, each_courier, behaviour):
    each_courier.next(behaviour)
    with pytest.raises(CourierDown):
        ask.book(ORDER)
    assert ask.book(ORDER).waybill
    assert each_courier.vans == [("RT1", "booked")]


def test_a_price_by_place_and_weight(ask):
    near = ask.quote(Contact(**SENDER), Contact(**RECEIVER), grams=800)
    heavy = ask.quote(Contact(**SENDER), Contact(**RECEIVER), grams=3200)
    far = ask.quote(Contact(**FAR), Contact(**RECEIVER), grams=800)
    assert 500 < near.amount < heavy.amount
    assert far.amount >= 2 * near.amount
    assert near.currency == "CNY"


def test_where_nobody_comes_there_is_no_price_and_no_van(ask, each_courier):
    with pytest.raises(CourierRefused) as refused:
        ask.quote(Contact(**NOWHERE), Contact(**RECEIVER), grams=800)
    assert refused.value.code == "not_served"


@pytest.mark.parametrize("behaviour", ["apply_then_timeout", "apply_then_500", "garbage", "drop_connection", "slow"])
def test_one_van_after_an_unknown_outcome(each_courier, pickup, behaviour):
    each_courier.next(behaviour, order="RT1")
    parcel = settle(wish(pickup))
    assert parcel.state == states.BOOKED
    assert parcel.asked_courier == each_courier.code
    assert each_courier.vans == [("RT1", "booked")]
    assert violations() == []


@pytest.mark.parametrize("behaviour", ["apply_then_timeout", "apply_then_500"])
def test_cancelled_after_an_unknown_outcome_no_van_comes(each_courier, pickup, behaviour):
    each_courier.next(behaviour)
    parcel = wish(pickup)
    services.book_due_parcels(clock.now())
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=clock.now())
    settle(parcel)
    assert each_courier.vans == [("RT1", "cancelled")]


def test_killed_between_the_booking_and_its_note(each_courier, pickup):
    """The courier has the order, we have nothing written: the next worker finds it."""
    from logistics.parcels.services import booking
    from returns_platform.kernel import work

    parcel = wish(pickup)
    (claimed,) = work.claim_due(Parcel, now=clock.now())
    told = booking._ask_courier(claimed)
    parcel = settle(parcel, at=clock.now() + work.LEASE)
    assert (parcel.state, parcel.waybill) == (states.BOOKED, told.waybill)
    assert each_courier.vans == [("RT1", "booked")]


EVENTS = [("collected", 50), ("in_transit", 40), ("refused", 30), ("delivered", 20)]


def test_neither_order_nor_repetition_of_scans_changes_where_it_ends(each_courier, pickup):
    """I28: every order of the same scans, one of them twice, one parcel each."""
    ends = set()
    for number, told in enumerate(itertools.permutations(EVENTS)):
        parcel = settle(wish(pickup, f"RT{number}"))
        at = clock.now()
        for event, ago in (*told, random.Random(number).choice(told)):
            each_courier.push(parcel.waybill, event, at - minutes(ago))
            poll(parcel, at)
        took = parcel.delivered_at - parcel.collected_at
        ends.add((parcel.state, parcel.problem, took, parcel.events.count()))
    assert ends == {(states.DELIVERED, "", minutes(30), 4)}


@pytest.mark.parametrize(
    ("event", "state", "problem"),
    [("delivered", states.DELIVERED, ""), ("refused", states.REFUSED, "refused_at_door"),
     ("lost", states.LOST, "lost"), ("returned", states.REFUSED, "returned_to_sender")],
)  # fmt: skip
def test_where_it_ends(each_courier, pickup, event, state, problem):
    parcel = settle(wish(pickup))
    each_courier.push(parcel.waybill, "collected", clock.now() - minutes(30))
    each_courier.push(parcel.waybill, event, clock.now() - minutes(20))
    parcel = poll(parcel, clock.now())
    assert (parcel.state, parcel.problem) == (state, problem)
    assert violations() == []


# Its messages, with the product really listening


@pytest.fixture
def telling(each_courier, live_server, settings, transactional_db):
    settings.SITE_URL = live_server.url
    return each_courier


def hear(done) -> None:
    """Take messages in as they come, until it is so."""
    until = time.monotonic() + 10
    while not done() and time.monotonic() < until:
        take_in_courier_news(clock.now() + timedelta(minutes=2))
        time.sleep(0.1)
    assert done()


@pytest.mark.parametrize("behaviour", ["ok", "callback_twice", "callback_reordered", "callback_wrong_amount"])
def test_messages_bring_the_parcel_home(telling, pickup, behaviour):
    telling.next(behaviour)
    parcel = settle(wish(pickup))
    hear(lambda: fsm.reload(parcel).agent_phone)
    poll(parcel, clock.now())  # where somebody has to be asked to tell, he is
    for event, ago in [("collected", 30), ("in_transit", 20), ("delivered", 10)]:
        telling.push(parcel.waybill, event, clock.now() - minutes(ago))
        hear(lambda event=event: parcel.events.count() > 0)
    hear(lambda: fsm.reload(parcel).state == states.DELIVERED)


def test_a_false_signature_is_not_taken(telling, pickup):
    telling.next("callback_bad_signature")
    parcel = settle(wish(pickup))
    poll(parcel, clock.now())
    telling.push(parcel.waybill, "collected", clock.now())
    time.sleep(1.5)
    assert not CourierPush.objects.exists()


def test_called_off_at_the_courier_itself_is_heard_and_asked_about(telling, pickup):
    telling.next("closed")
    parcel = settle(wish(pickup))
    hear(lambda: fsm.reload(parcel).state == states.FAILED)
    assert parcel.problem == "called_off"


def test_its_book_survives_and_names_only_vans(each_courier, ask):
    ask.book(ORDER)
    with each_courier_book(each_courier) as told:
        (van,) = told
    assert set(van) == {"number", "waybill", "state", "booked_at"}


def each_courier_book(stand_in):
    import contextlib
    import urllib.request

    @contextlib.contextmanager
    def read():
        with urllib.request.urlopen(stand_in.url + "/_book") as answer:
            yield json.load(answer)["pickups"]

    return read()
