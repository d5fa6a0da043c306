"""A swap's value against what is wanted instead (T67 to T73): difference paid back, due, or none."""

from dataclasses import replace

import pytest

from aftersales.bills import facts, rules, stored
from aftersales.tests.bills.purchases import Book, bought


def swap(book, *lines):
    """lines: (line number, units, price of one new unit or None)."""
    asked = tuple(facts.Asked(no, units, new_price=price) for no, units, price in lines)
    request = facts.Request("exchange", asked, send_back="self_ship")
    return book._keep(request, rules.bill(book.facts(), request, book.terms))


@pytest.mark.parametrize(
    ("new_price", "refund", "due", "carried"),
    [(9000, 0, 0, 9000), (12000, 0, 3000, 9000), (6000, 3000, 0, 6000), (None, 0, 0, 9000)],
    ids=["T67 the same value", "T68 dearer", "cheaper", "T70 price lock"],
)
def test_the_difference_of_a_swap(new_price, refund, due, carried):
    bill = swap(Book(bought((10000, 1), discounts=[("shop", 1000)])), ("1", 1, new_price))
    assert (bill.refund, bill.due, bill.carried) == (refund, due, carried)
    assert [part.amount for part in bill.tenders] == [amount for amount in [refund] if amount]
    assert sum(part.amount for part in bill.carried_parts) == carried
    assert sum(row.amount for row in bill.rows) == refund
    assert stored.from_body(stored.as_body(bill)) == bill


def test_one_unit_is_swapped_and_one_comes_back():
    """T71."""
    book = Book(bought((9000, 2)))
    swapped, returned = swap(book, ("1", 1, 9000)), book.file(("1", 1))
    assert (swapped.carried, returned.refund) == (9000, 9000)
    assert [tender.left for tender in book.facts().tenders] == [0]


def test_lines_are_set_off_against_each_other():
    bill = swap(Book(bought(9000, 5000)), ("1", 1, 6000), ("2", 1, 7000))
    assert (bill.refund, bill.due) == (1000, 0)
    assert [(line.amount, line.carried, line.worth) for line in bill.lines] == [(1000, 8000, 6000), (0, 5000, 7000)]


def test_several_units_lose_no_fen():
    bill = swap(Book(bought((10000, 3), discounts=[("shop", 10000)])), ("1", 2, 5000))
    assert (bill.carried, bill.refund, bill.due) == (10000, 3333, 0)


def test_nothing_is_carried_that_the_payments_no_longer_hold():
    book = Book(bought((10000, 1)))
    book.order = replace(book.order, tenders=(replace(book.order.tenders[0], left=4000),))
    bill = swap(book, ("1", 1, None))
    assert (bill.carried, bill.due, sum(row.amount for row in bill.rows)) == (4000, 0, 0)


def test_money_instead_of_a_swap_is_the_whole_value():
    book = Book(bought((9000, 2)))
    swapped = swap(book, ("1", 1, 12000))
    request = facts.Request("return_refund", (facts.Asked("1", 1),), send_back="self_ship")
    assert rules.refund_instead(swapped, book.facts(without=1), request, book.terms).refund == 9000
