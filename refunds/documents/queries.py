"""Reading documents: what is still to be written, and what a case has."""

from django.db.models import QuerySet, Sum

from orders.purchases.models import Order
from refunds.documents import states as red
from refunds.documents.models import RedLetterRequest, Voucher
from refunds.payouts import states
from refunds.payouts.models import Refund

PAID = (states.ARRIVED, states.RETURNED_BY_BANK)  # also what came back later was paid once


def without_voucher() -> QuerySet[Refund]:
    """Refunds that arrived and have no voucher yet, in the order in which they arrived."""
    return Refund.objects.filter(state__in=PAID, voucher=None).order_by("arrived_at", "pk")


def to_cancel() -> QuerySet[Voucher]:
    """Vouchers of money that the bank sent back."""
    return Voucher.objects.filter(refund__state=states.RETURNED_BY_BANK, cancellation=None).order_by("pk")


def vouchers_of(case_ref: str) -> QuerySet[Voucher]:
    return Voucher.objects.filter(case_ref=case_ref).select_related("cancellation").order_by("serial")


# --- red-letter requests ----------------------------------------------------------------------------------


def red_letters_of(case_ref: str) -> QuerySet[RedLetterRequest]:
    return RedLetterRequest.objects.filter(case_ref=case_ref).order_by("seq")


def live_red_letters(order: Order) -> QuerySet[RedLetterRequest]:
    """What was taken off the order's invoice, or is about to be."""
    return RedLetterRequest.objects.filter(order=order, state__in=red.LIVE)


def left_on_invoice(row: RedLetterRequest) -> int:
    """What the invoice still says once this request and those before it are through; 0.00 closes it."""
    off = live_red_letters(row.order).filter(pk__lte=row.pk).aggregate(sum=Sum("amount"))["sum"] or 0
    return row.invoice_amount - off
