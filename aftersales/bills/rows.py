"""A bill as people read it (N1): signed rows that come to the refund, the same for everybody.

Per line: list_price, line_discount, discount (one per discount, with name and source), promotion_broken or
promotion_kept (what M8a moved), points, goodwill_before (paid for the line without return), goodwill, carried.
For the request: freight_fault, freight_whole, freight_undone, return_freight (0; who pays is on the bill), and
the codes of Deduction. The tenders and the bonus are on the bill itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aftersales.bills.bill import Bill, BillLine, Row
from aftersales.bills.facts import RESEND, Line, Order
from aftersales.bills.units import up_to


def rows(paper: Bill, order: Order) -> tuple[Row, ...]:
    lines = () if paper.kind == RESEND else paper.lines
    return (*(row for line in lines for row in _line(line, order, paper)), *_request(paper))


def _line(line: BillLine, order: Order, paper: Bill) -> Iterator[Row]:
    bought, about = order.line(line.line_no), {"line_no": line.line_no, "quantity": line.quantity}
    if line.cut.goodwill:
        yield Row("goodwill", line.amount, **about)
        return
    price = bought.unit_price * line.quantity
    off = _line_discount(bought, line, order)
    yield Row("list_price", price, **about)
    yield from _unless_0(Row("line_discount", -off, **about))
    for discount, share in zip(order.discounts, line.cut.discount_shares, strict=True):
        yield from _unless_0(Row("discount", -share, **about, name=discount.name, source=discount.source))
    moved = line.cut.settled[0] - line.cut.totals[0]
    yield from _unless_0(Row("promotion_broken" if moved < 0 else "promotion_kept", moved, **about))
    yield from _unless_0(Row("points", line.cut.settled[0] - line.cut.settled[1], **about))
    yield from _unless_0(Row("goodwill_before", line.cut.totals[-1] - price + off, **about))
    yield from _unless_0(Row("carried", -line.carried, **about))
    if not paper.is_refund:  # what the payments no longer hold cannot be carried along
        short = line.cut.settled[0] - line.carried - line.amount
        yield from _unless_0(Row("payment_short", -short, **about))


def _line_discount(bought: Line, line: BillLine, order: Order) -> int:
    """The units' part of the line's own discount; without goodwill it is whatever the price is above the totals."""
    taken = order.taken(line.line_no)
    if not any(cut.goodwill for cut in taken):
        return bought.unit_price * line.quantity - line.cut.totals[-1]
    first = sum(cut.quantity for cut in taken)
    upper = up_to(bought.line_discount, bought.quantity, first + line.quantity)
    return upper - up_to(bought.line_discount, bought.quantity, first)


def _request(paper: Bill) -> Iterator[Row]:
    yield from _unless_0(Row("freight_fault", paper.freight_fault))
    yield from _unless_0(Row("freight_whole", paper.freight_whole))
    yield from _unless_0(Row("freight_undone", paper.freight_undone))
    if paper.return_payer != "nobody" and not paper.deduction("pickup"):
        yield Row("return_freight", 0)
    for deduction in paper.deductions:
        yield Row(deduction.code, -deduction.amount)


def _unless_0(row: Row) -> Iterator[Row]:
    if row.amount:
        yield row


@dataclass(frozen=True, slots=True)
class Change:
    """A row that came, went or changed. before, after: None where there was or is no such row."""

    row: Row
    before: int | None
    after: int | None


def difference(old: Bill, new: Bill) -> tuple[Change, ...]:
    """A bill shown as what changed: rows first, then the refund itself as the row "refund"."""
    before, after = ({_key(row): row for row in bill.rows} for bill in (old, new))
    changes = [
        Change(
            after.get(key) or before[key],
            before[key].amount if key in before else None,
            after[key].amount if key in after else None,
        )
        for key in {**before, **after}
    ]
    changes.append(Change(Row("refund", new.refund), old.refund, new.refund))
    return tuple(change for change in changes if change.before != change.after)


def _key(row: Row) -> tuple:
    return row.code, row.line_no, row.name, row.source
