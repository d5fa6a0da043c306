"""A shop keeps its points: where they are, when they are open, how much they take."""

from datetime import time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from logistics.points.counties import centre_of
from logistics.points.models import Point
from returns_platform.kernel.errors import Conflict, Invalid

PLACE = ("province", "city", "district", "street")


class NameTaken(Conflict):
    code = "point_exists"
    default = _("Another point of this shop has this name.")

    def __init__(self):
        super().__init__(fields={"name": self.default})


def keep_point(
    point: Point | None, *, merchant, opens: time, closes: time, latitude: float | None = None,
    longitude: float | None = None, **said,
) -> Point:  # fmt: skip
    """A new point, or what is known about one. Without coordinates it stands in the centre of its county.

    said: name, name_en, phone, province, city, district, street, closed_on, capacity, sends_on, is_active.
    Raises Invalid, NameTaken.
    """
    if opens >= closes:
        raise Invalid(fields={"closes": _("A point closes later than it opens.")})
    point = point or Point(merchant=merchant)
    for name, value in {"opens": opens, "closes": closes, **said}.items():
        setattr(point, name, value)
    point.latitude, point.longitude = _where(point, latitude, longitude)
    try:
        with transaction.atomic():
            point.save()
    except IntegrityError as taken:
        if "point_once_per_shop" in str(taken):
            raise NameTaken from taken
        raise
    return point


def _where(point: Point, latitude: float | None, longitude: float | None) -> tuple[float, float]:
    if latitude is not None and longitude is not None:
        return latitude, longitude
    spot = centre_of(point.address)
    if spot is None:
        unknown = _("We do not know where this is. Enter latitude and longitude.")
        raise Invalid(fields={"latitude": unknown})
    return spot.latitude, spot.longitude
