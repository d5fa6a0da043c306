import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from logistics.couriers import stages
from logistics.parcels import rules, states
from logistics.parcels.rules import whereabouts

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Scan:
    at: datetime
    stage: str
    incident: str = ""


def scan(hour: int, stage: str, incident: str = "") -> Scan:
    return Scan(NOW - timedelta(hours=100 - hour), stage, incident)


COLLECTED = scan(1, stages.PICKED_UP)
MOVING = scan(2, stages.IN_TRANSIT)
AT_THE_DOOR = scan(3, stages.OUT_FOR_DELIVERY)
REFUSED = scan(4, stages.DELIVERY_FAILED, stages.REFUSED)
LOST = scan(4, stages.DELIVERY_FAILED, stages.LOST)
BACK = scan(5, stages.RETURN_TO_SENDER)
SIGNED = scan(6, stages.DELIVERED)


@pytest.mark.parametrize(
    ("scans", "state"),
    [
        ([], ""),
        ([scan(1, stages.PENDING), scan(2, stages.UNKNOWN)], ""),
        ([scan(1, stages.DELIVERY_FAILED)], ""),  # nobody home when the van came
        ([COLLECTED], states.COLLECTED),
        ([COLLECTED, scan(2, stages.PICKED_UP)], states.COLLECTED),
        ([COLLECTED, MOVING, scan(3, stages.PICKED_UP)], states.IN_TRANSIT),
        ([MOVING], states.IN_TRANSIT),
        ([COLLECTED, scan(2, stages.DELIVERY_FAILED)], states.IN_TRANSIT),
        ([COLLECTED, scan(2, stages.ON_HOLD)], states.IN_TRANSIT),
        ([AT_THE_DOOR, REFUSED], states.REFUSED),
        ([AT_THE_DOOR, REFUSED, SIGNED], states.DELIVERED),  # a second attempt
        ([REFUSED, scan(5, stages.OUT_FOR_DELIVERY)], states.IN_TRANSIT),
        ([MOVING, BACK, SIGNED], states.REFUSED),  # its sender signed
        ([SIGNED, scan(7, stages.RETURN_TO_SENDER)], states.REFUSED),
        ([LOST], states.LOST),
        ([LOST, scan(5, stages.IN_TRANSIT)], states.IN_TRANSIT),  # found
        ([LOST, SIGNED], states.DELIVERED),
        ([SIGNED, scan(7, stages.PICKED_UP), scan(8, stages.DELIVERY_FAILED, stages.LOST)], states.DELIVERED),
        ([BACK, scan(6, stages.DELIVERY_FAILED, stages.LOST)], states.LOST),
        ([SIGNED], states.DELIVERED),
    ],
)
def test_where_a_parcel_is(scans, state):
    assert whereabouts(scans, now=NOW).state == state


def test_neither_order_nor_repetition_changes_the_answer():
    scans = [COLLECTED, MOVING, REFUSED, BACK, SIGNED]
    answers = {whereabouts(order, now=NOW) for order in permutations(scans)}
    doubled = [scan for scan in scans for _ in range(2)]
    for seed in range(50):
        random.Random(seed).shuffle(doubled)
        answers.add(whereabouts(doubled, now=NOW))
    assert len(answers) == 1


def test_scans_of_one_second_have_an_order_of_their_own():
    at_once = [scan(1, stage) for stage in (stages.PICKED_UP, stages.IN_TRANSIT, stages.DELIVERED)]
    assert {whereabouts(order, now=NOW).state for order in permutations(at_once)} == {states.DELIVERED}


def test_times_are_the_couriers():
    where = whereabouts([SIGNED, MOVING, COLLECTED], now=NOW)
    assert (where.collected_at, where.delivered_at) == (COLLECTED.at, SIGNED.at)


@pytest.mark.parametrize(("days", "state"), [(60, states.LOST), (59, states.IN_TRANSIT)])
def test_sixty_silent_days_mean_lost(days, state):
    where = whereabouts([Scan(NOW - timedelta(days=days), stages.IN_TRANSIT)], now=NOW)
    assert where.state == state
    assert where.problem == ("silent" if state == states.LOST else "")


def test_a_delivered_parcel_may_be_silent():
    assert whereabouts([Scan(NOW - timedelta(days=90), stages.DELIVERED)], now=NOW).state == states.DELIVERED


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("SF1234567890123", True), ("sf 1234-5678 90123", True), ("YT9693083639795", True), ("123456", True),
        ("12345", False), ("A" * 33, False), ("SF12345<script>", False), ("SF１２３４５６７", False), ("", False),
        ("SF123\x00456", False),
    ],
)  # fmt: skip
def test_waybills(text, fits):
    assert rules.is_waybill(rules.clean_waybill(text)) is fits


def test_from_an_hour_before_the_slot_the_courier_is_on_the_way():
    slot = NOW, NOW + timedelta(hours=2)
    assert not rules.courier_is_on_the_way(NOW - timedelta(hours=1, seconds=1), *slot)
    assert rules.courier_is_on_the_way(NOW - timedelta(hours=1), *slot)
    assert rules.courier_is_on_the_way(slot[1] - timedelta(seconds=1), *slot)
    assert not rules.courier_is_on_the_way(slot[1], *slot)


def test_each_new_van_has_its_own_number():
    assert [rules.booking_number("RT1", serial) for serial in (1, 2, 3)] == ["RT1", "RT1-2", "RT1-3"]
