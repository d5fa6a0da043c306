"""Two at once on pages, with real threads and locks: one effect, and nobody gets a fault."""

import pytest
from django.test import Client
from django.urls import reverse

from aftersales.returns.models import ReturnRequest
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_pages_filing import address, answers
from orders.accounts.models import User
from orders.merchants.services import add_member
from orders.tests.purchases.test_concurrency import at_once
from returns_platform.tests.journeys.test_main_job import must_balance

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_form_sent_four_times_at_once_is_one_request():
    buyer = a_buyer()
    order = buyer.order(signed=False)
    sent = answers(buyer.client.get(address(order)), step="file")
    clients = [signed_in(buyer.user) for _copy in range(4)]
    results = at_once(*(lambda client=client: client.post(address(order), sent) for client in clients))
    row = ReturnRequest.objects.get()
    shown = reverse("aftersales:case", args=[row.return_no])
    assert [(response.status_code, response.headers.get("Location")) for response in results] == [(302, shown)] * 4
    must_balance()


def test_two_tabs_that_file_the_last_unit_at_once_are_one_request():
    buyer = a_buyer()
    order = buyer.order(signed=False, quantity=1, discount=0)
    sent = answers(buyer.client.get(address(order)), step="file")
    clients = [(signed_in(buyer.user), f"t-{tab}") for tab in range(3)]
    results = at_once(
        *(lambda client=client, token=token: client.post(address(order), sent | {"token": token})
          for client, token in clients)
    )  # fmt: skip
    assert ReturnRequest.objects.count() == 1
    assert sorted(response.status_code for response in results)[0] == 302
    assert {response.status_code for response in results} <= {302, 422}
    must_balance()


@pytest.mark.parametrize("_time", range(3))
def test_a_yes_and_a_withdrawal_at_once_end_in_one_of_them(_time):
    buyer = a_buyer()
    row = buyer.filed(reason="OT.OTHER", send_back="self_ship")
    mia = User.objects.create_user("mia")
    add_member(buyer.shop.merchant, user=mia, role="owner")
    shop, page = signed_in(mia), reverse("merchant:case", args=[buyer.shop.merchant.code, row.return_no])
    results = at_once(
        lambda: shop.post(page, {"do": "approve", "seen": str(row.version)}),
        lambda: buyer.client.post(reverse("aftersales:withdraw", args=[row.return_no]), {}),
    )
    state = ReturnRequest.objects.get().state
    assert state in ("approved", "withdrawn")
    assert {response.status_code for response in results} <= {302, 409}
    assert 302 in {response.status_code for response in results}
    must_balance()
