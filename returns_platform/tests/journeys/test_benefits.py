"""Points, coupons, balances and gift cards through the API, named after their cases; the books hold each time."""

from datetime import timedelta

import pytest

from aftersales.desk.services import finish_task
from aftersales.notifications.models import Notice
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.news import take_refund_news
from orders.customers.models import Customer
from refunds.payouts.models import Refund
from refunds.payouts.services import pay_due_refunds
from refunds.wallet.models import PointsAccount, PointsOfCase, ReturnedCoupon, StoreCoupon
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
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


# --- gift cards -------------------------------------------------------------------------------------------


def card(shop, code: str) -> dict:
    return shop.get(f"/gift_cards/{code}")[1]


def with_card(shop, *, number="A1", code="GIFT-0001", **more):
    order(shop, [("a", 1, 4000)], number=number, payments=[("gift_card", 4000, {"gift_card": code})], **more)


def test_a_refund_goes_back_to_the_gift_card_at_once(shop):
    with_card(shop)
    told = returned(shop, ("a", 1))
    assert (told["state"], told["refunds"][0]["channel"], told["refunds"][0]["state"]) == (
        "completed", "gift_card", "arrived",
    )  # fmt: skip
    assert card(shop, "GIFT-0001") == {"code": "GIFT-0001", "state": "active", "currency": "CNY", "left": 4000}


def test_a_card_pays_twice_and_holds_what_comes_back(shop):
    with_card(shop)
    assert shop.call("PUT", "/gift_cards/GIFT-0001", {"left": 6000})[1]["left"] == 6000
    now = clock.now() + timedelta(seconds=1)
    body = order_body(discount=0, signed=False, unit_price=2500, quantity=1)
    body["payments"] = [
        {"channel": "gift_card", "transaction_id": "G-2", "amount": 2500, "paid_at": now.isoformat(),
         "gift_card": "GIFT-0001"}
    ]  # fmt: skip
    shop.put("A2", body | {"placed_at": now.isoformat()})
    assert card(shop, "GIFT-0001")["left"] == 3500
    returned(shop, ("a", 1))
    assert card(shop, "GIFT-0001")["left"] == 7500


def test_t59_a_refund_shared_by_wechat_and_a_gift_card_pays_the_card_part_at_once(shop):
    order(shop, [("a", 3, 3334)], discounts=[coupon(2, threshold=1)],
          payments=[("wechat", 6000, {}), ("gift_card", 4000, {"gift_card": "G-59"})])  # fmt: skip
    filed = file(shop, ("a", 1))
    follow_due_cases(now=clock.now())
    assert [(part["channel"], part["amount"]) for part in filed["bill"]["tenders"]] == [
        ("wechat", 2000), ("gift_card", 1333),
    ]  # fmt: skip


def test_t64_a_deleted_card_becomes_store_credit_and_the_customer_is_told(shop):
    with_card(shop)
    assert shop.call("PUT", "/gift_cards/GIFT-0001", {"state": "deleted"})[1]["state"] == "deleted"
    told = returned(shop, ("a", 1))
    assert (told["state"], told["refunds"][0]["state"]) == ("completed", "arrived")
    given = StoreCoupon.objects.get()
    assert (given.amount, given.expires_at, card(shop, "GIFT-0001")["left"]) == (4000, None, 0)
    assert Notice.objects.filter(event="refund_as_coupon", params__coupon=given.code, channel="inbox").count() == 1


def sold(shop, *codes, number="A1", **more):
    order(shop, [("a", len(codes), 10000, {"virtual": True, "gift_cards": list(codes)})], number=number, **more)


def used(shop, code: str, amount: int, *, number="B1"):
    order(shop, [("b", 1, amount)], number=number, payments=[("gift_card", amount, {"gift_card": code})])


def test_t65_an_unused_card_is_disabled_first_and_then_paid_back(shop):
    sold(shop, "CARD-65")
    told = returned(shop, ("a", 1))
    assert (told["state"], told["bill"]["refund"]) == ("completed", 10000)
    assert (card(shop, "CARD-65")["state"], card(shop, "CARD-65")["left"]) == ("disabled", 0)
    assert shop.call("PUT", "/gift_cards/CARD-65", {"left": 100})[0] == 409


def test_t65_a_partly_spent_card_is_refused_with_the_plain_reason(shop):
    sold(shop, "CARD-65")
    used(shop, "CARD-65", 3000)
    told = file(shop, ("a", 1))
    assert (told["state"], told["reasons"][0]["code"]) == ("rejected", "gift_card_spent")
    assert card(shop, "CARD-65")["left"] == 7000


def test_t65_of_two_cards_the_unspent_one_can_come_back(shop):
    sold(shop, "CARD-1", "CARD-2")
    used(shop, "CARD-1", 3000)
    assert file(shop, ("a", 2))["state"] == "rejected"
    assert returned(shop, ("a", 1))["state"] == "completed"
    assert [card(shop, code)["left"] for code in ("CARD-1", "CARD-2")] == [7000, 0]
    assert file(shop, ("a", 1))["state"] == "rejected"


def test_t65_a_card_spent_after_the_approval_waits_for_a_person(shop):
    sold(shop, "CARD-65")
    filed = file(shop, ("a", 1))
    used(shop, "CARD-65", 3000)
    pay()
    told = shop.get(f"/returns/{filed['return_no']}")[1]
    assert (told["state"], told["refunds"], told["next"]["who"]) == ("settling", [], "support")
    task = SupportTask.objects.get(kind="gift_card_spent")
    finish_task(task.pk, note="kept 70.00", by=Actor("support", "7", "Sam"), now=clock.now())
    pay()
    assert shop.get(f"/returns/{filed['return_no']}")[1]["state"] == "completed"
    assert card(shop, "CARD-65")["left"] == 0


def test_t65_a_withdrawn_request_gives_the_card_its_money_again(shop):
    sold(shop, "CARD-65")
    filed = file(shop, ("a", 1))
    follow_due_cases(now=clock.now())
    assert card(shop, "CARD-65")["state"] == "disabled"
    shop.post(f"/returns/{filed['return_no']}/withdraw", {})
    assert (card(shop, "CARD-65")["state"], card(shop, "CARD-65")["left"]) == ("active", 10000)


def test_a_card_is_not_there_for_another_shop_and_hostile_bodies_are_refused(shop):
    with_card(shop)
    other = open_shop("other")
    assert other.get("/gift_cards/GIFT-0001")[0] == 404
    assert other.call("PUT", "/gift_cards/GIFT-0001", {"left": 5})[0] == 201
    assert card(shop, "GIFT-0001")["left"] == 0
    for body in ({"left": -1}, {"left": "5"}, {"left": 10**14}, {"state": "gone"}, {"more": 1}):
        assert shop.call("PUT", "/gift_cards/GIFT-0001", body)[0] == 422
    assert shop.get("/gift_cards/" + "x" * 65)[0] in (404, 422)
    assert shop.get("/gift_cards/nothing-known")[0] == 404


def coded(shop, *codes, number="A1"):
    goods = {"virtual": True, "category": "digital", "codes": list(codes)}
    order(shop, [("a", len(codes), 10000, goods)], number=number)


def test_t34_an_unused_code_is_voided_first_and_then_paid_back(shop):
    coded(shop, "CODE-34", "CODE-35")
    told = returned(shop, ("a", 1))
    assert (told["state"], told["bill"]["refund"], told["kind"]) == ("completed", 10000, "refund_only")
    assert sorted(card(shop, code)["state"] for code in ("CODE-34", "CODE-35")) == ["active", "disabled"]
    assert shop.get("/orders/A1")[1]["lines"][0]["codes"] == ["CODE-34", "CODE-35"]


def test_t34_a_used_code_is_a_persons(shop):
    coded(shop, "CODE-34")
    assert shop.call("PUT", "/gift_cards/CODE-34", {"left": 0})[0] == 201
    filed = file(shop, ("a", 1))
    pay()
    told = shop.get(f"/returns/{filed['return_no']}")[1]
    assert (told["state"], told["refunds"], told["next"]["who"]) == ("settling", [], "support")
    assert SupportTask.objects.filter(kind="gift_card_spent", closed_at=None).count() == 1


@pytest.mark.parametrize(
    "wrong", [{"codes": ["X1"], "virtual": False}, {"codes": ["X1"], "gift_cards": ["G1"]}, {"codes": ["X1", "X2"]}]
)
def test_codes_are_of_virtual_goods_one_a_unit(shop, wrong):
    body = order_body(discount=0, quantity=1, signed=False)
    body["lines"][0] |= {"virtual": True} | wrong
    assert shop.put("A9", body)[0] == 422
