"""A case's money that lies on the balance goes to the way that was paid with after all."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.claims import moving_with_money
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState

NOTE = "to_the_bank"


def take_to_the_bank(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """Once, and only while it is unspent; the bonus is taken back. The case waits for its money again.

    Raises WrongState when nothing of it can move (any more), Conflict when it is spent.
    """
    with moving_with_money(pk, by=by, now=now, note=NOTE) as (request, _held):
        refunds = payouts.movable_refunds(request.return_no, now=now)
        if not refunds:
            raise WrongState(_("This cannot go back to the way you paid any more."), state=request.state)
        moved = [payout.move_to_original(refund.pk, by=by, now=now) for refund in refunds]
        if request.is_completed:
            request.pay_the_rest()
            request.ended_at = None
        request.wait_for("channel", max(refund.promised_by for refund in moved))
    return request
