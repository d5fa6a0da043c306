"""What graded pictures say of photos of fresh goods, for those who judge: an aid to look, with its neighbours."""

from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.translation import gettext as _

from aftersales.evidence import damage
from aftersales.evidence.models import Evidence
from aftersales.returns.models import ReturnRequest
from returns_platform.kernel import ui

SOUND = 0.03  # a share below it is told as sound


@dataclass(frozen=True, slots=True)
class Look:
    """name: of the photo. told: the share that looks bad, in words. neighbours: the pictures it was told by."""

    name: str
    told: str
    neighbours: tuple[ui.Photo, ...] = ()


def looks(kept: list[Evidence], row: ReturnRequest) -> list[Look]:
    """kept: all pictures of the case as they are shown. Only of fresh goods that the customer showed, and only
    where a worker has measured the photo."""
    if not any(line.get("category") == "fresh" for line in row.facts.get("lines", [])):
        return []
    return [
        _look(_("Photo %(number)s") % {"number": place}, photo)
        for place, photo in enumerate(kept, start=1)
        if photo.features and not photo.at_bench
    ]


def _look(name: str, photo: Evidence) -> Look:
    found = damage.estimate(photo.features)
    if found is None:
        return Look(name, _("like none of the graded pictures"))
    if found.share < SOUND:
        told = _("looks sound")
    else:
        told = _("about %(share)s %% looks bad, between %(low)s and %(high)s %%") % {
            "share": percent(found.share), "low": percent(found.low), "high": percent(found.high),
        }  # fmt: skip
    return Look(name, told, tuple(map(_neighbour, found.neighbours)))


def _neighbour(graded: damage.Graded) -> ui.Photo:
    label = _("%(share)s %% bad") % {"share": percent(graded.share)}
    return ui.Photo(static(graded.picture), _("A drawn picture of produce, %(label)s") % {"label": label}, label)


def percent(share: float) -> int:
    return round(100 * share)
