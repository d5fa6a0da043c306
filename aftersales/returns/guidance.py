"""Which way of sending goods back is suggested, and why. Pure: no database, no clock, no words.

A suggestion is what the form begins with; whoever has chosen keeps the choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WAYS = ("pickup", "self_ship", "drop_off")
LARGE_CATEGORIES = frozenset({"furniture"})
HEAVY_G, LIGHT_G = 10_000, 5_000  # all that goes back, together
NEAR_KM = 5.0  # from the centre of her district: farther is no errand on foot
HABIT = 2  # so many times the same way
OFTEN_FRESH = 3  # orders of fresh goods within FRESH_DAYS
FRESH_DAYS = 90


@dataclass(frozen=True, slots=True)
class Known:
    """What a suggestion is made of.

    categories: of the goods that go back. grams: their weight, None where one of them was never weighed. before: the
    ways she chose earlier at this shop, newest first. fresh_orders: of the last FRESH_DAYS. point_km: to the nearest
    point, None for none. courier_comes: False only where every courier said that it does not serve her place.
    """

    categories: frozenset[str]
    grams: int | None = None
    before: tuple[str, ...] = ()
    fresh_orders: int = 0
    point_km: float | None = None
    courier_comes: bool = True

    @property
    def is_large(self) -> bool:
        return bool(self.categories & LARGE_CATEGORIES) or (self.grams or 0) >= HEAVY_G

    @property
    def is_small(self) -> bool:
        return not self.is_large and self.grams is not None and self.grams <= LIGHT_G

    @property
    def point_is_near(self) -> bool:
        return self.point_km is not None and self.point_km <= NEAR_KM


@dataclass(frozen=True, slots=True)
class Advice:
    """way: one of WAYS. why: no_courier, large, usual, fresh, fresh_buyer, small; "" where nothing speaks for any way
    and the form begins with a pickup. times: how often the same way was chosen, for usual."""

    way: str
    why: str = ""
    times: int = 0


def advise(known: Known) -> Advice:
    """The first that holds: what is possible, what the goods need, what she is used to, what is near."""
    if not known.courier_comes:
        return Advice("drop_off" if known.point_km is not None else "self_ship", "no_courier")
    if known.is_large:
        return Advice("pickup", "large")
    times = habit(known.before)
    if times >= HABIT and (known.before[0] != "drop_off" or known.point_km is not None):
        return Advice(known.before[0], "usual", times)
    if "fresh" in known.categories:
        return Advice("pickup", "fresh")
    if known.fresh_orders >= OFTEN_FRESH:
        return Advice("pickup", "fresh_buyer")
    if known.is_small and known.point_is_near:
        return Advice("drop_off", "small")
    return Advice("pickup")


def habit(before: Sequence[str]) -> int:
    """How often the newest way was chosen without another one in between."""
    times = 0
    for way in before:
        if way != before[0]:
            break
        times += 1
    return times
