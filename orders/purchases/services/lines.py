"""An order's money: lines with their shares frozen by M1, discounts, tenders. Kept for good from the first
after-sale on."""


from django.utils.translation import gettext as _

from orders.purchases.forms import OrderIn
from orders.purchases.models import Order, OrderLine
from orders.purchases.services.tenders import keep_payments
from returns_platform.kernel.errors import Conflict, Invalid

HEAD = ("freight_charged", "freight_discount", "freight_free_from", "points_used", "points_amount", "points_earned")


def keep_money(order: Order, body: OrderIn) -> None:
    """Write everything about money on a locked order without after-sales; raises Invalid, Conflict."""
    order.currency = body.currency
    for name, value in _head(body).items():
        setattr(order, name, value)
    _keep_lines(order, body)
    _keep_discounts(order, body)
    keep_payments(order, body.payments)


def must_keep_money(order: Order, body: OrderIn) -> None:
    """Raises Conflict naming what differs from the frozen money; other facts of the lines are left as kept."""
    was, told = _kept_money(order), _told_money(body)
    sentence = _("An after-sale exists: what was paid stays as it is.")
    changed = sorted(name for name in was.keys() | told.keys() if was.get(name) != told.get(name))
    if changed:
        raise Conflict(sentence, code="order_frozen", fields=dict.fromkeys(changed, sentence))


# --- writing ----------------------------------------------------------------------------------------------


def _head(body: OrderIn) -> dict:
    return {
        "freight_charged": body.freight.charged, "freight_discount": body.freight.discount,
        "freight_free_from": body.freight.free_from, "points_used": body.points.used,
        "points_amount": body.points.amount, "points_earned": body.points.earned,
    }  # fmt: skip


def _keep_lines(order: Order, body: OrderIn) -> None:
    kept = {line.line_no: line for line in order.lines.all()}
    told = {line.line_no for line in body.lines}
    _drop_lines([line for line_no, line in kept.items() if line_no not in told])
    new, old = [], []
    for position, (told_line, share) in enumerate(zip(body.lines, _shares(body), strict=True)):
        line = kept.get(told_line.line_no)
        (new if line is None else old).append(line := line or OrderLine(order=order, line_no=told_line.line_no))
        _write(line, told_line, position)
        _freeze(line, share, body)
    OrderLine.objects.bulk_create(new)
    OrderLine.objects.bulk_update(old, WRITTEN)


def _drop_lines(lines: list[OrderLine]) -> None:
    for line in lines:
        if line.shipped:
            sentence = _("Line %(line_no)s has left in a parcel: it cannot be dropped.") % {"line_no": line.line_no}
            raise Invalid(sentence, fields={"lines": sentence})
        line.delete()
