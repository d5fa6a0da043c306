"""One van for several returns of one customer: one number, one waybill, whoever joins, leaves or is called off."""

import random
from contextlib import suppress
from datetime import time, timedelta

import pytest

from logistics import couriers
from logistics.parcels import queries, services, states
from logistics.parcels.models import CourierOrder, Parcel
from logistics.parcels.slots import free_slots, next_slot
from logistics.points.models import Point
from logistics.tests.conftest import CUSTOMER, NOW, SENDER, SHOP, minutes
from logistics.tests.fakes import FakeCourier, Vans
from logistics.tests.test_books import violations
from logistics.tracking.services import poll_due_parcels
from orders.customers.models import Customer
from orders.purchases.models import Order
from returns_platform.kernel import fsm
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.outbound import http

LATER = next_slot(NOW + timedelta(days=2), "Asia/Shanghai")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    patient = http.call
    monkeypatch.setattr(http, "call", lambda *args, **more: patient(*args, **more | {"timeout_s": 1}))


@pytest.fixture
def two(pickup):
    return [pickup("RT1", shared=True), pickup("RT2", shared=True)]


def book(at=NOW):
    services.book_due_parcels(at)


def now_of(*parcels: Parcel) -> list[Parcel]:
    return [fsm.reload(parcel) for parcel in parcels]


def poll(at=NOW):
    Parcel.objects.filter(stale_numbers=[]).exclude(state=states.REQUESTED).update(next_try_at=at)
    poll_due_parcels(at)


def test_two_pickups_at_one_address_and_time_are_one_van_under_one_waybill(sf, two):
    book()
    van, rider = now_of(*two)
    assert sf.vans == [("RT1", "booked")]
    assert (rider.state, rider.shares_with, rider.waybill) == (states.BOOKED, van, van.waybill)
    assert CourierOrder.objects.count() == 1  # freight is charged once
    assert violations() == []


def test_who_joins_a_booked_van_is_booked_at_once(sf, pickup):
    van = pickup("RT1", shared=True)
    book()
    rider = pickup("RT2", shared=True)
    assert (rider.state, rider.waybill) == (states.BOOKED, now_of(van)[0].waybill)
    book()
    assert sf.vans == [("RT1", "booked")]


@pytest.mark.parametrize("change", [
    {"sender": SENDER | {"phone": "+8613800138999"}},
    {"sender": SENDER | {"street": "人民路 1 号"}},
    {"slot_from": LATER.start, "slot_to": LATER.end},
    {"kind": "outbound"},
])  # fmt: skip
def test_another_address_phone_time_or_direction_has_a_van_of_its_own(sf, pickup, change):
    pickup("RT1", shared=True)
    pickup("RT2", shared=True, **change)
    book()
    assert sf.vans == [("RT1", "booked"), ("RT2", "booked")]


def test_another_customer_at_the_same_address_has_a_van_of_its_own(sf, pickup, order):
    pickup("RT1", shared=True)
    other = Customer.objects.create(merchant=order.merchant, external_id="c-2", name="安小雨")
    theirs = Order.objects.create(merchant=order.merchant, customer=other, order_no="A2", currency="CNY",
                                  placed_at=NOW, updated_at=NOW)  # fmt: skip
    slot = next_slot(NOW, "Asia/Shanghai")
    parcel = services.request_pickup(
        reference="RT2", order=theirs, sender=SENDER, receiver={}, goods=[], slot_from=slot.start, slot_to=slot.end,
        by=CUSTOMER, now=NOW,
    )  # fmt: skip
    assert parcel.shares_with is None


@pytest.mark.parametrize("who", [0, 1])
def test_one_of_two_withdraws_and_the_van_still_comes_both_and_it_does_not(sf, two, who):
    book()
    services.cancel_parcel(two[who].pk, by=CUSTOMER, now=NOW)
    book()
    left, gone = now_of(two[1 - who], two[who])
    assert (gone.state, left.state, left.shares_with) == (
        states.CANCELLED,
        states.BOOKED,
        None if who == 0 else gone,
    ) or (who == 1 and left.shares_with is None)
    assert sf.vans == [("RT1", "booked")]
    assert violations() == []

    services.cancel_parcel(left.pk, by=CUSTOMER, now=NOW)
    book()
    book(NOW + minutes(1))
    assert sf.vans == [("RT1", "cancelled")]
    assert violations() == []


def test_the_heir_is_followed_under_the_old_number(sf, two):
    book()
    services.cancel_parcel(two[0].pk, by=CUSTOMER, now=NOW)
    heir = now_of(two[1])[0]
    sf.push(heir.waybill, "collected")
    poll()
    assert now_of(two[1])[0].state == states.COLLECTED
    assert (now_of(two[0])[0].state, violations()) == (states.CANCELLED, [])


@pytest.mark.parametrize("behaviour", ["apply_then_timeout", "apply_then_500", "garbage", "drop_connection"])
def test_who_has_the_van_leaves_while_its_booking_is_unknown_and_there_is_one_van(sf, two, behaviour):
    sf.next(behaviour, order="RT1")
    book()
    services.cancel_parcel(two[0].pk, by=CUSTOMER, now=NOW)
    for minute in range(5):
        book(NOW + minutes(minute))
    assert now_of(two[1])[0].state == states.BOOKED
    assert sf.vans == [("RT1", "booked")]
    assert violations() == []


def test_scans_move_both_and_each_is_counted_on_its_own(sf, two):
    book()
    van, rider = now_of(*two)
    for event in ("collected", "delivered"):
        sf.push(van.waybill, event)
    poll()
    assert [parcel.state for parcel in now_of(*two)] == [states.DELIVERED] * 2
    services.delivered_by_word(rider.pk, by=SHOP, now=NOW)
    assert [parcel.by_word for parcel in now_of(*two)] == [False, True]
    assert queries.travelling_with(rider) == ["RT1"]
    assert violations() == []


def test_another_time_moves_both_and_calls_the_first_van_off(sf, two):
    book()
    services.change_slot(two[1].pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
    assert {parcel.slot_from for parcel in now_of(*two)} == {LATER.start}
    book()
    book(NOW + minutes(1))
    assert sf.vans == [("RT1", "cancelled"), ("RT1-2", "booked")]
    assert {parcel.waybill for parcel in now_of(*two)} == {now_of(two[0])[0].waybill}
    assert violations() == []


def test_who_takes_the_time_of_another_van_rides_in_it(sf, pickup):
    other = pickup("RT1", shared=True, slot_from=LATER.start, slot_to=LATER.end)
    parcel = pickup("RT2", shared=True)
    book()
    services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
    book()
    book(NOW + minutes(1))
    assert sf.vans == [("RT1", "booked"), ("RT2", "cancelled")]
    other, parcel = now_of(other, parcel)
    assert (parcel.shares_with, parcel.state, parcel.waybill) == (other, states.BOOKED, other.waybill)
    assert violations() == []


def test_a_refusal_for_good_is_told_to_both_and_a_person_asks_again_for_both(sf, two):
    sf.next("account_abnormal")
    book()
    assert {(parcel.state, parcel.problem) for parcel in now_of(*two)} == {(states.MANUAL, "account")}
    services.book_again(two[1].pk, by=SHOP, now=NOW)
    book()
    assert {parcel.state for parcel in now_of(*two)} == {states.BOOKED}
    assert sf.vans == [("RT1", "booked")]


def test_a_van_that_was_called_off_at_the_courier_fails_for_both_and_each_may_hand_in(sf, two):
    sf.next("closed", order="RT1")
    book()
    for _try in range(40):
        if sf.vans == [("RT1", "cancelled")]:
            break
        poll(next_slot(NOW, "Asia/Shanghai").end + minutes(1))
    poll(next_slot(NOW, "Asia/Shanghai").end + minutes(1))
    assert {parcel.state for parcel in now_of(*two)} == {states.FAILED}
    services.enter_waybill(two[0].pk, courier="yto", waybill="YT9693083639795", by=CUSTOMER, now=NOW)
    left = now_of(two[1])[0]
    assert (left.state, left.shares_with) == (states.FAILED, None)
    assert violations() == []


@pytest.mark.parametrize("who", [0, 1])
def test_one_is_handed_in_at_a_station_and_the_van_comes_for_the_other(sf, two, order, who):
    book()
    point = Point.objects.create(merchant=order.merchant, name="站", sends_on=True, longitude=1, latitude=1,
                                 opens=time(9), closes=time(21), capacity=9)  # fmt: skip
    services.hand_in(two[who].pk, point, by=SHOP, now=NOW)
    book()
    there, waits = now_of(two[who], two[1 - who])
    assert (there.state, there.waits_to_be_sent_on, waits.state) == (states.COLLECTED, True, states.BOOKED)
    assert sf.vans == [("RT1", "booked")]
    assert violations() == []


def test_a_waybill_that_is_used_twice_is_still_refused(sf, two, pickup):
    book()
    stranger = pickup("RT9", sender=SENDER | {"street": "别处"})
    services.cancel_parcel(stranger.pk, by=CUSTOMER, now=NOW)
    own = services.open_self_ship(
        reference="RT8", order=two[0].order, sender=SENDER, receiver={}, by=CUSTOMER, now=NOW
    )
    with pytest.raises(services.WaybillTaken):
        services.enter_waybill(own.pk, courier="sf", waybill=now_of(two[0])[0].waybill, by=CUSTOMER, now=NOW)


# --- whatever happens -------------------------------------------------------------------------------------

WEIGHTS = {"work": 12, "change": 3, "cancel": 0.7, "hand in": 1, "count": 0.3, "again": 2, "collect": 0.3, "join": 3}


@pytest.fixture
def vans(monkeypatch):
    monkeypatch.setitem(couriers.COURIERS, "sf", "logistics.tests.fakes.FakeCourier")

    def with_seed(seed: int) -> Vans:
        monkeypatch.setattr(FakeCourier, "vans", Vans(seed), raising=False)
        return FakeCourier.vans

    return with_seed


class Household:
    """Several returns of one customer, and everything that may be done to them."""

    def __init__(self, pickup, fleet: Vans, seed: int):
        self.pickup, self.fleet, self.dice, self.at = pickup, fleet, random.Random(seed), NOW
        self.parcels: list[Parcel] = []
        self.join()

    def join(self) -> None:
        if len(self.parcels) < 4:
            slot = self.slot()
            asked = {"slot_from": slot.start, "slot_to": slot.end, "now": self.at, "shared": True}
            self.parcels.append(self.pickup(f"RT{len(self.parcels)}", **asked))

    def slot(self):
        return self.dice.choice(free_slots(self.at, "Asia/Shanghai")[:3])

    def something(self, weights=WEIGHTS) -> None:
        pk, slot, at = self.dice.choice(self.parcels).pk, self.slot(), self.at
        coming = sorted(self.fleet.coming)
        deeds = {
            "work": lambda: services.book_due_parcels(at),
            "change": lambda: services.change_slot(pk, slot_from=slot.start, slot_to=slot.end, by=CUSTOMER, now=at),
            "cancel": lambda: services.cancel_parcel(pk, by=CUSTOMER, now=at),
            "hand in": lambda: services.enter_waybill(
                pk, courier="yto", waybill=f"YT{pk:013d}", by=CUSTOMER, now=at
            ),
            "count": lambda: services.delivered_by_word(pk, by=SHOP, now=at),
            "again": lambda: services.book_again(pk, by=SHOP, now=at),
            "collect": lambda: coming and self.fleet.collected.add(self.dice.choice(coming)),
            "join": self.join,
        }  # fmt: skip
        with suppress(Refused):
            deeds[self.dice.choices(list(weights), weights.values())[0]]()

    def settle(self) -> None:
        self.fleet.reliable, self.fleet.meanwhile = True, lambda: None
        for hours in range(16):
            services.book_due_parcels(self.at + timedelta(hours=hours))
        booked = [p for p in now_of(*self.parcels) if p.state == states.BOOKED and p.way == Parcel.Way.PICKUP]
        wanted = {(p.shares_with or p).number for p in booked}
        asked = any(queries.needing_a_person().filter(pk=p.pk).exists() for p in self.parcels)
        assert self.fleet.coming == wanted - self.fleet.collected or asked
        assert violations() == []


@pytest.mark.parametrize("seed", range(16))
def test_never_a_van_too_many_and_none_too_few(pickup, vans, seed):
    fleet = vans(seed)
    house = Household(pickup, fleet, seed)
    others = {name: weight for name, weight in WEIGHTS.items() if name != "work"}
    fleet.meanwhile = lambda: house.dice.random() < 0.3 and house.something(others)
    for _step in range(40):
        house.at += minutes(house.dice.choice([0, 1, 5, 30]))
        house.something()
        assert not {"I31", "I16", "I17", "I18"} & set(violations())
    house.settle()


@pytest.mark.parametrize("seed", range(8))
def test_a_worker_that_sleeps_while_the_van_is_handed_on(pickup, vans, seed):
    fleet = vans(seed)
    house, asleep = Household(pickup, fleet, seed), False

    def meanwhile():
        nonlocal asleep
        if asleep or house.dice.random() < 0.7:
            return
        asleep, at = True, house.at
        for _minute in range(12):
            house.at += timedelta(seconds=40)
            house.something()
        asleep, house.at = False, at

    fleet.meanwhile = meanwhile
    for _step in range(15):
        house.at += minutes(house.dice.choice([1, 5, 30]))
        house.something()
    house.settle()
