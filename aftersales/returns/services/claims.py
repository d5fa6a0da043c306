"""What a request takes of its order: locked in one order, given back when it comes to nothing.

Lock order everywhere: order, payments by id, lines by id, case, refund.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aftersales.returns.models import ReturnLine, ReturnRequest
from orders.purchases.models import OrderLine, Payment
from orders.purchases.services import claims
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere
from returns_platform.kernel.fsm import moving


@dataclass(frozen=True, slots=True)
class Held:
    """An order's money and units, locked for one request."""

    payments: dict[int, Payment]
    lines: dict[int, OrderLine]


@contextmanager
def moving_with_money(
    pk: int, *, by: Actor, now: datetime, note: str = "", data: dict | None = None
) -> Iterator[tuple[ReturnRequest, Held]]:
    """`moving` for steps that touch units or money: the order's payments and lines are locked first."""
    order_id = ReturnRequest.objects.filter(pk=pk).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotThere
    with transaction.atomic():
        payments, lines = claims.lock_for_claim(order_id)
        held = Held({payment.pk: payment for payment in payments}, {line.pk: line for line in lines})
        with moving(ReturnRequest, pk, by=by, now=now, note=note, data=data) as request:
            yield request, held


def give_back(request: ReturnRequest, held: Held) -> None:
    """Free the units and the money of a request that was rejected, withdrawn or lapsed, or of a finished repair."""
    units = units_of(request, request.lines.all())
    claims.unclaim(held.lines, held.payments, units=units, tenders=tenders_of(request))


def units_of(request: ReturnRequest, lines: Iterable[ReturnLine]) -> list[claims.LineClaim]:
    """What a request takes of each line; a resend takes no units, the goods stay returnable (T76)."""
    return [
        claims.LineClaim(line.order_line_id, line.quantity if request.takes_units else 0, line.shipped, line.amount)
        for line in lines
    ]


def tenders_of(request: ReturnRequest) -> list[claims.TenderClaim]:
    bill = request.bill
    return [] if bill is None else [claims.TenderClaim(payment, amount) for payment, amount in bill.holds.items()]
