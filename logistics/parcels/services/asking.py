"""What a customer, a shop or the case asks of a parcel. Nothing here calls a courier: workers do."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from logistics import couriers
from logistics.couriers import numbers
from logistics.parcels import queries, rules, states
from logistics.parcels.models import Parcel
from logistics.parcels.services.moving import (
    LegTaken,
    WaybillTaken,
    ask_after,
    due,
    moving_parcel,
    refusing_what_is_taken,
)
from logistics.parcels.services.sharing import (
    bring_riders_along,
    is_there_before_its_van,
    leave_van,
    one_at_a_time,
    ride_with,
    van_in,
)
from logistics.parcels.slots import Slot
from logistics.points.models import Point
from logistics.signals import tell_parcel_moved
from returns_platform.kernel import fsm, work
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotThere, WrongState


class CourierOnTheWay(Conflict):
    """`phone`: whom to call instead."""

    code = "courier_on_the_way"
    default = _("The courier is already on the way.")

    def __init__(self, phone: str):
        super().__init__(_("The courier is already on the way. Please call %(phone)s.") % {"phone": phone})
        self.phone = phone


def request_pickup(*, reference: str, order, sender: dict, receiver: dict, slot_from: datetime, slot_to: datetime,
                   goods: list[dict], by: Actor, now: datetime, kind: str = Parcel.Kind.RETURN,
                   leg: str = "", joins: bool = True) -> Parcel:  # fmt: skip
    """A courier shall come, in that slot or, once it has passed, the next. Raises LegTaken.

    joins: goods coming back ride in a van that comes to the same customer in that slot anyway.

    reference: unique, and the courier's order number. sender, receiver: name, phone, province, city, district,
    street. goods: [{"name", "count"}]. The same reference again gives the parcel that is there.
    """
    courier = next(iter(couriers.under_contract()), "sf")
    parcel = _parcel(reference=reference, leg=leg, kind=kind, way=Parcel.Way.PICKUP, order=order, sender=sender,
                     receiver=receiver, goods=goods, asked_courier=courier, courier=courier,
                     slot_from=slot_from, slot_to=slot_to, now=now)  # fmt: skip
    due(parcel, now=now)
    if kind != Parcel.Kind.RETURN or not joins:
        return _begin(parcel, by=by, now=now)
    with one_at_a_time(order):
        return _begin_pickup(parcel, by=by, now=now)


def _begin_pickup(parcel: Parcel, *, by: Actor, now: datetime) -> Parcel:
    """A van that comes to the customer in that slot anyway takes it along."""
    van = van_in(parcel, Slot(parcel.slot_from, parcel.slot_to), now=now)
    if van is None:
        return _begin(parcel, by=by, now=now)
    ride_with(parcel, van)
    begun = _begin(parcel, by=by, now=now)
    bring_riders_along(van, by=by, now=now)
    return fsm.reload(begun)


def open_self_ship(*, reference: str, order, sender: dict, receiver: dict, by: Actor, now: datetime,
                   goods: list[dict] | None = None, kind: str = Parcel.Kind.RETURN,
                   way: str = Parcel.Way.SELF_SHIP, leg: str = "") -> Parcel:  # fmt: skip
    """The sender hands it in at a courier's and tells the waybill later, or at a point. Raises LegTaken."""
    parcel = _parcel(reference=reference, leg=leg, kind=kind, way=way, order=order, sender=sender,
                     receiver=receiver, goods=goods or [], now=now)  # fmt: skip
    return _begin(parcel, by=by, now=now)


def enter_waybill(
    parcel_id: int, *, courier: str, waybill: str, by: Actor, now: datetime, shared: bool = False
) -> Parcel:
    """The parcel is handed in under this waybill; a van that may still come is called off.

    courier: empty where the sender does not know; it is found by the number's look, or by a worker who asks. shared:
    the sender declares that the goods travel together with those of another return of theirs at this shop. Raises
    Invalid for what is no waybill, WaybillTaken when another live parcel has it, WrongState. The same waybill again
    changes nothing.
    """
    courier, waybill = courier.strip().lower(), rules.clean_waybill(waybill)
    _must_be_a_waybill(courier, waybill)
    courier = courier or _only_candidate(waybill)
    with moving_parcel(parcel_id, by=by, now=now, note="waybill_entered") as parcel:
        same = parcel.waybill == waybill and courier in (parcel.courier, "")
        if same and parcel.state != states.CANCELLED:
            return parcel
        if not parcel.takes_a_waybill:
            raise WrongState(state=parcel.state)
        leave_van(parcel, by=by, now=now)
        parcel.shares_with = _sharing(parcel, courier, waybill, shared=shared)
        courier = parcel.shares_with.courier if parcel.shares_with else courier
        _call_off(parcel)
        parcel.way, parcel.subscribed_to, parcel.asked_at = Parcel.Way.SELF_SHIP, "", None
        parcel.book(courier=courier, waybill=waybill, now=now)
        due(parcel, now=now) if parcel.stale_numbers else ask_after(parcel, at=now)
    return parcel


def change_slot(parcel_id: int, *, slot_from: datetime, slot_to: datetime, by: Actor, now: datetime) -> Parcel:
    """Another pickup time, for all who ride in the van. One that is booked is called off before the new one is sent.

    A van that comes to the customer in that slot anyway takes them along.

    Raises Invalid with the next three slots, CourierOnTheWay, WrongState once collected.
    """
    slot, asked = Slot(slot_from, slot_to), _there(parcel_id)
    with one_at_a_time(asked.order):
        asked = _there(parcel_id)
        with moving_parcel(_van_of(asked), by=by, now=now, note="slot_changed") as van:
            _must_still_be_its_van(asked, van)
            if (van.slot_from, van.slot_to) == (slot_from, slot_to) and van.waits_for_van:
                return asked
            _must_take_another_slot(van, now=now)
            queries.must_be_free(slot, van.merchant, now=now)
            _call_off(van)
            _new_number(van)
            if van.state != states.REQUESTED:
                van.ask_again()
            van.slot_from, van.slot_to = slot_from, slot_to
            due(van, now=now)
            other = van_in(van, slot, now=now)
            if other:
                ride_with(van, other)
        if other:
            bring_riders_along(other, by=by, now=now)
    return fsm.reload(asked)


def _there(parcel_id: int) -> Parcel:
    found = Parcel.objects.select_related("order").filter(pk=parcel_id).first()
    if found is None:
        raise NotThere
    return found


def _van_of(parcel: Parcel) -> int:
    """The key of the parcel that has the van: what moves or is asked for again, is so for all who ride in it."""
    return parcel.shares_with_id if parcel.rides_along else parcel.pk


def _must_still_be_its_van(parcel: Parcel, van: Parcel) -> None:
    """Who had the van may have left while it was waited for."""
    if _van_of(_there(parcel.pk)) != van.pk:
        raise WrongState(state=parcel.state)


def book_again(parcel_id: int, *, by: Actor, now: datetime) -> Parcel:
    """A person lets the courier be asked once more, under the same number."""
    asked = _there(parcel_id)
    with moving_parcel(_van_of(asked), by=by, now=now, note="asked_again") as van:
        _must_still_be_its_van(asked, van)
        van.ask_again()
        due(van, now=now)
    return fsm.reload(asked)


def cancel_parcel(parcel_id: int, *, by: Actor, now: datetime) -> Parcel:
    """Nobody shall come. The courier is told by a worker; again changes nothing. WrongState once collected."""
    with moving_parcel(parcel_id, by=by, now=now, note="cancelled") as parcel:
        if parcel.state == states.CANCELLED:
            return parcel
        leave_van(parcel, by=by, now=now)
        parcel.cancel()
        _call_off(parcel)
        _only_call_off(parcel, now=now)
    return parcel


def nobody_came(parcel_id: int, *, now: datetime) -> Parcel:
    """Its window is long over, and no courier has it: the van is called off, for all who ride in it.

    Else nothing changes.
    """
    asked = _there(parcel_id)
    with moving_parcel(_van_of(asked), by=SYSTEM, now=now, note="nobody_came") as van:
        _must_still_be_its_van(asked, van)
        if van.waits_for_van:
            _call_off(van)
            van.fail(problem=Parcel.Problem.NOT_COLLECTED)
            _only_call_off(van, now=now)
    return fsm.reload(asked)


def delivered_by_word(parcel_id: int, *, by: Actor, now: datetime) -> Parcel:
    """The shop counted the goods: they are there, whatever scans say or will say. WrongState when cancelled."""
    with moving_parcel(parcel_id, by=by, now=now, note="counted") as parcel:
        if parcel.by_word:
            return parcel
        if parcel.can_be_cancelled:
            is_there_before_its_van(parcel, by=by, now=now)
            _call_off(parcel)
        if parcel.state != states.DELIVERED:
            parcel.deliver(at=now)
        parcel.by_word = True
        _only_call_off(parcel, now=now)
    return parcel


def hand_in(parcel_id: int, point: Point, *, by: Actor, now: datetime) -> Parcel:
    """The point has it: at a store it has arrived, at a station it is on its way. Again changes nothing.

    Raises WrongState once it has left its sender in another way.
    """
    with moving_parcel(parcel_id, by=by, now=now, note="handed_in", data={"point": point.pk}) as parcel:
        if parcel.point_id == point.pk:
            return parcel
        if not parcel.can_be_handed_in:
            raise WrongState(state=parcel.state)
        leave_van(parcel, by=by, now=now)
        _call_off(parcel)
        parcel.way, parcel.point, parcel.collected_at = Parcel.Way.DROP_OFF, point, now
        parcel.courier = parcel.waybill = ""
        if point.sends_on:
            parcel.collect()
        else:
            parcel.deliver(at=now)
            parcel.by_word = True
        _only_call_off(parcel, now=now)
    return parcel


def send_on(parcel_id: int, *, courier: str, waybill: str, by: Actor, now: datetime) -> Parcel:
    """A station gives it to a courier, who is asked after it from now on. Raises as `enter_waybill`."""
    courier, waybill = courier.strip().lower(), rules.clean_waybill(waybill)
    _must_be_a_waybill(courier, waybill)
    courier = courier or _only_candidate(waybill)
    with moving_parcel(parcel_id, by=by, now=now, note="sent_on") as parcel:
        if (parcel.courier, parcel.waybill) == (courier, waybill):
            return parcel
        if not parcel.waits_to_be_sent_on:
            raise WrongState(state=parcel.state)
        _must_be_free(parcel, courier, waybill)
        parcel.courier, parcel.waybill = courier, waybill
        parcel.travel()
        ask_after(parcel, at=now)
    return parcel


def _parcel(*, reference: str, leg: str, now: datetime, order, **fields) -> Parcel:
    return Parcel(reference=reference, number=rules.booking_number(reference, 1), leg=leg or rules.leg_of(reference),
                  order=order, merchant_id=order.merchant_id, requested_at=now, **fields)  # fmt: skip


def _begin(parcel: Parcel, *, by: Actor, now: datetime) -> Parcel:
    """The constraints decide between two at once: the same reference is the same parcel, a taken leg is refused."""
    try:
        with refusing_what_is_taken():
            fsm.begin(parcel, by=by, now=now, note="requested")
    except LegTaken:
        there = Parcel.objects.filter(reference=parcel.reference).first()
        if there is None:
            raise
        return there
    tell_parcel_moved(parcel.pk)
    return parcel


def _must_be_a_waybill(courier: str, waybill: str) -> None:
    if courier and not rules.is_courier_code(courier):
        text = _("That is no courier we know how to name.")
        raise Invalid(text, fields={"courier": text})
    if not rules.is_waybill(waybill):
        text = _("A waybill number has 6 to 32 letters and digits.")
        raise Invalid(text, fields={"waybill": text})


def _must_be_free(parcel: Parcel, courier: str, waybill: str) -> None:
    if queries.holder_of(courier, waybill, other_than=parcel.pk):
        raise WaybillTaken


def _only_candidate(waybill: str) -> str:
    """The carrier that alone gives such numbers."""
    found = numbers.candidates(waybill)
    return found[0] if len(found) == 1 else ""


def _sharing(parcel: Parcel, courier: str, waybill: str, *, shared: bool) -> Parcel | None:
    """The parcel that this one travels in. Raises WaybillTaken where that was not declared, or is somebody else's."""
    holder = queries.holder_of(courier, waybill, other_than=parcel.pk)
    if holder is None:
        return None
    ours = (holder.merchant_id, holder.order.customer_id) == (parcel.merchant_id, parcel.order.customer_id)
    if not shared or not ours or holder.leg == parcel.leg:
        raise WaybillTaken
    return holder


def _must_take_another_slot(parcel: Parcel, *, now: datetime) -> None:
    if parcel.slot_can_change(now):
        return
    if parcel.state == states.BOOKED and parcel.way == Parcel.Way.PICKUP:
        raise CourierOnTheWay(parcel.phone_of_courier)
    raise WrongState(state=parcel.state)


def _call_off(parcel: Parcel) -> None:
    """Whatever the courier may have under the present number must not happen."""
    if queries.was_given(parcel) and parcel.number not in parcel.stale_numbers:
        parcel.stale_numbers.append(parcel.number)


def _only_call_off(parcel: Parcel, *, now: datetime) -> None:
    if parcel.stale_numbers:
        due(parcel, now=now)
    else:
        work.done(parcel)


def _new_number(parcel: Parcel) -> None:
    """A number that was given to a courier is never used again."""
    if queries.was_given(parcel):
        parcel.numbers += 1
        parcel.number = rules.booking_number(parcel.reference, parcel.numbers)
