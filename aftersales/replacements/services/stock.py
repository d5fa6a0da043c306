"""What a replacement keeps of the shop's stock: all of its lines or none, reserved from the approval on."""

from collections.abc import Mapping
from datetime import datetime

from aftersales.replacements.models import Replacement, ReplacementLine
from aftersales.replacements.queries import cancelled_units
from orders.catalogue.services import stock
from returns_platform.kernel.actors import Actor


def hold_stock(replacement: Replacement, *, by: Actor, now: datetime) -> bool:
    """Reserve every line of a locked replacement; False, and nothing is kept, where one cannot be had.

    An article that the shop does not count here is taken to be there: the shop says so when it is not.
    """
    for line in _in_order(replacement):
        if line.held or not stock.is_counted(replacement.merchant_id, line.sku):
            continue
        line.holds += 1
        got = stock.reserve(
            replacement.merchant_id, line.sku, quantity=line.quantity, reference=_reference(line, "reserved"),
            by=by, now=now,
        )  # fmt: skip
        if not got:
            free_stock(replacement, by=by, now=now)
            return False
        line.held = line.quantity
        line.save(update_fields=["held", "holds"])
    return True


def free_stock(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """Nothing of it is kept any longer."""
    for line in _held(replacement):
        stock.release(
            replacement.merchant_id, line.sku, quantity=line.held, reference=_reference(line, "released"), by=by,
            now=now,
        )  # fmt: skip
        _let_go(line)


def keep_only(replacement: Replacement, units: Mapping[int, int], *, by: Actor, now: datetime) -> None:
    """Fewer goods came back than were announced: units of each order line, by its key, are sent, and no more."""
    for line in _in_order(replacement):
        left = units[line.order_line_id]
        if left >= line.quantity:
            continue
        _free_some(line, max(0, line.held - left), "cut", by=by, now=now)
        line.quantity = left
        line.save(update_fields=["quantity"]) if left else line.delete()


def free_cancelled(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """What the customer cancelled of the new order before it was sent stays in the shop."""
    cancelled = cancelled_units(replacement)
    for line in _held(replacement):
        _free_some(line, min(line.held, cancelled.get(line.order_line.line_no, 0)), "cancelled", by=by, now=now)


def stock_left(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """What was kept has left the shop."""
    for line in _held(replacement):
        stock.send_out(
            replacement.merchant_id, line.sku, quantity=line.held, reference=_reference(line, "sent"), by=by, now=now
        )
        _let_go(line)


def ran_out(replacement: Replacement, *, by: Actor, now: datetime) -> None:
    """It cannot be had now: what was kept of the other lines is free again, and the customer chooses."""
    free_stock(replacement, by=by, now=now)
    replacement.run_out()
    replacement.why = Replacement.Why.NO_STOCK


def _in_order(replacement: Replacement) -> list[ReplacementLine]:
    """Stock rows are locked in the order of their articles, by everybody."""
    return sorted(replacement.lines.all(), key=lambda line: line.sku)


def _held(replacement: Replacement) -> list[ReplacementLine]:
    return [line for line in _in_order(replacement) if line.held]


def _free_some(line: ReplacementLine, units: int, why: str, *, by: Actor, now: datetime) -> None:
    if units:
        merchant_id = line.replacement.merchant_id
        stock.release(merchant_id, line.sku, quantity=units, reference=_reference(line, why), by=by, now=now)
        line.held -= units
        line.save(update_fields=["held"])


def _let_go(line: ReplacementLine) -> None:
    line.held = 0
    line.save(update_fields=["held"])


def _reference(line: ReplacementLine, what: str) -> str:
    return f"{line.replacement.reference}.{line.order_line_id}.{line.holds}:{what}"
