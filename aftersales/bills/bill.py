"""What comes out: a bill that never changes (N1). Amounts in minor units."""

from dataclasses import dataclass

from aftersales.bills.facts import EXCHANGE, REFUNDS, RETURN_REFUND, Claim, Cut

STORED = frozenset({"balance", "gift_card"})  # tenders that are no channel's money


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill. amount: paid for the units; carried: their value, going to a swap or a repair instead.

    new_price: of one unit of what is wanted instead; None: swapped evenly. worth: what all of them come to.
    points: the number of points that come back. tax: contained in the amount. points_share: money.
    """

    cut: Cut
    amount: int
    carried: int
    points: int
    tax: int
    shop: int
    platform: int
    points_share: int
    new_price: int | None = None
    worth: int = 0

    @property
    def line_no(self) -> str:
        return self.cut.line_no

    @property
    def quantity(self) -> int:
        return self.cut.quantity

    @property
    def held(self) -> int:
        """Of the line's net, what this request holds: nobody else can be paid it."""
        return self.amount + self.carried

    @property
    def shares(self) -> dict[str, int]:
        return {"shop": self.shop, "platform": self.platform, "points": self.points_share}


@dataclass(frozen=True, slots=True)
class Part:
    """What a refund takes from one tender, wherever it then goes to."""

    payment_id: int
    transaction_id: str
    channel: str
    amount: int


@dataclass(frozen=True, slots=True)
class Deduction:
    """code: waived_freight, pickup, points_shortfall, agreed or payment_short (it holds no more)."""

    code: str
    amount: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row for people; amounts are signed and come to the refund. See rows.py for the codes."""

    code: str
    amount: int
    line_no: str = ""
    quantity: int = 0
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """refund = the lines' amounts + freight_out - deducted, never below 0.

    freight_fault, freight_whole: outbound freight of faulty lines, and the rest of it once the whole order
    came back. freight_undone: waived freight, charged earlier, that comes back with the whole order.
    return_payer: merchant, customer or nobody. return_amount: what bringing the goods back costs.
    points_shortfall: earned points that are no longer there to be taken. completes: this request makes the whole
    order returned (M5b); coupon_back: so the order's coupons come back. tenders: empty when nothing is paid.
    carried_parts: from which payments the value of a swap goes along to the new order.
    """

    kind: str
    currency: str
    refund_to: str
    refund: int
    lines: tuple[BillLine, ...]
    freight_fault: int = 0
    freight_whole: int = 0
    freight_undone: int = 0
    return_payer: str = "nobody"
    return_amount: int = 0
    deductions: tuple[Deduction, ...] = ()
    points_back: int = 0
    points_taken: int = 0
    points_shortfall: int = 0
    bonus: int = 0
    completes: bool = False
    coupon_back: bool = False
    tenders: tuple[Part, ...] = ()
    carried_parts: tuple[Part, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def goods(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def carried(self) -> int:
        """The value that goes to a swap or a repair (T71)."""
        return sum(line.carried for line in self.lines)

    @property
    def due(self) -> int:
        """What is to be paid on top for what is wanted instead (T68)."""
        return max(0, sum(line.worth - line.carried for line in self.lines)) if self.kind == EXCHANGE else 0

    @property
    def freight_out(self) -> int:
        return self.freight_fault + self.freight_whole + self.freight_undone

    @property
    def deducted(self) -> int:
        return sum(deduction.amount for deduction in self.deductions)

    def deduction(self, code: str) -> int:
        return sum(deduction.amount for deduction in self.deductions if deduction.code == code)

    @property
    def entitlement(self) -> int:
        """What the rules give, before anybody agreed on less."""
        return self.refund + self.deduction("agreed")

    @property
    def resettled(self) -> bool:
        """A broken promotion was settled anew (M8a)."""
        return any(line.cut.settled != line.cut.totals for line in self.lines)

    @property
    def platform_share(self) -> int:
        """What the platform had paid towards the goods; it goes back to the platform."""
        return sum(line.platform for line in self.lines)

    @property
    def merchant_pays(self) -> int:
        """The refund, the platform's share (T8) and the way back where the merchant is to blame."""
        return self.refund + self.platform_share + (self.return_amount if self.return_payer == "merchant" else 0)

    @property
    def claim(self) -> Claim:
        """What this request holds of the order, for the bills after it; `over` once the request is done."""
        waived = self.deduction("waived_freight") - self.freight_undone
        return Claim(self.kind, tuple(line.cut for line in self.lines), self.freight_whole, waived)

    def insured(self, cover: int) -> int:
        """What insurance of the way back pays: for goods that come back at the customer's cost (S84)."""
        if self.kind != RETURN_REFUND or self.return_payer != "customer" or not self.return_amount:
            return 0
        return min(cover, self.deduction("pickup") or cover)

    @property
    def is_refund(self) -> bool:
        return self.kind in REFUNDS
