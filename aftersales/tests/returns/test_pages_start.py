"""The front door and the pages for everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from aftersales.tests.returns.buyers import a_buyer
from orders.accounts.models import OneTimeCode, User
from orders.accounts.services import digits_of
from orders.merchants.services import add_member

pytestmark = pytest.mark.django_db


def test_who_is_not_known_finds_three_doors():
    page = Client().get("/").content.decode()
    for name in ("orders:find", "orders:sign_in_link", "account_login"):
        assert reverse(name) in page


def test_everybody_is_led_to_where_their_work_is():
    buyer = a_buyer()
    assert buyer.client.get("/").headers["Location"] == reverse("aftersales:orders")
    mia = User.objects.create_user("mia")
    add_member(buyer.shop.merchant, user=mia, role="owner")
    client = Client()
    client.force_login(mia)
    assert client.get("/").headers["Location"] == reverse("merchant:inbox", args=["shop"])
    client.force_login(User.objects.create_user("sam", is_staff=True))
    assert client.get("/").headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize("name", ["aftersales:help", "aftersales:policy"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_help_and_policy_are_for_everybody(name, language):
    response = Client().get(reverse(name), headers={"Accept-Language": language})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language


def test_a_guest_finds_the_order_files_and_follows_the_request_without_an_account():
    buyer, guest = a_buyer(), Client(headers={"Accept-Language": "en"})
    order = buyer.order(signed=False)
    guest.post(reverse("orders:find"), {"order_no": order.order_no, "phone": "138 0013 8000"})
    code = digits_of(OneTimeCode.objects.latest("pk"))
    opened = guest.post(reverse("orders:find_code"), {"code": code}, follow=True)
    assert opened.redirect_chain[-1][0] == reverse("aftersales:order", args=[order.pk])
    address = reverse("aftersales:file", args=[order.pk])
    page = guest.get(address)
    sent = {"token": "t-1", "shown": page.context["shown"], "outcome": "refund_only.original", "step": "file"}
    item = page.context["form"].picked[0]
    sent |= {"line": item.key, f"qty_{item.key}": 1, f"reason_{item.key}": "UN.NOT_SHIPPED"}
    case = guest.post(address, sent, follow=True)
    assert case.status_code == 200
    assert case.context["headline"].title == "Approved. Nothing has to come back"
    row = ReturnRequest.objects.get()
    assert guest.post(reverse("aftersales:withdraw", args=[row.return_no])).status_code == 302
    assert ReturnRequest.objects.get().moves.last().by_id == f"guest-{order.customer_id}"


def test_the_policy_says_what_holds_for_each_kind_of_goods():
    told = Client(headers={"Accept-Language": "en"}).get(reverse("aftersales:policy")).context["sections"]
    assert sum(section.title.count(",") + 1 for section in told) == 9
    notes = {section.title: section.notes for section in told}
    assert notes["Fresh food"][:2] == (
        "Cannot be returned without a reason.",
        "Quality problems: within 24 hours of delivery.",
    )
