"""Goods that are stock again. Stock moves here and nowhere else for what came back, once per unit."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.inspection.models import Disposition
from orders.catalogue.models import Product
from orders.catalogue.services import stock
from returns_platform.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class ForTheShelf:
    """Units of an article, and the reference that moves stock once only."""

    sku: str
    quantity: int
    reference: str


def put_on_shelf(merchant_id: int, units: list[ForTheShelf], *, by: Actor, now: datetime) -> dict[str, bool]:
    """{reference: whether it is in the stock}; an article that the shop does not count here has none.

    Stock rows are locked last of all, in the order of their articles.
    """
    in_order = sorted(units, key=lambda each: (each.sku, each.reference))
    return {
        each.reference: stock.restock(
            merchant_id, each.sku, quantity=each.quantity, reference=each.reference, by=by, now=now
        )
        for each in in_order
    }


def wrong_with_resale(merchant_id: int, way: str, sku: str, note: str, *, field: str = "") -> dict:
    """What is wrong with opened goods: {field: what}. A note, and an article of the shop if one is named."""
    wrong = {}
    if way == Disposition.RESALE_OPENED and not note.strip():
        wrong[f"{field}note"] = _("Opened goods are sold with a note on their condition. Write it here.")
    if sku and way != Disposition.RESALE_OPENED:
        wrong[f"{field}sku"] = _("Only opened goods are sold as another article.")
    elif sku and not Product.objects.filter(merchant_id=merchant_id, sku=sku).exists():
        wrong[f"{field}sku"] = _("Your shop has no article with this number.")
    return wrong
