"""Freight insurance pays who paid for the way back, once the goods were there and the money is settled (S84)."""

from datetime import datetime

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.compensating import FREIGHT
from aftersales.returns.services.telling import tell
from orders.purchases.services.insurance import claim_cover
from refunds.wallet.queries import compensations_of
from refunds.wallet.rules import INSURANCE
from refunds.wallet.services import balance as wallet


def pay_insurance(request: ReturnRequest, *, now: datetime) -> None:
    """To the balance, as a posting of its own: the insurer gives it. Once a policy, whichever return comes first."""
    amount = request.bill.body.get("insured", 0) if request.bill else 0
    if not amount or request.delivered_at is None or _courier_was_repaid(request):
        return
    if not claim_cover(request.order_id, case_ref=request.return_no, amount=amount, now=now):
        return
    wallet.credit(
        request.customer, amount=amount, kind=INSURANCE, reference=request.return_no, currency=request.bill.currency,
        order=request.order, now=now,
    )  # fmt: skip
    tell(request, "insurance_paid", insured=amount, now=now)


def _courier_was_repaid(request: ReturnRequest) -> bool:
    """By the shop, on a receipt, before the inspection found that the way back is the customer's (T46, T49)."""
    return compensations_of(request.return_no).filter(ground=FREIGHT, given_at__isnull=False).exists()
