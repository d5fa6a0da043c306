"""The shapes of one life: entries on a line of time, gathered by day, and the sums above it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from returns_platform.kernel import ui


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. who, note: quiet words beside it. tone: "", now, good, late, bad.

    amount: minor units, at the right: money that arrived, where it should, and no other. inner: of the house, which
    the customer never reads.
    """

    at: datetime
    text: str
    who: str = ""
    note: str = ""
    tone: str = ""
    amount: int | None = None
    links: tuple[Link, ...] = ()
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    entries: list[tuple[str, Entry]]  # (time of day, entry), newest first


@dataclass(frozen=True, slots=True)
class Sum:
    name: str
    amount: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """newest: shown at once; older: folded away."""

    sums: list[Sum]
    newest: list[Day]
    older: list[Day]
    prices: bool
    currency: str
    zone: str

    @property
    def number_of_older(self) -> int:
        return sum(len(day.entries) for day in self.older)


def by_day(entries: Iterable[Entry], *, zone: str) -> list[Day]:
    """Entries that are in order already, under the days of the shop's calendar."""
    local = [(ui.in_zone(entry.at, zone), entry) for entry in entries]
    return [
        Day(on, [(f"{at:%H:%M}", entry) for at, entry in _each_link_once(list(found))])
        for on, found in groupby(local, key=lambda pair: pair[0].date())
    ]


def _each_link_once(found: list[tuple[datetime, Entry]]) -> Iterator[tuple[datetime, Entry]]:
    """What is about the same case as the entry above it need not lead there again."""
    above: tuple[Link, ...] = ()
    for at, entry in found:
        yield at, replace(entry, links=tuple(link for link in entry.links if link not in above))
        above = entry.links
