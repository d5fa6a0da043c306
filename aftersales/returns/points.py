"""The points where goods can be brought, in words: how far, when open, whether there is still room today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from aftersales.returns.names import place
from logistics.parcels.queries import taken_in
from logistics.points.queries import Near
from returns_platform.kernel import ui


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point on a page. distance: in words. open_now, full: as of now, on the shop's clock."""

    name: str
    place: str
    phone: str
    distance: str
    hours: str
    open_now: bool
    full: bool
    sends_on: bool


def rows(found: Iterable[Near], *, zone: str, now: datetime) -> list[PointRow]:
    found = list(found)
    today = taken_in([near.point for near in found], since=ui.midnight(now, zone)) if found else {}
    return [_row(near, taken=today.get(near.point.pk, 0), zone=zone, now=now) for near in found]


def _row(near: Near, *, taken: int, zone: str, now: datetime) -> PointRow:
    point = near.point
    return PointRow(
        name=point.local_name, place=place(point.address), phone=point.phone, distance=distance(near.kilometres),
        hours=hours(point), open_now=point.is_open(now, zone), full=taken >= point.capacity, sends_on=point.sends_on,
    )  # fmt: skip


def distance(kilometres: float) -> str:
    if kilometres < 1:
        return _("%(m)s m") % {"m": max(50, round(kilometres * 20) * 50)}
    return _("%(km)s km") % {"km": number_format(kilometres, decimal_pos=1 if kilometres < 10 else 0, use_l10n=True)}


def hours(point) -> str:
    """09:00–21:00, closed on Sun."""
    said = f"{point.opens:%H:%M}–{point.closes:%H:%M}"
    if not point.closed_on:
        return said
    names = [weekday(day) for day in sorted(point.closed_on)]
    return _("%(hours)s, closed on %(days)s") % {"hours": said, "days": _(", ").join(names)}


def weekday(day: int) -> str:
    """1 is Monday."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[day - 1]
