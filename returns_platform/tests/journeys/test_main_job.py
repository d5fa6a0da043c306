"""The main job through the API: an order in, quoted, filed, counted, inspected, its money promised; books at 0."""

import io
from contextlib import suppress

import pytest
from django.core.management import call_command

from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.money import agree_as_second
from aftersales.returns.services.news import take_refund_news
from refunds.payouts.models import Refund
from refunds.payouts.services import pay_due_refunds
from refunds.wallet.models import WalletEntry
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import open_shop, order_body

pytestmark = pytest.mark.django_db

NO_REASON = {"line_no": "1", "quantity": 1, "reason": "NR.NO_LONGER_WANT"}


def wish(**changes):
    body = {"order_no": "A1", "kind": "return_refund", "send_back": "self_ship", "refund_to": "original"}
    return body | {"lines": [NO_REASON]} | changes


def books() -> str:
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("check_books", stdout=out)
    return out.getvalue()


def must_balance():
    told = books()
    assert told.strip().endswith(" 0 violations"), told


def test_an_order_is_kept_with_frozen_shares():
    shop = open_shop()
    status, order = shop.put("A1", order_body())
    assert status == 201, order
    line = order["lines"][0]
    assert (line["net"], line["shares"]["shop"], line["returnable"], line["refundable"]) == (10000, 2000, 3, 10000)
    assert shop.put("A1", order_body())[0] == 200
    must_balance()


def test_a_quote_gives_the_exact_bill_and_the_reason():
    shop = open_shop()
    shop.put("A1", order_body())
    status, quoted = shop.post("/returns/quote", wish())
    assert status == 200, quoted
    assert quoted["outcome"] == "approve"
    assert quoted["bill"]["refund"] == 3333
    assert quoted["bill"]["lines"][0]["shares"] == {"shop": 667, "platform": 0, "points": 0}
    assert quoted["bill"]["freight_return"] == {"payer": "customer", "amount": 1200, "deducted": 0}
    assert quoted["bill"]["tenders"] == [{"transaction_id": "4200001", "channel": "wechat", "amount": 3333}]
    must_balance()


def test_units_come_back_one_by_one_without_losing_a_fen():
    shop = open_shop()
    shop.put("A1", order_body())
    amounts = []
    for _unit in range(3):
        status, filed = shop.post("/returns", wish())
        assert status == 201, filed
        amounts.append(filed["bill"]["refund"])
    assert amounts == [3333, 3333, 3334]
    status, refused = shop.post("/returns", wish())
    assert status == 422 and "lines.0.quantity" in refused["fields"]
    must_balance()


def test_goods_come_back_are_counted_inspected_and_the_money_is_promised():
    shop = open_shop()
    shop.put("A1", order_body())
    _status, filed = shop.post("/returns", wish())
    number = filed["return_no"]
    assert filed["state"] == "approved"
    follow_due_cases(now=clock.now())
    assert shop.get(f"/returns/{number}")[1]["state"] == "awaiting_goods"
    status, sent = shop.post(f"/returns/{number}/shipped", {"courier": "sf", "waybill": "SF1234567890999"})
    assert (status, sent["state"]) == (200, "in_transit"), sent
    status, counted = shop.post(f"/returns/{number}/arrived", {"lines": [{"line_no": "1", "quantity": 1}]})
    assert (status, counted["state"]) == (200, "arrived"), counted
    graded = {"line_no": "1", "quantity": 1, "grade": "A", "disposition": "RESTOCK", "note": ""}
    status, inspected = shop.post(f"/returns/{number}/inspected", {"lines": [graded]})
    assert (status, inspected["state"]) == (200, "settling"), inspected
    follow_due_cases(now=clock.now())
    refund = Refund.objects.get(case_ref=number)
    assert (refund.amount, refund.state) == (3333, "promised")
    must_balance()


def test_an_unshipped_item_is_refunded_without_anybody_looking():
    shop = open_shop()
    shop.put("A1", order_body(signed=False))
    cancelled = {"line_no": "1", "quantity": 3, "reason": "UN.NOT_SHIPPED"}
    _status, filed = shop.post("/returns", wish(kind="refund_only", send_back="none", lines=[cancelled]))
    assert (filed["outcome"], filed["bill"]["refund"]) == ("approve", 10000)
    follow_due_cases(now=clock.now())
    assert Refund.objects.get(case_ref=filed["return_no"]).amount == 10000
    must_balance()


def test_withdrawing_frees_units_and_cancels_the_promise():
    shop = open_shop()
    shop.put("A1", order_body(signed=False))
    cancelled = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    _status, filed = shop.post("/returns", wish(kind="refund_only", send_back="none", lines=[cancelled]))
    follow_due_cases(now=clock.now())
    status, withdrawn = shop.post(f"/returns/{filed['return_no']}/withdraw", {})
    assert (status, withdrawn["state"]) == (200, "withdrawn"), withdrawn
    assert Refund.objects.get().state == "cancelled"
    assert shop.get("/orders/A1")[1]["lines"][0]["cancellable"] == 3
    must_balance()


def test_the_balance_is_credited_at_once_with_its_bonus_apart():
    shop = open_shop()
    shop.put("A1", order_body(signed=False))
    cancelled = {"line_no": "1", "quantity": 3, "reason": "UN.NOT_SHIPPED"}
    chosen = {"refund_to": "balance", "refund_to_agreed_at": clock.now().isoformat()}
    _status, filed = shop.post("/returns", wish(kind="refund_only", send_back="none", lines=[cancelled], **chosen))
    follow_due_cases(now=clock.now())
    pay_due_refunds(clock.now())
    take_refund_news(Refund.objects.get().pk, now=clock.now())
    assert shop.get(f"/returns/{filed['return_no']}")[1]["state"] == "completed"
    entries = sorted(WalletEntry.objects.values_list("kind", "amount"))
    assert entries == [("bonus", 200), ("refund", 10000)]
    must_balance()


def test_a_large_sum_waits_for_a_second_person():
    shop = open_shop()
    shop.put("A1", order_body(unit_price=600000, quantity=1, discount=0, signed=False))
    cancelled = {"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}
    _status, filed = shop.post("/returns", wish(kind="refund_only", send_back="none", lines=[cancelled]))
    follow_due_cases(now=clock.now())
    told = shop.get(f"/returns/{filed['return_no']}")[1]
    assert (told["refunds"][0]["state"], told["next"]["who"]) == ("held", "support")
    agree_as_second(ReturnRequest.objects.get().pk, by=Actor("support", "7", "费敏"), now=clock.now())
    assert Refund.objects.get().state == "promised"
    must_balance()
