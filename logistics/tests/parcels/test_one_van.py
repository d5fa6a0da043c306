"""Whatever people and the courier do, in any order: never two vans for one parcel, and none that nobody wants."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from logistics import couriers
from logistics.parcels import queries, services, states
from logistics.parcels.models import Parcel
from logistics.parcels.slots import free_slots
from logistics.tests.conftest import CUSTOMER, NOW, SHOP, minutes
from logistics.tests.fakes import FakeCourier, Vans
from logistics.tests.test_books import violations
from returns_platform.kernel import fsm
from returns_platform.kernel.errors import Refused

SEEDS = range(12)
SLEEPY_SEEDS = (*SEEDS, 91, 120, 133, 139, 144, 182, 263, 284)  # the later ones found vans left behind
WEIGHTS = {"work": 12, "change": 3, "cancel": 1, "hand in": 1, "count": 0.3, "again": 2, "collect": 0.3}
DEEDS_OF_OTHERS = {name: weight for name, weight in WEIGHTS.items() if name != "work"}
LONGER_THAN_A_LEASE = timedelta(seconds=31)


@pytest.fixture
def vans(monkeypatch):
    monkeypatch.setitem(couriers.COURIERS, "sf", "logistics.tests.fakes.FakeCourier")

    def with_seed(seed: int) -> Vans:
        monkeypatch.setattr(FakeCourier, "vans", Vans(seed), raising=False)
        return FakeCourier.vans

    return with_seed


def something(parcel: Parcel, fleet: Vans, dice: random.Random, at, weights=WEIGHTS) -> None:
    """What a worker, a customer, a shop, a member of staff or a van may do at that moment."""
    slot = dice.choice(free_slots(at, "Asia/Shanghai"))
    coming = sorted(fleet.coming)
    deeds = {
        "work": lambda: services.book_due_parcels(at),
        "change": lambda: services.change_slot(
            parcel.pk, slot_from=slot.start, slot_to=slot.end, by=CUSTOMER, now=at
        ),
        "cancel": lambda: services.cancel_parcel(parcel.pk, by=CUSTOMER, now=at),
        "hand in": lambda: services.enter_waybill(
            parcel.pk, courier="yto", waybill="YT9693083639795", by=CUSTOMER, now=at
        ),
        "count": lambda: services.delivered_by_word(parcel.pk, by=SHOP, now=at),
        "again": lambda: services.book_again(parcel.pk, by=SHOP, now=at),
        "collect": lambda: coming and fleet.collected.add(dice.choice(coming)),
    }
    with suppress(Refused):
        deeds[dice.choices(list(weights), weights.values())[0]]()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_van(pickup, vans, seed):
    dice, fleet = random.Random(seed), vans(seed)
    parcel, at = pickup(), NOW

    def meanwhile():
        if dice.random() < 0.3:
            something(parcel, fleet, dice, at, DEEDS_OF_OTHERS)

    fleet.meanwhile = meanwhile
    for _ in range(40):
        at += minutes(dice.choice([0, 1, 5, 30]))
        something(parcel, fleet, dice, at)
        assert len(fleet.coming) <= 1
    settle(parcel, fleet, at)


@pytest.mark.parametrize("seed", SLEEPY_SEEDS)
def test_a_worker_that_sleeps_in_a_call_leaves_no_van_behind(pickup, vans, seed):
    """Stopped for longer than its lease, while another takes the parcel over: what it then books is called off."""
    dice, fleet = random.Random(seed), vans(seed)
    parcel, at, asleep = pickup(), NOW, False

    def meanwhile():
        nonlocal asleep
        if asleep or dice.random() < 0.7:
            return
        asleep = True
        for minute in range(12):
            something(parcel, fleet, dice, at + LONGER_THAN_A_LEASE + minutes(minute))
        asleep = False

    fleet.meanwhile = meanwhile
    for _ in range(15):
        at += minutes(dice.choice([1, 5, 30]))
        something(parcel, fleet, dice, at)
    settle(parcel, fleet, at)


def settle(parcel: Parcel, fleet: Vans, at) -> None:
    """The courier works again, workers have all the time they need: the van that comes is the one that is wanted."""
    fleet.reliable, fleet.meanwhile = True, lambda: None
    for hours in range(12):
        services.book_due_parcels(at + timedelta(hours=hours))
    fsm.reload(parcel)
    wanted = {parcel.number} if parcel.state == states.BOOKED and parcel.way == Parcel.Way.PICKUP else set()
    assert fleet.coming == wanted - fleet.collected or parcel in queries.needing_a_person()
    assert violations() == []
