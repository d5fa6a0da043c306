"""What requests give back, case by case (T numbers) and rule by rule (M2 to M9)."""

from dataclasses import replace

import pytest

from aftersales.bills import rules
from aftersales.bills.facts import Terms, UnitsNotThere
from aftersales.tests.bills.purchases import Book, asked, bought

RESETTLED = Terms(broken_threshold="RESETTLE")


def refunds(order, *requests, terms=None):
    """The refunds of requests filed one after the other, each a list of (line number, units[, fault])."""
    book = Book(order, terms)
    return [book.file(*lines).refund for lines in requests]


def by_tender(bill):
    return [part.amount for part in bill.tenders]


# --- discounts and proration ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "order", "requests", "paid_back"),
    [
        (
            "T1",
            bought(5000, 3000, 2000, discounts=[("shop", 3000)]),
            [[("2", 1)], [("3", 1)], [("1", 1)]],
            [2100, 1400, 3500],
        ),
        ("T2", bought((4000, 3), discounts=[("shop", 2000)]), [[("1", 1)]] * 3, [3333, 3333, 3334]),
        ("T4", bought((10000, 3), discounts=[("shop", 10000)]), [[("1", 1)]] * 3, [6666, 6667, 6667]),
        (
            "T5",
            bought(3333, 3333, 3333, discounts=[("shop", 1000)]),
            [[("1", 1)], [("2", 1)], [("3", 1)]],
            [2999, 3000, 3000],
        ),
        (
            "T7",
            bought(8000, 2000, discounts=[("shop", 1000, {"line_nos": ("1",)})]),
            [[("2", 1)], [("1", 1)]],
            [2000, 7000],
        ),
        ("T8", bought(20000, 10000, discounts=[("shop", 3000), ("platform", 500)]), [[("2", 1)]], [8833]),
        ("T10", bought(40000, 10000, discounts=[("shop", 5000)]), [[("2", 1)], [("1", 1)]], [9000, 36000]),
        ("T11", bought(4000, 6000, discounts=[("platform", 500)]), [[("1", 1)]], [3800]),
        ("T11 whole", bought(4000, 6000, discounts=[("platform", 500)]), [[("1", 1), ("2", 1)]], [9500]),
        ("T14 off", bought(15000, 6000, discounts=[("shop", 10000)]), [[("2", 1)], [("1", 1)]], [3143, 7857]),
        ("T17", bought(7000, 5000, discounts=[("shop", 2000)]), [[("1", 1), ("2", 1)]], [10000]),
        ("T37", bought(12000, discounts=[("platform", 1200)]), [[("1", 1)]], [10800]),
    ],
)
def test_refunds_one_after_the_other(case, order, requests, paid_back):
    assert refunds(order, *requests) == paid_back


def test_platform_coupon_goes_back_to_the_platform():
    """T8: the customer gets 88.33, the merchant is debited 90.00."""
    bill = Book(bought(20000, 10000, discounts=[("shop", 3000), ("platform", 500)])).file(("2", 1))
    assert bill.lines[0].shares == {"shop": 1000, "platform": 167, "points": 0}
    assert (bill.refund, bill.platform_share, bill.merchant_pays) == (8833, 167, 9000)


def test_a_coupon_comes_back_with_the_whole_order_only():
    """T11, T58."""
    book = Book(bought(4000, 6000, discounts=[("platform", 500)]))
    assert [book.file(("1", 1)).coupon_back, book.file(("2", 1)).coupon_back] == [False, True]


def test_an_order_paid_by_coupon_completes_without_money():
    """T16."""
    order = bought(5000, 3000, discounts=[("platform", 8000)], payments=[], points_used=10)
    bill = Book(order).file(("1", 1), ("2", 1))
    assert (bill.refund, bill.tenders, bill.coupon_back, bill.points_back) == (0, (), True, 10)


def test_a_price_protection_payout_lowers_the_return():
    """T20."""
    book = Book(bought(10000))
    book.give("1", 1000)
    assert book.file(("1", 1)).refund == 9000


# --- M2: units ------------------------------------------------------------------------------------------------


@pytest.fixture
def three_for_200():
    """Net 200.00 over three units."""
    return bought((10000, 3), discounts=[("shop", 10000)])


@pytest.mark.parametrize(
    ("requests", "paid_back"),
    [([1, 1, 1], [6666, 6667, 6667]), ([2, 1], [13333, 6667]), ([1, 2], [6666, 13334]), ([3], [20000])],
)
def test_units_one_by_one_or_together(three_for_200, requests, paid_back):
    """T4."""
    assert refunds(three_for_200, *[[("1", units)] for units in requests]) == paid_back


def test_a_withdrawn_request_leaves_no_fen_behind(three_for_200):
    """T22, T22b."""
    book = Book(three_for_200)
    assert [book.file(("1", 1)).refund, book.file(("1", 1)).refund] == [6666, 6667]
    book.withdraw(1)
    assert [book.file(("1", 1)).refund, book.file(("1", 1)).refund] == [6666, 6667]
    assert book.left("1") == 0


def test_more_units_than_are_left_are_refused(three_for_200):
    book = Book(three_for_200)
    book.file(("1", 2))
    with pytest.raises(UnitsNotThere) as refused:
        book.file(("1", 2))
    assert refused.value.left == 1


def test_amount_and_shares_are_the_price_of_the_units():
    """M2b."""
    discounts = [("shop", 1000), ("platform", 777)]
    order = bought((4999, 3), (1250, 7), discounts=discounts, points_amount=333, points_used=9)
    book = Book(order)
    for line_no, price in (("1", 4999), ("2", 1250), ("2", 1250), ("1", 4999), ("2", 1250)):
        line = book.file((line_no, 1)).lines[0]
        assert line.amount + sum(line.shares.values()) == price


def test_used_points_come_back_unit_by_unit():
    """T55."""
    book = Book(bought((4000, 3), points_used=100, points_amount=100))
    assert [book.file(("1", 1)).points_back for _ in range(3)] == [33, 33, 34]


def test_tax_follows_the_units():
    """T50: the refunds are 37.66, 37.67, 37.67."""
    book = Book(bought((11300, 3), discounts=[("shop", 22600)], rate="0.13"))
    bills = [book.file(("1", 1)) for _ in range(3)]
    assert [bill.refund for bill in bills] == [3766, 3767, 3767]
    assert [bill.lines[0].tax for bill in bills] == [433, 433, 434]


def test_what_is_still_refundable_is_what_the_rest_would_come_to(three_for_200):
    book = Book(three_for_200)
    book.file(("1", 1))
    assert rules.refundable(book.facts(), "1") == 13334
    book.file(("1", 2))
    assert rules.refundable(book.facts(), "1") == 0


def test_a_thousand_units_and_a_gift():
    order = bought((7, 1000), (0, 2), discounts=[("shop", 1)])
    assert refunds(order, [("1", 999)], [("2", 2)], [("1", 1)]) == [6992, 0, 7]


# --- M3: goodwill ---------------------------------------------------------------------------------------------


def test_goodwill_lowers_the_units_still_out():
    """T29."""
    book = Book(bought((10000, 2)))
    assert book.give("1", 3000).refund == 3000
    assert [book.file(("1", 1)).refund, book.file(("1", 1)).refund] == [8500, 8500]


def test_goodwill_between_two_returns():
    book = Book(bought((10000, 3)))
    assert book.file(("1", 1)).refund == 10000
    book.give("1", 3001)
    assert [book.file(("1", 1)).refund, book.file(("1", 1)).refund] == [8499, 8500]


def test_units_withdrawn_after_goodwill_are_spread_over_what_is_out():
    book = Book(bought((10000, 3)))
    book.file(("1", 1))
    book.give("1", 3000)
    book.withdraw(1)
    assert [book.file(("1", 1)).refund for _ in range(3)] == [9000, 9000, 9000]


def test_goodwill_leaves_shares_points_and_freight_alone():
    order = bought((10000, 2), discounts=[("platform", 4000)], points_used=50, freight_charged=1000)
    book = Book(order)
    book.give("1", 1000)
    first, second = book.file(("1", 1, True)), book.file(("1", 1, True))
    assert [bill.lines[0].shares["platform"] for bill in (first, second)] == [2000, 2000]
    assert [bill.points_back for bill in (first, second)] == [25, 25]
    assert [bill.freight_out for bill in (first, second)] == [500, 500]
    assert [bill.goods for bill in (first, second)] == [7500, 7500]


def test_goodwill_has_its_own_tax():
    book = Book(bought((5650, 2), rate="0.13"))
    given = book.give("1", 1130)
    assert given.lines[0].tax == 130
    assert [book.file(("1", 1)).lines[0].tax for _ in range(2)] == [585, 585]


def test_goodwill_beyond_the_line_does_not_touch_other_lines_shares():
    order = bought(1000, 9000, discounts=[("platform", 900, {"line_nos": ("1",)})])
    book = Book(order)
    book.give("1", 500)
    line = book.file(("1", 1)).lines[0]
    assert (line.amount, line.shares["platform"]) == (0, 900)


def test_goodwill_is_never_more_than_the_payments_hold():
    book = Book(bought(1000, 500))
    book.file(("1", 1))
    with pytest.raises(rules.MoreThanPaid) as refused:
        book.give("2", 501)
    assert refused.value.left == 500
    assert book.give("2", 500).refund == 500


def test_what_goodwill_took_from_the_payments_is_not_there_for_returns():
    """M9: staff went over the line; the last return gets what the payments still hold."""
    book = Book(bought(1000, 500))
    book.give("1", 1200)
    bill = book.file(("2", 1))
    assert (bill.goods, bill.refund, bill.deduction("payment_short")) == (500, 300, 200)


# --- M4: tenders ----------------------------------------------------------------------------------------------


def test_tenders_unit_by_unit():
    """T59."""
    order = bought((4000, 3), discounts=[("shop", 2000)], payments=[("wechat", 6000), ("gift_card", 4000)])
    book = Book(order)
    assert [by_tender(book.file(("1", 1))) for _ in range(3)] == [[2000, 1333], [2000, 1333], [2000, 1334]]


def test_left_over_fen_go_one_each_in_tender_order():
    """T61."""
    payments = [("wechat", 5000), ("alipay", 3000), ("balance", 2000)]
    order = bought((4000, 3), discounts=[("shop", 2000)], payments=payments)
    assert by_tender(Book(order).file(("1", 1))) == [1667, 1000, 666]


def test_channels_come_before_balance_and_gift_card():
    """M4a."""
    payments = [("gift_card", 2000), ("alipay", 3000), ("balance", 1000), ("wechat", 4000)]
    bill = Book(bought(10000, payments=payments)).file(("1", 1))
    assert [part.channel for part in bill.tenders] == ["alipay", "wechat", "balance", "gift_card"]


@pytest.mark.parametrize(
    ("strategy", "parts"),
    [
        ("balance_first", {"balance": 3000, "wechat": 2000}),
        ("cash_first", {"wechat": 5000}),
        ("proportional", {"wechat": 3500, "balance": 1500}),
    ],
)
def test_a_shop_chooses_which_tender_goes_first(strategy, parts):
    order = bought(5000, 5000, payments=[("wechat", 7000), ("balance", 3000)])
    bill = Book(order, Terms(tender_strategy=strategy)).file(("1", 1))
    assert {part.channel: part.amount for part in bill.tenders} == parts


def test_an_empty_tender_takes_no_part():
    order = bought(5000, 5000, payments=[("wechat", 5000), ("balance", 5000)])
    book = Book(order, Terms(tender_strategy="cash_first"))
    book.file(("1", 1))
    assert [part.channel for part in book.file(("2", 1)).tenders] == ["balance"]


def test_the_balance_earns_a_bonus_on_channel_money():
    """T62."""
    request = {"refund_to": "balance"}
    assert Book(bought(10000)).file(("1", 1), **request).bonus == 200
    assert Book(bought(3333)).file(("1", 1), **request).bonus == 66
    assert Book(bought(10000)).file(("1", 1)).bonus == 0
    mixed = bought(10000, payments=[("wechat", 6000), ("balance", 4000)])
    assert Book(mixed).file(("1", 1), **request).bonus == 120


# --- M5: outbound freight -------------------------------------------------------------------------------------


def test_fault_share_first_and_the_rest_with_the_whole_order():
    """T40."""
    book = Book(bought(6000, 4000, freight_charged=1200))
    first, second = book.file(("1", 1, True)), book.file(("2", 1))
    assert (first.refund, first.freight_out, second.refund, second.freight_out) == (6720, 720, 4480, 480)


def test_two_live_requests_pay_the_freight_once():
    """T41."""
    book = Book(bought(6000, 4000, freight_charged=1200))
    assert [book.file(("1", 1)).freight_out, book.file(("2", 1)).freight_out] == [0, 1200]


def test_freight_after_its_coupon():
    """T43."""
    order = bought(6000, 4000, freight_charged=1200, freight_discount=500)
    assert Book(order).file(("1", 1), ("2", 1)).freight_out == 700


def test_faulty_units_count_only_faulty_units():
    """M5a."""
    book = Book(bought((1000, 3), 5000, freight_charged=800))
    assert book.file(("1", 1)).freight_out == 0
    assert [book.file(("1", 1, True)).freight_out for _ in range(2)] == [100, 100]


def test_a_swap_keeps_the_order_from_being_whole():
    """M5b."""
    book = Book(bought(6000, 4000, discounts=[("shop", 1000)], freight_charged=1200))
    book.file(("1", 1), kind="exchange")
    bill = book.file(("2", 1))
    assert (bill.freight_out, bill.coupon_back) == (0, False)


@pytest.mark.parametrize("kind", ["exchange", "repair", "resend"])
def test_a_fault_gives_freight_back_with_a_refund_only(kind):
    book = Book(bought((6000, 2), freight_charged=1200))
    assert book.file(("1", 1, True), kind=kind).freight_out == 0
    assert book.file(("1", 1, True)).freight_out == 600


def test_a_refund_without_return_counts_towards_the_whole():
    book = Book(bought(6000, 4000, freight_charged=1200))
    book.file(("1", 1), kind="refund_only")
    assert book.file(("2", 1)).freight_out == 1200


def test_a_bill_that_no_longer_completes_the_order_is_replaced():
    """M5b: keeping fault shares only, before money leaves."""
    book = Book(bought(6000, 4000, discounts=[("shop", 1000)], freight_charged=1200))
    book.file(("1", 1))
    before = book.file(("2", 1, True))
    book.withdraw(1)
    after = book.again(2)
    assert (before.freight_out, before.coupon_back) == (1200, True)
    assert (after.freight_out, after.freight_fault, after.coupon_back) == (480, 480, False)
    assert after.refund == before.refund - 720
    assert sum(by_tender(after)) == after.refund
    assert book.file(("1", 1)).freight_out == 720


def test_freight_that_was_paid_is_never_paid_again():
    book = Book(bought(6000, 4000, freight_charged=1200))
    book.file(("1", 1))
    assert book.file(("2", 1)).freight_out == 1200
    book.finish(2)
    book.withdraw(1)
    assert [book.file(("1", 1, True)).freight_out] == [0]


def test_a_bill_worked_out_again_never_begins_to_complete_the_order():
    """The completing request came up short: its freight is not for an earlier one to take."""
    book = Book(bought(6000, 4000, freight_charged=1200))
    book.file(("1", 1))
    completing = book.file(("2", 1))
    book.filed[2] = (book.filed[2][0], replace(completing, freight_whole=0, completes=False))
    assert book.again(1).freight_out == 0


def test_a_bill_that_pays_the_same_stays_on_its_tenders():
    book = Book(bought(5000, 5000, 5000, payments=[("wechat", 7501), ("balance", 7499)]))
    bills = [book.file((line_no, 1)) for line_no in "123"]
    book.withdraw(1)
    assert book.again(2) == bills[1]


# --- M6: the way back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("send_back", "lines", "payer", "amount"),
    [
        ("self_ship", [("1", 1)], "customer", 1200),
        ("pickup", [("1", 1, True)], "merchant", 1200),
        ("self_ship", [("1", 1), ("2", 1, True)], "merchant", 1200),
        ("none", [("1", 1)], "nobody", 0),
    ],
)
def test_who_pays_the_way_back(send_back, lines, payer, amount):
    bill = Book(bought(10000, 5000)).file(*lines, send_back=send_back, return_freight=1200)
    assert (bill.return_payer, bill.return_amount, bill.deducted) == (payer, amount, 0)


@pytest.mark.parametrize(
    ("price", "lines", "send_back", "refund"),
    [
        (10000, [("1", 1)], "pickup", 9200),
        (10000, [("1", 1, True)], "pickup", 10000),
        (10000, [("1", 1)], "self_ship", 10000),
        (500, [("1", 1)], "pickup", 0),
    ],
)
def test_pickup_is_deducted_where_the_policy_says_so(price, lines, send_back, refund):
    """T44."""
    book = Book(bought(price), Terms(deduct_pickup=True))
    bill = book.file(*lines, send_back=send_back, return_freight=800)
    assert (bill.refund, bill.deducted) == (refund, price - refund)


def test_a_reason_that_turns_out_personal_flips_the_payer():
    """T49."""
    book = Book(bought(6000, 4000, freight_charged=1200), Terms(deduct_pickup=True))
    way = {"send_back": "pickup", "return_freight": 800}
    assert book.file(("1", 1, True), **way).refund == 6720
    after = book.again(1, asked(("1", 1, False), **way))
    assert (after.refund, after.return_payer, after.freight_out) == (5200, "customer", 0)
    assert book.again(1, asked(("1", 1, True), **way)).refund == 6720


# --- M7: points -----------------------------------------------------------------------------------------------


def test_earned_points_that_are_spent_are_recorded():
    """T56."""
    order = bought(5400, 3600, points_earned=90, points_balance=20)
    bill = Book(order).file(("1", 1))
    assert (bill.points_taken, bill.points_shortfall, bill.refund) == (20, 34, 5400)
    deducting = Book(order, Terms(point_value=2)).file(("1", 1))
    assert (deducting.refund, deducting.deduction("points_shortfall")) == (5332, 68)


def test_earned_points_by_units_and_without_a_known_balance():
    book = Book(bought((3000, 3), points_earned=100))
    assert [book.file(("1", 1)).points_taken for _ in range(3)] == [33, 33, 34]


# --- M8: broken thresholds ------------------------------------------------------------------------------------

TEN_PERCENT = ("shop", 3000, {"threshold": 30000, "is_rate": True})
HUNDRED_OFF = ("shop", 10000, {"threshold": 20000})
LAWS_EXAMPLE = {"discounts": [("shop", 3000, {"threshold": 15000})], "free_from": 9900}
LAWS_FREIGHT = {"freight_charged": 1000, "freight_discount": 1000}


@pytest.mark.parametrize(
    ("case", "order", "requests", "paid_back"),
    [
        ("T13", bought((5000, 6), discounts=[TEN_PERCENT]), [[("1", 5)], [("1", 1)]], [22000, 5000]),
        ("T13 in steps", bought((5000, 6), discounts=[TEN_PERCENT]), [[("1", 2)], [("1", 3)]], [7000, 15000]),
        ("T14", bought(15000, 6000, discounts=[HUNDRED_OFF]), [[("2", 1)], [("1", 1)]], [0, 11000]),
        ("law", bought(6000, 5000, 4000, **LAWS_EXAMPLE, **LAWS_FREIGHT), [[("3", 1)]], [1000]),
        ("law fault", bought(6000, 5000, 4000, **LAWS_EXAMPLE, **LAWS_FREIGHT), [[("3", 1, True)]], [3200]),
        (
            "a fixed sum that still holds stays whole on what is kept",
            bought(40000, 10000, discounts=[("shop", 3000, {"threshold": 30000})]),
            [[("2", 1)], [("1", 1)]],
            [10000, 37000],
        ),
        (
            "a rate that still holds stays pro rata",
            bought(40000, 10000, discounts=[("shop", 5000, {"threshold": 30000, "is_rate": True})]),
            [[("2", 1)], [("1", 1)]],
            [9000, 36000],
        ),
        (
            "only its lines are tested; what was not collected is, from the next refund",
            bought(15000, 6000, 90000, discounts=[("shop", 10000, {"threshold": 20000, "line_nos": ("1", "2")})]),
            [[("2", 1)], [("3", 1)], [("1", 1)]],
            [0, 86000, 15000],
        ),
        ("no threshold", bought(5000, 3000, 2000, discounts=[("shop", 3000)]), [[("2", 1)]], [2100]),
    ],
)
def test_settled_anew(case, order, requests, paid_back):
    assert refunds(order, *requests, terms=RESETTLED) == paid_back


def test_faulty_units_count_as_kept_in_the_test():
    """M8a: what comes back for fault breaks nothing, and what follows is tested as if it were still there."""
    order = bought(15000, 6000, 6000, discounts=[HUNDRED_OFF])
    assert refunds(order, [("1", 1, True)], [("2", 1)], terms=RESETTLED) == [9444, 6000]
    assert refunds(order, [("1", 1, True), ("2", 1)], terms=RESETTLED) == [15444]


def test_faulty_units_get_pro_rata_even_when_the_rest_loses_everything():
    order = bought(15000, 6000, 6000, discounts=[("shop", 10000, {"threshold": 25000})])
    bill = Book(order, RESETTLED).file(("2", 1, True), ("3", 1))
    assert [line.amount for line in bill.lines] == [3778, 0]


def test_a_resettled_line_still_comes_to_its_price():
    book = Book(bought(15000, 6000, discounts=[HUNDRED_OFF, ("platform", 500)]), RESETTLED)
    first, second = book.file(("2", 1)), book.file(("1", 1))
    assert first.resettled
    assert (first.lines[0].amount, first.lines[0].shares["shop"] + first.lines[0].shares["platform"]) == (0, 6000)
    shares = [bill.lines[0].shares for bill in (first, second)]
    assert [sum(share[source] for share in shares) for source in ("shop", "platform")] == [10000, 500]
    assert first.refund + second.refund == 10500


def test_a_resettled_bill_follows_a_withdrawal():
    """The whole order came back, then half of it did not: what is kept is at its price again."""
    book = Book(bought(15000, 6000, discounts=[HUNDRED_OFF]), RESETTLED)
    book.file(("2", 1))
    assert book.file(("1", 1)).refund == 11000
    book.withdraw(1)
    assert book.again(2).refund == 5000
    assert book.file(("2", 1)).refund == 6000


@pytest.mark.parametrize("terms", [Terms(deduct_waived_freight=True), replace(RESETTLED, deduct_waived_freight=True)])
def test_waived_freight_is_deducted_while_something_is_kept(terms):
    """T47, on: 70.00; it comes back when nothing is kept any more."""
    order = bought(8000, 4000, free_from=9900, freight_charged=1000, freight_discount=1000)
    book = Book(order, terms)
    first, second = book.file(("1", 1)), book.file(("2", 1))
    assert (first.refund, first.deducted, second.refund, second.freight_undone) == (7000, 1000, 5000, 1000)
    assert Book(order, terms).file(("1", 1), ("2", 1)).refund == 12000
    assert Book(order, terms).file(("1", 1, True)).refund == 8000
    assert Book(order, terms).file(("2", 1)).deducted == 1000


def test_waived_freight_stays_waived_where_the_policy_says_so():
    """T47, off: 80.00."""
    order = bought(8000, 4000, free_from=9900, freight_charged=1000, freight_discount=1000)
    assert Book(order).file(("1", 1)).refund == 8000


def test_a_waiver_that_is_charged_again_when_the_order_is_no_longer_whole():
    order = bought(8000, 4000, free_from=9900, freight_charged=1000, freight_discount=1000)
    book = Book(order, Terms(deduct_waived_freight=True))
    first, second = book.file(("1", 1)), book.file(("2", 1))
    assert (book.again(1), book.again(2)) == (first, second)
    book.withdraw(1)
    assert book.again(2).refund == 3000
    assert book.file(("1", 1)).refund == 9000


def test_waived_freight_in_the_laws_example():
    order = bought(6000, 5000, 4000, **LAWS_EXAMPLE, **LAWS_FREIGHT)
    terms = replace(RESETTLED, deduct_waived_freight=True)
    assert refunds(order, [("2", 1), ("3", 1)], terms=terms) == [5000]
    assert refunds(order, [("3", 1)], [("2", 1)], [("1", 1)], terms=terms) == [1000, 4000, 7000]


# --- exchange, repair, resend ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "carried", "left"), [("exchange", 9000, 1), ("repair", 9000, 1), ("resend", 0, 2)])
def test_other_kinds_pay_nothing(kind, carried, left):
    """T71, T76, T77."""
    book = Book(bought((10000, 2), discounts=[("shop", 2000)], points_used=10))
    bill = book.file(("1", 1), kind=kind)
    assert (bill.refund, bill.carried, bill.tenders, bill.points_back) == (0, carried, (), 0)
    assert book.left("1") == left
    assert book.file(("1", 1)).refund == 9000


def test_a_swap_takes_its_points_along():
    book = Book(bought((10000, 2), points_used=11))
    book.file(("1", 1), kind="exchange")
    assert book.file(("1", 1)).points_back == 6


def test_a_repaired_unit_is_home_again():
    book = Book(bought((10000, 2)))
    book.file(("1", 1), kind="repair")
    book.finish(1)
    assert book.file(("1", 2)).refund == 20000


# --- agreements, rows, JSON -----------------------------------------------------------------------------------


def test_an_agreement_on_less_is_not_added_to_the_next_units(three_for_200):
    book = Book(three_for_200)
    entitled = book.file(("1", 1))
    lower = rules.agreed(entitled, 5000, book.facts(without=1), book.terms)
    book.filed[1] = (asked(("1", 1)), lower)
    assert (lower.refund, lower.entitlement, by_tender(lower)) == (5000, 6666, [5000])
    assert book.file(("1", 1)).refund == 6667
    assert rules.agreed(lower, 6000, book.facts(without=1), book.terms).refund == 6000
    assert book.again(1).refund == 5000


def test_more_than_the_entitlement_cannot_be_agreed(three_for_200):
    """T28."""
    book = Book(three_for_200)
    with pytest.raises(ValueError, match="6666"):
        rules.agreed(book.file(("1", 1)), 6667, book.facts(without=1), book.terms)
