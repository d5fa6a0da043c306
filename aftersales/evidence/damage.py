"""How much of fresh goods looks damaged, by the graded pictures that a photo resembles most.

An aid to look, with its neighbours beside it; never a finding: nothing is decided, refused or paid by it.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NEIGHBOURS = 5
GRADED = Path(__file__).with_name("graded.json")  # written by `manage.py draw_graded`


@dataclass(frozen=True, slots=True)
class Graded:
    """A picture whose damage is known. picture: where it lies. share: of the goods that is bad, 0 to 1."""

    picture: str
    kind: str
    share: float
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GradedSet:
    """features are compared after `scale`: weight over deviation of each. far: beyond it a photo is like none.
    drawn: by a program; else people graded photographs."""

    scale: tuple[float, ...]
    far: float
    pictures: tuple[Graded, ...]
    drawn: bool = True

    def apart(self, one: tuple[float, ...], other: tuple[float, ...]) -> float:
        return math.sqrt(sum((s * (a - b)) ** 2 for s, a, b in zip(self.scale, one, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """share: nearer neighbours count more. low, high: of the neighbours."""

    share: float
    low: float
    high: float
    neighbours: tuple[Graded, ...]


def estimate(features: list[float], graded: GradedSet) -> Estimate | None:
    """None for a photo that nobody measured, or that is like none of the graded pictures."""
    if len(features) != len(graded.scale):
        return None
    ranked = sorted((graded.apart(features, one.features), place) for place, one in enumerate(graded.pictures))
    nearest = [(apart, graded.pictures[place]) for apart, place in ranked[:NEIGHBOURS]]
    if nearest[0][0] > graded.far:
        return None
    weights = [1 / (0.3 + apart) for apart, _one in nearest]
    shares = [one.share for _apart, one in nearest]
    share = sum(weight * share for weight, share in zip(weights, shares, strict=True)) / sum(weights)
    return Estimate(share, min(shares), max(shares), tuple(one for _apart, one in nearest))


@cache
def shipped() -> GradedSet:
    """The set that comes with the product: drawn by a program, none is a photograph."""
    told = json.loads(GRADED.read_text())
    pictures = (Graded(**one | {"features": tuple(one["features"])}) for one in told["pictures"])
    return GradedSet(tuple(told["scale"]), told["far"], tuple(pictures))
