"""What a bill is worked out from: the order as frozen, what earlier requests took of it, what is asked now.

Amounts are integers in the order's minor unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

REFUND_ONLY = "refund_only"
RETURN_REFUND = "return_refund"
EXCHANGE = "exchange"
REPAIR = "repair"
RESEND = "resend"
REFUNDS = frozenset({REFUND_ONLY, RETURN_REFUND})

PRO_RATA = "PRO_RATA"
RESETTLE = "RESETTLE"
PROPORTIONAL = "proportional"
BALANCE_FIRST = "balance_first"
CASH_FIRST = "cash_first"


class UnitsNotThere(ValueError):
    """More units are asked for than earlier requests left."""

    def __init__(self, line_no: str, left: int):
        super().__init__(f"line {line_no}: {left} left")
        self.line_no, self.left = line_no, left


@dataclass(frozen=True, slots=True)
class Discount:
    """source: shop or platform. threshold: what its lines must come to; is_rate: a percentage, not a fixed sum.

    line_nos: the lines it is for; None is the whole order. is_coupon: it may come back (M7), unlike a promotion.
    """

    name: str
    source: str
    threshold: int | None = None
    is_rate: bool = False
    line_nos: tuple[str, ...] | None = None
    is_coupon: bool = True

    def covers(self, line_no: str) -> bool:
        return self.line_nos is None or line_no in self.line_nos


@dataclass(frozen=True, slots=True)
class Line:
    """One order line, frozen. Everything but unit_price is for the whole line.

    discount_shares: one per discount of the order, as listed. points_used, points_earned: numbers of points.
    """

    line_no: str
    quantity: int
    unit_price: int
    net: int
    line_discount: int = 0
    discount_shares: tuple[int, ...] = ()
    points_share: int = 0
    freight_share: int = 0
    points_used: int = 0
    points_earned: int = 0
    tax: int = 0

    @property
    def price(self) -> int:
        """What the line came to before anything of the order was taken off."""
        return self.unit_price * self.quantity - self.line_discount

    @property
    def totals(self) -> tuple[int, ...]:
        """Running totals (M2b): net, plus points, plus discounts from the last listed to the first."""
        totals = [self.net, self.net + self.points_share]
        for share in reversed(self.discount_shares):
            totals.append(totals[-1] + share)
        return tuple(totals)


@dataclass(frozen=True, slots=True)
class Tender:
    """A payment of the order, in listed order. left: what live and done returns have not taken of it yet."""

    payment_id: int
    transaction_id: str
    channel: str
    left: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What a request takes of one line.

    totals: the units' part of each running total of M2b, pro rata. settled: the same after M8a; what is paid.
    earned: points earned with the units, to be taken back. freight_fault: outbound freight of faulty units.
    goodwill: paid for the line without taking units (M3); everything else but the tax is then 0. basis: how the
    first total was cut, for whoever checks it (M2a): what was left, over how many units, units in use, promised.
    """

    line_no: str
    quantity: int
    totals: tuple[int, ...]
    settled: tuple[int, ...]
    fault: bool = False
    points: int = 0
    earned: int = 0
    tax: int = 0
    freight_fault: int = 0
    goodwill: int = 0
    basis: tuple[int, ...] = ()

    @property
    def discount_shares(self) -> tuple[int, ...]:
        """Pro rata, one per discount of the order, as listed."""
        return shares_in(self.totals)

    @property
    def settled_shares(self) -> tuple[int, ...]:
        """As paid: with what M8a moved from the kept units to these."""
        return shares_in(self.settled)


def shares_in(totals: tuple[int, ...]) -> tuple[int, ...]:
    """The discounts' shares in running totals, as listed: each is the difference of two totals."""
    return tuple(upper - lower for lower, upper in pairwise(totals[1:]))[::-1]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one live or done request holds of the order; `Bill.claim` makes it.

    over: the request is done. later: it was filed after the request asked about, which matters when that one is
    worked out again. freight_whole: outbound freight it was promised for making the order whole.
    waived: freight once waived that it was charged; below 0 where it got that back.
    """

    kind: str
    cuts: tuple[Cut, ...]
    freight_whole: int = 0
    waived: int = 0
    over: bool = False
    later: bool = False

    @property
    def is_refund(self) -> bool:
        return self.kind in REFUNDS

    @property
    def holds_units(self) -> bool:
        """A resend never takes units (T76); a repaired unit is home again when the repair is done."""
        return self.kind != RESEND and not (self.kind == REPAIR and self.over)

    @property
    def freight(self) -> int:
        return self.freight_whole + sum(cut.freight_fault for cut in self.cuts)


@dataclass(frozen=True, slots=True)
class Order:
    """An order and everything live and done on it, in the order of filing, without the request asked about.

    freight: paid for it, after its discount. waived_freight: taken off because the goods came to free_from.
    points_balance: what the customer has; None: not known, then all is taken that should be.
    """

    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...] = ()
    discounts: tuple[Discount, ...] = ()
    claims: tuple[Claim, ...] = ()
    currency: str = "CNY"
    freight: int = 0
    waived_freight: int = 0
    free_from: int | None = None
    points_balance: int | None = None

    def line(self, line_no: str) -> Line:
        return next(line for line in self.lines if line.line_no == line_no)

    def taken(self, line_no: str) -> list[Cut]:
        """What live and done requests took of a line, oldest first; goodwill included."""
        holding = (claim for claim in self.claims if claim.holds_units)
        return [cut for claim in holding for cut in claim.cuts if cut.line_no == line_no]

    def refunded(self) -> Iterator[Cut]:
        """Units in live and done refunds."""
        return (cut for claim in self.claims if claim.is_refund for cut in claim.cuts if cut.quantity)

    def refunded_before(self) -> Iterator[Cut]:
        """The same, of requests filed before the one asked about: what settling anew builds on."""
        earlier = (claim for claim in self.claims if claim.is_refund and not claim.later)
        return (cut for claim in earlier for cut in claim.cuts if cut.quantity)

    def units_left(self, line_no: str) -> int:
        return self.line(line_no).quantity - sum(cut.quantity for cut in self.taken(line_no))

    @property
    def freight_left(self) -> int:
        """Outbound freight that no live or done request was promised."""
        return self.freight - sum(claim.freight for claim in self.claims if claim.is_refund)

    @property
    def waived_charged(self) -> int:
        """Waived freight that earlier live and done requests were charged, less what was given back."""
        return sum(claim.waived for claim in self.claims if not claim.later)


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of one line. fault: the merchant, the courier or the platform is to blame (M6).

    new_price: of one unit of what is wanted instead, now; None: it is swapped evenly, whatever it costs (T70).
    """

    line_no: str
    quantity: int
    fault: bool = False
    new_price: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """send_back: pickup, self_ship, drop_off or none. refund_to: original, balance or coupon.

    return_freight: what bringing the goods back costs. shop_bears_freight: by its own clause, without a fault.
    """

    kind: str
    lines: tuple[Asked, ...]
    send_back: str = "none"
    refund_to: str = "original"
    return_freight: int = 0
    shop_bears_freight: bool = False

    @property
    def is_refund(self) -> bool:
        return self.kind in REFUNDS

    @property
    def has_fault(self) -> bool:
        return any(asked.fault for asked in self.lines)


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy's figures for money. bonus_bp: hundredths of a percent on what goes to the balance.

    point_value: minor units deducted for each earned point that is no longer there; 0: never.
    """

    broken_threshold: str = PRO_RATA
    tender_strategy: str = PROPORTIONAL
    deduct_pickup: bool = False
    deduct_waived_freight: bool = False
    bonus_bp: int = 200
    point_value: int = 0
