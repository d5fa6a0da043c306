"""Units and money in use, counted on the rows they belong to, under their CHECKs.

Lock order everywhere: payments by id, then lines by id, then the case, then the refund.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from orders.purchases.models import OrderLine, Payment
from returns_platform.kernel.errors import Conflict


class RefundExceedsPayment(Conflict):
    code = "refund_exceeds_payment"
    default = _("The payment does not hold that much any more.")


class UnitsInUse(Conflict):
    code = "units_in_use"
    default = _("These units were taken by another request in the meantime.")


@dataclass(frozen=True, slots=True)
class LineClaim:
    """What one request takes of one line: units and, in minor units, net money."""

    line_id: int
    quantity: int
    shipped: bool
    amount: int


@dataclass(frozen=True, slots=True)
class TenderClaim:
    payment_id: int
    amount: int


def lock_for_claim(order_id: int) -> tuple[list[Payment], list[OrderLine]]:
    """Lock an order's payments and lines, in the one order that cannot deadlock."""
    payments = Payment.objects.select_for_update(of=("self",)).select_related("transaction")
    lines = OrderLine.objects.select_for_update(of=("self",))
    return (
        list(payments.filter(order_id=order_id).order_by("pk")),
        list(lines.filter(order_id=order_id).order_by("pk")),
    )


def claim(lines: dict[int, OrderLine], payments: dict[int, Payment], *, units: Iterable[LineClaim],
          tenders: Iterable[TenderClaim], attempt: bool) -> None:  # fmt: skip
    """Reserve units and money on locked rows; `attempt` counts the filing against the limit per line.

    Raises UnitsInUse or RefundExceedsPayment when a CHECK says no.
    """
    for taken in units:
        _take_units(lines[taken.line_id], taken, attempt=attempt)
    for part in tenders:
        payments[part.payment_id].held += part.amount
    _save(lines.values(), payments.values())


def unclaim(lines: dict[int, OrderLine], payments: dict[int, Payment], *, units: Iterable[LineClaim],
            tenders: Iterable[TenderClaim]) -> None:  # fmt: skip
    """Give units and money back: the request was rejected, withdrawn or lapsed."""
    for taken in units:
        opposite = LineClaim(taken.line_id, -taken.quantity, taken.shipped, -taken.amount)
        _take_units(lines[taken.line_id], opposite, attempt=False)
    for part in tenders:
        payments[part.payment_id].held -= part.amount
    _save(lines.values(), payments.values())


def _take_units(line: OrderLine, taken: LineClaim, *, attempt: bool) -> None:
    if taken.shipped:
        line.shipped_in_use += taken.quantity
    else:
        line.unshipped_in_use += taken.quantity
    line.claimed += taken.amount
    line.attempts += attempt


def _save(lines: Iterable[OrderLine], payments: Iterable[Payment]) -> None:
    try:
        OrderLine.objects.bulk_update(lines, ["shipped_in_use", "unshipped_in_use", "claimed", "attempts"])
    except IntegrityError as broken:
        raise UnitsInUse from broken
    try:
        Payment.objects.bulk_update(payments, ["held"])
    except IntegrityError as broken:
        raise RefundExceedsPayment from broken


def reserve_payment(payment_id: int, *, amount: int) -> None:
    """Promise money of a payment to a refund: one counter under one CHECK, never a sum (I2)."""
    free = Payment.objects.filter(pk=payment_id, amount__gte=F("reserved") + amount)
    if not free.update(reserved=F("reserved") + amount):
        raise RefundExceedsPayment


def reserve_external(payment_id: int, *, amount: int) -> bool:
    """Count a refund that was made past this platform; False where the payment does not hold that much any more."""
    free = Payment.objects.filter(pk=payment_id, amount__gte=F("reserved") + amount)
    return bool(free.update(reserved=F("reserved") + amount, external=F("external") + amount))


def release_external(payment_id: int, *, amount: int) -> None:
    """It came back, or turned out to be one of our refunds."""
    Payment.objects.filter(pk=payment_id).update(reserved=F("reserved") - amount, external=F("external") - amount)


def release_payment(payment_id: int, *, amount: int) -> None:
    """The refund came to nothing: its money may be promised again."""
    Payment.objects.filter(pk=payment_id).update(reserved=F("reserved") - amount)


def carry_payment(payment_id: int, *, amount: int) -> None:
    """Part of a payment goes along to the order of an exchange: it cannot be refunded here any more."""
    free = Payment.objects.filter(pk=payment_id, amount__gte=F("reserved") + amount)
    if not free.update(reserved=F("reserved") + amount, carried=F("carried") + amount):
        raise RefundExceedsPayment


def carry_back(payment_id: int, *, amount: int) -> None:
    """The order of the exchange came to nothing."""
    Payment.objects.filter(pk=payment_id).update(reserved=F("reserved") - amount, carried=F("carried") - amount)


def mark_refunded(amounts: dict[int, int]) -> None:
    """Count per line what refunds now carry of its net; {line id: minor units}, negative to give back."""
    for line_id, amount in amounts.items():
        OrderLine.objects.filter(pk=line_id).update(refunded=F("refunded") + amount)
