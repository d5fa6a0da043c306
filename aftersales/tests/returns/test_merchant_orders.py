"""A shop's orders with their after-sale records, orders from a file, the guide."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aftersales.tests.shop_cases import open_cases
from orders.purchases.models import Order
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db

EVERYONE = ("owner", "agent", "warehouse", "finance", "viewer")


@pytest.fixture
def cases():
    return open_cases()


def address(name, *args, code="shop"):
    return reverse(f"merchant:{name}", args=[code, *args])


@pytest.mark.parametrize("role", EVERYONE)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_orders_are_linked_to_their_after_sale_records(client, cases, role, language):
    row = cases.in_review()
    client.force_login(cases.member(role))
    for page in (address("orders"), address("order", row.order.order_no)):
        shown = client.get(page, headers={"accept-language": language})
        assert shown.status_code == 200
        assert address("case", row.return_no) in shown.content.decode()
        assert ("33.33" in shown.content.decode() or "100.00" in shown.content.decode()) == (role != "warehouse")


def test_the_phone_is_masked_and_the_street_stays_out(client, cases):
    order = cases.order()
    client.force_login(cases.member("owner"))
    page = client.get(address("order", order.order_no)).content.decode()
    assert "138****8000" in page
    assert "13800138000" not in page and "世纪大道" not in page


def test_orders_are_found_by_number_and_phone(client, cases):
    first, second = cases.order(), cases.order()
    client.force_login(cases.member("viewer"))
    assert [row.row.no for row in client.get(address("orders"), {"q": second.order_no}).context["rows"]] == ["shop-2"]
    assert len(client.get(address("orders"), {"q": "8000"}).context["rows"]) == 2
    assert client.get(address("orders"), {"q": "%"}).context["rows"] == []
    assert first.order_no == "shop-1"


def test_strangers_and_other_shops(client, cases):
    order, others = cases.order(), open_cases("other")
    pages = [address("orders"), address("order", order.order_no), address("import"), address("guide")]
    assert {client.get(page).status_code for page in pages} == {302}
    client.force_login(others.member("owner"))
    assert {client.get(page).status_code for page in pages} == {404}
    assert client.get(address("order", order.order_no, code="other")).status_code == 404


@pytest.mark.parametrize("number", ["x" * 3000, "²", "%25", "a b"])
def test_numbers_that_are_none(client, cases, number):
    client.force_login(cases.member("owner"))
    assert client.get(f"/merchant/shop/orders/{number}/").status_code == 404


def test_as_many_queries_for_three_orders_as_for_one(client, cases):
    cases.in_review()
    client.force_login(cases.member("owner"))
    client.get(address("orders"))
    with CaptureQueriesContext(connection) as one:
        client.get(address("orders"))
    cases.in_review(), cases.in_review()
    with CaptureQueriesContext(connection) as three:
        client.get(address("orders"))
    assert len(one) == len(three)


# --- a file -----------------------------------------------------------------------------------------------


def file_of(*orders: dict, name: str = "orders.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(json.dumps(order) for order in orders).encode())


def good(order_no: str) -> dict:
    body = order_body()
    body["payments"][0]["transaction_id"] = f"42{order_no}"
    return body | {"order_no": order_no}


def test_good_rows_are_taken_in_and_bad_ones_named(client, cases):
    client.force_login(cases.member("agent"))
    response = client.post(address("import"), {"file": file_of(good("F1"), good("F2") | {"currency": "???"})})
    assert response.status_code == 200
    assert (response.context["report"].created, len(response.context["report"].errors)) == (1, 1)
    assert "F2" in response.content.decode()
    again = client.post(address("import"), {"file": file_of(good("F1"))})
    assert (again.context["report"].created, again.context["report"].kept) == (0, 1)
    assert Order.objects.get().order_no == "F1"


def test_another_shops_orders_are_not_taken_in(client, cases):
    open_cases("other")
    client.force_login(cases.member("owner"))
    response = client.post(address("import"), {"file": file_of(good("F1") | {"merchant": "other"})})
    assert len(response.context["report"].errors) == 1
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\xff\xfe\x00", b"a,b,c\n1,2,3", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04" + b"x" * 1000, b"{", b"[]"],
)
def test_files_that_are_none(client, cases, data):
    client.force_login(cases.member("owner"))
    response = client.post(address("import"), {"file": SimpleUploadedFile("orders.csv", data)})
    assert response.status_code in (200, 422)
    assert not Order.objects.exists()


def test_no_file_at_all(client, cases):
    client.force_login(cases.member("owner"))
    assert client.post(address("import"), {}).status_code == 422
    assert client.post(address("import"), {"file": "text"}).status_code == 422


@pytest.mark.parametrize("role", ["warehouse", "finance", "viewer"])
def test_who_looks_on_takes_nothing_in(client, cases, role):
    client.force_login(cases.member(role))
    assert client.get(address("import")).status_code == 403
    assert client.post(address("import"), {"file": file_of(good("F1"))}).status_code == 403
    assert not Order.objects.exists()


# --- the guide, and what is missing -----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_guide_names_the_deadlines_of_the_policy_in_force(client, cases, language):
    client.force_login(cases.member("viewer"))
    page = client.get(address("guide"), headers={"accept-language": language}).content.decode()
    assert "24" in page and "48" in page and "5,000.00" in page


def test_without_a_return_address_the_settings_are_named(client):
    cases = open_cases("bare", return_street="")
    client.force_login(cases.member("owner"))
    assert address("settings", code="bare") in client.get(address("inbox", code="bare")).content.decode()
    client.force_login(cases.member("agent"))
    assert client.get(address("inbox", code="bare")).context["no_address"]
