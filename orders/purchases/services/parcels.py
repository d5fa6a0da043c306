"""Parcels on their way out, as the shop reports them: merged by number, signatures kept with their history."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from orders.purchases.forms import ParcelIn
from orders.purchases.models import Order, OrderLine, Shipment, ShipmentItem, Signature
from returns_platform.kernel.errors import Conflict, Invalid


def merge_parcels(order: Order, parcels: Iterable[ParcelIn], *, now: datetime) -> bool:
    """Add or correct parcels of a locked order; those not named stay.

    True when more units than before have left although an after-sale took them as unshipped.
    """
    lines = {line.line_no: line for line in order.lines.all()}
    frozen = order.has_after_sale
    known = {shipment.parcel_no: shipment for shipment in order.shipments.prefetch_related("items")}
    for index, parcel in enumerate(parcels):
        shipment = known.get(parcel.parcel_no) or Shipment(order=order, parcel_no=parcel.parcel_no)
        _take_in(shipment, parcel, lines, now=now, frozen=frozen, where=index)
    return _count_shipped(order, lines)


def _take_in(shipment: Shipment, parcel: ParcelIn, lines: dict[str, OrderLine], *, now, frozen, where) -> None:
    new = shipment.pk is None
    signed_anew = parcel.signed_at is not None and parcel.signed_at != shipment.signed_at
    shipment.courier, shipment.waybill = parcel.courier, parcel.waybill
    shipment.shipped_at = parcel.shipped_at
    shipment.grams = parcel.grams or shipment.grams
    if signed_anew and not new and shipment.window_from is None:
        shipment.signature_told_at = now
    if signed_anew:
        _sign(shipment, parcel.signed_at)
    shipment.save()
    if signed_anew:
        Signature.objects.create(shipment=shipment, signed_at=parcel.signed_at, reported_at=now)
    if new:
        _pack(shipment, parcel, lines)
    elif _units(shipment) != {lines[item.line_no].pk: item.quantity for item in parcel.items}:
        if frozen:
            sentence = _("An after-sale exists: the units of this parcel stay as they are.")
            raise Conflict(sentence, code="order_frozen", fields={f"parcels.{where}.items": sentence})
        shipment.items.all().delete()
        _pack(shipment, parcel, lines)
    else:
        _name_units(shipment, parcel, lines)


def _sign(shipment: Shipment, signed_at: datetime) -> None:
    """A correction moves the signature; the window already shown is never shortened by it."""
    shipment.signed_at = signed_at
    shipment.window_from = max(shipment.window_from or signed_at, signed_at)


def _units(shipment: Shipment) -> dict[int, int]:
    return {item.line_id: item.quantity for item in shipment.items.all()}


def _pack(shipment: Shipment, parcel: ParcelIn, lines: dict[str, OrderLine]) -> None:
    ShipmentItem.objects.bulk_create(
        ShipmentItem(shipment=shipment, line=lines[item.line_no], quantity=item.quantity, serials=item.serials)
        for item in parcel.items
    )


def _name_units(shipment: Shipment, parcel: ParcelIn, lines: dict[str, OrderLine]) -> None:
    """Serial numbers may be told later; those that were told stay where none are."""
    told = {lines[item.line_no].pk: item.serials for item in parcel.items if item.serials}
    for item in shipment.items.all():
        if told.get(item.line_id, item.serials) != item.serials:
            item.serials = told[item.line_id]
            item.save(update_fields=["serials"])


def _count_shipped(order: Order, lines: dict[str, OrderLine]) -> bool:
    """Bring every line's counter up to its parcels; raises Invalid when more left than was bought."""
    left = Counter()
    for line_id, quantity in ShipmentItem.objects.filter(shipment__order=order).values_list("line_id", "quantity"):
        left[line_id] += quantity
    overlap = False
    for line in lines.values():
        if left[line.pk] > line.quantity:
            sentence = _("Parcels hold %(left)s units of line %(line_no)s; %(bought)s were bought.") % {
                "left": left[line.pk], "line_no": line.line_no, "bought": line.quantity,
            }  # fmt: skip
            raise Invalid(sentence, fields={"parcels": sentence})
        if left[line.pk] != line.shipped:
            overlap = overlap or left[line.pk] + line.unshipped_in_use > line.quantity
            line.shipped = left[line.pk]
            line.save(update_fields=["shipped"])
    return overlap
