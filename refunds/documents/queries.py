"""Reading documents: what is still to be written, and what a case has."""

from django.db.models import QuerySet

from refunds.documents.models import Voucher
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
