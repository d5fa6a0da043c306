"""Writing documents. News of a refund brings a voucher at once, the sweep surely."""

from datetime import datetime

from django.db import transaction

from orders.merchants.models import Merchant
from refunds.documents import queries, rules
from refunds.documents.models import PaperRead, Voucher, VoucherBook, VoucherCancellation
from refunds.payouts import states
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import Actor

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
    cancelled, _made = VoucherCancellation.objects.get_or_create(voucher=voucher, defaults={"at": now})
    return cancelled


def note_read(paper: str, *, by: Actor, now: datetime) -> None:
    PaperRead.objects.create(paper=paper, by_kind=by.kind, by_id=by.id, at=now)
