"""Exact amounts through the API: orders of many shapes, returned in several ways; named after their cases."""

import pytest

from orders.catalogue.models import Product
from returns_platform.kernel import clock
from returns_platform.tests.journeys.figures import forget_policies, put_into_version_1
from returns_platform.tests.journeys.shop import _ago, open_shop, order_body
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db
NR, FAULT = "NR.NO_LONGER_WANT", "QL.DEFECT"


def order(shop, lines, *, number="A1", discounts=(), freight=(0, 0), points=(0, 0, 0), payments=None):
    """lines: (number, quantity, unit price, …changes). Everything was signed yesterday."""
    now = clock.now()
    rows = [
        {"line_no": no, "sku": f"S{no}", "title": f"商品 {no}", "category": "furniture", "quantity": quantity,
         "unit_price": price} | dict(*changes)
        for no, quantity, price, *changes in lines
    ]  # fmt: skip
    total = sum(row["quantity"] * row["unit_price"] - row.get("line_discount", 0) for row in rows)
    total += freight[0] - freight[1] - points[1] - sum(discount["amount"] for discount in discounts)
    parts = payments or ([("wechat", total)] if total else [])
    body = order_body(discount=0) | {
        "lines": rows,
        "discounts": list(discounts),
        "freight": {"charged": freight[0], "discount": freight[1]},
        "points": {"used": points[0], "amount": points[1], "earned": points[2]},
        "payments": [
            {"channel": channel, "transaction_id": f"{number}-{index}", "amount": amount, "paid_at": _ago(now, 4)}
            for index, (channel, amount) in enumerate(parts)
        ],
    }  # fmt: skip
    body["parcels"][0]["items"] = [{"line_no": row["line_no"], "quantity": row["quantity"]} for row in rows]
    status, told = shop.put(number, body)
    assert status == 201, told


def file(shop, *lines, number="A1", reason=NR, **changes):
    wish = {
        "order_no": number, "kind": "return_refund", "send_back": "self_ship", "refund_to": "original",
        "lines": [{"line_no": no, "quantity": quantity, "reason": reason} for no, quantity in lines],
    } | changes  # fmt: skip
    status, told = shop.post("/returns", wish)
    assert status == 201, told
    return told["bill"]


def off(amount, *, source="shop", **more):
    return {"name": "优惠", "source": source, "amount": amount} | more


def test_t1_a_coupon_is_shared_by_price():
    shop = open_shop()
    order(shop, [("a", 1, 5000), ("b", 1, 3000), ("c", 1, 2000)], discounts=[off(3000)])
    assert [file(shop, (no, 1))["refund"] for no in "bca"] == [2100, 1400, 3500]
    must_balance()


def test_t5_largest_remainder():
    shop = open_shop()
    order(shop, [("a", 1, 3333), ("b", 1, 3333), ("c", 1, 3333)], discounts=[off(1000)])
    assert [file(shop, (no, 1))["refund"] for no in "abc"] == [2999, 3000, 3000]


def test_t7_a_coupon_for_one_line():
    shop = open_shop()
    order(shop, [("a", 1, 8000), ("b", 1, 2000)], discounts=[off(1000, line_nos=["a"])])
    assert [file(shop, (no, 1))["refund"] for no in "ba"] == [2000, 7000]


def test_t8_what_the_platform_gave_is_told_apart():
    shop = open_shop()
    order(shop, [("a", 1, 20000), ("b", 1, 10000)], discounts=[off(3000), off(500, source="platform")])
    bill = file(shop, ("b", 1))
    assert (bill["refund"], bill["lines"][0]["shares"]) == (8833, {"shop": 1000, "platform": 167, "points": 0})


def test_t16_nothing_paid_is_nothing_back():
    shop = open_shop()
    order(shop, [("a", 1, 5000)], discounts=[off(5000)])
    bill = file(shop, ("a", 1))
    assert (bill["refund"], bill["tenders"]) == (0, [])
    must_balance()


def test_t22b_a_withdrawn_request_leaves_no_fen_behind():
    shop = open_shop()
    order(shop, [("1", 3, 0, {"unit_price": 6667})], discounts=[off(1)])
    status, first = shop.post("/returns", {"order_no": "A1", "kind": "return_refund", "send_back": "self_ship",
                                           "lines": [{"line_no": "1", "quantity": 1, "reason": NR}]})  # fmt: skip
    assert (status, first["bill"]["refund"]) == (201, 6666)
    assert file(shop, ("1", 1))["refund"] == 6667
    assert shop.post(f"/returns/{first['return_no']}/withdraw", {})[0] == 200
    assert [file(shop, ("1", 1))["refund"] for _unit in range(2)] == [6666, 6668 - 1]
    must_balance()


def test_t40_outbound_freight_of_the_faulty_line_then_the_rest():
    shop = open_shop()
    order(shop, [("a", 1, 6000), ("b", 1, 4000)], freight=(1200, 0))
    faulty = file(shop, ("a", 1), reason=FAULT)
    assert (faulty["refund"], faulty["freight_out"], faulty["freight_return"]["payer"]) == (6720, 720, "merchant")
    last = file(shop, ("b", 1))
    assert (last["refund"], last["freight_out"], last["freight_return"]["payer"]) == (4480, 480, "customer")


def test_t43_only_freight_that_was_paid_comes_back():
    shop = open_shop()
    order(shop, [("a", 1, 10000)], freight=(1200, 500))
    assert file(shop, ("a", 1))["refund"] == 10700


def test_t55_points_by_unit():
    shop = open_shop()
    order(shop, [("a", 3, 1000)], points=(100, 300, 0))
    assert [file(shop, ("a", 1))["points_back"] for _unit in range(3)] == [33, 33, 34]


def test_t59_and_t61_tenders_in_proportion():
    shop = open_shop()
    order(shop, [("a", 3, 3334)], discounts=[off(2)], payments=[("wechat", 6000), ("gift_card", 4000)])
    split = [[part["amount"] for part in file(shop, ("a", 1))["tenders"]] for _unit in range(3)]
    assert split == [[2000, 1333], [2000, 1333], [2000, 1334]]
    order(shop, [("a", 3, 3334)], number="A2", discounts=[off(2)],
          payments=[("wechat", 5000), ("alipay", 3000), ("stripe", 2000)])  # fmt: skip
    assert [part["amount"] for part in file(shop, ("a", 1), number="A2")["tenders"]] == [1667, 1000, 666]
    must_balance()


def test_t62_the_balance_adds_a_bonus_of_its_own():
    shop = open_shop()
    order(shop, [("a", 1, 10000)])
    bill = file(shop, ("a", 1), refund_to="balance", refund_to_agreed_at=clock.now().isoformat())
    assert (bill["refund"], bill["bonus"]) == (10000, 200)
    must_balance()


def test_another_way_needs_the_customers_own_choice():
    shop = open_shop()
    order(shop, [("a", 1, 10000)])
    wish = {"order_no": "A1", "kind": "return_refund", "send_back": "self_ship", "refund_to": "balance",
            "lines": [{"line_no": "a", "quantity": 1, "reason": NR}]}  # fmt: skip
    status, told = shop.post("/returns/quote", wish)
    assert status == 422 and "refund_to_agreed_at" in told["fields"]


def test_t76_a_resend_leaves_the_unit_returnable():
    shop = open_shop()
    order(shop, [("a", 1, 10000)])
    wish = {"kind": "resend", "send_back": "none"}
    file(shop, ("a", 1), reason="FU.WRONG_ITEM", **wish)
    assert shop.get("/orders/A1")[1]["lines"][0]["returnable"] == 1
    must_balance()


@pytest.mark.parametrize(("paid", "outcome"), [(3000, "approve"), (3001, "review"), (500_000, "review")])
def test_goods_are_sent_again_at_once_only_up_to_what_would_be_paid_back_at_once(paid, outcome):
    shop = open_shop()
    order(shop, [("a", 1, paid)])
    for reason in ("LG.DAMAGED", "LG.NOT_RECEIVED"):
        status, told = quote(shop, ("a", 1), reason=reason, kind="resend", send_back="none")
        assert (status, told["outcome"]) == (200, outcome), told


# --- more rows of the table -----------------------------------------------------------------------------------


@pytest.fixture
def policy():
    """Puts figures into version 1 of the policy for one test: policy(deduct_pickup=True)."""

    yield put_into_version_1
    forget_policies()


def quote(shop, *lines, number="A1", reason=NR, **changes):
    wish = {
        "order_no": number, "kind": "return_refund", "send_back": "self_ship", "refund_to": "original",
        "lines": [{"line_no": no, "quantity": quantity, "reason": reason} for no, quantity in lines],
    } | changes  # fmt: skip
    return shop.post("/returns/quote", wish)


def test_t2_units_one_by_one():
    shop = open_shop()
    order(shop, [("a", 3, 4000)], discounts=[off(2000)])
    assert [file(shop, ("a", 1))["refund"] for _unit in range(3)] == [3333, 3333, 3334]


def test_t10_the_threshold_that_holds_or_not_stays_pro_rata():
    shop = open_shop()
    order(shop, [("a", 1, 40000), ("b", 1, 10000)], discounts=[off(5000, threshold=50000)])
    assert [file(shop, (no, 1))["refund"] for no in "ba"] == [9000, 36000]


def test_t11_a_red_packet_is_not_given_back_for_a_part():
    shop = open_shop()
    order(shop, [("a", 1, 4000), ("b", 1, 6000)], discounts=[off(500, source="platform")])
    status, whole = quote(shop, ("a", 1), ("b", 1))
    assert (status, whole["bill"]["refund"]) == (200, 9500)
    assert file(shop, ("a", 1))["refund"] == 3800


def test_t13_a_rate_that_no_longer_holds(policy):
    policy(broken_threshold="RESETTLE")
    shop = open_shop()
    order(shop, [("a", 6, 5000)], discounts=[off(3000, threshold=30000, percent=10)])
    told = quote(shop, ("a", 5))[1]
    assert (told["outcome"], told["bill"]["refund"]) == ("review", 22000)
    assert [file(shop, ("a", 5))["refund"], file(shop, ("a", 1))["refund"]] == [22000, 5000]
    must_balance()


def test_t14_nothing_is_ever_charged(policy):
    shop = open_shop()
    lines, coupon = [("a", 1, 15000), ("b", 1, 6000)], [off(10000, threshold=20000)]
    order(shop, lines, discounts=coupon)
    assert [file(shop, (no, 1))["refund"] for no in "ba"] == [3143, 7857]
    policy(broken_threshold="RESETTLE")
    order(shop, lines, number="A2", discounts=coupon)
    assert quote(shop, ("b", 1), number="A2")[1]["bill"]["refund"] == 0
    assert [file(shop, (no, 1), number="A2")["refund"] for no in "ba"] == [0, 11000]
    must_balance()


def test_t17_a_kit_of_two_parts():
    shop = open_shop()
    order(shop, [("a", 1, 7000, {"kit": "K"}), ("b", 1, 5000, {"kit": "K"})], discounts=[off(2000)])
    assert file(shop, ("a", 1), ("b", 1))["refund"] == 10000
    nets = [line["net"] for line in shop.get("/orders/A1")[1]["lines"]]
    assert nets == [5833, 4167]


def test_t19_the_price_of_the_purchase_counts():
    shop = open_shop()
    product = Product.objects.create(
        merchant=shop.merchant, sku="Sa", title="商品 a", category="furniture", price=10000
    )
    order(shop, [("a", 1, 10000)])
    product.price = 8000
    product.save()
    assert file(shop, ("a", 1))["refund"] == 10000


def test_t23_unshipped_units_go_another_way():
    shop = open_shop()
    order(shop, [("a", 5, 1000)])
    body = order_body(discount=0, unit_price=1000, quantity=5)
    body["parcels"][0] |= {"items": [{"line_no": "1", "quantity": 3}], "waybill": "SF1234567890124"}
    body["payments"][0]["transaction_id"] = "4200002"
    assert shop.put("A2", body)[0] == 201
    line = shop.get("/orders/A2")[1]["lines"][0]
    assert (line["returnable"], line["cancellable"]) == (3, 2)
    status, told = quote(shop, ("1", 4), number="A2")
    assert status == 422 and "3" in str(told["fields"])
    cancelled = file(shop, ("1", 2), number="A2", reason="UN.NOT_SHIPPED", kind="refund_only", send_back="none")
    assert cancelled["refund"] == 2000


def test_t31_the_sixth_attempt_is_for_people():
    shop = open_shop()
    order(shop, [("a", 1, 1000)])
    for _attempt in range(5):
        status, told = shop.post("/returns", _wish("a"))
        assert (status, told["state"]) == (201, "approved")
        assert shop.post(f"/returns/{told['return_no']}/withdraw", {})[0] == 200
    status, told = shop.post("/returns", _wish("a"))
    assert (status, told["state"]) == (201, "rejected")


def _wish(no):
    return {"order_no": "A1", "kind": "return_refund", "send_back": "self_ship",
            "lines": [{"line_no": no, "quantity": 1, "reason": NR}]}  # fmt: skip


def test_t32_fresh_food_is_not_returned_for_a_change_of_mind():
    shop = open_shop()
    order(shop, [("a", 1, 1000, {"category": "fresh"})])
    status, told = quote(shop, ("a", 1))
    assert (status, told["outcome"], told["bill"]) == (200, "refuse", None)


def test_t35_an_order_without_money_has_nothing_to_return():
    shop = open_shop()
    for number, state in (("A1", "cancelled"), ("A2", "placed")):
        body = order_body(signed=False, state=state)
        body["payments"] = []
        assert shop.put(number, body)[0] == 201
        status, told = quote(shop, ("1", 1), number=number, reason="UN.NOT_SHIPPED", kind="refund_only",
                             send_back="none")  # fmt: skip
        assert status in (409, 422) or told["outcome"] == "refuse", told


def test_t37_one_checkout_at_two_shops():
    first, second = open_shop("one"), open_shop("two")
    order(first, [("a", 1, 12000)], number="X-1", discounts=[off(1200, source="platform")])
    order(second, [("a", 1, 8000)], number="X-2", discounts=[off(800, source="platform")])
    assert file(first, ("a", 1), number="X-1")["refund"] == 10800
    assert second.get("/returns")[1]["returns"] == []
    assert second.get("/orders/X-1")[0] == 404


def test_t41_the_freight_is_in_exactly_one_of_two_requests():
    shop = open_shop()
    order(shop, [("a", 1, 6000), ("b", 1, 4000)], freight=(1200, 0))
    assert [file(shop, (no, 1))["freight_out"] for no in "ab"] == [0, 1200]


def test_t44_the_pickup_is_deducted_where_the_policy_says_so(policy):
    policy(deduct_pickup=True, return_freight_cost=800)
    shop = open_shop()
    order(shop, [("a", 1, 10000)])
    bill = quote(shop, ("a", 1), send_back="pickup")[1]["bill"]
    assert (bill["refund"], bill["freight_return"]) == (9200, {"payer": "customer", "amount": 800, "deducted": 800})


@pytest.mark.parametrize(("deduct", "refund"), [(False, 8000), (True, 7000)])
def test_t47_freight_that_was_free_for_more(policy, deduct, refund):
    policy(deduct_waived_freight=deduct)
    shop = open_shop()
    now = clock.now()
    body = order_body(discount=0) | {
        "lines": [{"line_no": no, "sku": f"S{no}", "title": no, "category": "furniture", "quantity": 1,
                   "unit_price": price} for no, price in (("a", 8000), ("b", 4000))],
        "freight": {"charged": 1000, "discount": 1000, "free_from": 9900},
        "payments": [{"channel": "wechat", "transaction_id": "47", "amount": 12000, "paid_at": _ago(now, 4)}],
    }  # fmt: skip
    body["parcels"][0]["items"] = [{"line_no": no, "quantity": 1} for no in "ab"]
    assert shop.put("A1", body)[0] == 201
    assert file(shop, ("a", 1))["refund"] == refund
    assert file(shop, ("b", 1))["refund"] == 12000 - refund


def test_t50_refunds_of_a_taxed_line():
    shop = open_shop()
    order(shop, [("a", 3, 11300, {"tax_rate": "0.13"})], discounts=[off(22600)])
    assert [file(shop, ("a", 1))["refund"] for _unit in range(3)] == [3766, 3767, 3767]


@pytest.mark.parametrize(("deduct", "refund"), [(False, 5400), (True, 5366)])
def test_t56_earned_points_that_are_spent(policy, deduct, refund):
    policy(deduct_points_shortfall=deduct, point_value=1)
    shop = open_shop()
    body = order_body(discount=0) | {
        "lines": [{"line_no": no, "sku": f"S{no}", "title": no, "category": "furniture", "quantity": 1,
                   "unit_price": price} for no, price in (("a", 5400), ("b", 3600))],
        "points": {"earned": 90},
        "payments": [{"channel": "wechat", "transaction_id": "56", "amount": 9000, "paid_at": _ago(clock.now(), 4)}],
    }  # fmt: skip
    body["customer"]["points_balance"] = 20
    body["parcels"][0]["items"] = [{"line_no": no, "quantity": 1} for no in "ab"]
    assert shop.put("A1", body)[0] == 201
    bill = file(shop, ("a", 1))
    assert (bill["refund"], bill["points_taken"], bill["freight_return"]["deducted"]) == (refund, 20, 5400 - refund)
