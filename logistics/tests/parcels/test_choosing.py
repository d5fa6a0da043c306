"""Which courier comes: by price, place, record and the shop's wish; and who comes when one refuses. One van."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from logistics import couriers
from logistics.parcels import queries, services, states
from logistics.parcels.models import CourierOrder, Parcel
from logistics.parcels.slots import free_slots
from logistics.rates.models import Rate
from logistics.rates.services import set_wish
from logistics.tests.conftest import CUSTOMER, SENDER, SHOP, minutes
from logistics.tests.conftest import NOW as MONDAY
from logistics.tests.fakes import FakeCourier, FakeJD, FakeKuaidi100, Vans
from logistics.tests.test_books import violations
from returns_platform.kernel import clock, fsm
from returns_platform.kernel.errors import Invalid, Refused
from returns_platform.kernel.outbound import http

# By the real calendar: Kuaidi100 sends somebody within three days. In the evening of Shanghai, when no van is near.
NOW = clock.now().replace(hour=10, minute=0, second=0, microsecond=0)
FAR = SENDER | {"province": "西藏自治区", "city": "拉萨市", "district": "城关区"}
NOWHERE = SENDER | {"province": "海南省", "city": "三沙市", "district": "西沙区"}
FAKES = {"sf": FakeCourier, "jd": FakeJD, "kuaidi100": FakeKuaidi100}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    patient = http.call
    monkeypatch.setattr(http, "call", lambda *args, **more: patient(*args, **more | {"timeout_s": 1}))


@pytest.fixture
def all_three(sf, jd, kuaidi100, settings):
    settings.COURIERS = ["sf", "jd", "kuaidi100"]
    return {"sf": sf, "jd": jd, "kuaidi100": kuaidi100}


def book(parcel: Parcel, at=NOW) -> Parcel:
    services.book_due_parcels(at)
    return fsm.reload(parcel)


def vans(stand_ins) -> dict[str, list]:
    return {name: stand_in.vans for name, stand_in in stand_ins.items() if stand_in.vans}


def why(parcel: Parcel) -> list[tuple[str, str]]:
    given = CourierOrder.objects.get(number=parcel.number)
    return [(said["courier"], said["code"]) for said in given.why]


def test_near_the_preferred_one_comes_and_it_is_said_why(all_three, pickup):
    parcel = book(pickup(now=NOW))
    assert (parcel.state, parcel.asked_courier) == (states.BOOKED, "sf")
    assert vans(all_three) == {"sf": [("RT1", "booked")]}
    assert why(parcel) == [("sf", "taken"), ("jd", "later"), ("kuaidi100", "later")]
    given = parcel.courier_orders.get()
    assert (given.amount, given.outcome, given.province) == (1200, "booked", "上海市")
    assert violations() == []


def test_far_away_the_preferred_one_is_too_dear(all_three, pickup):
    parcel = pickup(now=NOW)
    Parcel.objects.update(sender=FAR)
    parcel = book(parcel)
    assert (parcel.asked_courier, parcel.courier) == ("jd", "jd")
    assert why(parcel)[:2] == [("jd", "taken"), ("sf", "too_dear")]


def test_where_nobody_comes_a_person_looks_at_once(all_three, pickup):
    parcel = pickup(now=NOW)
    Parcel.objects.update(sender=NOWHERE)
    parcel = book(parcel)
    assert (parcel.state, parcel.problem) == (states.MANUAL, "not_served")
    assert vans(all_three) == {}


@pytest.mark.parametrize("behaviour", ["capacity", "not_served", "account_abnormal", "not_enough_balance"])
def test_who_refuses_gives_way_to_the_next(all_three, pickup, behaviour):
    all_three["sf"].next(behaviour)
    parcel = book(pickup(now=NOW))
    assert (parcel.number, parcel.stale_numbers) == ("RT1-2", [])
    assert (parcel.state, parcel.asked_courier) == (states.BOOKED, "jd")
    assert vans(all_three) == {"jd": [("RT1-2", "booked")]}
    assert why(parcel)[1] == ("sf", "refused")
    assert violations() == []


def test_when_all_refuse_a_person_looks(all_three, pickup):
    for stand_in in all_three.values():
        stand_in.next("account_abnormal")
    parcel = pickup(now=NOW)
    book(parcel)
    assert (parcel.state, parcel.problem) == (states.MANUAL, "account")
    assert vans(all_three) == {}


def test_when_all_are_busy_the_last_one_is_asked_again_later(all_three, pickup):
    for stand_in in all_three.values():
        stand_in.next("capacity")
    parcel = book(pickup(now=NOW))
    assert (parcel.state, parcel.asked_courier, parcel.tries) == (states.REQUESTED, "kuaidi100", 1)
    assert book(parcel, NOW + minutes(1)).state == states.BOOKED
    assert vans(all_three) == {"kuaidi100": [("RT1-3", "booked")]}


def test_after_an_unknown_outcome_a_refusal_first_calls_the_old_number_off(all_three, pickup):
    """What SF did with the first call nobody knows: before JD is asked, SF's number is called off."""
    all_three["sf"].next("error_500")
    parcel = book(pickup(now=NOW))
    all_three["sf"].next("capacity")
    parcel = book(parcel, NOW + minutes(1))
    assert (parcel.number, parcel.stale_numbers) == ("RT1-2", ["RT1"])
    for wait in range(2, 8):
        book(parcel, NOW + minutes(wait))
    assert (parcel.state, parcel.asked_courier, parcel.stale_numbers) == (states.BOOKED, "jd", [])
    assert vans(all_three) == {"jd": [("RT1-2", "booked")]}


def test_a_van_that_is_called_off_is_called_off_at_its_own_courier(all_three, pickup):
    all_three["sf"].next("capacity")
    parcel = pickup(now=NOW)
    book(parcel), book(parcel)
    later = free_slots(NOW + timedelta(days=1), "Asia/Shanghai")[0]
    services.change_slot(parcel.pk, slot_from=later.start, slot_to=later.end, by=CUSTOMER, now=NOW)
    for wait in range(3):
        book(parcel, NOW + minutes(wait))
    assert all_three["jd"].vans == [("RT1-2", "cancelled")]
    assert all_three["sf"].vans == [("RT1-3", "booked")]  # asked again: it is another time
    assert (parcel.state, parcel.asked_courier) == (states.BOOKED, "sf")


def test_the_shop_says_whom_it_wants_and_that_the_price_decides(all_three, pickup, order):
    set_wish(order.merchant, codes=["jd", "sf"], cheapest=False, by=SHOP, now=NOW)
    assert book(pickup("RT1", now=NOW)).asked_courier == "jd"
    set_wish(order.merchant, codes=["jd", "sf", "kuaidi100"], cheapest=True, by=SHOP, now=NOW)
    parcel = book(pickup("RT2", now=NOW))
    assert (parcel.asked_courier, parcel.courier) == ("kuaidi100", "yto")
    assert why(parcel)[0] == ("kuaidi100", "cheapest")


@pytest.mark.parametrize("codes", [[], ["dhl"], ["sf", "'; DROP"]])
def test_a_wish_for_nobody_or_a_stranger_is_refused(all_three, order, codes):
    with pytest.raises(Invalid):
        set_wish(order.merchant, codes=codes, cheapest=False, by=SHOP, now=NOW)


def test_a_poor_record_where_the_sender_lives_counts(all_three, pickup):
    for number in range(10):
        parcel = book(pickup(f"RT{number}", now=NOW))
        if number % 5 == 0:
            services.note_lateness(parcel.number)
    parcel = book(pickup("RT99", now=NOW))
    assert (parcel.asked_courier, why(parcel)[1]) == ("jd", ("sf", "poor_record"))
    other = pickup("RT100", now=NOW)
    Parcel.objects.filter(pk=other.pk).update(sender=SENDER | {"province": "江苏省", "city": "苏州市"})
    assert book(other).asked_courier == "sf"


def test_a_van_that_did_not_come_stays_in_the_record(all_three, pickup):
    from logistics.tracking.services import poll_due_parcels

    parcel = book(pickup(now=NOW))
    late = parcel.slot_to + minutes(1)
    Parcel.objects.update(next_try_at=late)
    poll_due_parcels(late)
    assert parcel.courier_orders.get().late


def test_prices_are_asked_once_a_day_and_a_silent_courier_holds_nobody_up(all_three, pickup, settings):
    settings.JD_BASE_URL = "http://127.0.0.1:9"
    book(pickup("RT1", now=NOW))
    book(pickup("RT2", now=NOW))
    assert {(rate.courier, rate.served, rate.amount) for rate in Rate.objects.all()} == {
        ("sf", True, 1200), ("jd", None, None), ("kuaidi100", True, 1050),
    }  # fmt: skip


def test_a_courier_that_is_down_is_still_the_preferred_one(all_three, pickup, settings):
    """Silence is no refusal: nobody knows what it did, so nobody else is asked."""
    settings.SF_BASE_URL = "http://127.0.0.1:9"
    parcel = book(pickup(now=NOW))
    assert (parcel.asked_courier, parcel.state) == ("sf", states.REQUESTED)
    assert vans(all_three) == {}


def test_killed_between_the_choice_and_the_call(all_three, pickup):
    from logistics.parcels.services.choosing import give_to_a_courier
    from returns_platform.kernel import work

    parcel = pickup(now=NOW)
    (claimed,) = work.claim_due(Parcel, now=NOW)
    give_to_a_courier(claimed, now=NOW)
    parcel = book(parcel, NOW + work.LEASE)
    assert (parcel.state, parcel.asked_courier) == (states.BOOKED, "sf")
    assert CourierOrder.objects.count() == 1


# Storms, with three couriers that fail and refuse as the dice fall


@pytest.fixture
def fleets(monkeypatch, settings):
    settings.COURIERS = list(FAKES)

    def with_seed(seed: int) -> dict[str, Vans]:
        for number, (code, fake) in enumerate(FAKES.items()):
            monkeypatch.setitem(couriers.COURIERS, code, f"logistics.tests.fakes.{fake.__name__}")
            monkeypatch.setattr(fake, "vans", Vans(seed * 10 + number), raising=False)
        return {code: fake.vans for code, fake in FAKES.items()}

    return with_seed


def coming(fleets) -> set[str]:
    return set().union(*(fleet.coming for fleet in fleets.values()))


def something(parcel: Parcel, fleets, dice: random.Random, at) -> None:
    slot = dice.choice(free_slots(at, "Asia/Shanghai"))
    deeds = {
        "change": lambda: services.change_slot(
            parcel.pk, slot_from=slot.start, slot_to=slot.end, by=CUSTOMER, now=at
        ),
        "cancel": lambda: services.cancel_parcel(parcel.pk, by=CUSTOMER, now=at),
        "again": lambda: services.book_again(parcel.pk, by=SHOP, now=at),
        "collect": lambda: [
            fleet.collected.add(number) for fleet in fleets.values() for number in sorted(fleet.coming)[:1]
        ],
    }
    with suppress(Refused):
        deeds[dice.choices(list(deeds), (6, 1, 4, 0.3))[0]]()


@pytest.mark.parametrize("seed", range(16))
def test_one_van_of_whomever(pickup, fleets, seed):
    dice, three = random.Random(seed), fleets(seed)
    parcel, at, asleep = pickup(), MONDAY, False

    def meanwhile():
        """While a worker waits for an answer others act; now and then it sleeps past its lease."""
        nonlocal asleep
        if asleep or dice.random() < 0.6:
            return
        asleep = True
        for minute in range(dice.choice([1, 1, 8])):
            something(parcel, three, dice, at)
            if minute:
                services.book_due_parcels(at + timedelta(seconds=31) + minutes(minute))
        asleep = False

    for fleet in three.values():
        fleet.meanwhile = meanwhile
    for _ in range(25):
        at += minutes(dice.choice([0, 1, 5, 30]))
        services.book_due_parcels(at)
        if dice.random() < 0.4:
            something(parcel, three, dice, at)
    for fleet in three.values():
        fleet.reliable, fleet.meanwhile = True, lambda: None
    for hours in range(1, 14):
        services.book_due_parcels(at + timedelta(hours=hours))
    fsm.reload(parcel)
    wanted = {parcel.number} if parcel.state == states.BOOKED and parcel.way == Parcel.Way.PICKUP else set()
    collected = set().union(*(fleet.collected for fleet in three.values()))
    assert coming(three) == wanted - collected or parcel in queries.needing_a_person()
    assert len(coming(three)) <= 1
    assert violations() == []
