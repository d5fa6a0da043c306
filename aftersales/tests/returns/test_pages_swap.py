"""The pages about what replaces goods: for the customer, the shop, and nobody else."""

import pytest
from django.test import Client

from aftersales.returns.models import ReturnRequest
from orders.accounts.models import User
from orders.customers.models import Customer
from orders.merchants.services import add_member
from refunds.charges.models import Charge
from returns_platform.tests.journeys.shop import Shop, open_shop
from returns_platform.tests.journeys.test_swaps import (
    article,
    coat_order,
    comes_back,
    replacement_of,
    stock_of,
    swap,
    work,
)

pytestmark = pytest.mark.django_db
ACTS = ("swap", "pay", "another", "money", "received", "no-repair")


def somebody(name: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_user(name))
    return client


@pytest.fixture
def shop() -> Shop:
    found = open_shop()
    article(found, "COAT-M", 9000)
    article(found, "COAT-L", 9000, stock=1, option="L")
    article(found, "COAT-LONG", 12000, stock=1, option="LONG")
    coat_order(found)
    return found


@pytest.fixture
def ann(shop) -> Client:
    client = somebody("ann")
    Customer.objects.update(user=User.objects.get(username="ann"))
    return client


@pytest.fixture
def mia(shop) -> Client:
    client = somebody("mia")
    add_member(shop.merchant, user=User.objects.get(username="mia"), role="owner")
    return client


def page_of(case: ReturnRequest, act: str = "") -> str:
    return f"/returns/{case.return_no}/{act + '/' if act else ''}"


def test_she_pays_by_the_channel_she_chooses(shop, ann):
    case = swap(shop, "COAT-LONG")
    work()
    page = ann.get(page_of(case)).content.decode()
    assert "付差价 ¥30.00" in page and "付 ¥30.00" in page
    assert ann.post(page_of(case, "pay"), {"channel": "cash"}).status_code == 422
    assert ann.post(page_of(case, "pay"), {"channel": "alipay"}).status_code == 302
    assert ann.post(page_of(case, "pay"), {"channel": "alipay"}).status_code == 302
    assert [(charge.channel, charge.amount) for charge in Charge.objects.all()] == [("alipay", 3000)]
    assert ann.get(page_of(case, "swap")).status_code == 200


def test_lists_tell_what_replaces_the_goods_and_not_of_money(shop, ann):
    case = swap(shop, "COAT-LONG")
    work()
    page = ann.get("/orders/").content.decode()
    assert "前付款" in page
    assert ann.post(page_of(case, "money"), {}).status_code == 302
    coat_order(shop, "C2")
    Customer.objects.update(user=User.objects.get(username="ann"))
    even = swap(shop, "COAT-L", order_no="C2")
    comes_back(shop, even)
    live = {row["request"].pk: row for row in ann.get("/orders/").context["live"]}
    assert "发出" in live[even.pk]["title"] and live[even.pk]["mark"].text == "换补中"


def test_what_is_sold_out_can_be_another_one_or_money(shop, ann):
    coat_order(shop, "C2")
    Customer.objects.update(user=User.objects.get(username="ann"))
    first, second = swap(shop, "COAT-L"), swap(shop, "COAT-L", order_no="C2")
    work()
    line = second.lines.get().order_line_id
    assert "COAT-LONG" in ann.get(page_of(second, "another")).content.decode()
    assert ann.post(page_of(second, "another"), {f"exchange_{line}": "NOT-THERE"}).status_code == 422
    assert ann.post(page_of(second, "another"), {f"exchange_{line}": "COAT-LONG"}).status_code == 302
    assert (replacement_of(second).state, replacement_of(second).due) == ("awaiting_payment", 3000)
    assert "¥90.00" in ann.get(page_of(second, "money")).content.decode()
    for _twice in range(2):
        assert ann.post(page_of(second, "money"), {}).status_code == 302
    assert replacement_of(second).state == "converted"
    assert replacement_of(first).state == "reserved"


def test_what_cannot_be_done_now_leads_back_or_says_why(shop, ann):
    case = swap(shop, "COAT-L")
    work()
    for act in ("pay", "another", "received", "no-repair"):
        assert ann.get(page_of(case, act)).status_code == 302
    assert ann.post(page_of(case, "pay"), {"channel": "wechat"}).status_code == 409
    assert ann.post(page_of(case, "received"), {}).status_code == 409
    assert ann.post(page_of(case, "no-repair"), {}).status_code == 409


def test_nobody_else_sees_or_does_anything(shop, ann):
    case, stranger = swap(shop, "COAT-LONG"), somebody("bob")
    work()
    for act in ACTS:
        assert stranger.get(page_of(case, act)).status_code == 404
        assert stranger.post(page_of(case, act), {"channel": "wechat"}).status_code in (404, 405)


def test_the_shop_sends_what_is_to_be_sent(shop, ann, mia):
    case = swap(shop, "COAT-L")
    comes_back(shop, case)
    reference = replacement_of(case).reference
    here = f"/merchant/shop/to-send/{reference}/"
    assert reference in mia.get("/merchant/shop/to-send/").content.decode()
    assert mia.post(here, {"do": "waybill", "courier": "yto", "waybill": "?"}).status_code == 422
    assert mia.post(here, {"do": "waybill", "courier": "yto", "waybill": "YT9876543210"}).status_code == 302
    assert (replacement_of(case).state, stock_of("COAT-L")) == ("sent", (0, 0))
    assert "YT9876543210" in ann.get(page_of(case)).content.decode()
    assert ann.post(page_of(case, "received"), {}).status_code == 302
    assert replacement_of(case).state == "delivered"


def test_another_shops_replacement_is_not_there(shop, mia):
    other = open_shop("other")
    article(other, "COAT-L2", 9000)
    add_member(other.merchant, user=User.objects.create_user("otto"), role="owner")
    case = swap(shop, "COAT-L")
    work()
    otto = Client()
    otto.force_login(User.objects.get(username="otto"))
    reference = replacement_of(case).reference
    assert otto.get(f"/merchant/other/to-send/{reference}/").status_code == 404
    assert otto.get(f"/merchant/shop/to-send/{reference}/").status_code == 404


def test_stock_is_counted_on_its_page(shop, mia):
    assert mia.post("/merchant/shop/stock/", {"sku": "COAT-M", "available": "12"}).status_code == 302
    assert stock_of("COAT-M") == (12, 0)
    assert mia.post("/merchant/shop/stock/", {"sku": "COAT-M", "available": "-1"}).status_code == 422
    assert mia.post("/merchant/shop/stock/", {"sku": "NONE", "available": "1"}).status_code == 422


def test_a_shops_program_tells_its_articles(shop):
    body = {"title": "羊毛大衣 S", "category": "apparel", "price": 9000, "style": "coat", "option": "S", "stock": 4}
    assert shop.call("PUT", "/products/COAT-S", body)[0] == 201
    status, told = shop.call("PUT", "/products/COAT-S", body | {"stock": 2})
    assert (status, told["stock"], told["reserved"], stock_of("COAT-S")) == (200, 2, 0, (2, 0))
    for wrong in ({"price": -1}, {"stock": "4"}, {"category": "boats"}, {"unknown": 1}):
        assert shop.call("PUT", "/products/COAT-S", body | wrong)[0] == 422


def test_the_api_tells_what_replaces_the_goods(shop):
    case = swap(shop, "COAT-LONG")
    work()
    told = shop.get(f"/returns/{case.return_no}")[1]
    assert (told["replacement"]["state"], told["replacement"]["due"], told["bill"]["due"]) == (
        "awaiting_payment", 3000, 3000
    )  # fmt: skip
