"""Orders that we make ourselves for a request: what replaces its goods, and what was paid for it on top.

Their money is frozen from the start. A replacement's payments are parts of those of the first order: nothing is
paid twice, and what is sent back later goes back to where it came from (T73).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.purchases.models import (
    Discount,
    MadeFor,
    Order,
    OrderLine,
    Payment,
    Shipment,
    ShipmentItem,
    Signature,
    Transaction,
)
from orders.purchases.rules import tax_inside
from orders.purchases.services.claims import carry_back, carry_payment
from orders.purchases.services.orders import follow_parcels
from orders.signals import tell_after_commit
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict
from returns_platform.kernel.fsm import begin, moving


@dataclass(frozen=True, slots=True)
class MadeLine:
    """A line of an order that we make. net: minor units paid for all its units.

    subsidy: what the platform had paid towards the units they replace. points_*: numbers that go along with them.
    """

    line_no: str
    sku: str
    title: str
    category: str
    quantity: int
    net: int
    tax_rate: Decimal = Decimal(0)
    virtual: bool = False
    subsidy: int = 0
    points_used: int = 0
    points_earned: int = 0


@transaction.atomic
def make_replacement(
    first: Order, lines: Sequence[MadeLine], *, carried: Mapping[int, int], order_no: str, case_ref: str, by: Actor,
    now: datetime,
) -> Order:  # fmt: skip
    """The order of an exchange, paid by parts of earlier payments: {payment id: minor units}, all of its net.

    Raises RefundExceedsPayment where a payment no longer holds that much.
    """
    order = _make(first, lines, MadeFor.REPLACEMENT, order_no=order_no, case_ref=case_ref, by=by, now=now)
    payments = Payment.objects.filter(pk__in=carried).select_related("transaction").order_by("pk")
    for position, payment in enumerate(payments):
        carry_payment(payment.pk, amount=carried[payment.pk])
        Payment.objects.create(
            order=order, position=position, transaction=payment.transaction, channel=payment.channel,
            gift_card=payment.gift_card, amount=carried[payment.pk], paid_at=payment.paid_at, carried_from=payment,
        )  # fmt: skip
    return order


@transaction.atomic
def make_paid(
    first: Order, line: MadeLine, made_for: str, *, channel: str, transaction_id: str, paid_at: datetime,
    order_no: str, case_ref: str, by: Actor, now: datetime,
) -> Order:  # fmt: skip
    """What a customer paid for a request, as an order of its own: it comes back by the same rules as any other."""
    order = _make(first, [line], made_for, order_no=order_no, case_ref=case_ref, by=by, now=now)
    paid, new = Transaction.objects.get_or_create(
        channel=channel, transaction_id=transaction_id,
        defaults={"currency": order.currency, "allotted": line.net},
    )  # fmt: skip
    if not new:
        raise Conflict(code="transaction_taken")
    Payment.objects.create(
        order=order, position=0, transaction=paid, channel=channel, amount=line.net, paid_at=paid_at
    )
    return order


def _make(
    first: Order, lines: Sequence[MadeLine], made_for: str, *, order_no: str, case_ref: str, by: Actor, now: datetime
) -> Order:
    order = Order(
        merchant_id=first.merchant_id, customer_id=first.customer_id, order_no=order_no, currency=first.currency,
        placed_at=now, updated_at=now, ship_to=first.ship_to, made_for=made_for, made_of=first, case_ref=case_ref,
        points_used=sum(line.points_used for line in lines), points_earned=sum(line.points_earned for line in lines),
    )  # fmt: skip
    order.pay()
    begin(order, by=by, now=now, note="made")
    subsidies = [line.subsidy for line in lines]
    if any(subsidies):
        Discount.objects.create(
            order=order, position=0, name=first.order_no[:100], source=Discount.Source.PLATFORM,
            amount=sum(subsidies), percent=0,
        )  # fmt: skip
    OrderLine.objects.bulk_create(
        _frozen(order, place, line, subsidised=any(subsidies)) for place, line in enumerate(lines)
    )
    tell_after_commit(order.pk, ["created"])
    return order


def _frozen(order: Order, place: int, line: MadeLine, *, subsidised: bool) -> OrderLine:
    unit_price = -(-(line.net + line.subsidy) // line.quantity)
    return OrderLine(
        order=order, position=place, line_no=line.line_no, sku=line.sku, title=line.title, category=line.category,
        quantity=line.quantity, unit_price=unit_price, tax_rate=line.tax_rate, virtual=line.virtual, net=line.net,
        line_discount=unit_price * line.quantity - line.net - line.subsidy, share_platform=line.subsidy,
        discount_shares=[line.subsidy] if subsidised else [], points_used=line.points_used,
        points_earned=line.points_earned, tax=tax_inside(line.net, line.tax_rate),
    )  # fmt: skip


def take_back(order_id: int, *, by: Actor, now: datetime) -> None:
    """The order of an exchange comes to nothing, before it left or because it was lost on the way: its payments are
    those of the first order again. Conflict where a request of its own holds some of them.
    """
    with moving(Order, order_id, by=by, now=now, note="came_to_nothing") as order:
        if order.payments.filter(Q(held__gt=0) | Q(reserved__gt=0)).exists():
            raise Conflict(_("There is a request about the new order. It comes back with that one."))
        order.come_to_nothing()
        for payment in order.payments.order_by("pk"):
            carry_back(payment.carried_from_id, amount=payment.amount)
            payment.delete()


def ship_made(
    order_id: int, *, parcel_no: str, courier: str, waybill: str, at: datetime, by: Actor, now: datetime
) -> None:
    """What nobody cancelled left in this parcel. Again: nothing changes. Another parcel: it goes for a lost one."""
    with moving(Order, order_id, by=by, now=now, note="sent") as order:
        if order.shipments.exists():
            order.shipments.filter(signed_at=None).exclude(parcel_no=parcel_no).update(
                parcel_no=parcel_no, courier=courier[:20], waybill=waybill[:40], shipped_at=at
            )
            return
        parcel = Shipment.objects.create(
            order=order, parcel_no=parcel_no, courier=courier[:20], waybill=waybill[:40], shipped_at=at
        )
        for line in order.lines.all():
            line.shipped = line.quantity - line.unshipped_in_use
            line.save(update_fields=["shipped"])
            if line.shipped:
                ShipmentItem.objects.create(shipment=parcel, line=line, quantity=line.shipped)
        follow_parcels(order)


def sign_made(order_id: int, *, parcel_no: str, at: datetime, by: Actor, now: datetime) -> None:
    """The customer has it. Signed already: nothing changes."""
    with moving(Order, order_id, by=by, now=now, note="delivered") as order:
        parcel = order.shipments.filter(parcel_no=parcel_no, signed_at=None).first()
        if parcel is None:
            return
        parcel.signed_at = parcel.window_from = at
        parcel.signature_told_at = now
        parcel.save(update_fields=["signed_at", "window_from", "signature_told_at"])
        Signature.objects.create(shipment=parcel, signed_at=at, reported_at=now)
        follow_parcels(order)
