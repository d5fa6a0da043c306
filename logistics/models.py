"""Gathers the packages' tables for Django."""

from logistics.couriers.models import CourierPush, CourierTask
from logistics.parcels.models import CourierOrder, Parcel, ParcelMove, Weighing
from logistics.points.models import Point
from logistics.rates.models import Rate, Wish
from logistics.tracking.models import TrackingEvent

__all__ = [
    "CourierOrder", "CourierPush", "CourierTask", "Parcel", "ParcelMove", "Point", "Rate", "TrackingEvent",
    "Weighing", "Wish",
]  # fmt: skip
