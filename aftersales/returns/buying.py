"""An order as its buyer reads it: its state, what was paid, its parcels."""

from datetime import datetime

from django.utils.translation import gettext as _

from aftersales.returns.entries import Entry
from aftersales.returns.names import channel_name
from aftersales.returns.queries import SeenOrder
from orders.purchases import states
from orders.purchases.models import Order
from returns_platform.kernel import ui


def mark(seen: SeenOrder, *, now: datetime) -> ui.Mark:
    """The order's state as a tag, with the day of the signature."""
    if seen.signed_at and seen.order.state in (states.SIGNED, states.COMPLETED):
        day = ui.day(seen.signed_at, now=now, zone=seen.order.merchant.zone, style="plain")
        return ui.Mark(_("Delivered %(day)s") % {"day": day}, "good")
    return {
        states.PLACED: ui.Mark(_("Not paid yet")),
        states.PAID: ui.Mark(_("Not sent yet"), "now"),
        states.PARTLY_SHIPPED: ui.Mark(_("Partly sent"), "now"),
        states.SHIPPED: ui.Mark(_("On its way"), "now"),
        states.SIGNED: ui.Mark(_("Delivered"), "good"),
        states.COMPLETED: ui.Mark(_("Complete"), "good"),
        states.CANCELLED: ui.Mark(_("Cancelled"), "bad"),
    }[seen.order.state]


def headline(seen: SeenOrder, found: list[Entry]) -> str:
    """The order's state, and what holds for the line whose time is over first."""
    said = {
        states.PLACED: _("Not paid yet"),
        states.PAID: _("Not sent yet"),
        states.PARTLY_SHIPPED: _("Partly sent"),
        states.SHIPPED: _("On its way"),
        states.SIGNED: _("Delivered"),
        states.COMPLETED: _("Complete"),
        states.CANCELLED: _("Cancelled"),
    }[seen.order.state]
    notes = dict.fromkeys(entry.notes[0] for entry in found if entry.notes and not entry.is_filed)
    if len(notes) != 1:
        return said
    if seen.order.state == states.PAID:  # the note says it already
        return next(iter(notes)).rstrip(".。")
    return _("%(state)s. %(note)s") % {"state": said, "note": next(iter(notes)).rstrip(".。")}


def paid(order: Order) -> int:
    """What was paid for the order, freight included, in minor units."""
    return sum(line.net for line in order.lines.all()) + order.freight_paid


def payment_rows(order: Order) -> list[ui.BillRow]:
    lines = list(order.lines.all())
    rows = [ui.BillRow(_("Goods, list price"), sum(line.unit_price * line.quantity for line in lines))]
    off = sum(line.line_discount for line in lines)
    rows += [ui.BillRow(_("Discounts on items"), -off)] if off else []
    rows += [ui.BillRow(discount.name, -discount.amount) for discount in order.discounts.all()]
    rows += [ui.BillRow(_("Paid with points"), -order.points_amount)] if order.points_amount else []
    rows.append(ui.BillRow(_("Delivery"), order.freight_paid))
    rows.append(ui.BillRow(_("Paid"), paid(order), kind="sum"))
    return rows + [ui.BillRow(channel_name(part.channel), part.amount, kind="part") for part in order.payments.all()]
