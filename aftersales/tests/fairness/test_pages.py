import pytest
from django.urls import reverse

from aftersales.tests.replay.test_views import signed_in
from aftersales.tests.shop_cases import open_cases
from orders.merchants.models import Merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_user(admin_user):
    admin_user.language = "en"
    admin_user.save()
    return admin_user


def test_the_platform_reads_every_shop(admin_client):
    for code in ("one", "two"):
        open_cases(code).approved()
    page = admin_client.get(reverse("admin:aftersales_fairness_changelist"))
    assert page.status_code == 200
    assert ("one 店" in page.text, "two 店" in page.text) == (True, True)
    assert "1 of 1" in page.text
    assert "too few to compare" in page.text
    odd = admin_client.get(reverse("admin:aftersales_fairness_changelist"), {"days": "9'"})
    assert odd.status_code == 200


def test_the_list_calculates_nothing(admin_client):
    open_cases("one").approved()
    Merchant.objects.update(name="=1+1")
    text = admin_client.get(reverse("admin:aftersales_fairness_csv")).content.decode("utf-8-sig")
    assert "'=1+1" in text


def test_a_shop_reads_about_itself_and_nobody_else():
    one, two = open_cases("one"), open_cases("two")
    one.approved()
    two.approved()
    client = signed_in(one, "viewer")
    page = client.get(reverse("merchant:fairness", args=["one"]))
    assert page.status_code == 200
    assert "two" not in page.text
    assert "Policy 1" in page.text
    assert client.get(reverse("merchant:fairness", args=["two"])).status_code == 404


def test_a_shop_without_cases_is_told_so():
    shop = open_cases("one")
    client = signed_in(shop, "owner")
    assert "No case was filed in that time." in client.get(reverse("merchant:fairness", args=["one"])).text
