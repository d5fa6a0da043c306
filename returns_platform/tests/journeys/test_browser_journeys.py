"""Whole journeys in Chromium: a return without script on a phone, the shop's bench, a guest with a photo."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from aftersales.returns.models import ReturnRequest
from orders.accounts import services as codes
from orders.accounts.models import OneTimeCode
from orders.merchants.services import add_member
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.tests.journeys.conftest import let_workers_work
from returns_platform.tests.journeys.shop import open_shop, order_body
from returns_platform.tests.journeys.test_main_job import must_balance
from returns_platform.tests.journeys.town import a_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop():
    shop = open_shop("fresh")
    mia = get_user_model().objects.create_user("mia", password="demo-pass-2026")
    add_member(shop.merchant, user=mia, role="owner", also=("warehouse",))
    return shop


def test_ann_returns_nuts_without_script_and_the_money_arrives(shop, visit, outside):
    get_user_model().objects.create_user("ann", password="demo-pass-2026")
    assert shop.put("A1", order_body(customer=order_body()["customer"] | {"username": "ann"}))[0] == 201

    ann = visit(width=360, script=False)
    ann.sign_in("ann")
    ann.page.click('a[href*="/return/"]')
    ann.page.check('input[value="NR.NO_LONGER_WANT"]')
    ann.press("step", "show")
    assert "¥33.33" in ann.page.inner_text(".dock")
    assert "¥33.33" in ann.page.inner_text(".bill")
    assert not ann.is_wider_than_the_window
    ann.press("step", "file")
    assert re.search(r"/returns/RT\d+/$", ann.page.url)
    assert "已通过" in ann.page.inner_text("h1")
    assert "¥33.33" in ann.text
    assert not ann.is_wider_than_the_window

    let_workers_work()
    ann.page.reload()
    assert re.search(r"SF\d{10,}", ann.text)

    mia = visit(width=1280)
    mia.sign_in("mia")
    row = ReturnRequest.objects.get()
    mia.open(f"/merchant/fresh/bench/?code={row.return_no}")
    mia.page.click('button[form="all-here"]')
    mia.page.check('input[name="grade"][value="A"]', force=True)
    mia.press("do", "grade")
    mia.page.wait_for_load_state()
    arrived(row)

    ann.page.reload()
    assert "已到账" in ann.page.inner_text("h1")
    assert "¥33.33" in ann.text
    must_balance()


def arrived(row: ReturnRequest) -> None:
    """Workers work until the channel has paid and said so."""
    end = time.monotonic() + 15
    while not Refund.objects.filter(case_ref=row.return_no, state="arrived").exists():
        assert time.monotonic() < end, [(refund.state, refund.problem) for refund in Refund.objects.all()]
        let_workers_work()
        time.sleep(0.1)
    let_workers_work()


def test_a_guest_claims_rotten_fruit_with_a_photo(shop, visit, outside):
    fruit = order_body(unit_price=2500, quantity=1, discount=0)
    fruit["lines"][0] |= {"sku": "BERRY-500", "title": "丹东草莓 500g", "category": "fresh"}
    fruit["parcels"][0]["signed_at"] = (clock.now() - timedelta(hours=2)).isoformat()
    status, told = shop.put("B1", fruit)
    assert status == 201, told

    guest = visit(width=360)
    guest.open("/orders/find/")
    guest.page.fill("[name=order_no]", "B1")
    guest.page.fill("[name=phone]", "138 0013 8000")
    guest.page.click("main form button")
    guest.page.fill("[name=code]", codes.digits_of(OneTimeCode.objects.latest("pk")))
    guest.page.click("main form button")
    guest.page.click('a[href*="/return/"] >> nth=0')
    guest.page.check('input[value="FR.ROT"]')
    guest.page.wait_for_selector("[name=photo]")
    photo = a_photo()
    guest.page.set_input_files("[name=photo]", {"name": "rot.jpg", "mimeType": "image/jpeg", "buffer": photo.read()})
    guest.page.wait_for_selector('input[name="evidence"]', state="attached")
    assert "¥25.00" in guest.page.inner_text(".dock")
    guest.press("step", "file")
    guest.page.wait_for_url("**/returns/RT*/")
    row = ReturnRequest.objects.get()
    assert (row.kind, row.bill.refund) == ("refund_only", 2500)
    assert guest.page.locator(".photo img").count() == 1
    assert not guest.is_wider_than_the_window
    must_balance()
