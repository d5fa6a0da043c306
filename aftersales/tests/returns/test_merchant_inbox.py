"""The shop's inbox: its numbers, filters and search, deciding many at once, and who may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aftersales.returns import inbox
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.shop_cases import BUYER, open_cases
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db

COLLEAGUE = Actor("merchant", "0", "李娜")
REFUSAL = {"refuse-code": "R_NO_EVIDENCE", "refuse-text": "照片里没有拍到问题。"}


def address(code="shop", **query):
    return reverse("merchant:inbox", args=[code], query=query)


def shown(response) -> list[str]:
    return [row.no for row in response.context["rows"]]


def state(row) -> str:
    return type(row).objects.get(pk=row.pk).state


@pytest.mark.parametrize("role", ["owner", "agent", "warehouse", "finance", "viewer"])
def test_every_role_sees_the_inbox(client, role):
    cases = open_cases()
    row = cases.in_review()
    client.force_login(cases.member(role))
    response = client.get(address())
    assert response.status_code == 200
    assert shown(response) == [row.return_no]


def test_the_warehouse_sees_no_price(client):
    cases = open_cases()
    cases.in_review()
    client.force_login(cases.member("warehouse"))
    assert "33.33" not in client.get(address()).content.decode()
    client.force_login(cases.member("agent"))
    assert "33.33" in client.get(address()).content.decode()


def test_strangers_and_other_shops(client):
    cases, others = open_cases(), open_cases("other")
    assert client.get(address()).status_code == 302
    client.force_login(others.member("owner"))
    assert client.get(address()).status_code == 404
    assert client.post(address(), {"do": "approve"}).status_code == 404
    assert shown(client.get(address("other"))) == []
    assert cases.merchant.code == "shop"


def test_counters_count_what_waits_and_link_to_it(client):
    cases = open_cases()
    cases.in_review()
    cases.approved()
    client.force_login(cases.member("owner"))
    found = inbox.numbers(cases.merchant, now=clock.now())
    assert (found["decide"], found["goods"], found["count"], found["done"]) == (1, 1, 0, 0)
    response = client.get(address(view="goods"))
    assert len(shown(response)) == 1
    current = [counter for counter in response.context["counters"] if counter.current]
    assert current[0].href.endswith("?view=goods")


def test_a_number_above_the_most_is_not_counted_further(monkeypatch):
    monkeypatch.setattr(inbox, "MOST_COUNTED", 1)
    cases = open_cases()
    for _case in range(3):
        cases.in_review()
    assert inbox.numbers(cases.merchant, now=clock.now())["decide"] == 2


def test_the_nearest_deadline_stands_first_and_filters_narrow(client):
    cases = open_cases()
    first, second = cases.in_review(), cases.in_review()
    client.force_login(cases.member("owner"))
    assert shown(client.get(address())) == [first.return_no, second.return_no]
    assert shown(client.get(address(by="new"))) == [second.return_no, first.return_no]
    assert shown(client.get(address(reason="QL"))) == []
    assert len(shown(client.get(address(reason="OT", kind="return_refund")))) == 2
    assert shown(client.get(address(kind="exchange"))) == []


def test_search_finds_by_number_order_and_phone(client):
    cases = open_cases()
    row = cases.in_review()
    approved = cases.approved()
    client.force_login(cases.member("owner"))
    assert shown(client.get(address(q=row.return_no.lower()))) == [row.return_no]
    assert shown(client.get(address(q=row.order.order_no))) == [row.return_no]
    assert set(shown(client.get(address(q="8000")))) == {row.return_no, approved.return_no}
    assert shown(client.get(address(q="8001"))) == []


def test_search_finds_nothing_of_another_shop(client):
    row, others = open_cases().in_review(), open_cases("other")
    client.force_login(others.member("owner"))
    assert shown(client.get(address("other", q=row.return_no))) == []


@pytest.mark.parametrize(
    "query",
    [
        {"view": "nonsense"}, {"q": "%"}, {"q": "_" * 64}, {"q": "x" * 3000}, {"reason": "' OR 1=1"}, {"kind": "²"},
        {"by": "customer__phone"}, {"view": ""}, {"q": "9" * 400},
    ],
)  # fmt: skip
def test_odd_addresses_show_a_list(client, query):
    cases = open_cases()
    client.force_login(cases.member("owner"))
    assert client.get(address(**query)).status_code == 200


@pytest.mark.parametrize("query", [{"q": "\x00"}, {"after": "garbage"}, {"view": "\x07"}])
def test_unreadable_addresses_are_told(client, query):
    cases = open_cases()
    client.force_login(cases.member("owner"))
    assert client.get(address(**query)).status_code == 400


def test_the_next_page_begins_where_this_one_ends(client, monkeypatch):
    monkeypatch.setattr("aftersales.returns.views.shop_inbox.PAGE_ROWS", 2)
    cases = open_cases()
    rows = [cases.in_review().return_no for _case in range(3)]
    client.force_login(cases.member("owner"))
    first = client.get(address())
    second = client.get(address(after=first.context["page"].next))
    assert shown(first) + shown(second) == rows


def test_as_many_queries_for_three_rows_as_for_one(client):
    cases = open_cases()
    cases.in_review()
    client.force_login(cases.member("owner"))
    client.get(address())
    with CaptureQueriesContext(connection) as one:
        client.get(address())
    cases.in_review(), cases.in_review()
    with CaptureQueriesContext(connection) as three:
        client.get(address())
    assert len(one) == len(three)


# --- many at once -----------------------------------------------------------------------------------------


def test_picked_rows_are_approved_and_each_is_told(client):
    cases = open_cases()
    rows = [cases.in_review(), cases.in_review()]
    client.force_login(cases.member("agent"))
    response = client.post(address(), {"do": "approve", "pick": [row.return_no for row in rows]}, follow=True)
    assert [state(row) for row in rows] == ["approved", "approved"]
    assert rows[0].return_no in response.context["result"]["items"][0].text
    assert client.get(address()).context["result"] is None


def test_a_row_that_was_faster_is_named_and_the_others_are_done(client):
    cases = open_cases()
    won, withdrawn, taken = cases.in_review(), cases.in_review(), cases.in_review()
    withdraw_return(withdrawn.pk, by=BUYER, now=clock.now())
    approve_return(taken.pk, by=COLLEAGUE, now=clock.now())
    client.force_login(cases.member("agent"))
    picked = [won.return_no, withdrawn.return_no, taken.return_no]
    response = client.post(address(), {"do": "approve", "pick": picked}, follow=True)
    done, first, second = response.context["result"]["items"]
    assert done.text == won.return_no
    assert withdrawn.return_no in first.text and "安小雨" in first.text
    assert taken.return_no in second.text and "李娜" in second.text
    assert (state(won), state(withdrawn)) == ("approved", "withdrawn")


def test_a_row_of_another_shop_refuses_the_whole(client):
    cases, others = open_cases(), open_cases("other")
    mine, theirs = cases.in_review(), others.in_review()
    client.force_login(cases.member("owner"))
    response = client.post(address(), {"do": "approve", "pick": [mine.return_no, theirs.return_no]})
    assert response.status_code == 404
    assert (state(mine), state(theirs)) == ("in_review", "in_review")


def test_refusing_many_asks_once_for_the_ground(client):
    cases = open_cases()
    rows = [cases.in_review(), cases.in_review()]
    picked = {"do": "refuse", "pick": [row.return_no for row in rows]}
    client.force_login(cases.member("agent"))
    assert "refuse-code" in client.post(address(), picked).content.decode()
    assert client.post(address(), picked | {"refuse-code": "", "refuse-text": ""}).status_code == 422
    assert [state(row) for row in rows] == ["in_review", "in_review"]
    client.post(address(), picked | REFUSAL)
    assert [state(row) for row in rows] == ["rejected", "rejected"]


@pytest.mark.parametrize("role", ["warehouse", "finance", "viewer"])
def test_who_looks_on_does_not_decide(client, role):
    cases = open_cases()
    row = cases.in_review()
    client.force_login(cases.member(role))
    assert client.post(address(), {"do": "approve", "pick": row.return_no}).status_code == 403
    assert client.post(address(), {"do": "refuse", "pick": row.return_no} | REFUSAL).status_code == 403
    assert state(row) == "in_review"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "approve"}, 302),
        ({"do": "nonsense"}, 400),
        ({}, 400),
        ({"do": ["approve", "refuse"]}, 400),
        ({"do": "approve", "pick": ["x"] * 101}, 400),
        ({"do": "approve", "pick": "RT" + "9" * 5000}, 404),
        ({"do": "approve", "pick": "\x00"}, 400),
    ],
)
def test_odd_forms_change_nothing(client, form, status):
    cases = open_cases()
    client.force_login(cases.member("owner"))
    assert client.post(address(), form).status_code == status
