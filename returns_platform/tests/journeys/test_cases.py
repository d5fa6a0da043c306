"""Exact amounts through the API: orders of many shapes, returned in several ways; named after their cases."""

import pytest

from returns_platform.kernel import clock
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
