"""What returned goods still brought, for the cost of a return. Beside the ledger: the sale itself is the shop's."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.inspection.models import Inspection, Recovery
from aftersales.inspection.rules import BRINGS_MONEY
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Brought:
    """amount: minor units for all of them together. seq: as the person saw it, from 1."""

    seq: int
    way: str
    quantity: int
    amount: int
    estimated: bool


@transaction.atomic
def book_recovery(pk: int, brought: Brought, *, by: Actor, now: datetime) -> Recovery:
    """Keep what graded units brought. The same again changes nothing; another in its place is a Conflict."""
    graded = Inspection.objects.select_for_update(of=("self",)).select_related("line__request__order")
    inspection = graded.get(pk=pk)
    kept = list(inspection.recoveries.all())
    if brought.seq <= len(kept):
        return _the_same(kept[brought.seq - 1], brought)
    if brought.seq != len(kept) + 1:
        raise Conflict(_("Somebody else has booked in the meantime."), code="already_booked")
    left = units_left(inspection, brought.way, estimated=brought.estimated)
    if not 1 <= brought.quantity <= left:
        raise Invalid(fields={"quantity": _("%(left)s units are without an amount.") % {"left": left}})
    return Recovery.objects.create(
        inspection=inspection, seq=brought.seq, way=brought.way, quantity=brought.quantity, amount=brought.amount,
        currency=inspection.line.request.order.currency, estimated=brought.estimated, by_kind=by.kind,
        by_name=by.name, at=now,
    )  # fmt: skip


def units_left(inspection: Inspection, way: str, *, estimated: bool) -> int:
    """Units on this way whose amount is not booked yet; estimates and what was really brought count apart."""
    if way not in BRINGS_MONEY:
        return 0
    booked = [row for row in inspection.recoveries.all() if row.way == way and row.estimated == estimated]
    return inspection.whereabouts.get(way, 0) - sum(row.quantity for row in booked)


def _the_same(kept: Recovery, brought: Brought) -> Recovery:
    said = (brought.way, brought.quantity, brought.amount, brought.estimated)
    if (kept.way, kept.quantity, kept.amount, kept.estimated) != said:
        raise Conflict(_("Somebody else has booked in the meantime."), code="already_booked")
    return kept
