"""The front door and the pages for everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from aftersales.tests.returns.buyers import a_buyer
from orders.accounts.models import User
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


def test_the_policy_says_what_holds_for_each_kind_of_goods():
    kinds = dict(Client().get(reverse("aftersales:policy")).context["kinds"])
    assert len(kinds) == 9
    assert all(kinds.values())
