"""Gathers the packages' tables for Django."""

from logistics.couriers.models import CourierPush
from logistics.parcels.models import Parcel, ParcelMove
from logistics.points.models import Point
from logistics.tracking.models import TrackingEvent

__all__ = ["CourierPush", "Parcel", "ParcelMove", "Point", "TrackingEvent"]
