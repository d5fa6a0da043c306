"""A parcel that the customer did not accept goes back to its shop: what was in it is refunded without a form (T116).

Its courier says so itself (`logistics.tracking.services`). Who had asked for the money meanwhile has that request
granted.
"""

from datetime import datetime

from django.db.models import Q

from aftersales.returns import states
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.decisions import grant
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.wishes import Wish, WishLine
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from logistics.parcels.rules import OUTBOUND, shipment_of
from orders.purchases.models import ShipmentItem
from returns_platform.kernel.actors import SYSTEM, rule
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.fsm import moving

REASON = "LG.REFUSED"
DECIDED_BY = "platform.returned_to_sender"
TASK = "parcel_turned_back"


def came_back(parcel: Parcel, *, now: datetime) -> None:
    """Told once or often: its units are refunded once. What cannot be or is expected otherwise is a person's."""
    if not _is_on_its_way_back(parcel) or shipment_of(parcel.reference) is None:
        return
    for pk in _asked_meanwhile(parcel):
        _grant(pk, now=now)
    refunded, waiting = _refund_what_is_left(parcel, now=now), _waiting_for(parcel)
    known = SupportTask.objects.filter(kind=TASK, reference=parcel.reference)
    if (waiting or not refunded) and not known.exists():
        open_task(TASK, parcel.reference, request=waiting, order=parcel.order, now=now)


def _is_on_its_way_back(parcel: Parcel) -> bool:
    return parcel.state == parcel_states.REFUSED and parcel.problem == Parcel.Problem.RETURNED_TO_SENDER


def _asked_meanwhile(parcel: Parcel) -> list[int]:
    """Undecided requests for money for goods in that parcel, because she refused it."""
    items = ShipmentItem.objects.filter(shipment=shipment_of(parcel.reference)).values("line")
    asked = ReturnRequest.objects.filter(state__in=states.UNDECIDED, kind="refund_only", lines__order_line__in=items)
    return list(asked.filter(lines__reason=REASON).distinct().values_list("pk", flat=True))


def _refund_what_is_left(parcel: Parcel, *, now: datetime) -> bool:
    """Units that no request has, without a form. False where they cannot be."""
    lines = _left_in(parcel)
    if not lines:
        return True
    wish = Wish(kind="refund_only", lines=lines, form_token=f"back:{parcel.reference}")
    try:
        filed = submit_return(parcel.order_id, wish, by=SYSTEM, now=now)
    except Refused:
        return False
    _grant(filed.pk, now=now)
    return not filed.was_refused


def _waiting_for(parcel: Parcel) -> ReturnRequest | None:
    """A request that expects these goods from the customer, or waits for somebody who may not know where they are."""
    items = ShipmentItem.objects.filter(shipment=shipment_of(parcel.reference)).values("line")
    sent = Q(state__in=states.VAN_COMES) & ~Q(send_back="none")
    undecided = Q(state__in=states.UNDECIDED)
    return ReturnRequest.objects.filter(sent | undecided, lines__order_line__in=items, lines__shipped=True).first()


def _left_in(parcel: Parcel) -> tuple[WishLine, ...]:
    """Units of the parcel that no request has."""
    items = ShipmentItem.objects.filter(shipment=shipment_of(parcel.reference)).select_related("line")
    left = [(item.line.line_no, min(item.quantity, item.line.returnable)) for item in items]
    return tuple(WishLine(line_no, units, REASON) for line_no, units in left if units > 0)


def _grant(pk: int, *, now: datetime) -> None:
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="returned_to_sender") as request:
        if request.is_undecided:
            request.decide(rule(DECIDED_BY, request.policy_version), now)
            grant(request, now=now)


def turned_back_lately(since: datetime) -> list[Parcel]:
    """Parcels of shops that turned back: a signal may have been lost."""
    back = Parcel.objects.filter(
        kind=Parcel.Kind.OUTBOUND, state=parcel_states.REFUSED, problem=Parcel.Problem.RETURNED_TO_SENDER,
        reference__regex=f"^{OUTBOUND.pattern}$", moves__at__gte=since,
    )  # fmt: skip
    return list(back.distinct())
