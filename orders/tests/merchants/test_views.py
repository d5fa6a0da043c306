"""A shop's settings page: its owner's, and nobody else's."""

import pytest
from django.urls import reverse

from orders.accounts.models import User
from orders.merchants.queries import authenticate
from orders.tests.samples import member, shop

pytestmark = pytest.mark.django_db

FILLED = {
    "name": "鲜果",
    "name_en": "",
    "return_name": "Gate 2",
    "return_phone": "138 0013 8001",
    "return_province": "上海市",
    "return_city": "上海市",
    "return_district": "",
    "return_street": "世纪大道 1 号",
    "opening_hours": "09:00-18:00",
    "contact": "400 000 0000",
}


def page(code="fresh"):
    return reverse("merchant:settings", args=[code])


def test_an_owner_fills_in_the_settings(client):
    client.force_login(member(shop()))
    assert client.get(page()).status_code == 200
    assert client.post(page(), FILLED).status_code == 302
    merchant = shop()
    assert (merchant.name, str(merchant.return_phone), merchant.can_take_returns) == ("鲜果", "+8613800138001", True)


def test_the_page_names_the_shop_in_the_readers_language(client):
    client.force_login(member(shop()))
    client.post(page(), {**FILLED, "name_en": "Fresh Fruit"})
    for language, name in (("zh-hans", "鲜果"), ("en", "Fresh Fruit")):
        User.objects.update(language=language)
        client.cookies["django_language"] = language
        assert name in client.get(page()).content.decode().split("</title>")[0]


def test_what_is_wrong_is_told_and_nothing_is_written(client):
    client.force_login(member(shop()))
    assert client.post(page(), {**FILLED, "return_phone": "later", "contact": "\u200b"}).status_code == 422
    assert shop().name == "Shop fresh"


def test_a_field_that_is_not_on_the_page_changes_nothing(client):
    client.force_login(member(shop()))
    client.post(page(), {**FILLED, "code": "mine", "is_demo": "1", "currency": "USD"})
    merchant = shop()
    assert (merchant.code, merchant.is_demo, merchant.currency) == ("fresh", False, "CNY")


def test_a_new_token_is_shown_once(client):
    client.force_login(member(shop()))
    shown = client.post(reverse("merchant:new_token", args=["fresh"]))
    token = shown.context["token"]
    assert authenticate(token).merchant == shop()
    assert token in shown.content.decode()
    assert token not in client.get(page()).content.decode()


def test_strangers_colleagues_and_the_signed_out(client):
    assert client.get(page()).status_code == 302
    client.force_login(member(shop(), "agent", "ada"))
    assert client.get(page()).status_code == 403
    shop("style")
    assert client.get(page("style")).status_code == 404
    assert client.post(reverse("merchant:new_token", args=["style"])).status_code == 404
    assert client.get(reverse("merchant:new_token", args=["fresh"])).status_code == 405
