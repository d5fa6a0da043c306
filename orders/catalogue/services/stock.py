"""Stock: counted, promised, sent, put back. Every change is a movement whose reference counts once.

A stock row is locked after everything else, several of them in the order of their articles.
"""

from datetime import datetime

from django.db import transaction

from orders.catalogue.models import Stock, StockMovement
from returns_platform.kernel.actors import Actor

Kind = StockMovement.Kind


@transaction.atomic
def count_stock(merchant_id: int, sku: str, *, available: int, reference: str, by: Actor, now: datetime) -> Stock:
    """The shop says how many units are free to promise. From then on the article is counted here."""
    Stock.objects.get_or_create(merchant_id=merchant_id, sku=sku)
    stock = _locked(merchant_id, sku)
    if change := available - stock.available:
        _move(stock, Kind.COUNTED, available=change, reference=reference, by=by, now=now)
    return stock


def is_counted(merchant_id: int, sku: str) -> bool:
    return Stock.objects.filter(merchant_id=merchant_id, sku=sku).exists()


@transaction.atomic
def reserve(merchant_id: int, sku: str, *, quantity: int, reference: str, by: Actor, now: datetime) -> bool:
    """Promise units to somebody; False, and nothing changes, when there are not that many.

    Two at once: the row's lock lets one of them have the last unit.
    """
    stock = _locked(merchant_id, sku)
    if stock is None or stock.available < quantity:
        return False
    return _move(
        stock, Kind.RESERVED, available=-quantity, reserved=quantity, reference=reference, by=by, now=now
    )  # fmt: skip


@transaction.atomic
def release(merchant_id: int, sku: str, *, quantity: int, reference: str, by: Actor, now: datetime) -> bool:
    """What was promised is free again. False for an article that is not counted here."""
    stock = _locked(merchant_id, sku)
    return stock is not None and _move(
        stock, Kind.RELEASED, available=quantity, reserved=-quantity, reference=reference, by=by, now=now
    )


@transaction.atomic
def send_out(merchant_id: int, sku: str, *, quantity: int, reference: str, by: Actor, now: datetime) -> bool:
    """What was promised has left the shop. False for an article that is not counted here."""
    stock = _locked(merchant_id, sku)
    return stock is not None and _move(
        stock, Kind.SENT, reserved=-quantity, reference=reference, by=by, now=now
    )  # fmt: skip


@transaction.atomic
def restock(merchant_id: int, sku: str, *, quantity: int, reference: str, by: Actor, now: datetime) -> bool:
    """Units are back on the shelf, to be sold again. False for an article that is not counted here."""
    stock = _locked(merchant_id, sku)
    return stock is not None and _move(
        stock, Kind.RESTOCKED, available=quantity, reference=reference, by=by, now=now
    )  # fmt: skip


def _locked(merchant_id: int, sku: str) -> Stock | None:
    return Stock.objects.select_for_update(no_key=True).filter(merchant_id=merchant_id, sku=sku).first()


def _move(
    stock: Stock, kind: str, *, reference: str, by: Actor, now: datetime, available: int = 0, reserved: int = 0
) -> bool:
    """Counter and movement of a locked row together; a reference that has moved before moves nothing (T119)."""
    if StockMovement.objects.filter(reference=reference).exists():
        return True
    StockMovement.objects.create(
        stock=stock, kind=kind, available=available, reserved=reserved, reference=reference, by_kind=by.kind,
        by_id=by.id, by_name=by.name, at=now,
    )  # fmt: skip
    stock.available += available
    stock.reserved += reserved
    stock.save(update_fields=["available", "reserved"])
    return True
