"""Real requests from filing on: what their facts make of each notice."""

import pytest
from django.utils import translation

from aftersales.notifications import texts
from aftersales.notifications.models import Notice
from aftersales.notifications.queries import lines_for_shop
from aftersales.notifications.sending import send_due_notices
from aftersales.returns.services.following import follow_due_cases
from orders.accounts.models import SentMessage
from returns_platform.kernel import clock
from returns_platform.tests.journeys.shop import open_shop, order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    opened = open_shop()
    opened.put("A1", order_body())
    return opened


def file(shop, reason="NR.NO_LONGER_WANT", **changes) -> str:
    line = {"line_no": "1", "quantity": 1, "reason": reason}
    wish = {"order_no": "A1", "kind": "return_refund", "send_back": "self_ship", "refund_to": "original"}
    status, filed = shop.post("/returns", wish | {"lines": [line]} | changes)
    assert status == 201, filed
    return filed["return_no"]


def title(event: str, language: str = "en") -> str:
    notice = Notice.objects.get(channel="inbox", event=event, customer__isnull=False)
    with translation.override(language):
        return texts.for_customer(event, notice.params, now=clock.now()).title


def test_an_approval_says_how_to_return(shop):
    """S74, S55: at once, on every channel, with the address and the last moment."""
    number = file(shop)
    assert title("approved").startswith("Approved: send it to shop 店 by ") and title("approved").endswith(
        "you get ¥33.33"
    )
    assert send_due_notices(now=clock.now()) == 2
    letter, sms = SentMessage.objects.get(channel="mail"), SentMessage.objects.get(channel="sms")
    assert "上海市 浦东新区 张江路 1 号 退货组 13800138111" in letter.text
    assert number in letter.text and "/sign-in/link/" in letter.text
    assert sms.text.startswith("【一隅商城】已通过：")


def test_a_pickup_says_when_the_courier_comes(shop):
    file(shop, send_back="pickup")
    assert title("approved").startswith("Approved: the courier comes ") and "–" in title("approved")


def test_receipt_and_money_are_told_to_customer_and_shop(shop):
    """S58."""
    number = file(shop)
    follow_due_cases(now=clock.now())
    shop.post(f"/returns/{number}/shipped", {"courier": "sf", "waybill": "SF1234567890999"})
    shop.post(f"/returns/{number}/arrived", {"lines": [{"line_no": "1", "quantity": 1}]})
    assert title("counted").startswith("shop 店 has unpacked your parcel and checks it by ")


def test_withdrawing_is_told_to_both(shop):
    number = file(shop)
    shop.post(f"/returns/{number}/withdraw", {})
    assert title("withdrawn") == f"You have withdrawn your request {number}"
    with translation.override("en"):
        [line] = lines_for_shop(shop.merchant, now=clock.now())
    assert line.title == "The customer withdrew: 每日坚果 750g × 1"


def test_a_review_names_who_answers_by_when(shop):
    file(shop, reason="OT.OTHER")
    assert "answers by " in title("in_review")
    assert "会在" in title("in_review", "zh-hans")
