"""The nearest of many points is the nearest."""

from datetime import time
from random import Random
from time import perf_counter

import pytest
from django.db import connection

from logistics.points.models import Point
from logistics.points.queries import nearest
from logistics.points.rules import Spot, kilometres
from returns_platform.tests.journeys.shop import open_shop

pytestmark = pytest.mark.django_db


def some_points(merchant, spots) -> None:
    Point.objects.bulk_create(
        Point(merchant=merchant, name=f"P{nth}", province="上海市", city="上海市", street="-", latitude=spot.latitude,
              longitude=spot.longitude, opens=time(9), closes=time(21), capacity=10)
        for nth, spot in enumerate(spots)
    )  # fmt: skip


def test_nobody_is_near_where_there_is_no_point():
    assert nearest(open_shop().merchant, Spot(31, 121)) == []


def test_the_nearest_of_ten_thousand_are_found_and_quickly():
    chance, merchant = Random(7), open_shop().merchant
    spots = [Spot(chance.uniform(18, 53), chance.uniform(74, 134)) for _ in range(10_000)]
    some_points(merchant, spots)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE logistics_point")
    took = []
    for _ in range(50):
        here = Spot(chance.uniform(18, 53), chance.uniform(74, 134))
        start = perf_counter()
        found = nearest(merchant, here, most=5)
        took.append(perf_counter() - start)
        expected = sorted(kilometres(here, spot) for spot in spots)[:5]
        assert [near.kilometres for near in found] == pytest.approx(expected)
    print(f"nearest of 10,000: median {sorted(took)[25] * 1000:.1f} ms, worst {max(took) * 1000:.1f} ms")


@pytest.mark.parametrize("here", [Spot(0, 179.95), Spot(89.9, 10), Spot(-89.9, -170), Spot(0, 0), Spot(31, -180)])
def test_the_date_line_and_the_poles_are_places_too(here):
    chance, merchant = Random(11), open_shop().merchant
    spots = [Spot(chance.uniform(-90, 90), chance.uniform(-180, 180)) for _ in range(300)]
    some_points(merchant, spots)
    expected = sorted(kilometres(here, spot) for spot in spots)[:3]
    assert [near.kilometres for near in nearest(merchant, here, most=3)] == pytest.approx(expected)


def test_points_of_other_shops_and_those_switched_off_are_not_offered():
    ours, theirs = open_shop().merchant, open_shop("other").merchant
    some_points(theirs, [Spot(31, 121)])
    some_points(ours, [Spot(30, 121), Spot(31, 121)])
    Point.objects.filter(merchant=ours, name="P1").update(is_active=False)
    assert [near.point.name for near in nearest(ours, Spot(31, 121))] == ["P0"]
