"""The label of a parcel: asked for at its courier while somebody waits for it, and kept nowhere."""

from logistics import couriers
from logistics.parcels import states
from logistics.parcels.models import Parcel


def has_label(parcel: Parcel) -> bool:
    """A van is booked, and its courier gives labels."""
    booked = parcel.way == Parcel.Way.PICKUP and parcel.state in states.UNDER_WAY and bool(parcel.waybill)
    return booked and parcel.asked_courier in couriers.PRINTERS


def label_of(parcel: Parcel) -> bytes:
    """A PDF. Raises CourierDown, CourierRefused, and LookupError without a contract."""
    van = parcel.shares_with or parcel
    return couriers.of(van.asked_courier).label(van.number, parcel.waybill)
