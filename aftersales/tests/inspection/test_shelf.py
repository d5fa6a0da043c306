"""T118 and T119: what the bench does to stock, unit by unit, and what goes on later."""

import threading

import pytest
from django.db import connection, transaction

from aftersales.inspection.models import Inspection, MovedOn
from aftersales.inspection.services import Graded, Onward, inspect_goods, move_on
from aftersales.tests.desk.cases import BENCH, a_desk, again, must_balance
from orders.catalogue.models import Product, Stock, StockMovement
from orders.catalogue.services.stock import count_stock
from returns_platform.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db


class Shelf:
    """A shop that counts the article of its orders here: 10 units."""

    def __init__(self, desk, *, counted: bool = True):
        self.desk, self.merchant = desk, desk.shop.merchant
        self.row = desk.counted(announced=3, came=3)
        self.sku = self.row.lines.get().order_line.sku
        if counted:
            self.count(self.sku, 10)

    def count(self, sku: str, units: int) -> None:
        count_stock(self.merchant.pk, sku, available=units, reference=f"count-{sku}", by=BENCH, now=self.desk.at)

    def grade(self, *graded: Graded):
        inspect_goods(self.row.pk, list(graded), by=BENCH, now=self.desk.later(minutes=2))
        return Inspection.objects.order_by("-pk").first()

    def go_on(self, graded, way, *, units=1, seq=1, **more):
        step = Onward(seq, units, graded.disposition, way, **more)
        return move_on(graded.pk, step, by=BENCH, now=self.desk.later(minutes=2))

    def has(self, sku: str = "") -> int:
        return Stock.objects.get(merchant=self.merchant, sku=sku or self.sku).available


@pytest.fixture
def shelf(db):
    yield Shelf(a_desk())
    must_balance()


@pytest.mark.parametrize(
    ("grade", "way", "more"),
    [
        ("A", "RESTOCK", 1), ("B", "RESALE_OPENED", 1), ("C", "REFURBISH", 0), ("D", "RETURN_TO_VENDOR", 0),
        ("C", "LIQUIDATE", 0), ("S", "SCRAP", 0), ("D", "RETURN_TO_CUSTOMER", 0), ("C", "QUARANTINE", 0),
        ("X", "RESTOCK", 0), ("S", "RESALE_OPENED", 0),
    ],
)  # fmt: skip
def test_t118_a_good_unit_is_stock_again_and_no_other(shelf, grade, way, more):
    shelf.grade(Graded("1", 1, grade, way, "box opened"))
    assert shelf.has() == 10 + more
    assert StockMovement.objects.filter(kind="restocked").count() == more


def test_t118_one_good_one_damaged_one_missing_and_one_to_process_that_is_stock_later(db):
    desk = a_desk()
    row = desk.counted(announced=4, came=3, quantity=4, discount=0)
    shelf = Shelf.__new__(Shelf)
    shelf.desk, shelf.merchant, shelf.row = desk, desk.shop.merchant, row
    shelf.sku = row.lines.get().order_line.sku
    shelf.count(shelf.sku, 10)
    shelf.grade(Graded("1", 1, "A", "RESTOCK"))
    shelf.grade(Graded("1", 1, "D", "SCRAP"))
    waits = shelf.grade(Graded("1", 1, "C", "REFURBISH"))
    assert (row.lines.get().missing, shelf.has()) == (1, 11)
    shelf.go_on(waits, "RESTOCK")
    assert shelf.has() == 12
    must_balance()


def test_t119_the_same_result_twice_is_stock_once(shelf):
    first = Graded("1", 1, "C", "REFURBISH")
    waits = shelf.grade(first, Graded("1", 2, "A", "RESTOCK"))
    shelf.grade(first, Graded("1", 2, "A", "RESTOCK"))
    assert shelf.has() == 12
    waits = Inspection.objects.get(grade="C")
    for _time in range(3):
        shelf.go_on(waits, "RESTOCK")
    assert (shelf.has(), MovedOn.objects.count()) == (13, 1)
    with pytest.raises(Conflict):
        shelf.go_on(waits, "SCRAP")


def test_units_go_on_in_parts_and_by_several_steps_but_never_more_than_there_are(shelf):
    waits = shelf.grade(Graded("1", 3, "C", "QUARANTINE"))
    shelf.go_on(waits, "REFURBISH", units=2)
    shelf.go_on(waits, "SCRAP", seq=2)
    with pytest.raises(Invalid):
        shelf.go_on(waits, "RESTOCK", seq=3)
    move_on(waits.pk, Onward(3, 2, "REFURBISH", "RESTOCK"), by=BENCH, now=shelf.desk.at)
    assert shelf.has() == 12
    assert Inspection.objects.get(pk=waits.pk).whereabouts == {"SCRAP": 1, "RESTOCK": 2}
    with pytest.raises(Invalid):  # what is on the shelf belongs to the shop's stock, and may be sold
        move_on(waits.pk, Onward(4, 1, "RESTOCK", "SCRAP"), by=BENCH, now=shelf.desk.at)


@pytest.mark.parametrize(
    "step",
    [
        Onward(1, 0, "REFURBISH", "RESTOCK"), Onward(1, -1, "REFURBISH", "RESTOCK"),
        Onward(1, 4, "REFURBISH", "RESTOCK"), Onward(1, 1, "REFURBISH", "REFURBISH"),
        Onward(1, 1, "REFURBISH", "HEAVEN"), Onward(1, 1, "DISPUTE", "RESTOCK"),
        Onward(1, 1, "REFURBISH", "RESALE_OPENED"), Onward(1, 1, "REFURBISH", "RESALE_OPENED", "note", "NONE"),
        Onward(1, 1, "REFURBISH", "RESTOCK", "", "OPEN"),
    ],
)  # fmt: skip
def test_what_does_not_fit_moves_nothing(shelf, step):
    waits = shelf.grade(Graded("1", 3, "C", "REFURBISH"))
    with pytest.raises(Invalid):
        move_on(waits.pk, step, by=BENCH, now=shelf.desk.at)
    assert (shelf.has(), MovedOn.objects.count()) == (10, 0)


def test_opened_goods_are_stock_of_the_article_that_they_are_sold_as(shelf):
    Product.objects.create(merchant=shelf.merchant, sku="OPEN", title="opened", category="apparel", price=1)
    shelf.count("OPEN", 0)
    shelf.grade(Graded("1", 2, "B", "RESALE_OPENED", "box opened", "OPEN"))
    assert (shelf.has(), shelf.has("OPEN")) == (10, 2)


def test_an_article_that_the_shop_does_not_count_here_has_no_stock(db):
    shelf = Shelf(a_desk(), counted=False)
    kept = shelf.grade(Graded("1", 3, "A", "RESTOCK"))
    assert (kept.shelved, Stock.objects.count()) == (False, 0)
    shelf.count(shelf.sku, 5)  # counted from now on: what came before is in that number
    must_balance()


def test_goods_that_came_to_be_mended_are_nobodys_stock(shelf):
    type(shelf.row).objects.filter(pk=shelf.row.pk).update(kind="repair")
    kept = shelf.grade(Graded("1", 1, "A", "RESTOCK"))
    assert (kept.shelved, shelf.has()) == (None, 10)
    type(shelf.row).objects.filter(pk=shelf.row.pk).update(kind="return_refund")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_put_one_unit_on_the_shelf_once():
    shelf = Shelf(a_desk())
    waits = shelf.grade(Graded("1", 3, "C", "REFURBISH"))
    start, told = threading.Barrier(4), []

    def go(way: str) -> None:
        start.wait()
        try:
            with transaction.atomic():
                shelf_of_this_thread = Onward(1, 1, "REFURBISH", way)
                move_on(waits.pk, shelf_of_this_thread, by=BENCH, now=shelf.desk.at)
            told.append(way)
        except Conflict:
            told.append("no")
        finally:
            connection.close()

    workers = [threading.Thread(target=go, args=(way,)) for way in ("RESTOCK", "RESTOCK", "RESTOCK", "SCRAP")]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert MovedOn.objects.count() == 1
    assert shelf.has() == 10 + (MovedOn.objects.get().disposition == "RESTOCK")
    assert again(shelf.row).lines.get().counted == 3
    must_balance()
