"""What a buyer sees of her orders, and the ways into an after-sale."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aftersales.returns.views import purchases
from aftersales.tests.returns.buyers import a_buyer, plain
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db
ORDERS = reverse("aftersales:orders")


def signed_days_ago(days: float) -> dict:
    now = clock.now()
    parcel = {"parcel_no": "P1", "courier": "sf", "waybill": "SF1234567890123",
              "items": [{"line_no": "1", "quantity": 3}]}  # fmt: skip
    times = {"shipped_at": now - timedelta(days=days + 1), "signed_at": now - timedelta(days=days)}
    parcel |= {name: at.isoformat() for name, at in times.items()}
    return {"placed_at": (now - timedelta(days=days + 2)).isoformat(), "parcels": [parcel]}


def on_its_way() -> dict:
    body = signed_days_ago(1)
    del body["parcels"][0]["signed_at"]
    return body


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signed": False}, "Cancel and refund"),
        (on_its_way, "Delivery problem"),
        (lambda: signed_days_ago(1), "Return / after-sale"),
        (lambda: signed_days_ago(10), "Report a quality problem"),
        (lambda: signed_days_ago(40), "Report a problem"),
    ],
)
def test_every_line_has_its_own_entry_worded_for_its_state(changes, words):
    buyer = a_buyer()
    order = buyer.order(**(changes() if callable(changes) else changes))
    page = buyer.client.get(ORDERS).content.decode()
    assert words in page
    assert reverse("aftersales:file", args=[order.pk]) in page


def test_a_line_in_a_request_leads_to_the_request():
    buyer = a_buyer()
    order = buyer.order(quantity=1, discount=0, signed=True, unit_price=4000)
    row = buyer.filed(order=order)
    page = buyer.client.get(ORDERS).content.decode()
    assert "See the request" in page
    assert reverse("aftersales:case", args=[row.return_no]) in page


def test_what_is_under_way_stands_on_top_with_its_time():
    buyer = a_buyer()
    buyer.filed()
    live = buyer.client.get(ORDERS).context["live"]
    assert [row["title"].split()[0] for row in live] == ["Pickup"]


def test_the_order_page_links_its_after_sales_and_tells_the_rules():
    buyer = a_buyer()
    row = buyer.filed()
    page = buyer.client.get(reverse("aftersales:order", args=[row.order_id]))
    assert page.status_code == 200
    assert row.return_no in page.content.decode()
    assert "No-reason returns: within 7 days of delivery." in page.context["rules"]


def test_a_single_line_has_one_way_in_and_it_is_the_large_button():
    buyer = a_buyer()
    order = buyer.order(signed=True)
    page = buyer.client.get(reverse("aftersales:order", args=[order.pk]))
    way_in = reverse("aftersales:file", args=[order.pk])
    assert page.content.decode().count(f'href="{way_in}') == 1
    assert page.context["action_href"] == f"{way_in}?line={order.lines.get().pk}"


def test_somebody_elses_order_is_not_there_in_the_same_words_as_none():
    buyer, stranger = a_buyer(), a_buyer("other")
    order = buyer.order()
    hers = stranger.client.get(reverse("aftersales:order", args=[order.pk]))
    none = stranger.client.get(reverse("aftersales:order", args=[999_999]))
    assert (hers.status_code, none.status_code) == (404, 404)
    assert plain(hers).replace(f"/orders/{order.pk}/", "") == plain(none).replace("/orders/999999/", "")
    assert order.order_no not in stranger.client.get(ORDERS).content.decode()


def test_nobody_is_asked_to_sign_in_first():
    response = Client().get(ORDERS)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_a_guest_sees_the_one_order_the_code_opened():
    buyer = a_buyer()
    order, other = buyer.order(), buyer.order()
    guest = Client()
    session = guest.session
    session[GUEST_ORDER], session[GUEST_UNTIL] = order.pk, clock.now().timestamp() + 600
    session.save()
    assert guest.get(reverse("aftersales:order", args=[order.pk])).status_code == 200
    assert guest.get(reverse("aftersales:order", args=[other.pk])).status_code == 404
    assert guest.get("/").headers["Location"] == reverse("aftersales:order", args=[order.pk])


def test_without_orders_the_page_says_how_to_find_one():
    page = a_buyer().client.get(ORDERS).content.decode()
    assert reverse("orders:find") in page


def test_no_cache_keeps_a_page_about_a_person():
    assert "no-store" in a_buyer().client.get(ORDERS)["Cache-Control"]


@pytest.mark.parametrize("address", [ORDERS, reverse("aftersales:mine")])
def test_lists_take_the_same_number_of_queries_for_one_row_and_for_three(address):
    buyer = a_buyer()
    buyer.filed()
    buyer.client.get(address)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert buyer.client.get(address).status_code == 200
        return len(seen)

    one = queries()
    buyer.filed()
    buyer.filed(kind="return_refund", send_back="self_ship")
    assert queries() == one


def test_long_lists_are_paged(monkeypatch):
    monkeypatch.setattr(purchases, "ORDERS_A_PAGE", 2)
    buyer = a_buyer()
    for _number in range(3):
        buyer.order()
    first = buyer.client.get(ORDERS)
    assert len(first.context["orders"]) == 2
    second = buyer.client.get(ORDERS, {"after": first.context["page"].next})
    assert len(second.context["orders"]) == 1
