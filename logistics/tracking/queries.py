"""Finding what a courier speaks of."""

from django.db.models import Q

from logistics.couriers.interface import News
from logistics.parcels.models import Parcel
from logistics.tracking.models import TrackingEvent


def parcel_of(courier: str, news: News) -> Parcel | None:
    """By our number, or by its waybill; a waybill that was used twice means the later parcel, a live one first."""
    by_number = Q(asked_courier=courier, number=news.number) if news.number else Q(pk=None)
    by_waybill = Q(courier=courier, waybill=news.waybill) if news.waybill else Q(pk=None)
    parcels = Parcel.objects.filter(by_number) or Parcel.objects.filter(by_waybill).order_by("-requested_at")
    return next((parcel for parcel in parcels if parcel.live), None) or next(iter(parcels), None)


def is_known(parcel: Parcel, news: News) -> bool:
    """The scan it speaks of is one we have from the courier itself; news of no scan is never known."""
    return TrackingEvent.objects.filter(parcel=parcel, op_code=news.op_code, at=news.at).exists()
