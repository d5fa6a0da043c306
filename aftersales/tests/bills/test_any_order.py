"""What holds for any order and any way of returning it: every fen is accounted for, whatever is taken back."""

import json
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.bills.facts import Terms
from aftersales.bills.rules import refundable
from aftersales.bills.stored import as_body, from_body
from aftersales.tests.bills.purchases import Book, bought

seeded = settings(derandomize=True, deadline=None, max_examples=150)

CHANNELS = ["wechat", "balance", "gift_card", "alipay"]


@st.composite
def orders(draw, threshold=False):
    prices = draw(
        st.lists(
            st.tuples(st.sampled_from([0, 1, 33, 999, 3333, 20000]), st.sampled_from([1, 2, 3, 7])),
            min_size=1, max_size=4,
        )
    )  # fmt: skip
    left, discounts = sum(price * units for price, units in prices), []
    for _ in range(draw(st.integers(0, 3))):
        amount = draw(st.integers(0, left // 2))
        left -= amount
        rule = {"threshold": draw(st.integers(1, 60000)), "is_rate": draw(st.booleans())} if threshold else {}
        discounts.append((draw(st.sampled_from(["shop", "platform"])), amount, rule))
    points, freight = draw(st.integers(0, left // 3)), draw(st.integers(0, 1500))
    waived = {"free_from": draw(st.integers(1, 30000)), "freight_discount": freight} if threshold else {}
    parts = _payments(draw, left - points + (0 if waived else freight))
    return bought(
        *prices, discounts=discounts, payments=parts, rate="0.13", freight_charged=freight, points_amount=points,
        points_used=draw(st.integers(0, 500)), points_earned=draw(st.integers(0, 500)),
        **waived,
    )  # fmt: skip


def _payments(draw, due):
    parts = []
    for channel in CHANNELS[: draw(st.integers(1, 4))]:
        parts.append((channel, draw(st.integers(0, due))))
        due -= parts[-1][1]
    return [*parts, ("bank_transfer", due)]


def file_some(draw, book, *, faults, kind="return_refund"):
    """File one request about some of what is left; nothing when nothing is."""
    chosen = []
    for line in book.order.lines:
        units = draw(st.integers(0, book.left(line.line_no)))
        if units:
            chosen.append((line.line_no, units, faults and draw(st.booleans())))
    if chosen:
        book.file(*chosen, kind=kind)


def file_the_rest(draw, book):
    for line in book.order.lines:
        while left := book.left(line.line_no):
            book.file((line.line_no, draw(st.integers(1, left))))


def total(book, name):
    return sum(getattr(bill, name) for bill in book.bills)


def check_payments(book):
    """No tender is overspent and every refund is its lines, its freight and its tenders."""
    assert all(tender.left >= 0 for tender in book.facts().tenders)
    for bill in book.bills:
        assert bill.refund == bill.goods + bill.freight_out - bill.deducted >= 0
        assert sum(part.amount for part in bill.tenders) == bill.refund
        assert all(part.amount > 0 for part in bill.tenders)
        assert sum(row.amount for row in bill.rows) == bill.refund
        for line in bill.lines:
            if bill.is_refund and not line.cut.goodwill:
                assert line.amount + sum(line.shares.values()) == line.cut.totals[-1]


@seeded
@given(st.data())
def test_however_it_is_returned_exactly_what_was_paid_comes_back(data):
    """Any grouping, any order, any requests taken back in between, faults or not."""
    book = Book(data.draw(orders()))
    for _ in range(data.draw(st.integers(0, 6))):
        file_some(data.draw, book, faults=True)
        if book.filed and data.draw(st.booleans()):
            book.withdraw(data.draw(st.sampled_from(sorted(book.filed))))
            for serial in book.filed:
                book.again(serial)
        check_payments(book)
        check_again_changes_nothing(book)
    file_the_rest(data.draw, book)
    check_payments(book)
    order = book.order
    assert total(book, "goods") == sum(line.net for line in order.lines)
    assert total(book, "freight_out") == order.freight
    assert total(book, "points_back") == sum(line.points_used for line in order.lines)
    assert total(book, "points_taken") == sum(line.points_earned for line in order.lines)
    assert total(book, "deducted") == 0
    assert all(tender.left == 0 for tender in book.facts().tenders)
    for line in order.lines:
        check_line(book, line)


def check_again_changes_nothing(book):
    for serial, (_, bill) in list(book.filed.items()):
        assert book.again(serial) == bill


def check_line(book, line):
    lines = [part for bill in book.bills for part in bill.lines if part.line_no == line.line_no]
    assert sum(part.amount for part in lines) == line.net
    assert sum(part.tax for part in lines) == line.tax
    assert sum(part.points_share for part in lines) == line.points_share
    assert sum(part.shop + part.platform for part in lines) == sum(line.discount_shares)


@seeded
@given(st.data())
def test_a_refund_that_left_is_never_paid_twice(data):
    """Money that is gone stays gone; what is filed, refused and filed again never adds to it."""
    book = Book(data.draw(orders()))
    for _ in range(data.draw(st.integers(1, 8))):
        file_some(data.draw, book, faults=True)
        waiting = sorted(set(book.filed) - book.done)
        if waiting and data.draw(st.booleans()):
            book.finish(data.draw(st.sampled_from(waiting)))
        waiting = sorted(set(book.filed) - book.done)
        if waiting and data.draw(st.booleans()):
            book.withdraw(data.draw(st.sampled_from(waiting)))
            for serial in set(book.filed) - book.done:
                book.again(serial)
        check_payments(book)
        assert total(book, "freight_out") <= book.order.freight
    for line in book.order.lines:
        taken = sum(part.amount for bill in book.bills for part in bill.lines if part.line_no == line.line_no)
        assert taken <= line.net


@seeded
@given(st.data())
def test_goodwill_and_swaps_never_make_more_than_was_paid(data):
    book = Book(data.draw(orders()))
    for _ in range(data.draw(st.integers(1, 5))):
        kind = data.draw(st.sampled_from(["return_refund", "refund_only", "exchange", "repair", "resend"]))
        file_some(data.draw, book, faults=True, kind=kind)
        line_no = data.draw(st.sampled_from([line.line_no for line in book.order.lines]))
        if most := sum(tender.left for tender in book.facts().tenders):
            book.give(line_no, data.draw(st.integers(1, most)))
        check_payments(book)
    file_the_rest(data.draw, book)
    check_payments(book)


@seeded
@given(st.data())
def test_goodwill_within_the_line_comes_off_its_later_returns(data):
    book = Book(data.draw(orders()))
    for line in book.order.lines:
        for _ in range(data.draw(st.integers(0, 3))):
            if units := data.draw(st.integers(0, book.left(line.line_no))):
                book.file((line.line_no, units))
            if (most := refundable(book.facts(), line.line_no)) and data.draw(st.booleans()):
                book.give(line.line_no, data.draw(st.integers(1, most)))
    file_the_rest(data.draw, book)
    assert total(book, "goods") == sum(line.net for line in book.order.lines)
    assert total(book, "deducted") == 0
    for line in book.order.lines:
        tax = sum(part.tax for bill in book.bills for part in bill.lines if part.line_no == line.line_no)
        assert tax == line.tax


# --- broken promotions ----------------------------------------------------------------------------------------


def price_of_kept(book):
    """The law's figure, worked out another way: what is kept, at its price, less what it still qualifies for."""
    kept = {line.line_no: book.left(line.line_no) for line in book.order.lines}
    values = {line.line_no: Fraction(line.price * kept[line.line_no], line.quantity) for line in book.order.lines}
    due = sum(values.values())
    for index, discount in enumerate(book.order.discounts):
        if sum(values.values()) < discount.threshold or not any(kept.values()):
            continue
        shares = sum(line.discount_shares[index] for line in book.order.lines)
        back = sum(cut.discount_shares[index] for cut in book.facts().refunded())
        due -= shares - back if discount.is_rate else shares
    points = sum(line.points_share for line in book.order.lines)
    return due - points + sum(cut.totals[1] - cut.totals[0] for cut in book.facts().refunded())


@seeded
@given(st.data())
def test_settled_anew_is_what_was_paid_less_the_price_of_what_is_kept(data):
    """And nothing is ever collected: what a refund could not bear comes off the next one."""
    book = Book(data.draw(orders(threshold=True)), Terms(broken_threshold="RESETTLE"))
    paid = sum(line.net for line in book.order.lines)
    for _ in range(data.draw(st.integers(1, 4))):
        before, so_far = len(book.filed), total(book, "goods")
        file_some(data.draw, book, faults=False)
        if len(book.filed) > before:
            wanted = min(max(paid - price_of_kept(book), so_far), paid)
            assert abs(total(book, "goods") - wanted) <= 1  # the law's figure knows no fen, the units do
        check_payments(book)
    file_the_rest(data.draw, book)
    check_payments(book)
    assert total(book, "goods") == paid


@seeded
@given(st.data())
def test_settled_anew_with_faults_and_withdrawals_still_comes_to_what_was_paid(data):
    terms = Terms(broken_threshold="RESETTLE", deduct_waived_freight=True)
    book = Book(data.draw(orders(threshold=True)), terms)
    for _ in range(data.draw(st.integers(1, 5))):
        file_some(data.draw, book, faults=True)
        if book.filed and data.draw(st.booleans()):
            book.withdraw(data.draw(st.sampled_from(sorted(book.filed))))
            for serial in book.filed:
                book.again(serial)
        check_payments(book)
        check_again_changes_nothing(book)
    file_the_rest(data.draw, book)
    check_payments(book)
    assert total(book, "goods") == sum(line.net for line in book.order.lines)
    assert total(book, "deducted") == total(book, "freight_undone")
    shares = [sum(line.discount_shares[i] for line in book.order.lines) for i in range(len(book.order.discounts))]
    assert [sum(c.settled_shares[i] for b in book.bills for c in b.claim.cuts) for i in range(len(shares))] == shares


# --- JSON -----------------------------------------------------------------------------------------------------


@seeded
@given(st.data())
def test_a_bill_survives_being_stored(data):
    book = Book(data.draw(orders(threshold=True)), Terms(broken_threshold="RESETTLE"))
    file_some(data.draw, book, faults=True)
    for bill in book.bills:
        assert from_body(json.loads(json.dumps(as_body(bill))) | {"title": "added"}) == bill
