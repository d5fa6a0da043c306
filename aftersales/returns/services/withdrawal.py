"""The customer changes their mind, or lets the time pass."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services import replacing
from aftersales.returns.services.benefits import undo_benefits
from aftersales.returns.services.bills import promised_lines
from aftersales.returns.services.claims import Held, give_back, moving_with_money
from aftersales.returns.services.telling import tell, tell_the_shop
from logistics.parcels import services as parcels
from orders.purchases.services import claims
from refunds.payouts import services as payout
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState


def withdraw_return(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """Take a request back until the goods are collected or counted, or its money was sent."""
    with moving_with_money(pk, by=by, now=now, note="withdrawn") as (request, held):
        if request.state == states.WITHDRAWN:
            return request
        if not request.can_be_withdrawn:
            raise WrongState(_("This cannot be withdrawn any more."), state=request.state)
        _cancel_money(request, by=by, now=now)
        replacing.drop(request, by=by, now=now)
        _cancel_parcel(request, by=by, now=now)
        request.withdraw()
        request.end(now)
        give_back(request, held)
        tell(request, "withdrawn", now=now)
        tell_the_shop(request, "withdrawn", now=now)
    return request


def let_lapse(pk: int, *, now: datetime) -> ReturnRequest:
    """The customer's time to show evidence or to send the goods is over; the units are free again."""
    with moving_with_money(pk, by=SYSTEM, now=now, note="lapsed") as (request, held):
        close_by_silence(request, held, now=now)
    return request


def close_by_silence(request: ReturnRequest, held: Held, *, now: datetime) -> None:
    """The same for a locked request."""
    replacing.drop(request, by=SYSTEM, now=now)
    _cancel_parcel(request, by=SYSTEM, now=now)
    request.lapse()
    request.end(now)
    give_back(request, held)
    tell(request, "lapsed", now=now)


def _cancel_money(request: ReturnRequest, *, by: Actor, now: datetime) -> None:
    if not request.is_settling:
        return
    if payout.cancel_refunds(request.return_no, by=by, now=now):
        claims.mark_refunded({line_id: -amount for line_id, amount in promised_lines(request).items()})
    undo_benefits(request, now=now)


def _cancel_parcel(request: ReturnRequest, *, by: Actor, now: datetime) -> None:
    parcel = parcel_of(request)
    if parcel is not None and parcel.can_be_cancelled:
        parcels.cancel_parcel(parcel.pk, by=by, now=now)
