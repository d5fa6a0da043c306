"""More than one box for one request: each has its waybill, is followed by its own scans and counted when it is there.

The first one that arrives starts the shop's time. Units that were not in it wait for the other boxes, each as long as
the customer had to send the goods; then a person looks.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from aftersales.policy import queries as policies
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.queries import boxes_of, boxes_to_count
from aftersales.returns.services.tasks import open_task
from logistics.parcels import rules as parcel_rules
from logistics.parcels import services as parcels
from logistics.parcels.models import Parcel
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

MOST_BOXES = 5
MISSING = "units_missing"


def add_box(pk: int, *, courier: str, waybill: str, by: Actor, now: datetime, shared: bool = False) -> ReturnRequest:
    """The goods travel in another box as well. The same waybill again changes nothing. Raises as `enter_waybill`."""
    with moving(ReturnRequest, pk, by=by, now=now, note="box_added") as request:
        boxes = boxes_of(request)
        if any(box.waybill == parcel_rules.clean_waybill(waybill) for box in boxes[1:]):
            return request
        if not takes_a_box(request, boxes):
            raise WrongState(_("Another box cannot be added now."), state=request.state)
        first, number = boxes[0], len(boxes) + 1
        box = parcels.open_self_ship(
            reference=f"{request.return_no}-B{number}", leg=f"{request.return_no}.{number}", order=request.order,
            sender=first.sender, receiver=first.receiver, by=by, now=now,
        )  # fmt: skip
        parcels.enter_waybill(box.pk, courier=courier, waybill=waybill, shared=shared, by=by, now=now)
    return request


def takes_a_box(request: ReturnRequest, boxes: list[Parcel]) -> bool:
    """Once the first is on its way, and while something of the request has not been counted."""
    under_way = request.state in (states.IN_TRANSIT, states.ARRIVED) and request.counted_at is None
    open_units = request.is_granted_and_missing
    return bool(boxes) and len(boxes) < MOST_BOXES and (under_way or open_units)


def find_boxes_that_never_came(*, now: datetime, limit: int = 100) -> int:
    """Units that waited for another box as long as the customer had to send the goods are a person's to look for."""
    asked = SupportTask.objects.filter(request=OuterRef("pk"), kind=MISSING)
    lacking = ReturnRequest.objects.filter(lines__missing__gt=0, counted_at__lt=now - timedelta(days=1))
    waiting = lacking.exclude(state__in=states.UNITS_FREE).filter(~Exists(asked)).distinct()
    oldest = waiting.order_by("counted_at", "pk")[:limit]
    found = [request for request in oldest if _waited_long_enough(request, now=now)]
    for request in found:
        open_task(MISSING, request.return_no, request=request, now=now)
    return len(found)


def _waited_long_enough(request: ReturnRequest, *, now: datetime) -> bool:
    days = policies.terms_of(request).customer_send_days
    return now > request.counted_at + timedelta(days=days) or not boxes_to_count(request)
