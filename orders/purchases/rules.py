"""What an order's lines carry, frozen when it comes in (M1). Amounts in minor units.

Cases that the rules leave open, decided here:

- An order-level amount must fit into the lines it is for. A discount, or the points, that take more than those
  lines still hold would have to come off the freight or off nobody: refused (`CannotFreeze`).
- The surplus of a full line is split over the discount's other lines that still hold something.
- A discount that names a line twice covers it once; one of 0 may name anything that exists.
- Points, as a number, follow the weights alone (M1d): a line whose money is gone keeps its share of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from returns_platform.kernel.money import half_up, split

SHOP = "shop"
PLATFORM = "platform"


class CannotFreeze(ValueError):
    """The order's amounts contradict each other.

    code: line_repeated, line_discount_too_large, line_unknown, discount_too_large, points_too_large or
    freight_discount_too_large. field: where in the order, "discounts.0.amount". amount, holds: what was asked
    and what there is, where that is the contradiction.
    """

    def __init__(self, code: str, *, field: str, amount: int = 0, holds: int = 0):
        super().__init__(f"{code}: {field}")
        self.code, self.field, self.amount, self.holds = code, field, amount, holds


@dataclass(frozen=True, slots=True)
class Line:
    """A line as bought. line_discount is for the whole line. tax_rate: 0.13 is 13 %, contained in the price."""

    line_no: str
    quantity: int
    unit_price: int
    line_discount: int = 0
    tax_rate: Decimal = Decimal(0)
    virtual: bool = False

    @property
    def weight(self) -> int:
        """What order-level amounts are split by, and the most that a line can hold."""
        return self.unit_price * self.quantity - self.line_discount


@dataclass(frozen=True, slots=True)
class Discount:
    """source: shop or platform. line_nos: the lines it is for; None is the whole order."""

    source: str
    amount: int
    line_nos: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it came in, discounts as listed. points_*: the number used, their money, the number earned."""

    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...] = ()
    freight_charged: int = 0
    freight_discount: int = 0
    points_used: int = 0
    points_amount: int = 0
    points_earned: int = 0
    payments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Frozen:
    """What one line carries for good. net: paid for its goods. discount_shares: one per discount of the order."""

    line_no: str
    net: int
    share_shop: int
    share_platform: int
    share_points: int
    share_freight: int
    discount_shares: tuple[int, ...]
    points_used: int
    points_earned: int
    tax: int


def difference(order: Order) -> int:
    """What is due less what was paid: 0 for a paid order, above 0 where something is still to be paid."""
    goods = sum(line.weight for line in order.lines) - sum(discount.amount for discount in order.discounts)
    freight = order.freight_charged - order.freight_discount
    return goods - order.points_amount + freight - sum(order.payments)


def freeze(order: Order) -> tuple[Frozen, ...]:
    """The shares of every line, in listed order; each kind adds up to the order's amount. Raises CannotFreeze."""
    must_hold_together(order)
    weights, quantities = [line.weight for line in order.lines], [line.quantity for line in order.lines]
    net = list(weights)  # falls as discounts and points are taken off
    discounts = _discounts(order, net, weights)
    points = _share_out(net, order.points_amount, weights, what="points", field="points.amount")
    shares = {
        "net": net,
        "share_shop": _of_source(SHOP, order, discounts),
        "share_platform": _of_source(PLATFORM, order, discounts),
        "share_points": points,
        "share_freight": _freight(order),
        "discount_shares": list(zip(*discounts, strict=True)) or [()] * len(net),
        "points_used": _split_by(order.points_used, weights, quantities),
        "points_earned": _split_by(order.points_earned, net, quantities),
        "tax": [tax_inside(paid, line.tax_rate) for paid, line in zip(net, order.lines, strict=True)],
    }
    return tuple(
        Frozen(line.line_no, **{name: of_lines[index] for name, of_lines in shares.items()})
        for index, line in enumerate(order.lines)
    )


def must_hold_together(order: Order) -> None:
    """Raises CannotFreeze for amounts that contradict each other before anything is split."""
    seen = set()
    for index, line in enumerate(order.lines):
        if line.line_no in seen:
            raise CannotFreeze("line_repeated", field=f"lines.{index}.line_no")
        seen.add(line.line_no)
        if line.weight < 0:
            price = line.unit_price * line.quantity
            field = f"lines.{index}.line_discount"
            raise CannotFreeze("line_discount_too_large", field=field, amount=line.line_discount, holds=price)
    for index, discount in enumerate(order.discounts):
        if not seen.issuperset(discount.line_nos or ()):
            raise CannotFreeze("line_unknown", field=f"discounts.{index}.line_nos")
    if order.freight_discount > order.freight_charged:
        amounts = {"amount": order.freight_discount, "holds": order.freight_charged}
        raise CannotFreeze("freight_discount_too_large", field="freight.discount", **amounts)


def _discounts(order: Order, net: list[int], weights: Sequence[int]) -> list[tuple[int, ...]]:
    """One after the other as listed, each off what the ones before it left; for each its share of every line."""
    shares = []
    for index, discount in enumerate(order.discounts):
        covered = {line.line_no for line in order.lines} if discount.line_nos is None else set(discount.line_nos)
        theirs = [line.weight if line.line_no in covered else 0 for line in order.lines]
        where = {"what": "discount", "field": f"discounts.{index}.amount"}
        shares.append(_share_out(net, discount.amount, theirs, **where))
    return shares


def _share_out(net: list[int], amount: int, weights: Sequence[int], *, what: str, field: str) -> tuple[int, ...]:
    """Take an amount off the net of the lines that have a weight; its share of every line (M1a).

    What a line cannot hold is split again, by the same weights, over the others. Raises CannotFreeze.
    """
    room = sum(left for left, weight in zip(net, weights, strict=True) if weight)
    if amount > room:
        raise CannotFreeze(f"{what}_too_large", field=field, amount=amount, holds=room)
    shares = [0] * len(net)
    while amount:
        for index, part in enumerate(split(amount, weights)):
            taken = min(part, net[index])
            net[index] -= taken
            shares[index] += taken
            amount -= taken
        weights = [weight if net[index] else 0 for index, weight in enumerate(weights)]
    return tuple(shares)


def _freight(order: Order) -> list[int]:
    """M1c: what was paid for freight, in one step, over the lines that ship; over all if nothing ships."""
    all_virtual = all(line.virtual for line in order.lines)
    weights = [line.weight if all_virtual or not line.virtual else 0 for line in order.lines]
    quantities = [line.quantity if all_virtual or not line.virtual else 0 for line in order.lines]
    return _split_by(order.freight_charged - order.freight_discount, weights, quantities)


def _split_by(amount: int, weights: Sequence[int], quantities: Sequence[int]) -> list[int]:
    """By weight; by quantity where every weight is 0 (M1b)."""
    return split(amount, weights if any(weights) else quantities)


def _of_source(source: str, order: Order, shares: Sequence[Sequence[int]]) -> list[int]:
    theirs = [share for discount, share in zip(order.discounts, shares, strict=True) if discount.source == source]
    return [sum(share[index] for share in theirs) for index in range(len(order.lines))]


def tax_inside(net: int, rate: Decimal) -> int:
    """The tax contained in a net amount, half up."""
    part, whole = rate.as_integer_ratio()
    return half_up(net * part, whole + part)
