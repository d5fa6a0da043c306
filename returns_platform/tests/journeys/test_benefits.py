"""Points, coupons, balances and gift cards through the API, named after their cases; the books hold each time."""

from datetime import timedelta

import pytest

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.news import take_refund_news
from orders.customers.models import Customer
from refunds.payouts.models import Refund
from refunds.payouts.services import pay_due_refunds
from refunds.wallet.models import PointsAccount, PointsOfCase, ReturnedCoupon
from returns_platform.kernel import clock
from returns_platform.tests.journeys.shop import _ago, open_shop, order_body
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    yield open_shop()
    must_balance()


def order(shop, lines, *, number="A1", discounts=(), points=(0, 0, 0), payments=None, balance=None, **changes):
    """lines: (number, quantity, unit price[, changes]). Nothing was sent yet, so money moves at once."""
    rows = [
        {"line_no": no, "sku": f"S{no}", "title": f"商品 {no}", "category": "furniture", "quantity": quantity,
         "unit_price": price} | dict(*more)
        for no, quantity, price, *more in lines
    ]  # fmt: skip
    total = sum(row["quantity"] * row["unit_price"] for row in rows)
    total -= points[1] + sum(discount["amount"] for discount in discounts)
    parts = payments or ([("balance", total, {})] if total else [])
    now = clock.now()
    body = order_body(discount=0, signed=False) | {
        "lines": rows,
        "discounts": list(discounts),
        "points": {"used": points[0], "amount": points[1], "earned": points[2]},
        "payments": [
            {"channel": channel, "transaction_id": f"{number}-{index}", "amount": amount, "paid_at": _ago(now, 4)}
            | more
            for index, (channel, amount, more) in enumerate(parts)
        ],
    }  # fmt: skip
    if balance is not None:
        body["customer"]["points_balance"] = balance
    status, told = shop.put(number, body | changes)
    assert status == 201, told


def file(shop, *lines, number="A1", **changes):
    wish = {
        "order_no": number, "kind": "refund_only", "send_back": "none", "refund_to": "original",
        "lines": [{"line_no": no, "quantity": quantity, "reason": "UN.NOT_SHIPPED"} for no, quantity in lines],
    } | changes  # fmt: skip
    status, told = shop.post("/returns", wish)
    assert status == 201, told
    return told


def pay(now=None):
    """Whatever is due is done: money promised, paid, the case closed."""
    now = now or clock.now()
    follow_due_cases(now=now)
    pay_due_refunds(now)
    for refund in Refund.objects.all():
        take_refund_news(refund.pk, now=now)


def returned(shop, *lines, number="A1", **changes):
    """Filed and paid; the answer of the API afterwards."""
    filed = file(shop, *lines, number=number, **changes)
    pay()
    return shop.get(f"/returns/{filed['return_no']}")[1]


def coupon(amount, **more):
    return {"name": "红包", "source": "platform", "amount": amount} | more


def points() -> int:
    return PointsAccount.objects.get().balance


# --- points -----------------------------------------------------------------------------------------------


def test_t55_used_points_come_back_by_units_once_the_money_is_there(shop):
    order(shop, [("a", 3, 1000)], points=(100, 300, 0), balance=5)
    back = [returned(shop, ("a", 1))["benefits"]["points"]["back"] for _unit in range(3)]
    assert back == [33, 33, 34]
    assert points() == 105


def test_t55_following_a_case_again_gives_nothing_twice(shop):
    order(shop, [("a", 3, 1000)], points=(100, 300, 0), balance=0)
    returned(shop, ("a", 2))
    pay()
    assert (points(), PointsOfCase.objects.get().back) == (66, 66)


def test_t56_earned_points_are_taken_as_far_as_they_are_there_and_the_rest_is_recorded(shop):
    order(shop, [("a", 5, 1800)], points=(0, 0, 90), balance=20)
    told = returned(shop, ("a", 3))
    assert (told["bill"]["refund"], told["bill"]["points_taken"], told["bill"]["points_shortfall"]) == (5400, 20, 34)
    assert told["benefits"]["points"] == {"back": 0, "taken": 20, "shortfall": 34}
    assert points() == 0


def test_t56_a_withdrawn_promise_gives_the_points_back(shop):
    order(shop, [("a", 5, 1800)], points=(0, 0, 90), balance=20)
    filed = file(shop, ("a", 3))
    follow_due_cases(now=clock.now())
    assert points() == 0
    assert shop.post(f"/returns/{filed['return_no']}/withdraw", {})[0] == 200
    assert points() == 20
    assert shop.get(f"/returns/{filed['return_no']}")[1]["benefits"]["points"]["taken"] == 0
    assert returned(shop, ("a", 3))["benefits"]["points"]["taken"] == 20


def test_t56_points_spent_between_filing_and_payment_make_a_new_bill(shop):
    order(shop, [("a", 5, 1800)], points=(0, 0, 90), balance=60)
    filed = file(shop, ("a", 3))
    assert filed["bill"]["points_taken"] == 54
    Customer.objects.update(points_balance=10)
    pay()
    told = shop.get(f"/returns/{filed['return_no']}")[1]
    assert (told["bill"]["refund"], told["bill"]["points_taken"], told["bill"]["points_shortfall"]) == (5400, 10, 44)
    assert ReturnRequest.objects.get().bill.reason == "points_changed"


def test_points_that_a_shop_never_told_are_taken_on_its_word(shop):
    order(shop, [("a", 5, 1800)], points=(0, 0, 90))
    assert returned(shop, ("a", 5))["benefits"]["points"] == {"back": 0, "taken": 90, "shortfall": 0}
    assert points() == 0


def test_two_orders_of_one_customer_take_no_point_twice(shop):
    order(shop, [("a", 1, 1000)], points=(0, 0, 30), balance=40)
    order(shop, [("a", 1, 1000)], number="A2", points=(0, 0, 30), balance=40)
    taken = [returned(shop, ("a", 1), number=number)["benefits"]["points"] for number in ("A1", "A2")]
    assert [(one["taken"], one["shortfall"]) for one in taken] == [(30, 0), (10, 20)]


# --- coupons ----------------------------------------------------------------------------------------------


def test_t11_a_red_packet_comes_back_with_the_whole_order_only(shop):
    order(shop, [("a", 1, 4000), ("b", 1, 6000)], discounts=[coupon(500)])
    first = returned(shop, ("a", 1))
    assert (first["bill"]["refund"], first["benefits"]["coupons"]) == (3800, [])
    last = returned(shop, ("b", 1))
    assert (last["bill"]["refund"], last["bill"]["coupon_back"]) == (5700, True)
    assert [(one["name"], one["amount"], one["way"]) for one in last["benefits"]["coupons"]] == [
        ("红包", 500, "same")
    ]


def test_t16_an_order_paid_by_coupon_completes_without_money_and_gives_coupon_and_points_back(shop):
    order(shop, [("a", 1, 5000)], discounts=[coupon(4900, coupon="HB-1")], points=(100, 100, 0), balance=0)
    told = returned(shop, ("a", 1))
    assert (told["state"], told["bill"]["refund"], told["refunds"]) == ("completed", 0, [])
    assert [one["code"] for one in told["benefits"]["coupons"]] == ["HB-1"]
    assert points() == 100


@pytest.mark.parametrize("days", [1, -1])
def test_t58_an_expired_coupon_comes_back_for_the_days_of_the_policy(shop, days):
    until = clock.now() + timedelta(days=days)
    order(shop, [("a", 2, 5000)], discounts=[coupon(1000, coupon="HB-2", valid_until=until.isoformat())])
    assert returned(shop, ("a", 1))["benefits"]["coupons"] == []
    returned(shop, ("a", 1))
    back = ReturnedCoupon.objects.get()
    assert back.way == ("same" if days > 0 else "extended")
    assert back.is_valid(clock.now() + timedelta(days=6 if days < 0 else 0))
    assert not back.is_valid(clock.now() + timedelta(days=8, hours=1))


def test_a_promotion_is_no_coupon(shop):
    order(shop, [("a", 1, 30000)], discounts=[coupon(3000, name="满300减30", threshold=30000)])
    told = returned(shop, ("a", 1))
    assert (told["benefits"]["coupons"], "coupon_back" in told["bill"]) == ([], False)


def test_a_coupon_named_twice_or_cards_that_are_not_one_a_unit_are_refused(shop):
    body = order_body() | {"discounts": [coupon(1000, coupon="HB"), coupon(1000, coupon="HB")]}
    assert "discounts.1.coupon" in shop.put("A9", body)[1]["fields"]
    body = order_body()
    body["lines"][0]["gift_cards"] = ["G1", "G2"]
    assert "lines.0.gift_cards" in shop.put("A9", body)[1]["fields"]
    body["lines"][0]["gift_cards"] = ["G1", "G2", "G2"]
    assert "lines.0.gift_cards" in shop.put("A9", body)[1]["fields"]
    body = order_body()
    body["payments"][0]["gift_card"] = "G1"
    assert "payments.0.gift_card" in shop.put("A9", body)[1]["fields"]
