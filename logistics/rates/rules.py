"""Which courier is asked to come, and why: by coverage, record, order and cost. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

DEARER_PERCENT = 25  # a preferred courier may cost that much more than the cheapest
POOR_PERCENT = 20  # of pickups that were refused, late, or never came
ENOUGH = 10  # fewer pickups say nothing


@dataclass(frozen=True, slots=True)
class Record:
    """Of one courier, where the sender lives, in the last thirty days."""

    asked: int = 0
    failed: int = 0  # refused for its own reasons, or came late, or not at all

    @property
    def is_poor(self) -> bool:
        return self.asked >= ENOUGH and self.failed * 100 >= self.asked * POOR_PERCENT


@dataclass(frozen=True, slots=True)
class Option:
    """amount: minor units, None where it is not known. served: None where that is not known. refused: this pickup,
    a code of Parcel.Problem."""

    courier: str
    amount: int | None = None
    served: bool | None = None
    record: Record = Record()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Why one courier was taken or passed over: `code` and what it counted."""

    courier: str
    code: str  # taken, only_one, cheapest, refused, not_served, poor_record, too_dear, later, dearer
    amount: int | None = None
    asked: int = 0
    failed: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    courier: str
    said: tuple[Said, ...]  # the one that was taken first


def choose(options: Sequence[Option], *, cheapest: bool = False) -> Choice | None:
    """`options` in the order of preference; None when nobody can be asked."""
    possible = [option for option in options if not option.refused and option.served is not False]
    reliable = [option for option in possible if not option.record.is_poor] or possible
    if not reliable:
        return None
    known = [option.amount for option in reliable if option.amount is not None]
    limit = min(known) * (100 + DEARER_PERCENT) if known else None
    affordable = [option for option in reliable if limit is None or (option.amount or 0) * 100 <= limit]
    taken = _cheapest(affordable) if cheapest else affordable[0]
    others = (_passed_over(option, possible, reliable, affordable, cheapest=cheapest)
              for option in options if option is not taken)  # fmt: skip
    code = "only_one" if len(possible) == 1 else "cheapest" if cheapest else "taken"
    return Choice(taken.courier, (_said(taken, code), *others))


def _cheapest(options: list[Option]) -> Option:
    """Unknown prices come last; of equals the first in order."""
    return min(options, key=lambda option: (option.amount is None, option.amount or 0))


def _passed_over(option: Option, possible, reliable, affordable, *, cheapest: bool) -> Said:
    if option.refused:
        return _said(option, "refused")
    if option not in possible:
        return _said(option, "not_served")
    if option not in reliable:
        return _said(option, "poor_record")
    if option not in affordable:
        return _said(option, "too_dear")
    return _said(option, "dearer" if cheapest else "later")


def _said(option: Option, code: str) -> Said:
    return Said(option.courier, code, option.amount, option.record.asked, option.record.failed, option.refused)
