"""A shop says whom it wants to come, reads how they did, and why one came on a case."""

import pytest
from django.urls import reverse

from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.shop_cases import open_cases
from logistics.parcels import services
from logistics.rates.models import Wish
from orders.tests import samples
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def all_three(settings):
    settings.COURIERS = ["sf", "jd", "kuaidi100"]


@pytest.fixture
def owner(client):
    shop = samples.shop("fresh")
    client.force_login(samples.member(shop, "owner", language="en"))
    client.address = reverse("merchant:couriers", args=["fresh"])
    client.shop = shop
    return client


def send(client, **fields):
    return client.post(client.address, {"decides": "order", **fields}, headers=EN)


def test_without_a_wish_the_platforms_order_is_shown(owner):
    page = owner.get(owner.address, headers=EN)
    assert page.status_code == 200
    assert [page.context["form"][place].value() for place in ("first", "second", "third")] == [
        "sf", "jd", "kuaidi100",
    ]  # fmt: skip


def test_an_order_of_the_shops_own_is_kept(owner):
    assert send(owner, first="jd", second="sf", third="", decides="price").status_code == 302
    wish = Wish.objects.get(merchant=owner.shop)
    assert (wish.couriers, wish.cheapest) == (["jd", "sf"], True)
    assert "JD Logistics" in owner.get(owner.address, headers=EN).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"first": ""}, "Choose at least one courier."), ({"first": "sf", "second": "sf"}, "in the order already"),
     ({"first": "dhl"}, "dhl"), ({"first": "sf", "decides": "luck"}, "luck")],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_at_its_field(owner, fields, said):
    page = send(owner, **fields)
    assert (page.status_code, said in page.text) == (422, True)
    assert not Wish.objects.exists()


def test_only_the_owner_and_never_of_another_shop(client, owner):
    other = samples.shop("style")
    client.force_login(samples.member(other, "owner", "otto"))
    assert client.get(owner.address).status_code == 404
    client.force_login(samples.member(owner.shop, "agent", "lina"))
    assert client.get(owner.address).status_code == 403


def test_why_this_one_came_stands_on_the_case_without_prices_for_the_bench(client, monkeypatch):
    """The stand-ins are played by fakes: what is looked at is the page."""
    from logistics import couriers
    from logistics.tests.fakes import FakeCourier, FakeJD, FakeKuaidi100, Vans

    for number, fake in enumerate((FakeCourier, FakeJD, FakeKuaidi100)):
        monkeypatch.setitem(couriers.COURIERS, fake.code, f"logistics.tests.fakes.{fake.__name__}")
        vans = Vans(number)
        vans.reliable = True
        monkeypatch.setattr(fake, "vans", vans, raising=False)
    monkeypatch.setattr(FakeCourier, "price", 9900)
    cases = open_cases()
    row = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), send_back="pickup")
    follow_due_cases(now=clock.now())
    services.book_due_parcels(clock.now())
    shown = {}
    for role in ("owner", "warehouse"):
        member = cases.member(role)
        member.language = "en"
        member.save()
        client.force_login(member)
        shown[role] = client.get(reverse("merchant:case", args=[row.merchant.code, row.return_no])).text
    assert "SF Express costs over 25 % more than the cheapest" in shown["warehouse"]
    assert "¥99.00" not in shown["warehouse"]
    shown = shown["owner"]
    assert "JD Logistics comes: the first in the order that fits (¥13.00)" in shown
    assert "SF Express costs over 25 % more than the cheapest (¥99.00)" in shown
