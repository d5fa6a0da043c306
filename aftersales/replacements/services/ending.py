"""A replacement that comes to nothing: before it is sent, or because it was lost on the way."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.replacements.models import Replacement
from aftersales.replacements.queries import parcel_for_it
from aftersales.replacements.services.stock import free_stock, stock_left
from logistics.parcels import services as parcels
from logistics.parcels import states as parcel_states
from orders.purchases.services import made
from refunds.charges import services as charges
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState

NOTHING_TO_CALL_OFF = (parcel_states.CANCELLED, parcel_states.FAILED, parcel_states.LOST, parcel_states.REFUSED)


def cancel_replacement(replacement: Replacement, *, why: str, by: Actor, now: datetime) -> None:
    """Nothing is sent: the request came to nothing. The row is locked, the caller saves."""
    _take_back(replacement, by=by, now=now)
    replacement.cancel()
    replacement.end(now, why=why)


def convert_replacement(replacement: Replacement, *, why: str, by: Actor, now: datetime) -> None:
    """Money instead; who promises it stands above. The row is locked, the caller saves."""
    _take_back(replacement, by=by, now=now)
    replacement.convert()
    replacement.end(now, why=why)


def order_cancelled(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """The customer has the new order's money by a request about it: nothing is sent, or what was sent is not waited
    for. The row is locked.
    """
    if replacement.is_on_its_way:
        replacement.give_up()
    else:
        _call_off(replacement, by=by, now=now)
        free_stock(replacement, by=by, now=now)
        replacement.cancel()
    replacement.end(now, why=Replacement.Why.ORDER_CANCELLED)


def found_gone(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """What was reserved is not there: the count loses it, and the new order is none any more. The row is locked."""
    _call_off(replacement, by=by, now=now)
    stock_left(replacement, by=by, now=now)
    _forget_new_order(replacement, by=by, now=now)
    replacement.run_out()
    replacement.why, replacement.to_send_at = Replacement.Why.NO_STOCK, None


def _take_back(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """Stock is free, a parcel that has not left is called off, the new order is none any more."""
    _call_off(replacement, by=by, now=now)
    charges.call_off_all(replacement.reference, by=by, now=now)
    free_stock(replacement, by=by, now=now)
    _forget_new_order(replacement, by=by, now=now)


def _forget_new_order(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    if replacement.new_order_id is not None:
        made.take_back(replacement.new_order_id, by=by, now=now)
        replacement.new_order = None


def _call_off(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    parcel = parcel_for_it(replacement)
    if parcel is None or parcel.state in NOTHING_TO_CALL_OFF:
        return
    if not parcel.can_be_cancelled:
        raise WrongState(_("It is on its way already."), state=replacement.state)
    parcels.cancel_parcel(parcel.pk, by=by, now=now)
