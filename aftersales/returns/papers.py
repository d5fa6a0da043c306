"""Documents of a case in words: the refund voucher, with the bill it was paid from. Reads rows, decides nothing."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from aftersales.bills.models import Bill
from aftersales.returns import presenting
from aftersales.returns.names import shop_name
from refunds.documents.models import Voucher
from refunds.documents.queries import vouchers_of
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
    return tuple(_row(row) for row in presenting.bill_rows(bill.body))


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


def language_of(asked: str) -> str:
    """The language a copy is asked for in; the reader's own where none is named."""
    if asked in LANGUAGES:
        return asked
    return "en" if get_language() == "en" else "zh-hans"
