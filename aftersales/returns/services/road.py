"""Goods that do not arrive: nobody came for them, the courier is silent, lost them, or the shop turned them away.

| what | when | outcome |
|---|---|---|
| no courier came | a day after the pickup's window | the van is called off, the customer takes another way (T112) |
| the courier has them and they do not arrive | ten days, again and again | a person asks the courier |
| lost after the courier's first scan (T115) | at once | our courier, or from a point: as approved; else a person |
| turned away at the shop's door | the shop's time to count | a person |

A person pays as approved, or closes it because the customer has the goods again.
"""

from datetime import datetime, timedelta

from aftersales.policy import queries as policies
from aftersales.replacements.models import Replacement
from aftersales.returns import states, times
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import boxes_to_count, parcel_of
from aftersales.returns.services import choosing, replacing
from aftersales.returns.services.claims import Held, give_back, moving_with_money
from aftersales.returns.services.decisions import must_not_be_own
from aftersales.returns.services.steps import follow_soon
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from logistics.parcels import services as parcels
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

NOT_HANDED_OVER = (states.APPROVED, states.AWAITING_GOODS)


# --- nobody came ------------------------------------------------------------------------------------------


def nobody_came(pk: int, *, now: datetime) -> None:
    """Called off, so that nobody comes after all; the customer's days begin anew."""
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="nobody_came") as request:
        if request.state not in NOT_HANDED_OVER or request.waits_for != "courier" or request.due_at >= now:
            return
        parcel = parcel_of(request)
        if parcel is None or not parcel.waits_for_van:
            open_task("overdue_pickup", request.return_no, request=request, now=now)
            request.wait_for("courier", now + times.VAN_LATE)
        elif parcel.slot_to + times.VAN_LATE >= now:  # it comes in a later slot than the customer chose
            request.wait_for("courier", parcel.slot_to + times.VAN_LATE)
        else:
            offer_another_way(request, parcels.nobody_came(parcel.pk, now=now), now=now)


def offer_another_way(request: ReturnRequest, parcel: Parcel, *, now: datetime) -> None:
    """The customer takes another time or sends it herself, and has her days for it anew (T112)."""
    days = policies.terms_of(request).customer_send_days
    request.pickup_failed_at = now
    request.wait_for("customer", now + timedelta(days=days))
    tell_of(request, "pickup_failed", parcel, now=now)


def tell_of(request: ReturnRequest, event: str, parcel: Parcel, *, now: datetime) -> None:
    slot = str(request.slot_from or "")
    tell(request, event, occasion=slot, courier=parcel.courier, waybill=parcel.waybill, now=now)


# --- on the road ------------------------------------------------------------------------------------------


def is_on_the_road(request: ReturnRequest, *, now: datetime) -> None:
    """The courier has the goods. The caller saves."""
    request.wait_for("courier", now + times.ON_THE_ROAD)


def late_on_the_road(pk: int, *, now: datetime) -> None:
    """A person asks the courier; the customer hears of it once. Still not there later: asked again."""
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="late_on_the_road") as request:
        if request.state != states.IN_TRANSIT or request.waits_for != "courier" or request.due_at >= now:
            return
        open_task("overdue_in_transit", request.return_no, request=request, now=now)
        tell(request, "parcel_late", now=now)
        is_on_the_road(request, now=now)


# --- lost -------------------------------------------------------------------------------------------------


def is_lost(pk: int, *, now: datetime) -> None:
    """The courier lost what it had taken: paid as approved where we had sent it, or a point took the goods in (T115).

    Of what she sent herself there is only her word that the number is her parcel's: a person sees the receipt.
    """
    with moving_with_money(pk, by=SYSTEM, now=now, note="parcel_lost") as (request, held):
        parcel = parcel_of(request)
        if parcel is None or parcel.state != parcel_states.LOST or request.state not in states.GOODS_ON_THE_WAY:
            return
        open_task("parcel_lost", parcel.reference, request=request, now=now)
        if boxes_to_count(request):  # another box may still arrive: what lay in this one is missing then
            return
        if parcel.collected_at is not None and _is_proven(parcel):
            _pay_as_approved(request, held, by=SYSTEM, now=now)
            tell(request, "parcel_lost", now=now)
        elif request.waits_for != "support":
            request.wait_for("support", now + times.SUPPORT_ANSWERS)
            tell(request, "parcel_with_a_person", occasion="lost", now=now)


def _is_proven(parcel: Parcel) -> bool:
    """The number is our own booking's, or the shop's people had the goods in their hands."""
    return parcel.way == Parcel.Way.PICKUP or parcel.point_id is not None


def _pay_as_approved(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> None:
    """What is gone cannot be mended: a repair becomes its money. An exchange goes on with the new goods."""
    if request.state != states.IN_TRANSIT:
        request.collect()
    if request.kind == "repair":
        choosing.turn_into_refund(request, held, why=Replacement.Why.LOST, by=by, now=now)
    request.settle()
    request.wait_for("channel", None)
    follow_soon(request, now=now)


def was_paid_as_lost(request: ReturnRequest) -> bool:
    """The money left without the goods, which nobody has counted since."""
    paid = request.state in (states.SETTLING, states.COMPLETED) and request.delivered_at is None
    return paid and request.moves.filter(note="parcel_lost", to_state=states.SETTLING).exists()


# --- turned away ------------------------------------------------------------------------------------------


def is_turned_away(request: ReturnRequest, parcel: Parcel, *, now: datetime) -> None:
    """The shop did not accept it, or the courier carries it back: the shop says why in the time it has to count."""
    if request.state != states.IN_TRANSIT or request.waits_for != "courier":
        return
    hours = policies.terms_of(request).merchant_count_hours
    request.wait_for("merchant", now + timedelta(hours=hours))
    tell_the_shop(request, "parcel_refused", occasion=parcel.reference, now=now)
    tell(request, "parcel_with_a_person", occasion="refused", now=now)


# --- a person decides -------------------------------------------------------------------------------------


def can_be_settled(request: ReturnRequest, parcel: Parcel | None) -> bool:
    """Lost, turned away, or never seen again: its end is a person's."""
    return request.state == states.IN_TRANSIT and parcel is not None and parcel.state != parcel_states.DELIVERED


def pay_without_goods(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The goods will not come, and that is not the customer's fault. Paid already: nothing changes."""
    with moving_with_money(pk, by=by, now=now, note="parcel_lost") as (request, held):
        if request.state in (states.SETTLING, states.COMPLETED):
            return request
        _must_be_open(request, by)
        _pay_as_approved(request, held, by=by, now=now)
        tell(request, "parcel_lost", now=now)
    return request


def close_without_goods(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The customer has the goods again: the request ends and its units are free. Closed already: nothing changes."""
    with moving_with_money(pk, by=by, now=now, note="goods_went_back") as (request, held):
        if request.was_refused:
            return request
        _must_be_open(request, by)
        request.decide(by, now)
        request.refusal_code = "R_NOT_RETURNED"
        request.close_empty()
        request.end(now)
        replacing.drop(request, by=by, now=now)
        give_back(request, held)
        tell(request, "refused", now=now)
    return request


def _must_be_open(request: ReturnRequest, by: Actor) -> None:
    must_not_be_own(request, by)
    if not can_be_settled(request, parcel_of(request)):
        raise WrongState(state=request.state)
