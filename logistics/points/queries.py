"""Which points of a shop are near."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from logistics.points import rules
from logistics.points.models import Point
from logistics.points.rules import Spot

FIRST_LOOK_KM = 10.0


@dataclass(frozen=True, slots=True)
class Near:
    """A point and how far it is, as the crow flies."""

    point: Point
    kilometres: float


def points_of(merchant) -> QuerySet[Point]:
    """Those that take parcels in."""
    return Point.objects.filter(merchant=merchant, is_active=True)


def nearest(merchant, spot: Spot, *, most: int = 5) -> list[Near]:
    """The nearest points of a shop, the nearest first.

    A box that is doubled until the nearest of what it holds are surely the nearest of all: what lies within the
    distance is in the box, and what is farther comes later anyway.
    """
    within_km = FIRST_LOOK_KM
    while True:
        found = _by_distance(points_of(merchant).filter(_inside(rules.box_around(spot, within_km))), spot)
        sure = [near for near in found if near.kilometres <= within_km]
        if len(sure) >= most or within_km >= rules.HALF_ROUND_KM:
            return (sure if len(sure) >= most else found)[:most]
        within_km = min(within_km * 4, rules.HALF_ROUND_KM)


def _inside(box: rules.Box) -> Q:
    inside = Q(latitude__gte=box.south, latitude__lte=box.north)
    if box.west <= box.east:
        return inside & Q(longitude__gte=box.west, longitude__lte=box.east)
    return inside & (Q(longitude__gte=box.west) | Q(longitude__lte=box.east))


def _by_distance(points: QuerySet[Point], spot: Spot) -> list[Near]:
    found = [Near(point, rules.kilometres(spot, point.spot)) for point in points]
    return sorted(found, key=lambda near: (near.kilometres, near.point.pk))
