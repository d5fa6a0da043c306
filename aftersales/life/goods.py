"""What happened to the goods: the order's own parcels, those coming back, the bench, and what replaces them."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales.life.entries import Entry, Link
from aftersales.life.queries import Rows
from aftersales.life.readers import Reader
from aftersales.replacements import states as swaps
from aftersales.replacements.models import Replacement
from aftersales.returns.names import with_number
from logistics import couriers
from logistics.parcels import states
from logistics.parcels.models import Parcel, ParcelMove
from orders.purchases import states as order_states
from orders.purchases.models import MadeFor, Order, Shipment
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor


def links(*found: Link | None) -> tuple[Link, ...]:
    return tuple(link for link in found if link)


# --- the order itself -------------------------------------------------------------------------------------


def of_order(rows: Rows, reader: Reader) -> Iterator[Entry]:
    order = rows.order
    yield Entry(order.placed_at, _ordered(order), who=_buyer(order, reader), links=_made_of(order, reader))
    for move in rows.order_moves:
        if move.to_state == order_states.CANCELLED:
            yield Entry(move.at, _("The order is cancelled"), who=reader.who(move.by), tone="bad")
        if move.to_state == order_states.COMPLETED:
            yield Entry(move.at, _("The order is complete"), tone="good")
    for shipment in rows.shipments:
        yield from _shipped(shipment, reader)


def _ordered(order: Order) -> str:
    if order.made_for == MadeFor.REPLACEMENT:
        return _("New order made for the exchange %(number)s") % {"number": order.case_ref}
    if order.made_for:
        return _("Paid for the request %(number)s") % {"number": order.case_ref}
    return _("Ordered")


def _buyer(order: Order, reader: Reader) -> str:
    return "" if order.made_for else reader.who(Actor("customer"))


def _made_of(order: Order, reader: Reader) -> tuple[Link, ...]:
    return links(reader.other_order(order.made_of)) if order.made_of_id else ()


def _shipped(shipment: Shipment, reader: Reader) -> Iterator[Entry]:
    name = couriers.name(shipment.courier) if shipment.courier else _("Parcel")
    note = f"{name} {shipment.waybill or shipment.parcel_no}"
    yield Entry(shipment.shipped_at, _("Sent by the shop"), who=reader.shop, note=note)
    if shipment.signed_at:
        yield Entry(shipment.signed_at, _("Delivered and signed for"), note=note, tone="good")


# --- parcels ----------------------------------------------------------------------------------------------


def of_parcels(rows: Rows, reader: Reader) -> Iterator[Entry]:
    """Each step once. What only repeats another domain's word is left to it: the count, the sending of a swap."""
    for parcel in rows.parcels:
        tell = _trouble if parcel.kind == Parcel.Kind.OUTBOUND else _step
        for move in rows.parcel_moves[parcel.pk]:
            told = tell(parcel, move, reader)
            if told is not None:
                request = rows.request_of(_case_of(parcel))
                about = reader.case(request) if request else None
                yield _entry(parcel, move, reader, told, links(about, reader.parcel(parcel)))


def _case_of(parcel: Parcel) -> str:
    """RT…-X1, the leg of what is sent to a customer, belongs to the case RT…."""
    return parcel.leg.partition("-")[0]


def _entry(parcel: Parcel, move: ParcelMove, reader: Reader, told: tuple[str, str], about) -> Entry:
    text, tone = told
    at = {states.COLLECTED: parcel.collected_at, states.DELIVERED: parcel.delivered_at}.get(move.to_state)
    note = f"{parcel.courier_name} {parcel.waybill}".strip() if parcel.waybill else ""
    at = min(at, move.at) if at else move.at
    return Entry(at, text, who=reader.who(move.by), note=note, tone=tone, links=about)


def _step(parcel: Parcel, move: ParcelMove, reader: Reader) -> tuple[str, str] | None:
    """(sentence, tone) for goods on their way back; None for what is no news."""
    if move.note == "counted":
        return None
    if move.note == "handed_in" and parcel.point:
        return _("Handed in: %(point)s") % {"point": parcel.point.local_name}, "now"
    if move.to_state == states.BOOKED:
        return _booked(parcel, reader), "now"
    if move.to_state == states.COLLECTED:
        return _("The courier has the goods"), "now"
    if move.to_state == states.IN_TRANSIT:
        return _on_the_road(move)
    if move.to_state == states.DELIVERED:
        return _("The goods arrived at %(shop)s") % {"shop": reader.shop}, "good"
    if move.to_state == states.CANCELLED and parcel.way == Parcel.Way.PICKUP:
        return _("The pickup was called off"), ""
    return _trouble(parcel, move, reader)


def _on_the_road(move: ParcelMove) -> tuple[str, str] | None:
    if move.note == "sent_on":
        return _("The point sent the goods on"), "now"
    if move.from_state == states.COLLECTED:
        return None
    return _("The courier has the goods"), "now"


def _booked(parcel: Parcel, reader: Reader) -> str:
    if parcel.way != Parcel.Way.PICKUP or parcel.slot_from is None:
        return _("The goods were sent")
    when = ui.window(parcel.slot_from, parcel.slot_to, now=reader.now, zone=reader.zone, style="plain")
    return _("A courier comes for the goods: %(when)s") % {"when": when}


def _trouble(parcel: Parcel, move: ParcelMove, reader: Reader) -> tuple[str, str] | None:
    """What is wrong with a parcel, in either direction; the reason where it still holds."""
    out = parcel.kind == Parcel.Kind.OUTBOUND
    said = {
        states.FAILED: _("No courier came for the goods"),
        states.MANUAL: _("No courier could be booked yet"),
        states.REFUSED: _("The parcel with the replacement turned back") if out else _("The parcel turned back"),
        states.LOST: _("The parcel with the replacement is lost") if out else _("The parcel is lost"),
    }.get(move.to_state)
    if said is None:
        return None
    why = parcel.get_problem_display() if parcel.problem and parcel.state == move.to_state else ""
    return (_("%(what)s: %(why)s") % {"what": said, "why": why} if why else said), "late"


# --- counted and graded -----------------------------------------------------------------------------------


def of_bench(rows: Rows, reader: Reader) -> Iterator[Entry]:
    for request in rows.requests.values():
        lines = rows.lines[request.pk]
        if request.counted_at and lines:
            come = sum(line.counted or 0 for line in lines)
            said = _("The goods were counted: %(n)s came") % {"n": come}
            who = _counted_by(lines, reader)
            missing = sum(line.missing for line in lines)
            note = _("%(n)s missing") % {"n": missing} if missing else ""
            tone = "late" if missing else ""
            yield Entry(request.counted_at, said, who=who, note=note, tone=tone, links=links(reader.case(request)))
    if reader.house:
        yield from _graded(rows, reader)


def _counted_by(lines, reader: Reader) -> str:
    count = next((line.count for line in lines if hasattr(line, "count")), None)
    return reader.who(Actor(count.by_kind, name=count.by_name)) if count else reader.shop


def _graded(rows: Rows, reader: Reader) -> Iterator[Entry]:
    requests = {request.pk: request for request in rows.requests.values()}
    for graded in rows.inspections:
        facts = {
            "goods": with_number(graded.line.order_line.title, graded.quantity),
            "grade": graded.get_grade_display(), "way": graded.get_disposition_display(),
        }  # fmt: skip
        about = links(reader.case(requests[graded.line.request_id]))
        who = reader.who(Actor(graded.by_kind, name=graded.by_name))
        said = _("%(goods)s: %(grade)s, %(way)s") % facts
        yield Entry(graded.at, said, who=who, note=graded.note, links=about, inner=True)


# --- what replaces them -----------------------------------------------------------------------------------


def of_replacements(rows: Rows, reader: Reader) -> Iterator[Entry]:
    outbound = {parcel.leg: parcel for parcel in rows.parcels if parcel.kind == Parcel.Kind.OUTBOUND}
    for row in rows.replacements.values():
        request, parcel = rows.request_of(row.case_ref), outbound.get(row.reference)
        for move in rows.replacement_moves[row.pk]:
            told = _swapped(row, move)
            if told is None:
                continue
            new = reader.other_order(row.new_order) if row.new_order and move.to_state == swaps.TO_SEND else None
            about = links(request and reader.case(request), reader.sending(row), new)
            yield Entry(
                _at(row, move), told[0], who=reader.who(move.by), tone=told[1], links=about,
                note=_carried_by(parcel, move),
            )  # fmt: skip


def _at(row: Replacement, move):
    known = {swaps.SENT: row.sent_at, swaps.DELIVERED: row.delivered_at}.get(move.to_state)
    return min(known, move.at) if known else move.at


def _carried_by(parcel: Parcel | None, move) -> str:
    if parcel is None or move.to_state not in (swaps.SENT, swaps.DELIVERED):
        return ""
    return f"{parcel.courier_name} {parcel.waybill}".strip()


def _swapped(row: Replacement, move) -> tuple[str, str] | None:
    goods = pgettext("between things", ", ").join(with_number(line.title, line.quantity) for line in row.lines.all())
    said = {
        swaps.RESERVED: _kept(row, move),
        swaps.OUT_OF_STOCK: (_("Not in stock now: %(goods)s"), "late"),
        swaps.AWAITING_PAYMENT: (_asked(row), "late"),
        swaps.TO_SEND: (_to_send(row, move), "now"),
        swaps.SENT: (_("Sent: %(goods)s"), "now"),
        swaps.DELIVERED: (_("Delivered: %(goods)s"), "good"),
        swaps.CONVERTED: (_("Money instead of: %(goods)s"), ""),
        swaps.CANCELLED: (_("Not sent after all: %(goods)s"), ""),
    }[move.to_state]
    return (said[0] % {"goods": goods}, said[1]) if said else None


def _kept(row: Replacement, move) -> tuple[str, str] | None:
    """Promised, or promised again; what was paid and what was refused is told by the money and the case."""
    if move.from_state == swaps.OUT_OF_STOCK:
        return _("In stock again: %(goods)s"), "good"
    if move.note == "other_choice":
        return _("Something else was chosen: %(goods)s"), ""
    if move.from_state:
        return None
    return {
        Replacement.Kind.EXCHANGE: _("Kept for the exchange: %(goods)s"),
        Replacement.Kind.REPAIR: _("To be mended: %(goods)s"),
        Replacement.Kind.RESEND: _("To be sent again: %(goods)s"),
    }[row.kind], ""


def _asked(row: Replacement) -> str:
    return {
        MadeFor.DIFFERENCE: _("The difference is to be paid first"),
        MadeFor.REPAIR: _("The shop named the price of the repair"),
        MadeFor.DEPOSIT: _("A deposit is asked for, so that the new one goes first"),
    }.get(row.due_for, _("Something is to be paid first"))


def _to_send(row: Replacement, move) -> str:
    if move.from_state == swaps.SENT:
        return _("It is sent once more: %(goods)s")
    if move.note == "fee_refused":
        return _("The repair is not wanted; it goes back as it is: %(goods)s")
    return _("To be sent by the shop: %(goods)s")
