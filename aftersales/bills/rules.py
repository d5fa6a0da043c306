"""What a request gives back: rules M2 to M9. No database, no clock; amounts in minor units.

`bill` works out a request about an order, `rebill` works it out again for the same units when the rest of the
order changed, `goodwill` pays for a line without taking units, `agreed` lowers a bill to what both sides
accepted. Each returns a new Bill; `Bill.claim` is what the next bill has to know of it.

Cases that the rules leave open, decided here:

- Exchange and repair: `carried` is the value that the units take along; they hold units, points and money of the
  line like a refund (T71). A resend holds nothing (T76), a repair only until it is done.
- A swap for something cheaper pays the difference back and carries the rest, one for something dearer has a `due`;
  several lines are set off against each other. Nothing is carried that the payments no longer hold (M9).
- Waived freight is charged once, on the units that are not back for fault, and comes back as `freight_undone`
  with the request that makes the whole order returned.
- The bonus is for money that leaves a channel: what was paid from balance or gift card earns none again.
- Points earned are taken by units like everything else of a line, not for goodwill.
- An agreement on less leaves the units' entitlement used up: the rest is not added to the next units.
"""

from collections.abc import Sequence
from dataclasses import replace

from aftersales.bills.bill import STORED, Bill, BillLine, Deduction, Part
from aftersales.bills.facts import (
    EXCHANGE,
    REFUND_ONLY,
    RESETTLE,
    Asked,
    Claim,
    Cut,
    Line,
    Order,
    Request,
    Tender,
    Terms,
    UnitsNotThere,
)
from aftersales.bills.resettle import kept_units, price_kept, resettled
from aftersales.bills.rows import rows
from aftersales.bills.tenders import shared
from aftersales.bills.units import cut, fault_freight, goodwill_cut
from returns_platform.kernel.money import half_up


class MoreThanPaid(ValueError):
    """The payments do not hold that much any more; `left` is what they hold."""

    def __init__(self, left: int):
        super().__init__(f"{left} left")
        self.left = left


# --- what people and workers ask for --------------------------------------------------------------------------


def bill(order: Order, request: Request, terms: Terms) -> Bill:
    """The bill of a request that is not among the order's claims. Raises UnitsNotThere."""
    cuts = [_next_cut(order, request, asked) for asked in request.lines]
    return _worked_out(order, request, terms, cuts, may_complete=True)


def rebill(old: Bill, order: Order, request: Request, terms: Terms) -> Bill:
    """The same units again: their cuts stay, all else follows the order as it is now (M5b, T49).

    The order comes without this request's claim, with those filed after it marked `later`, and with this
    request's parts put back into its tenders. The request's units are the old bill's; their fault may have
    changed. A bill may cease to complete the order, it never begins to: that is for the request that does.
    What was agreed to be given up stays given up, and the same refund stays on the same tenders.
    """
    if any(line.cut.goodwill for line in old.lines):
        return old  # a sum that a person set; the units have no part in it
    faults = {asked.line_no: asked.fault for asked in request.lines}
    cuts = [_with_fault(line.cut, order, request, fault=faults[line.line_no]) for line in old.lines]
    new = _worked_out(order, request, terms, cuts, may_complete=old.completes)
    if given_up := old.deduction("agreed"):
        new = agreed(new, max(0, new.refund - given_up), order, terms)
    if not _pays_alike(old, new):
        return new
    return replace(new, tenders=old.tenders, carried_parts=old.carried_parts, bonus=old.bonus)


def _pays_alike(old: Bill, new: Bill) -> bool:
    return (old.refund, old.refund_to, old.carried) == (new.refund, new.refund_to, new.carried)


def refund_instead(old: Bill, order: Order, request: Request, terms: Terms) -> Bill:
    """Money for the units of a swap or a repair that comes to nothing: their cuts stay, the request is a refund."""
    faults = {asked.line_no: asked.fault for asked in request.lines}
    cuts = [_with_fault(line.cut, order, request, fault=faults[line.line_no]) for line in old.lines]
    return _worked_out(order, request, terms, cuts, may_complete=True)


def goodwill(order: Order, line_no: str, amount: int, terms: Terms, *, refund_to: str = "original") -> Bill:
    """A payment for a line without return: goodwill or a part refund (M3). Raises MoreThanPaid."""
    _must_be_paid(order, amount)
    line = order.line(line_no)
    given = goodwill_cut(line, order.taken(line_no), amount)
    paper = Bill(
        kind=REFUND_ONLY,
        currency=order.currency,
        refund_to=refund_to,
        refund=amount,
        lines=(BillLine(given, amount, carried=0, points=0, tax=given.tax, shop=0, platform=0, points_share=0),),
    )
    return _paid_from(paper, order, terms)


def agreed(old: Bill, refund: int, order: Order, terms: Terms) -> Bill:
    """The bill lowered to what both sides agreed on; more than the entitlement is goodwill, not this."""
    if not 0 <= refund <= old.entitlement:
        raise ValueError(f"between 0 and {old.entitlement}")
    others = tuple(deduction for deduction in old.deductions if deduction.code != "agreed")
    given_up = _named(("agreed", old.entitlement - refund))
    return _paid_from(replace(old, refund=refund, deductions=others + given_up), order, terms)


def refundable(order: Order, line_no: str) -> int:
    """What the units of a line that are still out would come to, pro rata and without freight."""
    left = order.units_left(line_no)
    line = order.line(line_no)
    return cut(line, order.taken(line_no), quantity=left, fault=False).totals[0] if left else 0


def makes_whole(order: Order, cuts: Sequence[Cut]) -> bool:
    """Every unit of every line is in a live or done refund, these included (M5b)."""
    returned = [*order.refunded(), *cuts]
    return not any(kept_units(line, returned) for line in order.lines)


# --- units ----------------------------------------------------------------------------------------------------


def _next_cut(order: Order, request: Request, asked: Asked) -> Cut:
    left = order.units_left(asked.line_no)
    if not 0 < asked.quantity <= left:
        raise UnitsNotThere(asked.line_no, left)
    fault = asked.fault and request.is_refund
    return cut(order.line(asked.line_no), order.taken(asked.line_no), quantity=asked.quantity, fault=fault)


def _with_fault(old: Cut, order: Order, request: Request, *, fault: bool) -> Cut:
    fault = fault and request.is_refund
    if fault == old.fault:
        return old
    line, taken = order.line(old.line_no), order.taken(old.line_no)
    freight = fault_freight(line, taken, quantity=old.quantity) if fault else 0
    return replace(old, fault=fault, freight_fault=freight)


# --- the bill -------------------------------------------------------------------------------------------------


def _worked_out(order: Order, request: Request, terms: Terms, cuts: Sequence[Cut], *, may_complete: bool) -> Bill:
    if not request.is_refund:
        return _carried(order, request, terms, cuts)
    return _refund(order, request, terms, cuts, whole=may_complete and makes_whole(order, cuts))


def _carried(order: Order, request: Request, terms: Terms, cuts: Sequence[Cut]) -> Bill:
    """The units' value goes to what replaces them; only what a swap for something cheaper leaves is paid."""
    holds = Claim(request.kind, ()).holds_units
    empty = {"amount": 0, "points": 0, "tax": 0, "shop": 0, "platform": 0, "points_share": 0}
    lines = tuple(BillLine(taken, carried=taken.settled[0] if holds else 0, **empty) for taken in cuts)
    paper = Bill(request.kind, order.currency, request.refund_to, 0, lines, **_way_back(request))
    if request.kind == EXCHANGE:
        paper = _swapped(paper, order, request, terms)
    return replace(paper, rows=rows(paper, order))


def _swapped(paper: Bill, order: Order, request: Request, terms: Terms) -> Bill:
    """The difference between what comes back and what is wanted instead; all lines together."""
    prices = {asked.line_no: asked.new_price for asked in request.lines}
    lines = [_priced(line, prices[line.line_no]) for line in _within_payments(paper.lines, order)]
    refund = max(0, sum(line.carried - line.worth for line in lines))
    tenders = shared(refund, order.tenders, terms.tender_strategy)
    lines = _less(lines, refund)
    carried = shared(sum(line.carried for line in lines), after(order.tenders, tenders), terms.tender_strategy)
    return replace(paper, refund=refund, lines=tuple(lines), tenders=tenders, carried_parts=carried)


def _within_payments(lines: Sequence[BillLine], order: Order) -> list[BillLine]:
    left, done = sum(tender.left for tender in order.tenders), []
    for line in lines:
        done.append(replace(line, carried=min(line.carried, left)))
        left -= done[-1].carried
    return done


def _priced(line: BillLine, new_price: int | None) -> BillLine:
    worth = line.carried if new_price is None else new_price * line.quantity
    return replace(line, new_price=new_price, worth=worth)


def _less(lines: Sequence[BillLine], refund: int) -> list[BillLine]:
    """The refund taken off what is carried, by the lines that became cheaper, as listed."""
    done = []
    for line in lines:
        part = min(refund, max(0, line.carried - line.worth))
        refund -= part
        done.append(replace(line, amount=part, carried=line.carried - part))
    return done


def after(tenders: Sequence[Tender], parts: Sequence[Part]) -> list[Tender]:
    """What the tenders hold once these parts are taken."""
    taken = {part.payment_id: part.amount for part in parts}
    return [replace(tender, left=tender.left - taken.get(tender.payment_id, 0)) for tender in tenders]


def _refund(order: Order, request: Request, terms: Terms, cuts: Sequence[Cut], *, whole: bool) -> Bill:
    cuts = _within_freight(order, cuts)
    cuts = resettled(order, cuts) if terms.broken_threshold == RESETTLE else [_pro_rata(taken) for taken in cuts]
    paper = Bill(
        kind=request.kind,
        currency=order.currency,
        refund_to=request.refund_to,
        refund=0,
        lines=tuple(_line(order, taken) for taken in cuts),
        completes=whole,
        coupon_back=whole and any(discount.is_coupon for discount in order.discounts),
        **_freight(order, cuts, whole=whole),
        **_way_back(request),
        **_points(order, cuts),
    )
    deductions = _deductions(paper, order, request, terms)
    refund = paper.goods + paper.freight_out - sum(deduction.amount for deduction in deductions)
    return _paid_from(replace(paper, refund=refund, deductions=deductions), order, terms)


def _pro_rata(taken: Cut) -> Cut:
    return replace(taken, settled=taken.totals)


def _line(order: Order, taken: Cut) -> BillLine:
    by_source = {"shop": 0, "platform": 0}
    for discount, share in zip(order.discounts, taken.settled_shares, strict=True):
        by_source[discount.source] += share
    return BillLine(
        cut=taken,
        amount=taken.settled[0],
        carried=0,
        points=taken.points,
        tax=_tax(order.line(taken.line_no), taken),
        points_share=taken.settled[1] - taken.settled[0],
        **by_source,
    )


def _tax(line: Line, taken: Cut) -> int:
    """The units' tax by M2; what M8a moved carries its own."""
    moved = taken.settled[0] - taken.totals[0]
    if not moved or not line.net:
        return taken.tax
    tax = half_up(abs(moved) * line.tax, line.net)
    return taken.tax + (tax if moved > 0 else -tax)


def _paid_from(paper: Bill, order: Order, terms: Terms) -> Bill:
    """The refund split over the tenders, the bonus on it, and the rows for people."""
    parts = shared(paper.refund, order.tenders, terms.tender_strategy)
    paper = replace(paper, tenders=parts, bonus=_bonus(paper, parts, terms))
    return replace(paper, rows=rows(paper, order))


def _bonus(paper: Bill, parts: Sequence[Part], terms: Terms) -> int:
    """Rounded down; on channel money only, or buying and returning with the balance would make money."""
    if paper.refund_to != "balance":
        return 0
    return sum(part.amount for part in parts if part.channel not in STORED) * terms.bonus_bp // 10_000


def _must_be_paid(order: Order, amount: int) -> None:
    left = sum(tender.left for tender in order.tenders)
    if not 0 < amount <= left:
        raise MoreThanPaid(left)


# --- freight (M5, M6) -----------------------------------------------------------------------------------------


def _within_freight(order: Order, cuts: Sequence[Cut]) -> list[Cut]:
    """The freight of faulty units, line after line, as long as some of it was promised to nobody (M5)."""
    left, done = order.freight_left, []
    for taken in cuts:
        freight = max(0, min(taken.freight_fault, left))
        left -= freight
        done.append(replace(taken, freight_fault=freight))
    return done


def _freight(order: Order, cuts: Sequence[Cut], *, whole: bool) -> dict[str, int]:
    faulty = sum(taken.freight_fault for taken in cuts)
    return {
        "freight_fault": faulty,
        "freight_whole": max(0, order.freight_left - faulty) if whole else 0,
        "freight_undone": max(0, order.waived_charged) if whole else 0,
    }


def _way_back(request: Request) -> dict:
    """Who pays for bringing the goods back (M6): one faulty line or a clause of its own makes it the merchant."""
    if request.send_back == "none":
        return {"return_payer": "nobody", "return_amount": 0}
    payer = "merchant" if request.has_fault or request.shop_bears_freight else "customer"
    return {"return_payer": payer, "return_amount": request.return_freight}


# --- points (M7) ----------------------------------------------------------------------------------------------


def _points(order: Order, cuts: Sequence[Cut]) -> dict[str, int]:
    """Used points come back; earned ones are taken as far as the customer still has them (T56)."""
    earned = sum(taken.earned for taken in cuts)
    there = earned if order.points_balance is None else order.points_balance
    return {
        "points_back": sum(taken.points for taken in cuts),
        "points_taken": min(earned, there),
        "points_shortfall": earned - min(earned, there),
    }


# --- deductions (M6, M8a, M9) ---------------------------------------------------------------------------------


def _deductions(paper: Bill, order: Order, request: Request, terms: Terms) -> tuple[Deduction, ...]:
    """One after the other, together never more than there is to pay; what the payments lack comes last."""
    left, done = paper.goods + paper.freight_out, []
    wanted = (
        ("waived_freight", _waived(paper, order) if terms.deduct_waived_freight else 0),
        ("pickup", paper.return_amount if terms.deduct_pickup and _pays_pickup(paper, request) else 0),
        ("points_shortfall", paper.points_shortfall * terms.point_value),
    )
    for code, amount in wanted:
        done.append((code, min(amount, left)))
        left -= done[-1][1]
    missing = left - sum(tender.left for tender in order.tenders)
    return _named(*done, ("payment_short", max(0, missing)))


def _named(*amounts: tuple[str, int]) -> tuple[Deduction, ...]:
    return tuple(Deduction(code, amount) for code, amount in amounts if amount)


def _pays_pickup(paper: Bill, request: Request) -> bool:
    return request.send_back == "pickup" and paper.return_payer == "customer"


def _waived(paper: Bill, order: Order) -> int:
    """Freight that was waived for an amount which what is kept no longer comes to; units back for fault count
    as kept, and never pay for it."""
    if order.free_from is None or paper.completes:
        return 0
    own = [taken for taken in order.refunded_before() if not taken.fault]
    own += [line.cut for line in paper.lines if not line.cut.fault]
    if not price_kept(order.lines, own) < order.free_from <= price_kept(order.lines, []):
        return 0
    own_money = sum(line.amount for line in paper.lines if not line.cut.fault)
    return min(order.waived_freight - order.waived_charged, own_money)
