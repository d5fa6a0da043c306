"""Whom to ask where a parcel is: who was booked, else its carrier, else the aggregator, who knows every carrier."""

from collections.abc import Iterator

from logistics import couriers
from logistics.couriers import numbers
from logistics.couriers.interface import Scan
from logistics.parcels.models import Parcel


def route_of(parcel: Parcel) -> tuple[str, list[Scan]]:
    """(who carries it, its scans): nothing is written here. Raises CourierDown, CourierRefused, LookupError."""
    phone = parcel.sender.get("phone", "")
    if parcel.way == Parcel.Way.PICKUP:
        return parcel.courier, _route_of_pickup(parcel, phone=phone)
    if parcel.followed_by != couriers.AGGREGATOR:
        scans = couriers.of(parcel.courier).route(parcel.waybill, phone=phone)
        if scans or not couriers.is_under_contract(couriers.AGGREGATOR):
            return parcel.courier, scans  # some carriers tell only whom they carry for
    return _route_of_any(parcel, phone=phone)


def _route_of_pickup(parcel: Parcel, *, phone: str) -> list[Scan]:
    if parcel.asked_courier == couriers.AGGREGATOR:
        return couriers.aggregator().route_of(parcel.waybill, carrier=parcel.courier, phone=phone)
    return couriers.of(parcel.asked_courier).route(parcel.waybill, phone=phone)


def _route_of_any(parcel: Parcel, *, phone: str) -> tuple[str, list[Scan]]:
    tracker = couriers.aggregator()
    for carrier in [parcel.courier] if parcel.courier else _candidates(parcel.waybill):
        if scans := tracker.route_of(parcel.waybill, carrier=carrier, phone=phone):
            return carrier, scans
    return parcel.courier, []


def _candidates(waybill: str) -> Iterator[str]:
    """By the look of the number first; only then is it asked whose it may be."""
    by_look = numbers.candidates(waybill)
    yield from by_look
    yield from (carrier for carrier in couriers.aggregator().carriers(waybill) if carrier not in by_look)
