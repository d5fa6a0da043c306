"""Distances, boxes and opening hours, at their edges."""

from datetime import datetime, time
from random import Random

import pytest

from logistics.points.counties import centre_of
from logistics.points.rules import Box, Spot, box_around, is_open, kilometres

PEOPLES_SQUARE, TIANANMEN = Spot(31.2304, 121.4737), Spot(39.9042, 116.4074)


def inside(box: Box, spot: Spot) -> bool:
    if box.west <= box.east:
        across = box.west <= spot.longitude <= box.east
    else:
        across = spot.longitude >= box.west or spot.longitude <= box.east
    return across and box.south <= spot.latitude <= box.north


def test_known_distances():
    assert kilometres(PEOPLES_SQUARE, TIANANMEN) == pytest.approx(1068, abs=2)
    assert kilometres(Spot(0, 0), Spot(0, 180)) == pytest.approx(20015, abs=1)
    assert kilometres(Spot(0, 179.9), Spot(0, -179.9)) == pytest.approx(22.24, abs=0.01)
    assert kilometres(TIANANMEN, TIANANMEN) == 0


def test_whatever_is_within_the_distance_is_in_the_box():
    chance = Random(20261130)
    for _ in range(5000):
        spot = Spot(chance.uniform(-90, 90), chance.choice((chance.uniform(-180, 180), 179.99, -179.99)))
        within = chance.choice((0.1, 10, 500, 3000, 12000))
        other = Spot(
            max(-90.0, min(90.0, spot.latitude + chance.gauss(0, within / 111))),
            (spot.longitude + chance.gauss(0, within / 50) + 180) % 360 - 180,
        )
        if kilometres(spot, other) <= within:
            assert inside(box_around(spot, within), other), (spot, other, within)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-30T08:59:59", False),  # a Monday
        ("2026-11-30T09:00:00", True),
        ("2026-11-30T20:59:59", True),
        ("2026-11-30T21:00:00", False),
        ("2026-11-29T12:00:00", False),  # Sunday, closed
    ],
)
def test_a_point_is_open_from_its_first_minute_to_its_last(moment, open_):
    local = datetime.fromisoformat(moment)
    assert is_open(local, opens=time(9), closes=time(21), closed_on=[7]) is open_


def test_an_address_stands_in_the_centre_of_its_district_else_of_its_city_else_of_its_province():
    pudong = {"province": "上海市", "city": "上海市", "district": "浦东新区"}
    assert kilometres(centre_of(pudong), Spot(31.2215, 121.5444)) < 1
    assert centre_of(pudong | {"city": "上海"}) == centre_of(pudong)  # shops write cities in many ways
    assert centre_of({"province": "浙江省", "city": "杭州市", "district": "没有这个区"}) == centre_of(
        {"province": "浙江省", "city": "杭州市"}
    )
    assert centre_of({"province": "浙江省", "city": "没有"}) == centre_of({"province": "浙江省"})
    assert centre_of({"province": "Bavaria"}) is None
    assert centre_of({}) is None
