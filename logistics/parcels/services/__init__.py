"""Everything that writes a parcel: what people ask for, what workers do at the courier, what scans say."""

from logistics.parcels.services.asking import (
    CourierOnTheWay,
    LegTaken,
    WaybillTaken,
    book_again,
    cancel_parcel,
    change_slot,
    delivered_by_word,
    enter_waybill,
    hand_in,
    nobody_came,
    open_self_ship,
    request_pickup,
    send_on,
)
from logistics.parcels.services.booking import book_due_parcels, take_booking
from logistics.parcels.services.choosing import note_lateness
from logistics.parcels.services.following import (
    carrier_found,
    follow_scans,
    note_agent,
    pickup_called_off,
    take_waybill,
)
from logistics.parcels.services.weighing import note_weight, weigh

__all__ = [
    "CourierOnTheWay",
    "LegTaken",
    "WaybillTaken",
    "book_again",
    "book_due_parcels",
    "cancel_parcel",
    "carrier_found",
    "change_slot",
    "delivered_by_word",
    "enter_waybill",
    "follow_scans",
    "hand_in",
    "nobody_came",
    "note_agent",
    "note_lateness",
    "note_weight",
    "open_self_ship",
    "pickup_called_off",
    "request_pickup",
    "send_on",
    "take_booking",
    "take_waybill",
    "weigh",
]
