"""The calculation to the fen: every step said is the step that was taken, for each rule and order of payments."""

import pytest
from django.utils import translation

from aftersales.bills.facts import Terms
from aftersales.bills.stored import as_body
from aftersales.returns.to_the_fen import how_worked_out
from aftersales.tests.bills.purchases import Book, bought


class Bought:
    """An order line as the pages have it, from the facts of a test."""

    def __init__(self, line, order):
        self.unit_price, self.quantity, self.line_discount = line.unit_price, line.quantity, line.line_discount
        self.net, self.share_points, self.points_used = line.net, line.points_share, line.points_used
        self.discount_shares = list(line.discount_shares)
        self.order = self
        self.discounts = self
        self.all = lambda: order.discounts


def told(book, bill, **more) -> str:
    body = as_body(bill)
    for line in body["lines"]:
        line["title"] = f"Goods {line['line_no']}"
    lines = {line.line_no: Bought(line, book.order) for line in book.order.lines}
    with translation.override("en"):
        return "\n".join(": ".join(step) for step in how_worked_out(body, lines, **more))


def test_the_first_unit_and_the_ones_after_it():
    book = Book(bought((4000, 3), discounts=[("shop", 2000, {})]))
    first, second = book.file(("1", 1)), book.file(("1", 2))

    assert "¥100.00 × 1 ÷ 3 = ¥33.3333, in whole fen ¥33.33" in told(book, first)
    assert "¥100.00 × 3 ÷ 3 = ¥100.0000, in whole fen ¥100.00, less ¥33.33 for the units before: ¥66.67" in told(
        book, second
    )


def test_after_goodwill_the_split_starts_again():
    """T29: 200.00 over two, 30.00 without return."""
    book = Book(bought((10000, 2)))
    given = book.give("1", 3000)
    assert "¥30.00, as a person set it" in told(book, given)
    after = told(book, book.file(("1", 1)))

    assert "¥170.00 × 1 ÷ 2 = ¥85.0000, in whole fen ¥85.00" in after
    assert "Of the price ¥170.00 was left over the 2 units still out" in after


def test_t13_settled_anew_says_which_promotion_and_how_much():
    book = Book(
        bought((5000, 6), discounts=[("shop", 3000, {"threshold": 30000, "is_rate": True})]),
        terms=Terms(broken_threshold="RESETTLE"),
    )  # fmt: skip
    bill = book.file(("1", 5))
    text = told(book, bill)

    assert bill.refund == 22000
    assert "it is for goods from ¥300.00, and what is kept is less: ¥5.00" in text
    assert "¥225.00 by units, −¥5.00 by the promotion: ¥220.00" in text


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        ("proportional", "in proportion to what it still held"),
        ("balance_first", "the balance and gift cards first"),
        ("cash_first", "what was paid from outside first"),
    ],
)
def test_the_order_of_payments_is_that_of_the_policy(strategy, words):
    order = bought((10000, 1), payments=[("wechat", 6000), ("balance", 4000)])
    book = Book(order, terms=Terms(tender_strategy=strategy))
    bill = book.file(("1", 1))

    assert words in told(book, bill, strategy=strategy)


def test_delivery_and_points_have_their_steps():
    order = bought((6000, 1), (4000, 1), freight_charged=1200, points_used=100, points_amount=1000, points_earned=90)
    book = Book(order)
    text = told(book, book.file(("1", 1, True)))
    assert "Delivery of faulty items" in text and "¥7.20" in text
    assert "Points used: 100 points" not in text and "points over 1 units: 60 for these 1" in text
    assert "Points earned" in text
    assert "Delivery of the whole order" in told(book, book.file(("2", 1)))
