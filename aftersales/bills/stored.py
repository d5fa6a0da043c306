"""A bill as JSON: how it is kept with its case, and how the API quotes it."""

from collections.abc import Mapping
from dataclasses import asdict, fields

from aftersales.bills.bill import Bill, BillLine, Deduction, Part, Row
from aftersales.bills.facts import Cut


def as_body(bill: Bill) -> dict:
    """Everything, plus what readers look for: lines with line_no, quantity and shares, the sums of the bill."""
    body = asdict(bill) | {"freight_out": bill.freight_out, "deducted": bill.deducted}
    body |= {name: list(body[name]) for name in ("lines", "deductions", "tenders", "carried_parts", "rows")}
    for kept, line in zip(body["lines"], bill.lines, strict=True):
        kept |= {"line_no": line.line_no, "quantity": line.quantity, "shares": line.shares}
    return body


def from_body(body: Mapping) -> Bill:
    """The bill as it was made; keys that others added are left alone."""
    return _read(
        Bill,
        body,
        lines=tuple(_line(line) for line in body["lines"]),
        deductions=tuple(_read(Deduction, kept) for kept in body["deductions"]),
        tenders=tuple(_read(Part, kept) for kept in body["tenders"]),
        carried_parts=tuple(_read(Part, kept) for kept in body.get("carried_parts", ())),
        rows=tuple(_read(Row, kept) for kept in body["rows"]),
    )


def _line(kept: Mapping) -> BillLine:
    totals = {name: tuple(kept["cut"].get(name, ())) for name in ("totals", "settled", "basis")}
    return _read(BillLine, kept, cut=_read(Cut, kept["cut"], **totals))


def _read(kind, kept: Mapping, **parts):
    return kind(**{field.name: kept[field.name] for field in fields(kind) if field.name in kept} | parts)


def holds(body: Mapping) -> dict[int, int]:
    """What the bill keeps of each payment, refunded or carried along: {payment id: minor units}."""
    kept: dict[int, int] = {}
    for part in (*body["tenders"], *body.get("carried_parts", ())):
        kept[part["payment_id"]] = kept.get(part["payment_id"], 0) + part["amount"]
    return kept


def quoted(bill: Bill) -> dict:
    """The bill of a quote in the API, without its date of arrival.

    tenders: what is taken from which payment, also where the customer chose the balance or a coupon.
    """
    return {
        "currency": bill.currency,
        "refund": bill.refund,
        "lines": [
            {
                "line_no": line.line_no,
                "quantity": line.quantity,
                "amount": line.amount,
                "points": line.points,
                "shares": line.shares,
            }
            for line in bill.lines
        ],
        "freight_out": bill.freight_out,
        "freight_return": {"payer": bill.return_payer, "amount": bill.return_amount, "deducted": bill.deducted},
        "points_back": bill.points_back,
        "points_taken": bill.points_taken,
        "bonus": bill.bonus,
        "tenders": [
            {"transaction_id": part.transaction_id, "channel": part.channel, "amount": part.amount}
            for part in bill.tenders
        ],
    } | _where_it_is_so(bill)


def _where_it_is_so(bill: Bill) -> dict:
    """Earned points that are spent already, coupons that come back, what a swap costs on top: in few bills."""
    found = {"points_shortfall": bill.points_shortfall, "coupon_back": bill.coupon_back, "due": bill.due}
    return {name: value for name, value in found.items() if value}
