"""Reading orders: as the API tells them, and what aftersales must know about them."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet, Sum

from orders.merchants.models import Merchant
from orders.purchases.covers import Cover, quote
from orders.purchases.models import Order, OrderLine, Payment, Shipment
from returns_platform.kernel.errors import NotThere


def orders_of_shop(merchant: Merchant) -> QuerySet[Order]:
    return Order.objects.filter(merchant=merchant).order_by("-placed_at", "-pk")


def order_of_shop(merchant: Merchant, order_no: str) -> Order:
    """One of the shop's orders with everything on it; NotThere for another shop's or none."""
    rows = orders_of_shop(merchant).select_related("merchant", "customer", "freight_policy").prefetch_related(*PARTS)
    order = rows.filter(order_no=order_no).first()
    if order is None:
        raise NotThere
    return order


PARTS = ("lines", "discounts", "payments__transaction", "shipments__items__line")


def lines_shipped_though_in_use() -> QuerySet[OrderLine]:
    """Lines of which more units left than an after-sale had left over: each needs a person."""
    return OrderLine.objects.filter(
        unshipped_in_use__gt=0, shipped__gt=F("quantity") - F("unshipped_in_use")
    ).select_related("order")


# --- an order as the API tells it -------------------------------------------------------------------------


def as_kept(order: Order) -> dict:
    """The order as kept, in the shape of PUT /orders; amounts in minor units, times in the shop's zone.

    `order` comes with PARTS prefetched, or costs a query for each.
    """
    at = _Clock(order.merchant.zone)
    return {
        "order_no": order.order_no,
        "state": order.state,
        "currency": order.currency,
        "placed_at": at(order.placed_at),
        "customer": _customer(order),
        "ship_to": order.ship_to or None,
        "lines": [_line(line, at) for line in order.lines.all()],
        "discounts": [_discount(discount, at) for discount in order.discounts.all()],
        "freight": {
            "charged": order.freight_charged,
            "discount": order.freight_discount,
            "free_from": order.freight_free_from,
        },
        "points": {"used": order.points_used, "amount": order.points_amount, "earned": order.points_earned},
        "payments": [_payment(payment, at) for payment in order.payments.all()],
        "parcels": [_parcel(shipment, at) for shipment in order.shipments.all()],
        "invoice": _invoice(order, at),
        **_if_told(insurance=_insurance(order)),
    }


def _invoice(order: Order, at: "_Clock") -> dict | None:
    if not order.invoice_number:
        return None
    amount, issued_at = order.invoice_amount, at(order.invoice_issued_at)
    return {"number": order.invoice_number, "issued_at": issued_at, "amount": amount}


def _insurance(order: Order) -> dict | None:
    policy = getattr(order, "freight_policy", None)
    names = ("insurer", "policy_no", "cover", "premium", "premium_payer")
    return {name: getattr(policy, name) for name in names} if policy else None


class _Clock:
    """Moments as text with the shop's offset."""

    def __init__(self, zone: str):
        self.zone = ZoneInfo(zone)

    def __call__(self, moment: datetime | None) -> str | None:
        return moment and moment.astimezone(self.zone).isoformat()


def _customer(order: Order) -> dict:
    customer = order.customer
    return {
        "external_id": customer.external_id,
        "name": customer.name,
        "phone": str(customer.phone),
        "email": customer.email,
        "points_balance": customer.points_balance,
    }


def _line(line: OrderLine, at: _Clock) -> dict:
    return {
        "line_no": line.line_no,
        "sku": line.sku,
        "title": line.title,
        "category": line.category,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "line_discount": line.line_discount,
        "tax_rate": _rate(line.tax_rate),
        "virtual": line.virtual,
        "gift_price": line.gift_price,
        "kit": line.kit or None,
        "no_reason_excluded_confirmed_at": at(line.no_reason_excluded_confirmed_at),
        "net": line.net,
        "shares": {
            "shop": line.share_shop,
            "platform": line.share_platform,
            "points": line.share_points,
            "freight": line.share_freight,
        },
        "returnable": line.returnable,
        "cancellable": line.cancellable,
        "refundable": line.refundable,
        **_if_told(**{"codes" if line.codes else "gift_cards": line.gift_cards}),
    }


def _if_told(**facts) -> dict:
    """Facts that few orders have stand in the answer of those only."""
    return {name: value for name, value in facts.items() if value}


def _rate(rate: Decimal) -> str:
    """0.1300 as "0.13": what is needed and no more."""
    return f"{rate.normalize():f}" if rate else "0"


def _discount(discount, at: _Clock) -> dict:
    return {
        "name": discount.name,
        "source": discount.source,
        "amount": discount.amount,
        "line_nos": discount.line_nos,
        "threshold": discount.threshold,
        "percent": None if discount.percent is None else _percent(discount.percent),
        **_if_told(coupon=discount.coupon, valid_until=at(discount.valid_until)),
    }


def _percent(percent: Decimal) -> int | str:
    return int(percent) if percent == int(percent) else _rate(percent)


def _payment(payment: Payment, at: _Clock) -> dict:
    return {
        "channel": payment.channel,
        "transaction_id": payment.transaction.transaction_id,
        "amount": payment.amount,
        "paid_at": at(payment.paid_at),
        "transaction_total": payment.transaction.total,
        **_if_told(gift_card=payment.gift_card),
    }


def _parcel(shipment: Shipment, at: _Clock) -> dict:
    return {
        "parcel_no": shipment.parcel_no,
        "courier": shipment.courier,
        "waybill": shipment.waybill,
        "shipped_at": at(shipment.shipped_at),
        "signed_at": at(shipment.signed_at),
        **_if_told(grams=shipment.grams),
        "items": [
            {"line_no": item.line.line_no, "quantity": item.quantity, **_if_told(serials=item.serials)}
            for item in shipment.items.all()
        ],
    }


# --- insurance of the way back ----------------------------------------------------------------------------

LATELY = timedelta(days=90)


def cover_for(merchant: Merchant, ship_to: dict, *, now: datetime) -> Cover:
    """By the way between customer and shop, and by how much of what the shop sent lately came back."""
    lately = OrderLine.objects.filter(order__merchant=merchant, order__placed_at__gt=now - LATELY)
    units = lately.aggregate(sent=Sum("shipped"), back=Sum("shipped_in_use"))
    sent, back = units["sent"] or 0, units["back"] or 0
    return quote(ship_to, merchant.return_address, sent=sent, back=back)
