"""The customer chooses another way for a refund that could not go back the way she paid (T94, T95)."""

from datetime import datetime

from django.db import transaction

from aftersales.bills.bill import STORED
from aftersales.policy import queries as policies
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.telling import tell
from refunds.payouts import services as payout
from refunds.payouts.models import Refund, RouteChange
from refunds.payouts.payees import Payee
from returns_platform.kernel.actors import Actor


@transaction.atomic
def choose_way(
    request: ReturnRequest, refund: Refund, *, way: str, payee: Payee | None, by: Actor, now: datetime,
    reason: str = "",
) -> RouteChange:  # fmt: skip
    """Her own choice, with its time, or an account that her shop asks for with a reason; she is told of either.

    Raises WrongState where there is nothing to choose any more, Invalid.
    """
    bonus = bonus_of(request, refund) if way == RouteChange.Way.BALANCE else 0
    change = payout.choose_way(refund.pk, way=way, payee=payee, bonus=bonus, reason=reason, by=by, now=now)
    tell(
        request, "way_chosen", occasion=str(change.pk), now=now, refund_no=refund.number, amount=refund.amount,
        bonus=change.bonus, channel=way, account=change.payee, by="", at="",
    )  # fmt: skip
    return change


def bonus_of(request: ReturnRequest, refund: Refund) -> int:
    """What the policy puts on top for the balance, rounded down; only on money that came over a channel."""
    if refund.payment.channel in STORED:
        return 0
    return refund.amount * policies.terms_of(request).balance_bonus_bp // 10_000
