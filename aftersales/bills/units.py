"""What the next units of a line carry (M2), and how goodwill lowers it (M3)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aftersales.bills.facts import Cut, Line
from returns_platform.kernel.money import half_up


@dataclass(frozen=True, slots=True)
class Taken:
    """A line's cuts on both sides of its last goodwill: from there on the split starts again (M2a)."""

    before: Sequence[Cut]
    since: Sequence[Cut]

    @classmethod
    def of(cls, cuts: Iterable[Cut]) -> "Taken":
        cuts = list(cuts)
        start = max((index for index, cut in enumerate(cuts, start=1) if cut.goodwill), default=0)
        return cls(cuts[:start], cuts[start:])

    def next(self, quantity: int, whole: int, bought: int, part: Callable[[Cut], int]) -> int:
        """Of an amount over the bought units, the part of the next ones: max(0, E(c + k) - P)."""
        left, units = whole - sum(map(part, self.before)), bought - _units(self.before)
        in_use, promised = _units(self.since), sum(map(part, self.since))
        return max(0, up_to(left, units, in_use + quantity) - promised)

    def basis(self, whole: int, bought: int, part: Callable[[Cut], int]) -> tuple[int, int, int, int]:
        """The figures of `next`: what is left, over how many units, units in use of them, promised for those."""
        left, units = whole - sum(map(part, self.before)), bought - _units(self.before)
        return left, units, _units(self.since), sum(map(part, self.since))


def up_to(whole: int, units: int, first: int) -> int:
    """E(n): what the first n of the units carry; all of it for all of them."""
    return whole * first // units


def _units(cuts: Iterable[Cut]) -> int:
    return sum(cut.quantity for cut in cuts)


def cut(line: Line, taken: Sequence[Cut], *, quantity: int, fault: bool) -> Cut:
    """What the next `quantity` units of a line carry; `taken` are its cuts so far, oldest first.

    A share may come out a fen below 0 when units were withdrawn in between: it then takes back what an earlier
    request got too much of, so that amount and shares stay the units' price and every total stays exact.
    """
    goods = Taken.of(taken)
    lowered = _goodwill(line, goods)
    totals = tuple(
        goods.next(quantity, total - lowered, line.quantity, lambda cut, index=index: cut.totals[index])
        for index, total in enumerate(line.totals)
    )
    return Cut(
        line_no=line.line_no,
        quantity=quantity,
        totals=totals,
        settled=totals,
        fault=fault,
        points=goods.next(quantity, line.points_used, line.quantity, lambda cut: cut.points),
        earned=goods.next(quantity, line.points_earned, line.quantity, lambda cut: cut.earned),
        tax=goods.next(quantity, line.tax, line.quantity, lambda cut: cut.tax),
        freight_fault=fault_freight(line, taken, quantity=quantity) if fault else 0,
        basis=goods.basis(line.net - lowered, line.quantity, lambda cut: cut.totals[0]),
    )


def fault_freight(line: Line, taken: Iterable[Cut], *, quantity: int) -> int:
    """The outbound freight of the next faulty units, counting only units that came back for fault (M5a)."""
    faulty = Taken.of(cut for cut in taken if cut.fault or cut.goodwill)
    return faulty.next(quantity, line.freight_share, line.quantity, lambda cut: cut.freight_fault)


def _goodwill(line: Line, goods: Taken) -> int:
    """How much goodwill lowers the line. What went beyond the line was a present and lowers nothing."""
    left = line.net - sum(cut.totals[0] for cut in goods.before)
    return min(sum(cut.goodwill for cut in goods.before), left)


def goodwill_cut(line: Line, taken: Sequence[Cut], amount: int) -> Cut:
    """A payment for the line that takes no units; its tax is the part that the amount is of what is left."""
    nothing = (0,) * len(line.totals)
    left = line.net - sum(cut.totals[0] + cut.goodwill for cut in taken)
    tax_left = line.tax - sum(cut.tax for cut in taken)
    tax = half_up(tax_left * min(amount, left), left) if left > 0 and tax_left > 0 else 0
    return Cut(line.line_no, 0, nothing, nothing, tax=tax, goodwill=amount)
