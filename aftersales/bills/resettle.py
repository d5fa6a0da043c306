"""Settling anew when a partial return breaks a promotion (M8a): the law's price of what is kept.

Each discount is looked at as a whole: what the kept units lose of it goes to the merchant, what they keep
beyond their own share comes back. On paper that moves shares of the discount from the kept units to the
returned ones, so a line's amount and shares still come to its units' price.

Units back for fault count as kept: they stand in the test, keep exactly their own share of a fixed promotion,
and are never paid less than pro rata.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from aftersales.bills.facts import Cut, Line, Order
from returns_platform.kernel.money import split


def resettled(order: Order, cuts: Sequence[Cut]) -> tuple[Cut, ...]:
    """The cuts of one refund with `settled` worked out anew; unchanged where no promotion is touched."""
    if not any(discount.threshold is not None for discount in order.discounts):
        return tuple(cuts)
    earlier = list(order.refunded_before())
    shifts = [_due(order, index, [*earlier, *cuts]) - _moved(earlier, index) for index in range(len(order.discounts))]
    amounts = _amounts(cuts, _total(order, cuts, shifts))
    gap = sum(cut.totals[0] for cut in cuts) - sum(amounts)
    return _on_paper(cuts, amounts, _meeting(gap, shifts, order))


def _due(order: Order, index: int, returned: Sequence[Cut]) -> int:
    """What the kept units lose of one discount by now; below 0 where they keep more than their own share."""
    discount = order.discounts[index]
    lines = [line for line in order.lines if discount.covers(line.line_no)]
    if discount.threshold is None or not any(kept_units(line, returned) for line in lines):
        return 0
    own = [cut for cut in returned if not cut.fault]
    if price_kept(lines, own) < discount.threshold:
        return sum(line.discount_shares[index] for line in lines) - _shares(returned, index)
    return 0 if discount.is_rate else -_shares(own, index)


def kept_units(line: Line, returned: Sequence[Cut]) -> int:
    return line.quantity - sum(cut.quantity for cut in returned if cut.line_no == line.line_no)


def price_kept(lines: Sequence[Line], returned: Sequence[Cut]) -> Fraction:
    """The price of what is kept, exact: what is tested against a threshold."""
    return sum((Fraction(line.price * kept_units(line, returned), line.quantity) for line in lines), Fraction())


def _shares(cuts: Sequence[Cut], index: int) -> int:
    return sum(cut.discount_shares[index] for cut in cuts)


def _moved(earlier: Sequence[Cut], index: int) -> int:
    """What earlier refunds moved of one discount."""
    return sum(cut.settled_shares[index] - cut.discount_shares[index] for cut in earlier)


def _total(order: Order, cuts: Sequence[Cut], shifts: Sequence[int]) -> int:
    """What this refund pays for its goods: never below 0, capped by the order, faulty units at least pro rata."""
    wanted = sum(cut.totals[0] for cut in cuts) - sum(shifts)
    faulty = sum(cut.totals[0] for cut in cuts if cut.fault)
    return max(0, min(max(wanted, faulty), _left(order)))


def _left(order: Order) -> int:
    """Of what the goods cost, what no live or done request was paid or carried away."""
    taken = [cut for line in order.lines for cut in order.taken(line.line_no)]
    return sum(line.net for line in order.lines) - sum(cut.settled[0] + cut.goodwill for cut in taken)


def _amounts(cuts: Sequence[Cut], total: int) -> list[int]:
    """The total over the lines: faulty ones get pro rata, the others the rest in proportion."""
    faulty = sum(cut.totals[0] for cut in cuts if cut.fault)
    apart = faulty <= total and not all(cut.fault for cut in cuts)
    sharing = [0 if apart and cut.fault else cut.totals[0] for cut in cuts]
    if not any(sharing):
        sharing = [0 if apart and cut.fault else cut.quantity for cut in cuts]
    parts = split(total - faulty if apart else total, sharing)
    return [cut.totals[0] if apart and cut.fault else part for cut, part in zip(cuts, parts, strict=True)]


def _meeting(gap: int, shifts: list[int], order: Order) -> list[int]:
    """Shifts per discount that come to the gap between pro rata and paid; a limit may have cut them short."""
    if sum(shifts) == gap:
        return shifts
    sign = 1 if gap > 0 else -1
    weights = [max(0, sign * shift) for shift in shifts]
    return [sign * part for part in split(abs(gap), weights if any(weights) else _sizes(order))]


def _sizes(order: Order) -> list[int]:
    """What each promotion with a threshold took off the order; the same for all if they took nothing."""
    tested = [discount.threshold is not None for discount in order.discounts]
    sizes = [
        sum(line.discount_shares[index] for line in order.lines) if has_threshold else 0
        for index, has_threshold in enumerate(tested)
    ]
    return sizes if any(sizes) else [int(has_threshold) for has_threshold in tested]


def _on_paper(cuts: Sequence[Cut], amounts: Sequence[int], shifts: Sequence[int]) -> tuple[Cut, ...]:
    """Write amounts and shifts into the cuts; the last line takes what the others leave of each discount."""
    rest, done = list(shifts), []
    for cut, amount in zip(cuts, amounts, strict=True):
        gap = cut.totals[0] - amount
        last = len(done) == len(cuts) - 1
        moves = rest if last else _signed_split(gap, [abs(shift) for shift in shifts])
        rest = [left - move for left, move in zip(rest, moves, strict=True)]
        done.append(_with_shares(cut, amount, moves))
    return tuple(done)


def _signed_split(amount: int, weights: list[int]) -> list[int]:
    sign = 1 if amount > 0 else -1
    return [sign * part for part in split(abs(amount), weights)]


def _with_shares(cut: Cut, amount: int, moves: Sequence[int]) -> Cut:
    settled = [amount, amount + cut.totals[1] - cut.totals[0]]
    shares = zip(cut.discount_shares, moves, strict=True)
    for share, move in reversed(list(shares)):
        settled.append(settled[-1] + share + move)
    return replace(cut, settled=tuple(settled))
