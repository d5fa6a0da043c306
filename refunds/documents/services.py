"""Writing documents. News of a refund brings a voucher at once, the sweep surely."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.merchants.models import Merchant
from orders.purchases.models import Order
from refunds.documents import queries, rules
from refunds.documents import states as red
from refunds.documents.models import PaperRead, RedLetterRequest, Voucher, VoucherBook, VoucherCancellation
from refunds.payouts import states
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Invalid
from returns_platform.kernel.fsm import begin, moving

AT_ONCE = 200  # vouchers that one sweep writes at most; the next one goes on


def take_refund_news(refund_id: int, *, now: datetime) -> None:
    """A voucher for what arrived; a cancellation for what the bank sent back."""
    refund = Refund.objects.filter(pk=refund_id).first()
    if refund is None or refund.state not in queries.PAID:
        return
    voucher = issue_voucher(refund, now=now)
    if refund.state == states.RETURNED_BY_BANK:
        cancel_voucher(voucher, now=now)


def write_due_vouchers(*, now: datetime) -> int:
    """What a lost signal would have brought; returns how many vouchers were written."""
    due = list(queries.without_voucher().select_related("merchant")[:AT_ONCE])
    for refund in due:
        issue_voucher(refund, now=now)
    for voucher in queries.to_cancel()[:AT_ONCE]:
        cancel_voucher(voucher, now=now)
    return len(due)


@transaction.atomic
def issue_voucher(refund: Refund, *, now: datetime) -> Voucher:
    """The voucher of a refund that arrived; the same one when it has been written already.

    The shop's book is locked first: whoever writes at the same time waits, and a rollback takes the number back.
    """
    book = _locked_book(refund.merchant)
    if written := Voucher.objects.filter(refund=refund).first():
        return written
    book.last += 1
    book.save(update_fields=["last"])
    return Voucher.objects.create(
        merchant=refund.merchant, serial=book.last, number=rules.voucher_number(refund.merchant.code, book.last),
        refund=refund, case_ref=refund.case_ref, amount=refund.amount, currency=refund.currency,
        arrived_at=refund.arrived_at, issued_at=now,
    )  # fmt: skip


def _locked_book(merchant: Merchant) -> VoucherBook:
    VoucherBook.objects.get_or_create(merchant=merchant)
    return VoucherBook.objects.select_for_update().get(merchant=merchant)


def cancel_voucher(voucher: Voucher, *, now: datetime) -> VoucherCancellation:
    """Once; the number stays used."""
    cancelled, _new = VoucherCancellation.objects.get_or_create(voucher=voucher, defaults={"at": now})
    return cancelled


def note_read(paper: str, *, by: Actor, now: datetime) -> None:
    PaperRead.objects.create(paper=paper, by_kind=by.kind, by_id=by.id, at=now)


# --- red-letter requests ----------------------------------------------------------------------------------


@transaction.atomic
def request_red_letter(
    order: Order, case_ref: str, lines: list[dict], *, now: datetime, by: Actor = SYSTEM
) -> RedLetterRequest | None:
    """Ask finance to take a return off the order's invoice; None where there is nothing to take off (any more).

    lines: what the return paid back by now, as `RedLetterRequest.lines`. What live requests of the case asked for
    already is subtracted, so the same call twice asks once, and a bill that grew asks for the rest.
    """
    order = Order.objects.select_for_update(no_key=True).select_related("merchant").get(pk=order.pk)
    if not order.invoice_number:
        return None
    earlier = list(queries.red_letters_of(case_ref))
    rest = rules.rest_of([row.lines for row in earlier if row.state in red.LIVE], lines)
    amount = sum(line["amount"] for line in rest)
    if amount <= 0:
        return None
    seq = len(earlier) + 1
    return begin(
        RedLetterRequest(
            number=rules.red_letter_number(case_ref, seq), merchant=order.merchant, order=order, case_ref=case_ref,
            seq=seq, invoice_number=order.invoice_number, invoice_amount=order.invoice_amount, amount=amount,
            tax=sum(line["tax"] or 0 for line in rest), currency=order.currency, lines=rest, requested_at=now,
        ),
        by=by, now=now, note="requested",
    )  # fmt: skip


def confirm_red_letter(pk: int, red_number: str, *, by: Actor, now: datetime) -> RedLetterRequest:
    """Finance has issued it in the tax system. Raises Invalid without its number, WrongState when it is settled."""
    red_number = red_number.strip()
    if not red_number or len(red_number) > 64 or not red_number.isprintable():
        sentence = _("Say the number of the red-letter invoice, at most 64 characters.")
        raise Invalid(sentence, fields={"red_number": sentence})
    with moving(RedLetterRequest, pk, by=by, now=now, note="confirmed") as row:
        row.confirm(red_number)
        row.ended_at = now
    return row


def cancel_red_letter(pk: int, *, by: Actor, now: datetime) -> RedLetterRequest:
    """It comes to nothing. Raises WrongState when it is settled."""
    with moving(RedLetterRequest, pk, by=by, now=now, note="cancelled") as row:
        row.cancel()
        row.ended_at = now
    return row
