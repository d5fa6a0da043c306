"""Orders from files: the same checks and the same writing as PUT /orders, one order at a time."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from orders.importing.forms import Entry, entries_of
from orders.merchants.models import Merchant
from orders.purchases.forms import read_order, read_order_no
from orders.purchases.services.orders import put_order
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, Refused


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one order of a file. row: its first row, as a person counts them."""

    row: int
    order_no: str
    message: str
    fields: dict[str, str]

    def __str__(self) -> str:
        what = "; ".join(f"{name}: {sentence}" for name, sentence in self.fields.items()) or self.message
        return f"row {self.row}: {self.order_no + ': ' if self.order_no else ''}{what}"


@dataclass(slots=True)
class Report:
    """What became of a file."""

    created: int = 0
    kept: int = 0  # known before: updated, or the same again
    errors: list[RowError] = field(default_factory=list)


def import_orders(data: bytes, *, merchant: Merchant | None, by: Actor, now: datetime) -> Report:
    """Take in a file of orders; a bad order stops no other, and a file twice changes nothing the second time.

    merchant: the only shop the file may speak of; None = each order names its shop (an operator's file).
    Raises Invalid or TooLarge when it is no file of orders at all.
    """
    report = Report()
    for entry in entries_of(data):
        try:
            created = _take_in(entry, merchant, by=by, now=now)
        except Refused as refused:
            report.errors.append(_told(entry, refused))
        else:
            report.created += created
            report.kept += not created
    return report


def _take_in(entry: Entry, merchant: Merchant | None, *, by: Actor, now: datetime) -> bool:
    if entry.refused:
        raise entry.refused
    order_no = read_order_no(entry.order_no)
    _order, created = put_order(_shop(entry, merchant), read_order(entry.body), order_no=order_no, by=by, now=now)
    return created


def _shop(entry: Entry, merchant: Merchant | None) -> Merchant:
    if merchant and entry.merchant in ("", merchant.code):
        return merchant
    found = None if merchant else Merchant.objects.filter(code=entry.merchant).first()
    if found is None:
        sentence = _("There is no such shop, or this file may not speak for it.")
        raise Invalid(sentence, fields={"merchant": sentence})
    return found


def _told(entry: Entry, refused: Refused) -> RowError:
    fields = {name: str(sentence) for name, sentence in refused.fields.items()}
    order_no = entry.order_no if isinstance(entry.order_no, str) else ""
    return RowError(entry.rows[0], order_no[:64], str(refused.message), fields)
