"""Where things are, and which are near: degrees on a sphere. No database, no clock."""

from dataclasses import dataclass
from datetime import datetime, time
from math import asin, cos, degrees, radians, sin, sqrt

EARTH_KM = 6371.0088
HALF_ROUND_KM = 20016.0  # no two places are farther apart


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the earth, in degrees: latitude -90 to 90, longitude -180 to 180."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees that holds every spot within a distance. west > east: it crosses the date line."""

    south: float
    north: float
    west: float
    east: float


def kilometres(one: Spot, other: Spot) -> float:
    """The great circle between two spots (haversine)."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    across = sin(north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(across)))


def box_around(spot: Spot, within_km: float) -> Box:
    """Over a pole, or around the whole earth, every longitude is inside."""
    angle = within_km / EARTH_KM
    south, north = spot.latitude - degrees(angle), spot.latitude + degrees(angle)
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    # The meridians meet towards the poles: the widest place of the circle is not at the spot's own latitude.
    wide = degrees(asin(min(1.0, sin(min(angle, radians(90))) / cos(radians(spot.latitude)))))
    if wide >= 90:
        return Box(south, north, -180.0, 180.0)
    return Box(south, north, _turned(spot.longitude - wide), _turned(spot.longitude + wide))


def _turned(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def is_open(local: datetime, *, opens: time, closes: time, closed_on: list[int]) -> bool:
    """local: the moment on the point's own clock. closed_on: ISO weekdays, 1 is Monday. closes: not open any more."""
    return local.isoweekday() not in closed_on and opens <= local.time().replace(tzinfo=None) < closes
