"""One bill for everybody (N1): the same lines in the same order for customer, shop and staff, before and after.

Only the words differ by who reads, and shop and staff see beside each amount what it costs the shop. Where a bill
replaced another one, each line shows what it was, and below it who changed it and why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from aftersales.bills import stored
from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.returns.names import channel_name, shop_name
from aftersales.returns.queries import Case
from aftersales.returns.to_the_fen import how_worked_out
from orders.merchants.models import Merchant
from returns_platform.kernel import ui

CUSTOMER, SHOP, STAFF = "customer", "shop", "staff"  # who reads


@dataclass(frozen=True, slots=True)
class Change:
    """A bill that replaced the one before it."""

    seq: int
    at: datetime
    who: str
    why: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class BillPart:
    """What `parts/bill.html` draws. heads: of the two columns, empty where there is one. how: (what, to the fen)."""

    rows: list[ui.BillRow]
    currency: str
    heads: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    how: tuple[tuple[str, str], ...] = ()


def bill_part(case: Case, *, reader: str) -> BillPart | None:
    """The bill in force of a case, for its page; None where nothing was worked out."""
    bill = case.request.bill
    if bill is None:
        return None
    every = list(Bill.objects.filter(case_ref=bill.case_ref, seq__lte=bill.seq)) if bill.seq > 1 else [bill]
    return BillPart(
        rows=bill_rows(bill.body, reader=reader, before=every[0].body if bill.seq > 1 else None),
        currency=bill.currency,
        heads=_heads(reader),
        changes=tuple(_changes(every, reader, case.request.merchant)),
        how=tuple(
            how_worked_out(
                bill.body,
                {line.order_line.line_no: line.order_line for line in case.lines},
                strategy=policies.terms_of(case.request).tender_strategy,
            )
        ),
    )


def _heads(reader: str) -> tuple[str, ...]:
    if reader == SHOP:
        return (_("Item"), _("The customer sees"), _("You bear"))
    return (_("Item"), _("The customer"), _("The shop")) if reader == STAFF else ()


def _changes(every: list[Bill], reader: str, shop: Merchant) -> Iterator[Change]:
    for before, bill in pairwise(every):
        who = _who(bill, reader, shop)
        yield Change(bill.seq, bill.made_at, who, why_again(bill.reason), before.refund, bill.refund)


def _who(bill: Bill, reader: str, shop: Merchant) -> str:
    """A person by name for those who work with them; the customer is told which party it was."""
    if bill.made_by_kind in ("merchant", "token"):
        return bill.made_by_name if reader != CUSTOMER and bill.made_by_name else shop_name(shop)
    if bill.made_by_kind == "support":
        return bill.made_by_name if reader == STAFF and bill.made_by_name else _("The platform")
    return _("The rules")


def why_again(reason: str) -> str:
    """Why a bill replaced the one before it; nothing for a code of a later program."""
    return {
        "counted": _("fewer units came than were announced"),
        "order_changed": _("the rest of the order changed"),
        "one_van": _("one courier came for several of your returns, and is paid once"),
        "points_changed": _("the points changed meanwhile"),
        "released": _("the missing units were released"),
        "found": _("the missing units were found"),
        "undone": _("a decision was taken back"),
        "reopened": _("the request was opened again"),
        "reason_found": _("the inspection found another reason"),
        "reason_restored": _("the platform found the customer's reason to be right"),
        "part": _("a part of the price is paid, and the goods stay"),
    }.get(reason, "")


# --- the lines --------------------------------------------------------------------------------------------


def bill_rows(body: Mapping, *, reader: str = CUSTOMER, before: Mapping | None = None) -> list[ui.BillRow]:
    """The lines of a bill's body (`aftersales.bills.rows`), then where the money goes, then points.

    before: the bill that it replaced; every line then says what it was, also one that came or went.
    """
    rows = _by_key(body, reader)
    if before:
        old = _by_key(before, reader)
        rows = {key: replace(row, before=old[key].amount if key in old else 0) for key, row in rows.items()}
        left = {key: row for key, row in old.items() if key not in rows}
        gone = {key: replace(row, amount=0, before=row.amount, text="") for key, row in left.items()}
        total = rows.popitem()
        rows = {**rows, **gone, total[0]: total[1]}
    return [*rows.values(), *_parts(body), *_points(body, reader)]


def _by_key(body: Mapping, reader: str) -> dict[tuple, ui.BillRow]:
    """The rows of the calculation by what they are, the sum last. Shop and staff also see what the shop bears."""
    lines = [row for row in body["rows"] if row["code"] not in ("carried", "return_freight")]
    told = {_key(row): _row(row, body, reader) for row in lines}
    if reader != CUSTOMER:
        told |= _shop_rows(body, told.values())
    if any(row["code"] == "return_freight" for row in body["rows"]) or (reader != CUSTOMER and _way_back(body)):
        told["return_freight",] = _return_freight(body, reader)
    return told | {("sum",): _sum_row(body, reader)}


def _key(row: Mapping) -> tuple:
    return row["code"], row["line_no"], row["name"], row["source"]


def _shop_rows(body: Mapping, told: Iterable[ui.BillRow]) -> dict[tuple, ui.BillRow]:
    """What the lines of the customer do not say: the platform's part that promotions moved, and the refund itself."""
    bill, rows = stored.from_body(body), {}
    if rest := bill.platform_share - sum(row.second or 0 for row in told):
        rows["platform",] = ui.BillRow(_("The platform's part of the discount"), None, second=rest)
    if bill.is_refund:
        rows["back",] = ui.BillRow(_("Back to the customer"), bill.refund, second=bill.refund)
    return rows


def _way_back(body: Mapping) -> bool:
    return body["return_payer"] != "nobody"


def _row(row: Mapping, body: Mapping, reader: str) -> ui.BillRow:
    line = next((line for line in body["lines"] if line["line_no"] == row["line_no"]), {})
    if row["code"] == "list_price":
        return ui.BillRow(f"{line['title']} × {row['quantity']}", row["amount"], reason=_("list price"))
    if row["code"] == "discount":
        return _discount(row, reader)
    if row["code"] == "points":
        back = _("%(number)s points come back") % {"number": line["points"]} if line.get("points") else ""
        return ui.BillRow(_("Paid with points"), row["amount"], reason=back)
    reason = _insured(body) if row["code"] == "pickup" else ""
    return ui.BillRow(_row_name(row["code"], reader), row["amount"], reason=reason)


def _discount(row: Mapping, reader: str) -> ui.BillRow:
    if row["source"] == "platform" and reader != CUSTOMER:
        reason = _("paid by the platform, goes back to it")
        return ui.BillRow(row["name"], row["amount"], reason=reason, second=-row["amount"])
    if row["source"] == "platform":
        return ui.BillRow(row["name"], row["amount"], reason=_("this item's share of the platform's discount"))
    if reader == SHOP:
        return ui.BillRow(row["name"], row["amount"], reason=_("this item's share of your discount"))
    return ui.BillRow(row["name"], row["amount"], reason=_("this item's share of the shop's discount"))


def _row_name(code: str, reader: str) -> str:
    if reader == CUSTOMER:
        hers = {
            "promotion_broken": _("What you keep no longer earns the promotion"),
            "goodwill": _("Part of the price, you keep the goods"),
            "freight_fault": _("Delivery you paid for this item"),
            "freight_whole": _("Delivery you paid for"),
        }
        if code in hers:
            return hers[code]
    return {
        "line_discount": _("Discount on this item"),
        "promotion_broken": _("What is kept no longer earns the promotion"),
        "promotion_kept": _("Promotion settled earlier"),
        "goodwill_before": _("Paid back earlier for this item"),
        "goodwill": _("Part of the price, the customer keeps the goods"),
        "freight_fault": _("Delivery paid for this item"),
        "freight_whole": _("Delivery paid for"),
        "freight_undone": _("Delivery charged earlier comes back"),
        "waived_freight": _("Delivery that was free for the whole order"),
        "pickup": _("Pickup by the courier"),
        "points_shortfall": _("Earned points that are spent already"),
        "agreed": _("As agreed"),
        "payment_short": _("More than the payment still holds"),
    }[code]


def _return_freight(body: Mapping, reader: str) -> ui.BillRow:
    """Who pays the way back; for the shop also what it costs her."""
    name = _("Sending it back")
    if not body["return_amount"]:
        return ui.BillRow(name, 0, reason=_("no courier is paid for it"), second=0)
    about = _("about %(sum)s") % {"sum": ui.money(body["return_amount"], body["currency"])}
    if reader == CUSTOMER and body["return_payer"] == "merchant":
        return ui.BillRow(name, 0, reason=_("the shop pays the courier"))
    if reader == CUSTOMER:
        said = _("; ").join(filter(None, [_("you pay the courier"), _insured(body)]))
        return ui.BillRow(name, 0, reason=said, text=about)
    if body["return_payer"] == "merchant":
        return ui.BillRow(name, 0, reason=_("about, by the courier"), second=body["return_amount"])
    return ui.BillRow(name, 0, reason=_("the customer pays the courier"), text=about, second=0)


def _insured(body: Mapping) -> str:
    """What freight insurance pays afterwards; "" where there is none."""
    if not body.get("insured"):
        return ""
    return _("insured: %(sum)s to the balance once the goods are there") % {
        "sum": ui.money(body["insured"], body["currency"])
    }


def _sum_row(body: Mapping, reader: str) -> ui.BillRow:
    bill = stored.from_body(body)
    if reader == CUSTOMER and bill.is_refund:
        return ui.BillRow(_("You get back"), bill.refund, kind="sum")
    if reader == CUSTOMER and bill.due:
        return ui.BillRow(_("To pay on top"), bill.due, kind="sum")
    if reader == CUSTOMER and bill.refund:
        return ui.BillRow(_("You get back"), bill.refund, kind="sum")
    if reader == CUSTOMER:
        return ui.BillRow(_("Value of what is exchanged or mended"), bill.carried, kind="sum")
    in_all = _("You pay in all") if reader == SHOP else _("The shop pays in all")
    return ui.BillRow(_("Together") if bill.is_refund else in_all, bill.refund, kind="sum", second=bill.merchant_pays)


def _parts(body: Mapping) -> list[ui.BillRow]:
    if body["refund_to"] != "original" and body["refund"]:
        parts = [ui.BillRow(_to(body["refund_to"]), body["refund"], kind="part")]
        return parts + [ui.BillRow(_("Bonus on top"), body["bonus"], kind="part")] * bool(body["bonus"])
    return [ui.BillRow(_to(part["channel"]), part["amount"], kind="part") for part in body["tenders"]]


def _to(channel: str) -> str:
    return _("to %(channel)s") % {"channel": channel_name(channel)}


def _points(body: Mapping, reader: str) -> list[ui.BillRow]:
    hers, rows = reader == CUSTOMER, []
    if body["points_back"]:
        name = _("Points you used come back") if hers else _("Points the customer used come back")
        rows.append(ui.BillRow(name, None, kind="part", text=str(body["points_back"])))
    if body["points_taken"]:
        name = _("Points you earned are taken back") if hers else _("Points the customer earned are taken back")
        rows.append(ui.BillRow(name, None, kind="part", text=f"−{body['points_taken']}"))
    return rows
