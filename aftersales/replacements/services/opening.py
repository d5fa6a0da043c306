"""A replacement begins when its request is approved: what is wanted, and whether it can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aftersales.replacements.models import Replacement, ReplacementLine
from aftersales.replacements.queries import replacements_of
from aftersales.replacements.services.stock import free_stock, hold_stock, ran_out
from orders.purchases.models import Order, OrderLine
from refunds.charges import services as charges
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import begin, record_moves


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is sent for units of a line. worth: minor units that all of them are billed at."""

    line: OrderLine
    sku: str
    title: str
    category: str
    quantity: int
    worth: int = 0


def open_replacement(
    *, case_ref: str, kind: str, order: Order, wanted: Sequence[Wanted], by: Actor, now: datetime
) -> Replacement:
    """Begin what replaces a request's goods; in the transaction that follows its approval.

    An exchange has its stock reserved, or begins out of stock. A repair and a resend keep none: what is mended is
    the customer's own, and the missing part of an article is no article.
    """
    serial = replacements_of(case_ref).count() + 1
    replacement = Replacement(
        reference=f"{case_ref}-X{serial}", case_ref=case_ref, serial=serial, kind=kind, order=order,
        merchant_id=order.merchant_id, customer_id=order.customer_id, opened_at=now,
    )  # fmt: skip
    begin(replacement, by=by, now=now, note="opened")
    ReplacementLine.objects.bulk_create(_line(replacement, one) for one in wanted)
    if kind == Replacement.Kind.EXCHANGE and not hold_stock(replacement, by=by, now=now):
        ran_out(replacement, by=by, now=now)
        record_moves(replacement, by=by, now=now, note="out_of_stock")
    return replacement


def _line(replacement: Replacement, one: Wanted) -> ReplacementLine:
    return ReplacementLine(
        replacement=replacement, order_line=one.line, sku=one.sku, title=one.title, category=one.category,
        quantity=one.quantity, worth=one.worth,
    )  # fmt: skip


def want_instead(replacement: Replacement, wanted: Sequence[Wanted], *, by: Actor, now: datetime) -> None:
    """Something else, before it is sent; nothing is kept of the stock until it is asked for anew."""
    free_stock(replacement, by=by, now=now)
    charges.call_off_all(replacement.reference, by=by, now=now)
    lines = {line.order_line_id: line for line in replacement.lines.all()}
    for one in wanted:
        line = lines[one.line.pk]
        line.sku, line.title, line.category = one.sku, one.title, one.category
        line.quantity, line.worth = one.quantity, one.worth
        line.save()
