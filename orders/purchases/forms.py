"""The body of PUT /orders/{order_no}: exact types, limits, and what a body must say about itself.

Files and the API read orders with the same classes, so an order is taken or refused alike at every door.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Literal

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from orders.accounts.rules import e164
from orders.purchases import rules
from returns_platform.kernel.api import (
    AMOUNT_LIMIT,
    Amount,
    Body,
    Count,
    Flag,
    Moment,
    plain_fields,
    text,
)
from returns_platform.kernel.errors import Invalid

LINES_LIMIT = 500


def _phone(value: str | None) -> str:
    if not value:
        return ""
    number = e164(value, region=settings.PHONENUMBER_DEFAULT_REGION)
    if number is None:
        raise ValueError("phone")
    return number


def _email(value: str | None) -> str:
    if not value:
        return ""
    try:
        validate_email(value)
    except DjangoError:
        raise ValueError("email") from None
    return value


RATE = r"^(0(\.\d{1,4})?|1(\.0{1,4})?)$"
PERCENT = r"^(100(\.0{1,3})?|\d{1,2}(\.\d{1,3})?)$"

LARGEST_COVER = 10_000  # a hundred in the main unit: more than any courier asks for a parcel

Number = text(64)
Short = text(100, required=False)
Rate = Annotated[str, StringConstraints(strict=True, pattern=RATE)]
WholePercent = Annotated[int, Field(strict=True, ge=0, le=100)]
Percent = WholePercent | Annotated[str, StringConstraints(strict=True, pattern=PERCENT)]
Phone = Annotated[text(40, required=False) | None, AfterValidator(_phone)]
Email = Annotated[text(254, required=False) | None, AfterValidator(_email)]


class CustomerIn(Body):
    external_id: text(100)
    name: text(100)
    phone: Phone = ""
    email: Email = ""
    username: text(150) | None = None
    points_balance: Amount | None = None


class AddressIn(Body):
    name: Short = ""
    phone: text(40, required=False) = ""
    province: text(50, required=False) = ""
    city: text(50, required=False) = ""
    district: text(50, required=False) = ""
    street: text(200, required=False) = ""


class LineIn(Body):
    """no_reason_excluded_confirmed_at: when the buyer agreed, on the way to the purchase, that it cannot be returned
    without a reason. A time after the order was placed and paid is no agreement, and is not kept.
    """

    line_no: Number
    sku: text(64)
    title: text(200)
    category: text(40)
    quantity: Count
    unit_price: Amount
    line_discount: Amount = 0
    tax_rate: Rate = "0"
    virtual: Flag = False
    gift_price: Amount | None = None
    kit: Short | None = None
    gift_cards: Annotated[list[Number], Field(min_length=1, max_length=LINES_LIMIT)] | None = None
    codes: Annotated[list[Number], Field(min_length=1, max_length=LINES_LIMIT)] | None = None
    no_reason_excluded_confirmed_at: Moment | None = None


class DiscountIn(Body):
    name: text(100)
    source: Literal["shop", "platform"]
    amount: Amount
    line_nos: Annotated[list[Number], Field(min_length=1, max_length=LINES_LIMIT)] | None = None
    threshold: Amount | None = None
    percent: Percent | None = None
    coupon: Number | None = None
    valid_until: Moment | None = None


class FreightIn(Body):
    charged: Amount = 0
    discount: Amount = 0
    free_from: Amount | None = None


class PointsIn(Body):
    used: Amount = 0
    amount: Amount = 0
    earned: Amount = 0


class PaymentIn(Body):
    channel: Literal["wechat", "alipay", "stripe", "balance", "gift_card", "bank_transfer"]
    transaction_id: Number
    amount: Amount
    paid_at: Moment
    transaction_total: Amount | None = None
    gift_card: Number | None = None


class InvoiceIn(Body):
    """The invoice (发票) the shop issued for the order. amount: what it is for; without it, what was paid."""

    number: Number
    issued_at: Moment
    amount: Amount | None = None


class InsuranceIn(Body):
    """Insurance of the way back, bought with the order. cover: what it pays for one return, minor units."""

    insurer: text(100)
    policy_no: Number
    cover: Annotated[Amount, Field(ge=1, le=LARGEST_COVER)]
    premium: Amount
    premium_payer: Literal["customer", "shop"]


class ItemIn(Body):
    line_no: Number
    quantity: Count
    serials: Annotated[list[text(64)], Field(max_length=1000)] = []


class ParcelIn(Body):
    """grams: what it weighed when it left, packed. serials: of the units in it, as printed on them."""

    parcel_no: Number
    courier: text(20, required=False) = ""
    waybill: text(40, required=False) = ""
    shipped_at: Moment
    signed_at: Moment | None = None
    grams: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=LINES_LIMIT)]


class OrderIn(Body):
    currency: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
    placed_at: Moment
    state: Literal["placed", "paid", "cancelled"]
    customer: CustomerIn
    ship_to: AddressIn | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=LINES_LIMIT)]
    discounts: Annotated[list[DiscountIn], Field(max_length=50)] = []
    freight: FreightIn = FreightIn()
    points: PointsIn = PointsIn()
    payments: Annotated[list[PaymentIn], Field(max_length=50)] = []
    parcels: Annotated[list[ParcelIn], Field(max_length=LINES_LIMIT)] = []
    invoice: InvoiceIn | None = None
    insurance: InsuranceIn | None = None


def read_order(raw: dict) -> OrderIn:
    """A body that came from elsewhere than the API; raises Invalid naming every field that is wrong."""
    try:
        return OrderIn.model_validate(raw)
    except ValidationError as error:
        raise Invalid(_("Some fields are not accepted."), fields=plain_fields(error.errors())) from None


def read_order_no(raw: object) -> str:
    if not is_order_no(raw):
        sentence = _("An order number has 1 to 64 of A-Z, a-z, 0-9, dot, line and underline.")
        raise Invalid(sentence, fields={"order_no": sentence})
    return raw


def is_order_no(raw: object) -> bool:
    return isinstance(raw, str) and bool(re.fullmatch(r"[A-Za-z0-9._-]{1,64}", raw))


# --- what a body must say about itself ---------------------------------------------------------------------


def must_hold_together(body: OrderIn) -> None:
    """Raises Invalid naming each field that contradicts another, or by how much money does not add up."""
    wrong = dict(_contradictions(body))
    if wrong:
        raise Invalid(_("Some fields are not accepted."), fields=wrong)
    _must_add_up(as_bought(body), body.state)


def _contradictions(body: OrderIn) -> Iterator[tuple[str, str]]:
    yield from _said_twice("lines", "line_no", [line.line_no for line in body.lines])
    yield from _said_twice("parcels", "parcel_no", [parcel.parcel_no for parcel in body.parcels])
    transactions = [(payment.channel, payment.transaction_id) for payment in body.payments]
    yield from _said_twice("payments", "transaction_id", transactions)
    yield from _wrong_amounts(body)
    yield from _wrong_line_nos(body)
    yield from _wrong_parcels(body)
    yield from _wrong_cards(body)
    yield from _wrong_coupons(body)
    if body.customer.username and not settings.DEMO:
        yield "customer.username", _("User names are taken in demonstrations only.")


def _said_twice(where: str, name: str, values: list) -> Iterator[tuple[str, str]]:
    seen = set()
    for index, value in enumerate(values):
        if value in seen:
            yield f"{where}.{index}.{name}", _("This stands here more than once.")
        seen.add(value)


def _wrong_amounts(body: OrderIn) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(body.lines):
        price = line.unit_price * line.quantity
        if line.line_discount > price:
            yield f"lines.{index}.line_discount", _("The discount is larger than the line.")
        if price > AMOUNT_LIMIT:
            yield f"lines.{index}.unit_price", _("Must be at most %(le)s.") % {"le": AMOUNT_LIMIT}
    if body.freight.discount > body.freight.charged:
        yield "freight.discount", _("The discount is larger than the freight.")
    for index, payment in enumerate(body.payments):
        if payment.transaction_total is not None and payment.amount > payment.transaction_total:
            yield f"payments.{index}.amount", _("The part is larger than the whole payment.")


def _wrong_line_nos(body: OrderIn) -> Iterator[tuple[str, str]]:
    known = {line.line_no for line in body.lines}
    for index, discount in enumerate(body.discounts):
        yield from _unknown(f"discounts.{index}.line_nos", discount.line_nos or (), known)
        yield from _said_twice(f"discounts.{index}", "line_nos", discount.line_nos or [])
    for index, parcel in enumerate(body.parcels):
        line_nos = [item.line_no for item in parcel.items]
        yield from _unknown(f"parcels.{index}.items", line_nos, known)
        yield from _said_twice(f"parcels.{index}.items", "line_no", line_nos)
        yield from _wrong_serials(f"parcels.{index}.items", parcel.items)


def _unknown(where: str, line_nos: Iterable[str], known: set[str]) -> Iterator[tuple[str, str]]:
    if missing := [line_no for line_no in line_nos if line_no not in known]:
        yield where, _("No line has the number %(line_no)s.") % {"line_no": missing[0]}


def _wrong_serials(where: str, items: list[ItemIn]) -> Iterator[tuple[str, str]]:
    for index, item in enumerate(items):
        if len(item.serials) > item.quantity:
            yield f"{where}.{index}.serials", _("More serial numbers than units.")
        yield from _said_twice(f"{where}.{index}", "serials", item.serials)


def _wrong_parcels(body: OrderIn) -> Iterator[tuple[str, str]]:
    if body.parcels and body.state != "paid":
        yield "parcels", _("Only a paid order has parcels.")


def _wrong_cards(body: OrderIn) -> Iterator[tuple[str, str]]:
    """Gift cards and codes that are sold are named one a unit; a payment names a card only where it has one."""
    seen = set()
    for index, line in enumerate(body.lines):
        numbers, name = line.gift_cards or line.codes, "gift_cards" if line.gift_cards else "codes"
        if line.codes and (line.gift_cards or not line.virtual):
            yield f"lines.{index}.codes", _("Only virtual goods that are no gift cards have codes.")
        if numbers is None:
            continue
        if len(numbers) != line.quantity:
            yield f"lines.{index}.{name}", _("Name one number for each unit.")
        elif len(set(numbers) - seen) != line.quantity:
            yield f"lines.{index}.{name}", _("This stands here more than once.")
        seen |= set(numbers)
    for index, payment in enumerate(body.payments):
        if payment.gift_card is not None and payment.channel != "gift_card":
            yield f"payments.{index}.gift_card", _("Only a payment by gift card has one.")


def _wrong_coupons(body: OrderIn) -> Iterator[tuple[str, str]]:
    yield from _said_twice("discounts", "coupon", [told.coupon or index for index, told in enumerate(body.discounts)])


def _must_add_up(bought: rules.Order, state: str) -> None:
    """For `paid` both sides are equal; `placed` and `cancelled` may have paid less."""
    difference = rules.difference(bought)
    if difference == 0 or (difference > 0 and state != "paid"):
        return
    paid = sum(bought.payments)
    sentence = _(
        "Lines, discounts, points and freight come to %(due)s, payments to %(paid)s: %(difference)s apart."
    ) % {"due": paid + difference, "paid": paid, "difference": abs(difference)}
    raise Invalid(sentence, code="does_not_add_up", fields={"payments": sentence})


def as_bought(body: OrderIn) -> rules.Order:
    """The body's money, for the rules."""
    return rules.Order(
        lines=tuple(
            rules.Line(
                line.line_no,
                line.quantity,
                line.unit_price,
                line.line_discount,
                Decimal(line.tax_rate),
                line.virtual,
            )
            for line in body.lines
        ),
        discounts=tuple(
            rules.Discount(d.source, d.amount, None if d.line_nos is None else tuple(d.line_nos))
            for d in body.discounts
        ),
        freight_charged=body.freight.charged,
        freight_discount=body.freight.discount,
        points_used=body.points.used,
        points_amount=body.points.amount,
        points_earned=body.points.earned,
        payments=tuple(payment.amount for payment in body.payments),
    )
