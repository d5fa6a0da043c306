"""How much of fresh goods looks bad, for those who judge: an aid to look, with the pictures it was told by.

The pictures are those that people graded, as soon as there are enough of them; until then drawn ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from aftersales.evidence import damage
from aftersales.evidence.models import Evidence, Grade
from aftersales.returns.models import ReturnRequest
from orders.merchants.models import Merchant
from returns_platform.kernel import ui

SOUND = 0.03  # a share below it is told as sound
ENOUGH, NEWEST = 30, 500  # graded photos that take the place of the drawn ones; the newest of them
STEPS = (0, 5, 10, 20, 30, 50, 70, 90, 100)  # percent, as a person grades


@dataclass(frozen=True, slots=True)
class Look:
    """name: of the photo. told: the share that looks bad, in words. neighbours: the pictures it was told by.
    graded: what a person saw, in percent, None for nobody yet."""

    photo: Evidence
    name: str
    told: str
    neighbours: tuple[ui.Photo, ...] = ()
    graded: int | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """drawn: told by drawn pictures, which every figure then says."""

    looks: list[Look]
    drawn: bool
    steps: tuple[int, ...] = STEPS


def damage_of(kept: list[Evidence], row: ReturnRequest, *, seen_by: Merchant | None) -> Damage | None:
    """kept: all pictures of the case as they are shown; told of fresh goods that the customer showed, once a worker
    has measured the photo. seen_by: a shop, whose own photos alone it may see; None: the platform, which sees all."""
    shown = [(place, photo) for place, photo in enumerate(kept, start=1) if photo.features and not photo.at_bench]
    if not shown or not any(line.get("category") == "fresh" for line in row.facts.get("lines", [])):
        return None
    known = _known(row, seen_by)
    grades = Grade.objects.filter(evidence__in=[photo for _place, photo in shown])
    graded = dict(grades.values_list("evidence", "share"))
    looks = (_look(_("Photo %(number)s") % {"number": place}, photo, known) for place, photo in shown)
    return Damage([replace(look, graded=graded.get(look.photo.pk)) for look in looks], known.drawn)


def _known(row: ReturnRequest, seen_by: Merchant | None) -> damage.GradedSet:
    grades = Grade.objects.exclude(evidence__case_ref=row.return_no).select_related("evidence")
    own = grades.filter(evidence__merchant=seen_by) if seen_by else grades
    newest = own.order_by("-at", "-pk")[:NEWEST]
    drawn = damage.shipped()
    if len(newest) < ENOUGH:
        return drawn
    return damage.GradedSet(drawn.scale, drawn.far, tuple(_as_graded(newest)), drawn=False)


def _as_graded(grades: Iterable[Grade]) -> Iterable[damage.Graded]:
    for grade in grades:
        address = reverse("aftersales:evidence", args=[grade.evidence.public_id])
        yield damage.Graded(address, "photo", grade.share / 100, tuple(grade.evidence.features))


def _look(name: str, photo: Evidence, known: damage.GradedSet) -> Look:
    found = damage.estimate(photo.features, known)
    if found is None:
        return Look(photo, name, _("like none of the graded pictures"))
    if found.share < SOUND:
        told = _("looks sound")
    else:
        told = _("about %(share)s %% looks bad, between %(low)s and %(high)s %%") % {
            "share": percent(found.share), "low": percent(found.low), "high": percent(found.high),
        }  # fmt: skip
    return Look(photo, name, told, tuple(_neighbour(one, drawn=known.drawn) for one in found.neighbours))


def _neighbour(graded: damage.Graded, *, drawn: bool) -> ui.Photo:
    label = _("%(share)s %% bad") % {"share": percent(graded.share)}
    if not drawn:
        return ui.Photo(graded.picture, _("A photo that was graded, %(label)s") % {"label": label}, label)
    return ui.Photo(static(graded.picture), _("A drawn picture of produce, %(label)s") % {"label": label}, label)


def percent(share: float) -> int:
    return round(100 * share)
