"""The rows of a bill for people, and what changed between two bills."""

from dataclasses import replace

from aftersales.bills.facts import Terms
from aftersales.bills.rows import difference
from aftersales.tests.bills.purchases import Book, asked, bought


def told(bill):
    return [(row.code, row.amount) for row in bill.rows]


def test_a_bill_reads_from_the_list_price_to_the_refund():
    order = bought((34000, 2), discounts=[("shop", 6800), ("platform", 1700)], points_amount=500, points_used=5)
    bill = Book(order).file(("1", 1), send_back="self_ship", return_freight=1200)
    assert told(bill) == [
        ("list_price", 34000), ("discount", -3400), ("discount", -850), ("points", -250), ("return_freight", 0),
    ]  # fmt: skip
    assert [(row.name, row.source) for row in bill.rows if row.code == "discount"] == [
        ("discount 0", "shop"), ("discount 1", "platform"),
    ]  # fmt: skip
    assert bill.refund == 29500


def test_a_line_discount_is_a_row_of_its_own():
    order = _with_line(bought((5000, 3)), net=14000, line_discount=1000)
    assert told(Book(order).file(("1", 2))) == [("list_price", 10000), ("line_discount", -667)]


def _with_line(order, **changes):
    return replace(order, lines=(replace(order.lines[0], **changes),))


def test_earlier_goodwill_and_goodwill_itself():
    book = Book(bought((10000, 2)))
    assert told(book.give("1", 3000)) == [("goodwill", 3000)]
    assert told(book.file(("1", 1))) == [("list_price", 10000), ("goodwill_before", -1500)]


def test_a_broken_promotion_says_what_the_kept_units_lose():
    order = bought(15000, 6000, discounts=[("shop", 10000, {"threshold": 20000})])
    book = Book(order, Terms(broken_threshold="RESETTLE"))
    assert told(book.file(("2", 1))) == [("list_price", 6000), ("discount", -2857), ("promotion_broken", -3143)]
    assert told(book.file(("1", 1)))[-1] == ("promotion_kept", 3143)


def test_a_swap_carries_its_value_and_a_resend_shows_none():
    book = Book(bought((10000, 2), discounts=[("shop", 2000)]))
    swap = book.file(("1", 1), kind="exchange")
    assert told(swap) == [("list_price", 10000), ("discount", -1000), ("carried", -9000)]
    assert told(book.file(("1", 1), kind="resend")) == []


def test_a_replaced_bill_is_shown_as_a_difference():
    """N1, M5b."""
    book = Book(bought(6000, 4000, freight_charged=1200))
    book.file(("1", 1))
    before = book.file(("2", 1, True))
    book.withdraw(1)
    changes = difference(before, book.again(2))
    assert [(change.row.code, change.before, change.after) for change in changes] == [
        ("freight_whole", 720, None), ("refund", 5200, 4480),
    ]  # fmt: skip


def test_an_edit_of_the_payer_is_a_difference():
    book = Book(bought(6000), Terms(deduct_pickup=True))
    way = {"send_back": "pickup", "return_freight": 800}
    before = book.file(("1", 1), **way)
    changes = difference(before, book.again(1, asked(("1", 1, True), **way)))
    assert [(change.row.code, change.before, change.after) for change in changes] == [
        ("pickup", -800, None), ("return_freight", None, 0), ("refund", 5200, 6000),
    ]  # fmt: skip


def test_the_same_bill_has_no_difference():
    bill = Book(bought(6000)).file(("1", 1))
    assert difference(bill, bill) == ()
