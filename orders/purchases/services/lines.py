"""An order's money: lines with their shares frozen by M1, discounts, tenders. Kept for good from the first
after-sale on."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orders.purchases import rules
from orders.purchases.forms import LineIn, OrderIn, as_bought
from orders.purchases.models import Discount, Order, OrderLine
from orders.purchases.services.tenders import keep_payments
from returns_platform.kernel.errors import Conflict, Invalid


def keep_money(order: Order, body: OrderIn) -> None:
    """Write everything about money on a locked order without after-sales; raises Invalid, Conflict."""
    order.currency = body.currency
    for name, value in _head(body).items():
        setattr(order, name, value)
    _keep_lines(order, body)
    _keep_discounts(order, body)
    keep_payments(order, body.payments)


def _head(body: OrderIn) -> dict:
    return {
        "freight_charged": body.freight.charged,
        "freight_discount": body.freight.discount,
        "freight_free_from": body.freight.free_from,
        "points_used": body.points.used,
        "points_amount": body.points.amount,
        "points_earned": body.points.earned,
    }


# --- lines ------------------------------------------------------------------------------------------------

TOLD = ("sku", "title", "category", "quantity", "unit_price", "line_discount", "virtual", "gift_price")
WORKED = (  # as told, in another form
    "tax_rate", "kit", "gift_cards", "codes", "discount_shares", "no_reason_excluded_confirmed_at",
)  # fmt: skip
FROZEN = (
    "net", "share_shop", "share_platform", "share_points", "share_freight", "points_used", "points_earned", "tax",
)  # fmt: skip


def _keep_lines(order: Order, body: OrderIn) -> None:
    kept = {line.line_no: line for line in order.lines.all()}
    told = {line.line_no for line in body.lines}
    _drop([line for line_no, line in kept.items() if line_no not in told])
    lines = [kept.get(line.line_no) or OrderLine(order=order, line_no=line.line_no) for line in body.lines]
    signed = set(order.lines.filter(shipped_items__shipment__signed_at__isnull=False).values_list("pk", flat=True))
    for position, (line, line_in, shares) in enumerate(zip(lines, body.lines, _shares(body), strict=True)):
        shown = _of_the_window(line) if line.pk in signed else {}
        line.position = position
        line.no_reason_excluded_confirmed_at = _confirmed_at(line_in, order, body)
        _write(line, line_in, shares)
        _keep_window(line, shown)
    OrderLine.objects.bulk_create(line for line in lines if line.pk is None)
    changed = [line for line in lines if line.line_no in kept]
    OrderLine.objects.bulk_update(changed, ["position", *WORKED, *TOLD, *FROZEN])


def _drop(lines: list[OrderLine]) -> None:
    for line in lines:
        if line.shipped:
            sentence = _("Line %(line_no)s has left in a parcel: it cannot be dropped.") % {"line_no": line.line_no}
            raise Invalid(sentence, fields={"lines": sentence})
        line.delete()


def _write(line: OrderLine, told: LineIn, shares: rules.Frozen) -> None:
    for name in TOLD:
        setattr(line, name, getattr(told, name))
    line.tax_rate, line.kit = Decimal(told.tax_rate), told.kit or ""
    line.gift_cards, line.codes = told.gift_cards or told.codes or [], told.codes is not None
    for name in FROZEN:
        setattr(line, name, getattr(shares, name))
    line.discount_shares = list(shares.discount_shares)


def _of_the_window(line: OrderLine) -> dict:
    """What decides until when a line can be returned."""
    return {
        "sku": line.sku,
        "category": line.category,
        "no_reason_excluded_confirmed_at": line.no_reason_excluded_confirmed_at,
    }


def _keep_window(line: OrderLine, shown: dict) -> None:
    """The buyer who signed for it was shown a window: no correction takes it away. A confirmation may be lifted."""
    if line.no_reason_excluded_confirmed_at is None:
        shown.pop("no_reason_excluded_confirmed_at", None)
    for name, value in shown.items():
        setattr(line, name, value)


def _confirmed_at(told: LineIn, order: Order, body: OrderIn) -> datetime | None:
    """A buyer gives up the right to return it without a reason on the way to the purchase, or not at all: what is
    dated after it was placed and paid is no such confirmation."""
    bought_at = max([order.placed_at, *(payment.paid_at for payment in body.payments)])
    confirmed_at = told.no_reason_excluded_confirmed_at
    return confirmed_at if confirmed_at and confirmed_at <= bought_at else None


def _shares(body: OrderIn) -> tuple[rules.Frozen, ...]:
    try:
        return rules.freeze(as_bought(body))
    except rules.CannotFreeze as contradiction:
        sentence = _("%(amount)s is more than the %(holds)s that the lines still hold.") % {
            "amount": contradiction.amount,
            "holds": contradiction.holds,
        }
        raise Invalid(sentence, code=contradiction.code, fields={contradiction.field: sentence}) from None


# --- discounts --------------------------------------------------------------------------------------------


def _keep_discounts(order: Order, body: OrderIn) -> None:
    order.discounts.all().delete()
    Discount.objects.bulk_create(
        Discount(
            order=order, position=position, name=told.name, source=told.source, amount=told.amount,
            line_nos=told.line_nos, threshold=told.threshold, percent=_percent(told.percent),
            coupon=told.coupon or "", valid_until=told.valid_until,
        )
        for position, told in enumerate(body.discounts)
    )  # fmt: skip


def _percent(told: int | str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


# --- frozen -----------------------------------------------------------------------------------------------

LINE_MONEY = ("quantity", "unit_price", "line_discount", "gift_price")
DISCOUNT_MONEY = ("source", "amount", "line_nos", "threshold")


def must_keep_money(order: Order, body: OrderIn) -> None:
    """Raises Conflict naming what differs from the frozen money; other facts of the lines are left as kept."""
    was, told = _kept_money(order), _told_money(body)
    sentence = _("An after-sale exists: what was paid stays as it is.")
    changed = sorted(name for name in was.keys() | told.keys() if was.get(name) != told.get(name))
    if changed:
        raise Conflict(sentence, code="order_frozen", fields=dict.fromkeys(changed, sentence))


def _told_money(body: OrderIn) -> dict:
    money = {"currency": body.currency, **_head(body)}
    for line in body.lines:
        money |= _named(f"lines.{line.line_no}", line, LINE_MONEY)
        money[f"lines.{line.line_no}.tax_rate"] = Decimal(line.tax_rate)
    for position, discount in enumerate(body.discounts):
        money |= _named(f"discounts.{position}", discount, DISCOUNT_MONEY)
        money[f"discounts.{position}.percent"] = _percent(discount.percent)
    for part in body.payments:
        where = f"payments.{part.channel}.{part.transaction_id}"
        money |= {f"{where}.amount": part.amount, f"{where}.transaction_total": part.transaction_total}
    return money


def _kept_money(order: Order) -> dict:
    money = {"currency": order.currency, **{name: getattr(order, name) for name in HEAD}}
    for line in order.lines.all():
        money |= _named(f"lines.{line.line_no}", line, (*LINE_MONEY, "tax_rate"))
    for position, discount in enumerate(order.discounts.all()):
        money |= _named(f"discounts.{position}", discount, (*DISCOUNT_MONEY, "percent"))
    for payment in order.payments.select_related("transaction"):
        where = f"payments.{payment.channel}.{payment.transaction.transaction_id}"
        total = payment.transaction.total
        money |= {f"{where}.amount": payment.amount, f"{where}.transaction_total": total}
    return money


HEAD = (
    "freight_charged",
    "freight_discount",
    "freight_free_from",
    "points_used",
    "points_amount",
    "points_earned",
)


def _named(where: str, thing, names: tuple[str, ...]) -> dict:
    return {f"{where}.{name}": getattr(thing, name) for name in names}
