"""What lines carry, case by case (M1), and what must hold for any order."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.purchases.rules import CannotFreeze, Discount, Line, Order, difference, freeze, tax_inside

seeded = settings(derandomize=True, deadline=None, max_examples=200)


def lines(*prices, **more):
    """Lines "1", "2"… of (unit price, quantity) or of one unit."""
    pairs = [price if isinstance(price, tuple) else (price, 1) for price in prices]
    return tuple(Line(str(number), units, price, **more) for number, (price, units) in enumerate(pairs, start=1))


def of(name, order):
    return [getattr(line, name) for line in freeze(order)]


@pytest.mark.parametrize(
    ("case", "bought", "discounts", "net"),
    [
        ("T1", lines(5000, 3000, 2000), [Discount("shop", 3000)], [3500, 2100, 1400]),
        ("T2", lines((4000, 3)), [Discount("shop", 2000)], [10000]),
        ("T5", lines(3333, 3333, 3333), [Discount("shop", 1000)], [2999, 3000, 3000]),
        ("T7", lines(8000, 2000), [Discount("shop", 1000, ("1",))], [7000, 2000]),
        ("T8", lines(20000, 10000), [Discount("shop", 3000), Discount("platform", 500)], [17667, 8833]),
        ("T10", lines(40000, 10000), [Discount("shop", 5000)], [36000, 9000]),
        ("T11", lines(4000, 6000), [Discount("platform", 500)], [3800, 5700]),
        ("T14", lines(15000, 6000), [Discount("shop", 10000)], [7857, 3143]),
        ("T16", lines(5000, 3000), [Discount("platform", 8000)], [0, 0]),
        ("T17", lines(7000, 5000), [Discount("shop", 2000)], [5833, 4167]),
        ("T37", lines(12000), [Discount("platform", 1200)], [10800]),
        ("T47", lines(8000, 4000), [], [8000, 4000]),
        ("T50", lines((11300, 1)), [], [11300]),
    ],
)
def test_net_of_every_line(case, bought, discounts, net):
    assert of("net", Order(bought, tuple(discounts))) == net


def test_shares_are_kept_by_source_and_one_by_one():
    order = Order(lines(20000, 10000), (Discount("shop", 3000), Discount("platform", 500), Discount("shop", 200)))
    first, second = freeze(order)
    assert (first.share_shop, first.share_platform, first.discount_shares) == (2133, 333, (2000, 333, 133))
    assert (second.share_shop, second.share_platform, second.discount_shares) == (1067, 167, (1000, 167, 67))


def test_line_discount_lowers_the_weight_and_belongs_to_the_whole_line():
    bought = (Line("1", 2, 5000, line_discount=4000), Line("2", 1, 6000))
    order = Order(bought, (Discount("shop", 1200),))
    assert of("net", order) == [5400, 5400]


# --- M1a ------------------------------------------------------------------------------------------------------


def test_surplus_of_a_full_line_goes_to_the_others_by_the_same_weights():
    order = Order(lines(5000, 3000, 2000), (Discount("shop", 3000, ("2",)), Discount("shop", 1000)))
    assert of("discount_shares", order) == [(0, 714), (3000, 0), (0, 286)]


def test_surplus_stays_inside_the_lines_of_its_discount():
    order = Order(lines(5000, 3000, 2000), (Discount("shop", 2900, ("2",)), Discount("platform", 1000, ("2", "3"))))
    assert of("discount_shares", order) == [(0, 0), (2900, 100), (0, 900)]


def test_points_come_after_the_discounts():
    order = Order(lines(5000, 3000), (Discount("shop", 3000, ("2",)),), points_amount=1000, points_used=100)
    assert of("share_points", order) == [1000, 0]
    assert of("points_used", order) == [63, 37]


# --- M1b ------------------------------------------------------------------------------------------------------


def test_a_gift_gets_nothing():
    order = Order(lines(5000, 0), (Discount("shop", 500),), freight_charged=800, points_used=10, points_earned=10)
    gift = freeze(order)[1]
    assert (gift.net, gift.share_shop, gift.share_freight, gift.points_used, gift.points_earned) == (0, 0, 0, 0, 0)


def test_quantities_are_the_weights_when_every_price_is_0():
    order = Order(lines((0, 3), (0, 1)), freight_charged=1000, points_used=8, points_earned=4)
    assert of("share_freight", order) == [750, 250]
    assert of("points_used", order) == [6, 2]
    assert of("points_earned", order) == [3, 1]


# --- M1c, M1d -------------------------------------------------------------------------------------------------


def test_freight_is_split_after_its_discount_in_one_step():
    assert of("share_freight", Order(lines(6000, 4000), freight_charged=1200)) == [720, 480]
    assert of("share_freight", Order(lines(6000, 4000), freight_charged=1200, freight_discount=500)) == [420, 280]


def test_freight_goes_over_the_lines_that_ship():
    bought = (Line("1", 1, 9000, virtual=True), Line("2", 1, 3000), Line("3", 1, 0))
    assert of("share_freight", Order(bought, freight_charged=1000)) == [0, 1000, 0]
    assert of("share_freight", Order(bought[:1], freight_charged=1000)) == [1000]
    assert of("share_freight", Order((bought[0], bought[2]), freight_charged=1000)) == [0, 1000]


def test_used_points_follow_the_weights_and_earned_ones_the_net():
    order = Order(lines(5000, 5000), (Discount("shop", 2500, ("1",)),), points_used=10, points_earned=75)
    assert of("points_used", order) == [5, 5]
    assert of("points_earned", order) == [25, 50]


# --- tax ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [(11300, "0.13", 1300), (10000, "0.13", 1150), (10000, "0.09", 826), (1, "1", 1), (9, "0", 0), (10, "0.05", 0)],
)
def test_tax_is_inside_the_net_and_rounds_half_up(net, rate, tax):
    assert tax_inside(net, Decimal(rate)) == tax


# --- orders that contradict themselves ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "code", "field"),
    [
        (Order(lines(100, 200), (Discount("shop", 301),)), "discount_too_large", "discounts.0.amount"),
        (Order(lines(100, 200), (Discount("shop", 101, ("1",)),)), "discount_too_large", "discounts.0.amount"),
        (
            Order(lines(100), (Discount("shop", 60), Discount("platform", 41))),
            "discount_too_large",
            "discounts.1.amount",
        ),
        (Order(lines(0), (Discount("shop", 1),)), "discount_too_large", "discounts.0.amount"),
        (Order(lines(100), (Discount("shop", 60),), points_amount=41), "points_too_large", "points.amount"),
        (Order(lines(100), (Discount("shop", 1, ("9",)),)), "line_unknown", "discounts.0.line_nos"),
        (Order(lines(100), freight_charged=1, freight_discount=2), "freight_discount_too_large", "freight.discount"),
        (Order((Line("1", 1, 5), Line("1", 1, 5))), "line_repeated", "lines.1.line_no"),
        (Order((Line("1", 2, 5, line_discount=11),)), "line_discount_too_large", "lines.0.line_discount"),
    ],
)
def test_an_order_that_contradicts_itself_names_the_field(order, code, field):
    with pytest.raises(CannotFreeze) as refused:
        freeze(order)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_difference_of_an_order_is_what_is_still_to_be_paid():
    order = Order(
        lines((4000, 3)), (Discount("shop", 2000),), freight_charged=1200, freight_discount=500, points_amount=700,
        points_used=7, payments=(6000, 4000),
    )  # fmt: skip
    assert difference(order) == 0
    assert difference(Order(lines(5000), payments=(4000,))) == 1000


# --- any order ------------------------------------------------------------------------------------------------


@st.composite
def orders(draw):
    bought = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        units, price = draw(st.sampled_from([1, 2, 3, 7, 1000])), draw(st.sampled_from([0, 1, 33, 3333, 50000]))
        off = draw(st.integers(0, units * price // 2))
        bought.append(Line(str(number), units, price, off, Decimal("0.13"), draw(st.booleans())))
    held = {line.line_no: line.weight for line in bought}
    discounts = []
    for _ in range(draw(st.integers(0, 3))):
        covered = draw(st.none() | st.sets(st.sampled_from(sorted(held)), min_size=1))
        left = _left(bought, discounts, covered)
        amount = draw(st.integers(0, left))
        discounts.append(Discount(draw(st.sampled_from(["shop", "platform"])), amount, covered and tuple(covered)))
    points = draw(st.integers(0, _left(bought, discounts, None)))
    numbers = {name: draw(st.integers(0, 999)) for name in ("freight_charged", "points_used", "points_earned")}
    return Order(tuple(bought), tuple(discounts), points_amount=points, **numbers)


def _left(bought, discounts, covered):
    frozen = freeze(Order(tuple(bought), tuple(discounts)))
    return sum(line.net for line in frozen if covered is None or line.line_no in covered)


@seeded
@given(orders())
def test_every_share_adds_up_to_the_order_and_no_line_goes_below_0(order):
    frozen = freeze(order)
    for index, discount in enumerate(order.discounts):
        assert sum(line.discount_shares[index] for line in frozen) == discount.amount
    for name, amount in (
        ("share_points", order.points_amount), ("share_freight", order.freight_charged),
        ("points_used", order.points_used), ("points_earned", order.points_earned),
    ):  # fmt: skip
        assert sum(getattr(line, name) for line in frozen) == amount
    for line, kept in zip(order.lines, frozen, strict=True):
        assert kept.net >= 0
        assert kept.net + kept.share_shop + kept.share_platform + kept.share_points == line.weight
        assert kept.share_shop + kept.share_platform == sum(kept.discount_shares)
        assert 0 <= kept.tax <= kept.net


@seeded
@given(orders())
def test_a_share_stays_with_the_lines_its_discount_is_for(order):
    for line in freeze(order):
        for discount, share in zip(order.discounts, line.discount_shares, strict=True):
            assert share >= 0
            assert share == 0 or discount.line_nos is None or line.line_no in discount.line_nos
