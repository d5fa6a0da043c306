"""The customer's own page of what they have, and the way from the balance back to the bank."""

import pytest
from django.test import Client
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from orders.accounts.models import User
from orders.customers.models import Customer
from orders.purchases.models import Order
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL
from refunds.payouts.models import Refund
from refunds.wallet.models import Wallet, WalletEntry
from refunds.wallet.services import spend
from returns_platform.kernel import clock
from returns_platform.tests.journeys.shop import open_shop
from returns_platform.tests.journeys.test_benefits import file, order, pay
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db
PAGE = "/balance/"


def to_balance() -> dict:
    return {"refund_to": "balance", "refund_to_agreed_at": clock.now().isoformat()}


@pytest.fixture
def shop():
    yield open_shop()
    must_balance()


@pytest.fixture
def on_the_balance(shop):
    """100.00 paid by WeChat, returned to the balance with its bonus of 2.00."""
    order(shop, [("a", 1, 10000)], payments=[("wechat", 10000, {})])
    filed = file(shop, ("a", 1), **to_balance())
    pay()
    return ReturnRequest.objects.get(return_no=filed["return_no"])


def signed_in(customer: Customer | None = None, name: str = "ann") -> Client:
    user = User.objects.create_user(name, password="demo-pass-2026", language="en")
    if customer:
        Customer.objects.filter(pk=customer.pk).update(user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def guest_of(bought: Order) -> Client:
    client = Client(headers={"accept-language": "en"})
    session = client.session
    session[GUEST_ORDER], session[GUEST_UNTIL] = bought.pk, clock.now().timestamp() + 3600
    session.save()
    return client


def text(answer) -> str:
    return answer.content.decode()


def test_t62_every_change_stands_with_what_it_is_for_and_the_bonus_apart(on_the_balance):
    page = text(signed_in(on_the_balance.customer).get(PAGE))
    for said in ("Refund", "Bonus on top", "+¥100.00", "+¥2.00", "¥102.00", on_the_balance.return_no):
        assert said in page


def test_nothing_yet_says_so(shop):
    page = text(signed_in().get(PAGE))
    assert "Nothing here yet" in page


def test_nobody_else_sees_it(on_the_balance):
    client = signed_in(name="bob")
    assert "¥100.00" not in text(client.get(PAGE))
    assert client.get(PAGE, {"shop": on_the_balance.merchant.code}).status_code == 404
    assert Client().get(PAGE).status_code in (302, 401)


def test_a_guest_sees_only_what_came_from_their_one_order(shop, on_the_balance):
    order(shop, [("a", 1, 5000)], number="A2", payments=[("wechat", 5000, {})])
    file(shop, ("a", 1), number="A2", **to_balance())
    pay()
    page = text(guest_of(Order.objects.get(order_no="A2")).get(PAGE))
    assert "+¥50.00" in page
    assert "¥100.00" not in page and "¥153.00" not in page and "¥150.00" not in page


def test_all_entries_of_one_shop_are_paged(on_the_balance):
    client = signed_in(on_the_balance.customer)
    page = client.get(PAGE, {"shop": on_the_balance.merchant.code})
    assert page.status_code == 200 and "¥102.00" in text(page)
    assert client.get(PAGE, {"shop": on_the_balance.merchant.code, "after": "nonsense"}).status_code == 400
    assert client.get(PAGE, {"shop": "<script>"}).status_code == 404


# --- to the bank ------------------------------------------------------------------------------------------


def address(case) -> str:
    return reverse("aftersales:to_the_bank", args=[case.return_no])


def test_the_balance_goes_to_the_bank_once_and_the_case_waits_for_its_money_again(shop, on_the_balance):
    client, case = signed_in(on_the_balance.customer), on_the_balance
    assert "Move it to the way you paid" in text(client.get(reverse("aftersales:case", args=[case.return_no])))
    asked = text(client.get(address(case)))
    assert "¥100.00 leaves your balance and goes to WeChat Pay" in asked and "¥2.00" in asked

    assert client.post(address(case)).status_code == 302
    told = shop.get(f"/returns/{case.return_no}")[1]
    assert (told["state"], Wallet.objects.get().balance) == ("settling", 0)
    assert [(one["channel"], one["state"]) for one in told["refunds"]] == [
        ("balance", "returned_by_bank"), ("wechat", "promised"),
    ]  # fmt: skip
    assert client.post(address(case)).status_code == 409
    assert Refund.objects.count() == 2
    page = text(client.get(reverse("aftersales:case", args=[case.return_no])))
    assert "moved to the way you paid" in page and "held up" not in page
    assert shop.post(f"/returns/{case.return_no}/withdraw", {})[0] == 409


def test_what_is_spent_stays_and_says_so(on_the_balance):
    client, case = signed_in(on_the_balance.customer), on_the_balance
    spend(case.customer, amount=1, reference="A9", now=clock.now())
    assert "is spent already" in text(client.get(address(case)))
    answer = client.post(address(case))
    assert answer.status_code == 422 and "is spent already" in text(answer)
    assert Wallet.objects.get().balance == 10199


def test_nobody_moves_another_persons_balance(on_the_balance):
    client = signed_in(name="bob")
    assert client.get(address(on_the_balance)).status_code == 404
    assert client.post(address(on_the_balance)).status_code == 404
    assert WalletEntry.objects.count() == 2


def test_what_was_paid_with_the_balance_has_nowhere_else_to_go(shop):
    order(shop, [("a", 1, 10000)])
    filed = file(shop, ("a", 1))
    pay()
    case = ReturnRequest.objects.get(return_no=filed["return_no"])
    client = signed_in(case.customer)
    assert client.get(address(case)).status_code == 302
    assert client.post(address(case)).status_code == 409
