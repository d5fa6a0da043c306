"""The next step of a decided case: when it is due, and how the way back for the goods is opened."""

from datetime import datetime, timedelta

from aftersales.bills.facts import REPAIR
from aftersales.policy import queries as policies
from aftersales.returns import times
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import next_parcel_ref
from aftersales.returns.services.tasks import open_task
from logistics.parcels import services as parcels
from logistics.parcels.models import Parcel
from returns_platform.kernel import nudge, work
from returns_platform.kernel.actors import SYSTEM


def follow_soon(request: ReturnRequest, *, now: datetime) -> None:
    """The next step is due now. The caller saves."""
    work.due_again(request, at=now)
    nudge.after_commit("aftersales.follow_cases")


def send_to_centre(request: ReturnRequest) -> None:
    """Where the goods go is settled with the approval; what is to be mended goes to the shop's own workshop."""
    if request.counted_at is not None:
        return  # it has been there
    comes = request.goods_come_back and request.kind != REPAIR
    request.joining_id = request.merchant.joining_id if comes else None


def start_way_back(request: ReturnRequest, *, now: datetime) -> None:
    """From the approval on the customer has some days to hand the goods over."""
    if not request.goods_come_back:
        request.wait_for("channel" if request.kind == "refund_only" else "support", None)
        return
    if request.send_back == "pickup":
        wait_for_van(request, now=now)
        return
    days = policies.terms_of(request).customer_send_days
    request.wait_for("customer", now + timedelta(days=days))


def wait_for_van(request: ReturnRequest, *, now: datetime) -> None:
    """The courier comes in its window; a day later somebody else has to be found. The caller saves."""
    request.wait_for("courier", max(request.slot_to or now, now) + times.VAN_LATE)


def open_way_back(request: ReturnRequest, *, now: datetime) -> None:
    """Ask for the courier, or tell the address; the shop must have said where its goods come back to."""
    if not request.goes_to.can_take_returns:
        open_task("no_return_address", request.return_no, request=request, now=now)
        return
    addresses = {"sender": request.order.ship_to, "receiver": request.goes_to.return_address}
    reference = next_parcel_ref(request)
    if request.send_back == "pickup":
        parcels.request_pickup(
            reference=reference, order=request.order, **addresses, slot_from=request.slot_from,
            slot_to=request.slot_to, joins=request.slot_chosen, goods=_goods(request), by=SYSTEM, now=now,
        )  # fmt: skip
        return
    way = Parcel.Way.DROP_OFF if request.send_back == "drop_off" else Parcel.Way.SELF_SHIP
    parcels.open_self_ship(reference=reference, order=request.order, **addresses, way=way, by=SYSTEM, now=now)
    request.await_goods()


def _goods(request: ReturnRequest) -> list[dict]:
    lines = request.lines.select_related("order_line")
    return [{"name": line.order_line.title[:60], "count": line.quantity} for line in lines]
