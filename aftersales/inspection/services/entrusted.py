"""What a return centre does for shops: only with goods that go to it, and for the fee that the shop agreed to."""

from datetime import datetime

from aftersales.inspection.models import Inspection
from aftersales.inspection.rules import graded_reference
from aftersales.returns.models import ReturnRequest
from logistics.parcels.models import Parcel
from orders.centres.models import Joining
from orders.centres.queries import works_in
from refunds.ledger import rules as ledger
from refunds.ledger.models import LedgerTransaction
from refunds.ledger.services import post
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere


def must_be_entrusted(request: ReturnRequest, by: Actor, right: str) -> None:
    """Read in the transaction that acts: somebody may have left, or the goods gone to a store of the shop."""
    if by.kind != "centre":
        return
    if request.joining_id is None or not works_in(request.joining.centre_id, by.id, right):
        raise NotThere


def charge_for_parcel(request: ReturnRequest, *, by: Actor, now: datetime, box: str = "") -> None:
    """Once a parcel, also where the goods of two returns travelled in it. box: the leg of a further one."""
    if by.kind != "centre":
        return
    own = box or request.return_no
    shared = Parcel.objects.filter(leg=own, kind=Parcel.Kind.RETURN, shares_with__isnull=False)
    leg = shared.values_list("shares_with__leg", flat=True).first() or own
    reference = f"{ledger.CENTRE_FEE}:{leg}:parcel"
    if not LedgerTransaction.objects.filter(reference=reference).exists():
        _charge(request.joining, reference, request.joining.fee_parcel, now=now)


def charge_for_units(request: ReturnRequest, graded: list[Inspection], *, by: Actor, now: datetime) -> None:
    """Once a unit: each row of grades is written once."""
    if by.kind != "centre":
        return
    for row in graded:
        key = graded_reference(request.return_no, row.line_id, row.grade, row.unit)
        _charge(request.joining, f"{ledger.CENTRE_FEE}:{key}", request.joining.fee_unit * row.quantity, now=now)


def _charge(joining: Joining, reference: str, fee: int, *, now: datetime) -> None:
    if fee:
        entries = ledger.centre_fee(
            fee, centre=joining.centre.code, currency=joining.currency, merchant_id=joining.merchant_id
        )
        post(reference, kind=ledger.CENTRE_FEE, entries=entries, at=now)
