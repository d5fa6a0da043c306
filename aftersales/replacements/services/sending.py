"""From "may go" to "delivered": the new order, the parcel to the customer, and what its courier says.

A shop sends by our courier, by its own with a waybill, or by its own system, which reports the new order's parcel.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from aftersales.replacements.models import Replacement
from aftersales.replacements.queries import (
    cancelled_units,
    is_lost,
    next_parcel_ref,
    outbound_parcel,
    parcel_for_it,
    was_given_up,
)
from aftersales.replacements.services.moving import moving_replacement
from aftersales.replacements.services.stock import free_cancelled, free_stock, hold_stock, stock_left
from logistics.parcels import queries as parcel_queries
from logistics.parcels import services as parcels
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from logistics.parcels.rules import clean_waybill
from orders.purchases.models import MadeFor, Order
from orders.purchases.services import made
from orders.purchases.services.made import MadeLine
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, WrongState

SEND_WITHIN = timedelta(hours=72)  # then the customer may ask for money instead
ARRIVES_WITHIN = timedelta(days=10)  # then a person asks its courier, and the shop may send it once more
UNDER_WAY = (*parcel_states.LEFT, parcel_states.DELIVERED)


# --- may go -----------------------------------------------------------------------------------------------


def let_go(
    replacement: Replacement, *, lines: Sequence[MadeLine], carried: Mapping[int, int], by: Actor, now: datetime
) -> None:
    """What it replaces is settled: the shop has to send it. The row is locked, the caller saves.

    lines, carried: of the new order of an exchange (`make_replacement`); none for a repair or a resend.
    """
    if lines:
        replacement.new_order = made.make_replacement(
            replacement.order, lines, carried=carried, order_no=_order_no(replacement),
            case_ref=replacement.case_ref, by=by, now=now,
        )  # fmt: skip
    replacement.go()
    replacement.to_send_at = now
    replacement.wait_until(None)
    replacement.due_at = now + SEND_WITHIN


def _order_no(replacement: Replacement) -> str:
    """The first order's number with what was made of it; cut where it would be too long for an order number.

    One that was made before and came to nothing keeps its number: the next one is counted.
    """
    before = Order.objects.filter(case_ref=replacement.case_ref, made_for=MadeFor.REPLACEMENT).count()
    again = f"-{before + 1}" if before else ""
    tail = f"-{replacement.reference.rsplit('-', 1)[-1]}-{replacement.case_ref[-6:]}{again}"
    return f"{replacement.order.order_no[: 64 - len(tail)]}{tail}"


# --- the shop sends ---------------------------------------------------------------------------------------


def book_courier(
    pk: int, *, by: Actor, now: datetime, slot_from: datetime | None = None, slot_to: datetime | None = None
) -> Parcel:
    """Our courier fetches it at the shop, in that slot or the next free one. A van that is booked already: it."""
    with moving_replacement(pk, by=by, now=now, note="courier_asked") as replacement:
        waiting = _parcel_that_waits(replacement)
        if waiting is not None:
            return waiting
        _must_be_sendable(replacement)
        merchant = replacement.merchant
        if not merchant.can_take_returns:
            raise Conflict(_("Say first in the settings where the courier fetches parcels of your shop."))
        slot = parcel_queries.next_slot_of(merchant, now=now)
        return parcels.request_pickup(
            reference=next_parcel_ref(replacement), leg=replacement.reference, kind=Parcel.Kind.OUTBOUND,
            order=_order_of(replacement), sender=merchant.return_address, receiver=replacement.order.ship_to,
            slot_from=slot_from or slot.start, slot_to=slot_to or slot.end, goods=_goods(replacement), by=by, now=now,
        )  # fmt: skip


def enter_waybill(pk: int, *, courier: str, waybill: str, by: Actor, now: datetime) -> Replacement:
    """The shop has sent it with its own courier. The same waybill again changes nothing."""
    courier, waybill = courier.strip().lower(), clean_waybill(waybill)
    with moving_replacement(pk, by=by, now=now, note="waybill_entered") as replacement:
        parcel = outbound_parcel(replacement)
        if parcel is not None and (parcel.courier, parcel.waybill) == (courier, waybill):
            return replacement
        _must_be_sendable(replacement)
        parcel = parcel_for_it(replacement)
        if parcel is not None and parcel.state in parcel_states.UNDER_WAY and parcel.collected_at:
            raise WrongState(_("The courier has it already."), state=replacement.state)
        if parcel is not None and parcel.can_be_cancelled and not parcel.takes_a_waybill:  # a van, not needed now
            parcels.cancel_parcel(parcel.pk, by=by, now=now)
        if parcel is None or not parcel.takes_a_waybill:
            parcel = _hand_in(replacement, by=by, now=now)
        parcel = parcels.enter_waybill(parcel.pk, courier=courier, waybill=waybill, by=by, now=now)
        _has_left(replacement, parcel, at=now, by=by, now=now)
    return replacement


def _hand_in(replacement: Replacement, *, by: Actor, now: datetime) -> Parcel:
    return parcels.open_self_ship(
        reference=next_parcel_ref(replacement), leg=replacement.reference, kind=Parcel.Kind.OUTBOUND,
        order=_order_of(replacement), sender=replacement.merchant.return_address,
        receiver=replacement.order.ship_to, goods=_goods(replacement), by=by, now=now,
    )  # fmt: skip


def _must_be_sendable(replacement: Replacement) -> None:
    if not replacement.can_be_sent:
        raise WrongState(_("This cannot be sent now."), state=replacement.state)
    new_order = replacement.new_order
    if new_order is not None and not new_order.lines.filter(quantity__gt=F("unshipped_in_use")).exists():
        raise WrongState(_("The customer has cancelled the new order. Do not send it."), state=replacement.state)


def _parcel_that_waits(replacement: Replacement) -> Parcel | None:
    parcel = parcel_for_it(replacement)
    return parcel if parcel is not None and parcel.state in parcel_states.LIVE else None


def _order_of(replacement: Replacement):
    return replacement.new_order or replacement.order


def _goods(replacement: Replacement) -> list[dict]:
    """As couriers name goods; what the customer cancelled meanwhile stays in the shop."""
    cancelled = cancelled_units(replacement)
    counts = {
        line: line.quantity - cancelled.get(line.order_line.line_no, 0)
        for line in replacement.lines.select_related("order_line")
    }
    return [{"name": line.title[:60], "count": count} for line, count in counts.items() if count]


def send_once_more(pk: int, *, by: Actor, now: datetime) -> Replacement:
    """It was lost, turned back at the door, or is nowhere: the shop sends it again, from what it still has of it."""
    with moving_replacement(pk, by=by, now=now, note="sent_again") as replacement:
        if not can_be_sent_again(replacement, now=now):
            raise WrongState(_("Its parcel is on its way, or there."), state=replacement.state)
        _must_have_another(replacement, by=by, now=now)
        replacement.send_again()
        replacement.to_send_at, replacement.sent_at, replacement.due_at = now, None, now + SEND_WITHIN
    return replacement


def can_be_sent_again(replacement: Replacement, *, now: datetime) -> bool:
    """Its parcel went astray, or has been on its way for so long that nobody waits for it."""
    if not replacement.is_on_its_way:
        return False
    return is_lost(replacement) or now > replacement.sent_at + ARRIVES_WITHIN


def _must_have_another(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """What is gone is gone: another unit leaves the stock. Turned back, or the customer's own, it is the same."""
    parcel = outbound_parcel(replacement)
    is_back = parcel is not None and parcel.state in (parcel_states.REFUSED, parcel_states.FAILED)
    gone = replacement.kind == Replacement.Kind.EXCHANGE and not is_back
    if gone and not hold_stock(replacement, by=by, now=now):
        raise Conflict(_("None is left in your stock. The customer can have her money instead."))


# --- what becomes of it -----------------------------------------------------------------------------------


def follow_parcel(parcel: Parcel, *, now: datetime) -> None:
    """The courier's news about a parcel to a customer, in any order and as often as it comes."""
    found = Replacement.objects.filter(reference=parcel.leg).first()
    if found is None or found.is_over:
        return
    with moving_replacement(found.pk, by=Actor("courier"), now=now, note="parcel_moved") as replacement:
        parcel = Parcel.objects.get(pk=parcel.pk)
        if was_given_up(replacement, parcel):
            _turns_up(replacement, parcel, now=now)
        elif replacement.can_be_sent and parcel.state in UNDER_WAY:
            _has_left(replacement, parcel, at=parcel.collected_at or now, by=Actor("courier"), now=now)
        if replacement.is_on_its_way and parcel.state == parcel_states.DELIVERED:
            _has_arrived(replacement, parcel.reference, at=parcel.delivered_at or now, by=Actor("courier"), now=now)


def follow_new_order(order_id: int, *, now: datetime) -> None:
    """The shop's own system reported what became of the new order: its parcel left, or was signed for."""
    found = Replacement.objects.filter(new_order_id=order_id).first()
    if found is None or found.is_over:
        return
    with moving_replacement(found.pk, by=SYSTEM, now=now, note="order_reported") as replacement:
        order = replacement.new_order
        if replacement.can_be_sent and order.is_on_its_way:
            free_cancelled(replacement, by=SYSTEM, now=now)
            stock_left(replacement, by=SYSTEM, now=now)
            _note_left(replacement, at=now)
        if replacement.is_on_its_way and order.is_signed_for:
            _note_arrived(replacement, at=now)


def confirm_receipt(pk: int, *, by: Actor, now: datetime) -> Replacement:
    """The customer says that she has it; for couriers whose scans we do not get."""
    with moving_replacement(pk, by=by, now=now, note="received") as replacement:
        if replacement.is_delivered:
            return replacement
        if not replacement.is_on_its_way:
            raise WrongState(_("It was not sent yet."), state=replacement.state)
        parcel = outbound_parcel(replacement)
        reference = parcel.reference if parcel else replacement.reference
        if parcel is not None:
            parcels.delivered_by_word(parcel.pk, by=by, now=now)
        _has_arrived(replacement, reference, at=now, by=by, now=now)
    return replacement


def _turns_up(replacement: Replacement, parcel: Parcel, *, now: datetime) -> None:
    """Given up, and there after all, before another one was sent: what was kept to be sent once more stays."""
    if parcel.state == parcel_states.DELIVERED:
        free_stock(replacement, by=SYSTEM, now=now)
        _note_left(replacement, at=parcel.collected_at or now)


def _has_left(replacement: Replacement, parcel: Parcel, *, at: datetime, by: Actor, now: datetime) -> None:
    if replacement.new_order_id is not None:
        free_cancelled(replacement, by=by, now=now)
    stock_left(replacement, by=by, now=now)
    if replacement.new_order_id is not None:
        made.ship_made(
            replacement.new_order_id, parcel_no=parcel.reference, courier=parcel.courier, waybill=parcel.waybill,
            at=at, by=by, now=now,
        )  # fmt: skip
    _note_left(replacement, at=at)


def _note_left(replacement: Replacement, *, at: datetime) -> None:
    replacement.send()
    replacement.sent_at = at
    replacement.wait_until(None)


def _has_arrived(replacement: Replacement, parcel_no: str, *, at: datetime, by: Actor, now: datetime) -> None:
    if replacement.new_order_id is not None:
        made.sign_made(replacement.new_order_id, parcel_no=parcel_no, at=at, by=by, now=now)
    _note_arrived(replacement, at=at)


def _note_arrived(replacement: Replacement, *, at: datetime) -> None:
    replacement.deliver()
    replacement.delivered_at = at
    replacement.end(at)
