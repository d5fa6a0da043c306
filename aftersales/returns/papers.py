"""Documents of a case in words: the refund voucher with its bill, the red-letter request. Decides nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from aftersales.bills.models import Bill
from aftersales.returns.bill_lines import bill_rows
from aftersales.returns.names import shop_name
from refunds.documents import states as red
from refunds.documents.models import RedLetterRequest, Voucher
from refunds.documents.queries import left_on_invoice, vouchers_of
from refunds.documents.rules import Paper, PaperRow, in_capitals
from refunds.payouts import texts as refund_texts
from refunds.payouts.models import Authorisation, Refund
from returns_platform.kernel import ui
from returns_platform.kernel.money import yuan

LANGUAGES = {"zh-hans": "中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Link:
    """A document as a page offers it. copies: (language code, its name, address)."""

    name: str
    number: str
    about: str
    copies: tuple[tuple[str, str, str], ...]


def papers_of(case_ref: str) -> list[Link]:
    """The documents of a case, in the order in which they were written."""
    return [_voucher_link(voucher) for voucher in vouchers_of(case_ref)]


def _voucher_link(voucher: Voucher) -> Link:
    about = yuan(voucher.amount, voucher.currency)
    if voucher.is_cancelled:
        about = _("%(sum)s, cancelled: the bank sent the money back") % {"sum": about}
    return Link(
        _("Refund voucher"), voucher.number, about, _copies(reverse("aftersales:voucher", args=[voucher.number]))
    )


def _copies(address: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((code, name, f"{address}?in={code}") for code, name in LANGUAGES.items())


# --- the voucher ------------------------------------------------------------------------------------------


def voucher_paper(voucher: Voucher, *, language: str) -> Paper:
    """What the voucher says, in one of LANGUAGES. The same rows always give the same paper."""
    refund = voucher.refund
    with override(language):
        return Paper(
            title=_("Refund voucher"),
            number=voucher.number,
            shop=shop_name(voucher.merchant),
            language=language,
            currency=voucher.currency,
            facts=tuple((label, value) for label, value in _facts(voucher, refund) if value),
            heads=(_("How it was worked out"), _("Amount")),
            rows=_rows(refund),
            notes=_notes(voucher),
            stamp=_("Cancelled") if voucher.is_cancelled else "",
            missing_glyphs=_("□ stands for a character that this document cannot show:"),
        )


def _facts(voucher: Voucher, refund: Refund) -> list[tuple[str, str]]:
    zone = voucher.merchant.zone
    return [
        (_("Refunded"), yuan(voucher.amount, voucher.currency)),
        (_("In Chinese capitals"), in_capitals(voucher.amount, voucher.currency)),
        (_("Customer"), ui.mask_name(refund.customer.name)),
        (_("Request"), voucher.case_ref),
        (_("Order"), refund.order.order_no),
        (_("Paid to"), refund_texts.where(refund.channel, refund.account)),
        (_("Refund number"), refund.number),
        (_("The channel's number"), refund.channel_ref),
        (_("We asked"), _moment(refund.asked_at, zone)),
        (_("Accepted"), _moment(refund.accepted_at, zone)),
        (_("Arrived"), _moment(refund.arrived_at, zone)),
        (_("Authorised by"), _authorised(refund.authorisation)),
        (_("Voucher written"), _moment(voucher.issued_at, zone)),
    ]


def _moment(at, zone: str) -> str:
    """2026-11-27 09:40:12, Asia/Shanghai: a document is read years later and elsewhere."""
    return f"{ui.in_zone(at, zone):%Y-%m-%d %H:%M:%S}, {zone}" if at else ""


def _authorised(decided: Authorisation) -> str:
    if decided.rule:
        first = _("rule %(rule)s, version %(version)s") % {"rule": decided.rule, "version": decided.rule_version}
    else:
        first = decided.by_name or decided.by_kind
    if decided.second_at is None:
        return first
    return _("%(first)s and %(second)s") % {"first": first, "second": decided.second_name or decided.second_kind}


def _rows(refund: Refund) -> tuple[PaperRow, ...]:
    """The bill that was in force when the refund was promised."""
    bills = Bill.objects.filter(case_ref=refund.case_ref).order_by("seq")
    bill = bills.filter(made_at__lte=refund.promised_at).last() or bills.first()
    if bill is None:
        return ()
    return tuple(_row(row) for row in bill_rows(bill.body))


def _row(row: ui.BillRow) -> PaperRow:
    total = row.kind == "sum"
    name = _("Refund of the whole request") if total else row.name
    return PaperRow(name, row.amount, row.reason, row.text, total)


def _notes(voucher: Voucher) -> tuple[str, ...]:
    notes = [
        _("Each refund that arrived has one voucher; the numbers of a shop have no gap."),
        _("Amounts as in the calculation that was shown before and after; it is kept and never changed."),
    ]
    if voucher.is_cancelled:
        when = _moment(voucher.cancellation.at, voucher.merchant.zone)
        notes.insert(
            0, _("Cancelled on %(when)s: the bank sent the money back after it had arrived.") % {"when": when}
        )
    return tuple(notes)


# --- the red-letter request ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RedLetterRow:
    """A request in a shop's list. left: what the invoice says once it is through."""

    row: RedLetterRequest
    state: str
    left: int
    copies: tuple[tuple[str, str, str], ...]


def red_letter_row(row: RedLetterRequest) -> RedLetterRow:
    address = reverse("merchant:red_letter", args=[row.merchant.code, row.number])
    return RedLetterRow(row, red_letter_state(row.state), left_on_invoice(row), _copies(address))


def red_letter_state(state: str) -> str:
    return {red.REQUESTED: _("to issue"), red.CONFIRMED: _("issued"), red.CANCELLED: _("cancelled")}[state]


def red_letter_filters() -> list[tuple[str, str]]:
    return [("", _("All")), *((state, red_letter_state(state)) for state in red.ALL)]


def red_letter_item(line: Mapping) -> str:
    """A line of it in words: the goods by their title, the rest by what it is."""
    others = {
        "freight": _("Delivery"),
        "waived_freight": _("Delivery that was free for the whole order"),
        "pickup": _("Pickup by the courier"),
        "points_shortfall": _("Earned points that are spent already"),
        "agreed": _("As agreed"),
        "payment_short": _("More than the payment still holds"),
    }
    return others.get(line["code"], line["title"])


def red_letter_paper(row: RedLetterRequest, *, language: str) -> Paper:
    """What finance needs to issue the red-letter invoice, in one of LANGUAGES."""
    zone = row.merchant.zone
    with override(language):
        facts = [
            (_("To take off"), yuan(row.amount, row.currency)),
            (_("Tax in it"), yuan(row.tax, row.currency)),
            (_("Without tax"), yuan(row.amount - row.tax, row.currency)),
            (_("In Chinese capitals"), in_capitals(row.amount, row.currency)),
            (_("Invoice"), row.invoice_number),
            (_("Invoice issued"), _moment(row.order.invoice_issued_at, zone)),
            (_("Invoice amount"), yuan(row.invoice_amount, row.currency)),
            (_("Left on the invoice"), yuan(left_on_invoice(row), row.currency)),
            (_("Return"), row.case_ref),
            (_("Order"), row.order.order_no),
            (_("State"), red_letter_state(row.state)),
            (_("Red-letter number"), row.red_number),
            (_("Requested at"), _moment(row.requested_at, zone)),
        ]
        return Paper(
            title=_("Red-letter invoice request"), number=row.number, shop=shop_name(row.merchant), language=language,
            currency=row.currency, facts=tuple((label, value) for label, value in facts if value),
            heads=(_("Item"), _("Amount with tax")), rows=tuple(_red_letter_rows(row)),
            notes=(_("Amounts and tax are those that were frozen when the order came in."),),
            stamp=_("Cancelled") if row.state == red.CANCELLED else "",
            missing_glyphs=_("□ stands for a character that this document cannot show:"),
        )  # fmt: skip


def _red_letter_rows(row: RedLetterRequest) -> Iterator[PaperRow]:
    for line in row.lines:
        name = red_letter_item(line) + (f" × {line['quantity']}" if line["quantity"] else "")
        if line["tax"] is None:
            about = _("tax as on the invoice")
        else:
            without, tax = yuan(line["amount"] - line["tax"], row.currency), yuan(line["tax"], row.currency)
            about = _("%(without)s without tax, tax %(tax)s") % {"without": without, "tax": tax}
        yield PaperRow(name, line["amount"], about)
    yield PaperRow(_("To take off"), row.amount, total=True)


def language_of(asked: str) -> str:
    """The language a copy is asked for in; the reader's own where none is named."""
    if asked in LANGUAGES:
        return asked
    return "en" if get_language() == "en" else "zh-hans"
