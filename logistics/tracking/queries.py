"""Finding what a courier speaks of."""

from datetime import datetime

from django.db.models import Q, QuerySet

from logistics import couriers
from logistics.couriers.interface import News
from logistics.parcels import states
from logistics.parcels.models import Parcel
from logistics.tracking.models import TrackingEvent
from orders.purchases.models import Shipment


def parcels_of(courier: str, news: News) -> list[Parcel]:
    """By our number, or by the waybill; one that was used twice means the later parcel, a live one first.

    With it come the parcels that travel in it.
    """
    by_number = Q(asked_courier=courier, number=news.number) if news.number else Q(pk=None)
    found = Parcel.objects.filter(by_number) or _with_waybill(courier, news.waybill)
    alone = [parcel for parcel in found if parcel.shares_with_id is None]
    parcel = next((parcel for parcel in alone if parcel.live), None) or next(iter(alone), None)
    return [parcel, *parcel.sharing.all()] if parcel else []


def _with_waybill(courier: str, waybill: str) -> QuerySet[Parcel]:
    """The latest first. The aggregator speaks of every carrier."""
    if not waybill:
        return Parcel.objects.none()
    found = Parcel.objects.filter(waybill=waybill).order_by("-requested_at")
    return found if courier == couriers.AGGREGATOR else found.filter(courier=courier)


def shipments_of(courier: str, news: News) -> QuerySet[Shipment]:
    """Parcels that shops sent and reported with this waybill, which nobody signed for."""
    if not news.waybill:
        return Shipment.objects.none()
    sent = Shipment.objects.filter(waybill=news.waybill, signed_at=None).select_related("order__merchant")
    return sent if courier == couriers.AGGREGATOR else sent.filter(courier=courier)


def events_of(parcel: Parcel) -> QuerySet[TrackingEvent]:
    """Scans of the waybill that it travels under now, by whom it travels now: others were somebody else's goods."""
    return parcel.events.filter(waybill=parcel.waybill, courier__in=("", parcel.courier))


def scans_of_others(parcel: Parcel) -> set[tuple[str, datetime]]:
    """(op_code, at) of scans that brought other goods back under this number: used again it begins anew."""
    if parcel.kind != Parcel.Kind.RETURN:
        return set()
    box = parcel.shares_with_id or parcel.pk
    before = Parcel.objects.filter(waybill=parcel.waybill, kind=Parcel.Kind.RETURN, state=states.DELIVERED)
    others = before.exclude(Q(pk=box) | Q(shares_with=box))
    found = TrackingEvent.objects.filter(parcel__in=others, waybill=parcel.waybill)
    return set(found.values_list("op_code", "at"))


def is_known(parcel: Parcel, news: News) -> bool:
    """The scan it speaks of is one we have from the courier itself; news of no scan is never known."""
    return events_of(parcel).filter(op_code=news.op_code, at=news.at).exists()
