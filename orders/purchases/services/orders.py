"""Orders coming in: created or updated from what a shop says about them (PUT /orders, files)."""

import hashlib
import json
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orders.customers.services import keep_customer
from orders.merchants.models import Merchant
from orders.purchases import states
from orders.purchases.forms import OrderIn, must_hold_together
from orders.purchases.models import Order, OrderLine
from orders.purchases.services.insurance import keep_policy
from orders.purchases.services.lines import keep_money, must_keep_money
from orders.purchases.services.parcels import merge_parcels
from orders.signals import tell_after_commit
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, WrongState
from returns_platform.kernel.fsm import begin, moving


@transaction.atomic
def put_order(merchant: Merchant, body: OrderIn, *, order_no: str, by: Actor, now: datetime) -> tuple[Order, bool]:
    """Create or update one order; (order, True when it was created).

    The same content twice changes nothing. Shares are frozen here by M1; once an after-sale exists its money,
    lines and the units of known parcels stay as they are, parcels and signatures may still come. What decides the
    window of goods that were signed for stays as well, whatever is told later.
    Raises Invalid (422), Conflict or WrongState (409). Two calls at once: one creates, the other updates.
    """
    must_hold_together(body)
    digest = content_digest(body)
    kept = Order.objects.filter(merchant=merchant, order_no=order_no).first()
    if kept is not None and kept.content_digest == digest:
        return kept, False
    customer = keep_customer(merchant, **body.customer.model_dump())
    created = False
    if kept is None:
        kept, created = _open(merchant, body, order_no=order_no, customer=customer, by=by, now=now)
    with moving(Order, kept.pk, by=by, now=now, note="reported") as order:
        if order.content_digest != digest:
            notes = _take_in(order, body, customer=customer, now=now)
            order.content_digest, order.updated_at = digest, now
            tell_after_commit(order.pk, ["created" if created else "changed", *notes])
    return order, created


def content_digest(body: OrderIn) -> str:
    plain = json.dumps(body.model_dump(), sort_keys=True, default=_instant)
    return hashlib.sha256(plain.encode()).hexdigest()


def _instant(at: datetime) -> str:
    """The same moment in another zone is the same content."""
    return at.astimezone(UTC).isoformat()


def _open(merchant, body: OrderIn, *, order_no: str, customer, by: Actor, now: datetime) -> tuple[Order, bool]:
    order = Order(
        merchant=merchant, order_no=order_no, customer=customer, currency=body.currency,
        placed_at=body.placed_at, updated_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return begin(order, by=by, now=now, note="reported"), True
    except IntegrityError:  # somebody else reported it at the same time: take theirs as the one to update
        return Order.objects.get(merchant=merchant, order_no=order_no), False


def _take_in(order: Order, body: OrderIn, *, customer, now: datetime) -> list[str]:
    """Write what the body says onto a locked order; the notes to pass on."""
    _must_not_go_back(order, body)
    if not order.has_after_sale:
        order.customer = customer
        if not order.shipments.filter(signed_at__isnull=False).exists():  # from then on its policy was shown
            order.placed_at = body.placed_at
        keep_money(order, body)
    else:
        _must_keep_customer(order, customer)
        must_keep_money(order, body)
    if body.ship_to is not None:
        order.ship_to = body.ship_to.model_dump()
    _keep_invoice(order, body)
    keep_policy(order, body.insurance, now=now)
    _settle(order, body)
    overlap = merge_parcels(order, body.parcels, now=now)
    follow_parcels(order)
    return ["shipped_in_use"] if overlap else []


def _keep_invoice(order: Order, body: OrderIn) -> None:
    """An invoice may be told at any time, also after a return; once told it stays the same one."""
    if body.invoice is None:
        return
    if order.invoice_number not in ("", body.invoice.number):
        sentence = _("Another invoice was reported for this order: %(number)s.") % {"number": order.invoice_number}
        raise Conflict(sentence, fields={"invoice.number": sentence})
    paid = sum(payment.amount for payment in body.payments)
    order.invoice_number, order.invoice_issued_at = body.invoice.number, body.invoice.issued_at
    order.invoice_amount = paid if body.invoice.amount is None else body.invoice.amount


def _must_not_go_back(order: Order, body: OrderIn) -> None:
    if body.state == states.PLACED and order.state != states.PLACED:
        raise WrongState(_("This order is paid or cancelled already."), state=order.state)
    if body.state == states.PAID and order.state == states.CANCELLED:
        raise WrongState(_("This order was cancelled."), state=order.state)
    if body.state == states.CANCELLED and order.state not in (states.PLACED, states.PAID, states.CANCELLED):
        raise WrongState(_("Parcels of this order have left: it cannot be cancelled."), state=order.state)


def _must_keep_customer(order: Order, customer) -> None:
    if order.customer_id != customer.pk:
        sentence = _("An after-sale exists: the order stays with its customer.")
        raise Conflict(sentence, code="order_frozen", fields={"customer.external_id": sentence})


def _settle(order: Order, body: OrderIn) -> None:
    if body.state == states.PAID and order.state == states.PLACED:
        order.pay()
    if body.state == states.CANCELLED and order.state != states.CANCELLED:
        order.cancel()


def follow_parcels(order: Order) -> None:
    """Move the order to what its parcels say: some units out, all out, all signed for."""
    target = _reached(order)
    if target is None or order.state in (target, states.COMPLETED):
        return
    if target == states.PARTLY_SHIPPED:
        order.ship_part()
        return
    if order.state != states.SHIPPED:
        order.ship()
    if target == states.SIGNED:
        order.sign()


def _reached(order: Order) -> str | None:
    lines = _lines_that_ship(order)
    if not any(line.shipped for line in lines):
        return None
    if any(line.shipped + line.unshipped_in_use < line.quantity for line in lines):
        return states.PARTLY_SHIPPED
    waiting = order.shipments.filter(signed_at=None).exists()
    return states.SHIPPED if waiting else states.SIGNED


def _lines_that_ship(order: Order) -> list[OrderLine]:
    """Virtual units go by no courier: an order does not wait for them, unless it holds nothing else."""
    lines = list(order.lines.all())
    return [line for line in lines if not line.virtual] or lines
