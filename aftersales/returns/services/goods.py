"""The goods on their way back: handed over, collected, delivered, counted, inspected."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales.credit import queries as credits
from aftersales.credit.rules import TRUSTED
from aftersales.policy import queries as policies
from aftersales.returns import rules, states
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.queries import boxes_of, boxes_to_count, parcel_of, waybill_can_be_corrected
from aftersales.returns.services import replacing, road
from aftersales.returns.services.claims import moving_with_money
from aftersales.returns.services.steps import follow_soon, open_way_back, wait_for_van
from aftersales.returns.services.tasks import close_found, open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from logistics.parcels import services as parcels
from logistics.parcels import slots
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from logistics.parcels.queries import must_be_free
from logistics.parcels.rules import clean_waybill
from logistics.points.models import Point
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

UNGRADED_FOR = timedelta(days=7)


def enter_waybill(
    pk: int, *, courier: str, waybill: str, by: Actor, now: datetime, shared: bool = False
) -> ReturnRequest:
    """The customer sent the goods themselves and says the number, and the courier where they know it.

    shared: the goods of another of their returns are in the same parcel. Until the first scan another number takes
    the place of one that was mistyped.
    """
    courier, waybill = courier.strip().lower(), clean_waybill(waybill)
    with moving(ReturnRequest, pk, by=by, now=now, note="shipped") as request:
        parcel = parcel_of(request)
        if parcel is not None and parcel.waybill == waybill and courier in (parcel.courier, ""):
            return request
        corrected = waybill_can_be_corrected(request, parcel)
        if not corrected and (not request.waybill_can_be_entered or replacing.must_wait(request)):
            raise WrongState(_("A waybill cannot be entered now."), state=request.state)
        if parcel is None:
            open_way_back(request, now=now)
            parcel = parcel_of(request)
        parcels.enter_waybill(parcel.pk, courier=courier, waybill=waybill, shared=shared, by=by, now=now)
        if not corrected:
            request.collect()
        road.is_on_the_road(request, now=now)
    return request


def hand_in(pk: int, point: Point, *, by: Actor, now: datetime) -> ReturnRequest:
    """Taken in over a counter: at a store it has arrived, at a station it is on its way. Again changes nothing."""
    with moving(ReturnRequest, pk, by=by, now=now, note="handed_in", data={"point": point.pk}) as request:
        parcel = parcel_of(request)
        if parcel is not None and parcel.point_id is not None:
            return request
        if not request.can_be_handed_in:
            raise WrongState(_("Nothing is to be handed in for this request now."), state=request.state)
        if parcel is None:
            open_way_back(request, now=now)
            parcel = parcel_of(request)
        if parcel is None:
            raise WrongState(_("The shop has to enter its return address first."), state=request.state)
        _follow_parcel(request, parcels.hand_in(parcel.pk, point, by=by, now=now), now=now)
        if not point.sends_on:
            request.joining = None  # it lies in the shop's own store, and is counted there
        if point.sends_on:
            days = policies.terms_of(request).customer_send_days
            request.wait_for("merchant", now + timedelta(days=days))
    return request


def send_on(pk: int, *, courier: str, waybill: str, by: Actor, now: datetime) -> ReturnRequest:
    """A station forwards what it took in; from now on the courier is followed."""
    with moving(ReturnRequest, pk, by=by, now=now, note="sent_on") as request:
        parcel = parcel_of(request)
        if parcel is None or request.state != states.IN_TRANSIT:
            raise WrongState(_("Nothing of this request waits to be sent on."), state=request.state)
        parcels.send_on(parcel.pk, courier=courier, waybill=waybill, by=by, now=now)
        road.is_on_the_road(request, now=now)
    return request


def change_slot(pk: int, *, slot_from: datetime, slot_to: datetime, by: Actor, now: datetime) -> ReturnRequest:
    """Another pickup time, until the courier has the goods."""
    with moving(ReturnRequest, pk, by=by, now=now, note="slot_changed") as request:
        if not request.slot_can_be_changed:
            raise WrongState(_("The pickup time cannot be changed any more."), state=request.state)
        must_be_free(slots.Slot(slot_from, slot_to), request.merchant, now=now)
        parcel = parcel_of(request)
        if parcel is not None:
            parcels.change_slot(parcel.pk, slot_from=slot_from, slot_to=slot_to, by=by, now=now)
        request.slot_from, request.slot_to, request.slot_chosen = slot_from, slot_to, True
        request.pickup_failed_at = None
        if request.can_be_handed_in:
            wait_for_van(request, now=now)
    return request


def parcel_moved(reference: str, *, now: datetime) -> None:
    """The courier's news about the parcel of a case, in any order and as often as it comes."""
    found = ReturnRequest.objects.filter(return_no=reference.split("-")[0]).first()
    if found is None:
        return
    with moving(ReturnRequest, found.pk, by=Actor("courier"), now=now, note="parcel_moved") as request:
        parcel, *others = boxes_of(request) or [None]
        if box := next((box for box in others if box.reference == reference), None):
            _follow_box(request, box, now=now)
        elif parcel is not None and request.counted_at is None:
            _follow_parcel(request, parcel, now=now)
        elif parcel is not None and not parcel.by_word:  # what was counted came in another box
            _follow_box(request, parcel, now=now)
    if parcel is not None and parcel.state == parcel_states.LOST:
        road.is_lost(found.pk, now=now)


def _follow_box(request: ReturnRequest, box: Parcel, *, now: datetime) -> None:
    """News of a box that is not the only one, with the case locked."""
    if box.state == parcel_states.DELIVERED and request.state in states.GOODS_ON_THE_WAY:
        goods_delivered(request, box, now=now)
        tell(request, "delivered", occasion=box.reference, courier=box.courier, waybill=box.waybill, now=now)
        tell_the_shop(request, "delivered", now=now)
    elif box.state == parcel_states.DELIVERED and request.is_granted_and_missing and not box.by_word:
        tell_the_shop(request, "delivered", occasion=box.reference, now=now)
    elif box.state in parcel_states.TROUBLE:
        open_task(f"parcel_{box.state}", box.reference, request=request, now=now)
    elif box.needs_a_person:
        open_task(f"parcel_{box.problem}", box.reference, request=request, now=now)


def _follow_parcel(request: ReturnRequest, parcel, *, now: datetime) -> None:
    """Bring the case to where its parcel is; what the case has passed already changes nothing."""
    if parcel.waits_for_van and request.slot_can_be_changed:  # another time, for all who ride in the van
        request.slot_from, request.slot_to = parcel.slot_from, parcel.slot_to
    if parcel.state == parcel_states.BOOKED and request.state == states.APPROVED:
        request.await_goods()
        road.tell_of(request, "pickup_booked", parcel, now=now)
    elif parcel.state in (parcel_states.COLLECTED, parcel_states.IN_TRANSIT) and request.state in (
        states.APPROVED, states.AWAITING_GOODS,
    ):  # fmt: skip
        request.collect()
        road.is_on_the_road(request, now=now)
        road.tell_of(request, "collected", parcel, now=now)
    elif parcel.state in (parcel_states.COLLECTED, parcel_states.IN_TRANSIT) and request.state == states.ARRIVED:
        if any(box.state == parcel_states.DELIVERED for box in boxes_of(request)):
            return
        open_task("parcel_not_there", parcel.reference, request=request, now=now)
    elif parcel.state == parcel_states.DELIVERED and request.state in states.GOODS_ON_THE_WAY:
        goods_delivered(request, parcel, now=now)
        road.tell_of(request, "delivered", parcel, now=now)
        tell_the_shop(request, "delivered", now=now)
    elif parcel.state == parcel_states.DELIVERED and road.was_paid_as_lost(request):
        open_task("parcel_found", parcel.reference, request=request, now=now)
    elif parcel.state in parcel_states.TROUBLE:
        open_task(f"parcel_{parcel.state}", parcel.reference, request=request, now=now)
        if parcel.state in parcel_states.ANOTHER_TRY and request.pickup_failed_at is None:
            road.offer_another_way(request, parcel, now=now)
        elif parcel.state == parcel_states.REFUSED:
            road.is_turned_away(request, parcel, now=now)
    elif parcel.needs_a_person:
        open_task(f"parcel_{parcel.problem}", parcel.reference, request=request, now=now)


def goods_delivered(request: ReturnRequest, parcel: Parcel, *, now: datetime) -> None:
    """The courier says delivered: the merchant's time to count starts; no money moves.

    Not before anybody told the number: until then the shop could not know whose goods had come.
    """
    hours = policies.terms_of(request).merchant_count_hours
    at = max(filter(None, (parcel.delivered_at or now, parcel.booked_at)))
    request.arrive()
    request.delivered_at = at
    request.wait_for("merchant", at + timedelta(hours=hours))


def goods_counted(request: ReturnRequest, counted: dict[int, int], *, by: Actor, now: datetime) -> None:
    """Take the merchant's count over: {return line id: units that came}. Stronger than any scan.

    Called by the bench with the case locked; missing units stay open with a person.
    """
    if request.state != states.ARRIVED:
        request.arrive()
    request.delivered_at = request.delivered_at or now
    request.counted_at = now
    for line in request.lines.all():
        line.counted = min(counted.get(line.pk, 0), line.quantity)
        line.missing = line.quantity - line.counted
        line.save(update_fields=["counted", "missing"])
    missing = any(line.missing for line in request.lines.all())
    to_come = _boxes_are_there(request, all_of_them=not missing, by=by, now=now)
    wait_for_inspection(request, who="merchant" if to_come or any(counted.values()) else "support")
    if missing and to_come:
        tell(request, "counted", now=now)
        return
    if missing:
        open_task("units_missing", request.return_no, request=request, now=now)
    elif is_paid_at_the_count(request, now=now):
        pay_ahead(request, now=now)
        return
    tell(request, "counted", now=now)


def goods_counted_late(request: ReturnRequest, counted: dict[int, int], *, by: Actor, now: datetime) -> None:
    """The week was over and all units are paid: what came is noted, so that it can be graded and sold again.

    No money moves, and nothing is missing that anybody waits for; that less came than was paid is a person's.
    """
    request.counted_at = now
    lacking = {}
    for line in request.lines.select_related("order_line"):
        line.counted = min(counted.get(line.pk, 0), line.quantity)
        line.save(update_fields=["counted"])
        if line.counted < line.quantity:
            lacking[line.order_line.line_no] = line.quantity - line.counted
    _boxes_are_there(request, all_of_them=True, by=by, now=now)
    if lacking:
        open_task("paid_ahead_in_doubt", request.return_no, request=request, data={"lines": lacking}, now=now)


def _boxes_are_there(request: ReturnRequest, *, all_of_them: bool, by: Actor, now: datetime) -> bool:
    """Those delivered were counted, else the first. True when another may still bring what is missing."""
    boxes = boxes_of(request)
    there = [box for box in boxes if all_of_them or box.state == parcel_states.DELIVERED] or boxes[:1]
    for box in there:
        if box == boxes[0] or box.state in parcel_states.MAY_ARRIVE:
            parcels.delivered_by_word(box.pk, by=by, now=now)
    return any(box.state in parcel_states.MAY_ARRIVE for box in boxes if box not in there)


def mark_box_counted(request: ReturnRequest, box: Parcel, *, by: Actor, now: datetime) -> None:
    """It is there, whatever scans say. What still lacks once no box is to come is a person's to look for."""
    parcels.delivered_by_word(box.pk, by=by, now=now)
    missing = any(line.missing for line in request.lines.all())
    if missing and not boxes_to_count(request):
        open_task("units_missing", request.return_no, request=request, now=now)
    if not missing:
        close_found(request.return_no, note=gettext("They came in another box."), by=by, now=now)


def weigh_parcel(request: ReturnRequest, grams: int | None, *, by: Actor, now: datetime) -> None:
    """What the scale said of the parcel that brought the goods, where somebody put it on one."""
    parcel = parcel_of(request) if grams else None
    if parcel is not None:
        parcels.weigh(parcel.pk, grams, by=by, now=now)


def is_paid_at_the_count(request: ReturnRequest, *, now: datetime) -> bool:
    """A benefit of long and spotless custom (S103): trusted when it was filed, and still, without any measure."""
    if request.kind != "return_refund" or request.facts.get("level") != TRUSTED:
        return False
    known = credits.known(request.customer, now=now)
    return known.level == TRUSTED and not known.measures


def pay_ahead(request: ReturnRequest, *, now: datetime) -> None:
    """All units are there: the money leaves now, and the bench grades afterwards."""
    request.paid_ahead_at = now
    request.settle()
    request.wait_for("channel", None)
    follow_soon(request, now=now)


def wait_for_inspection(request: ReturnRequest, *, who: str = "merchant") -> None:
    """The bench's days. When nothing came there is nothing to inspect: support finds out why."""
    days = policies.terms_of(request).inspection_days
    request.wait_for(who, request.delivered_at + timedelta(days=days))


def goods_inspected(request: ReturnRequest, grades: set[str], *, now: datetime) -> None:
    """All counted units are graded: the amount is confirmed, or a person looks once more."""
    fault = any(line.fault for line in request.lines.all())
    if request.state != states.ARRIVED:  # the money left at the count
        if not rules.inspection_is_clear(grades, merchant_fault=fault):
            open_task("paid_ahead_in_doubt", request.return_no, request=request, now=now)
        return
    request.inspect()
    if "X" in grades:
        tell(request, "wrong_goods", now=now)
    if rules.inspection_is_clear(grades, merchant_fault=fault) and request.reason_found_at is None:
        request.settle()
        request.wait_for("channel", None)
        follow_soon(request, now=now)
        return
    hours = policies.terms_of(request).merchant_answer_hours
    request.wait_for("merchant", now + timedelta(hours=hours))


def find_ungraded(*, now: datetime, limit: int = 100) -> int:
    """Paid at the count and never graded: somebody asks the shop once, so that the goods are not forgotten."""
    ahead = ReturnRequest.objects.filter(paid_ahead_at__lt=now - UNGRADED_FOR, lines__inspections=None)
    asked = SupportTask.objects.filter(request=OuterRef("pk"), kind="paid_ahead_ungraded")
    found = list(ahead.filter(~Exists(asked)).distinct()[:limit])
    for request in found:
        open_task("paid_ahead_ungraded", request.return_no, request=request, now=now)
    return len(found)


def refund_uninspected(pk: int, *, now: datetime) -> None:
    """Delivered a week ago and nobody inspected: the money goes back as approved (published)."""
    with moving_with_money(pk, by=SYSTEM, now=now, note="inspection_overdue") as (request, _held):
        if request.state == states.ARRIVED:
            request.settle()
            request.wait_for("channel", None)
            follow_soon(request, now=now)
