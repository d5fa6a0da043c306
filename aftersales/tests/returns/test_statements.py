"""How many statements filing costs: at most 15, through the API's door as well; the same for one line as for five."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.policy import queries as policies
from aftersales.returns import numbers
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.tests.returns.buyers import a_buyer
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import Shop, open_shop, order_body

pytestmark = pytest.mark.django_db
LIMIT = 15
ON_THE_PAGE = 26  # session, account and what the form offers come on top


def an_order(lines: int, **wish) -> Shop:
    """A shop with the order A1 of that many lines."""
    shop = open_shop(code=f"shop-{lines}")
    line_nos = numbers_of(lines)
    body = order_body(discount=0, payments=[], signed=wish.get("send_back", "none") != "none")
    bought = [body["lines"][0] | {"line_no": number} for number in line_nos]
    paid = {"channel": "wechat", "transaction_id": shop.merchant.code, "amount": 12000 * lines}
    body |= {"lines": bought, "payments": [paid | {"paid_at": body["placed_at"]}]}
    for parcel in body["parcels"]:
        parcel["items"] = [{"line_no": number, "quantity": 3} for number in line_nos]
    status, told = shop.put("A1", body)
    assert status == 201, told
    policies.off_days()  # asked for once a minute
    return shop


def numbers_of(lines: int) -> list[str]:
    return [str(number) for number in range(1, lines + 1)]


def statements(seen: CaptureQueriesContext) -> list[str]:
    said = [query["sql"] for query in seen.captured_queries]
    return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE"))]


@pytest.fixture(autouse=True)
def numbers_at_hand(db, monkeypatch):
    """One filing in fifty asks for a block of numbers: it is asked for before anything is counted."""
    block = numbers._Block()
    first = numbers._first_of_block()
    block._keep(range(first, first + numbers.BLOCK))
    monkeypatch.setattr(numbers, "_block", block)


def statements_for(lines: int, *, kind: str, reason: str, **wish) -> list[str]:
    order = Order.objects.get(merchant=an_order(lines, **wish).merchant)
    line_nos = numbers_of(lines)
    asked = Wish(kind=kind, lines=tuple(WishLine(number, 1, reason) for number in line_nos), form_token=None, **wish)
    with CaptureQueriesContext(connection) as seen:
        submit_return(order.pk, asked, by=Actor("customer", "1", "安小雨"), now=clock.now())
    return statements(seen)


def statements_at_the_door(lines: int, *, kind: str, reason: str, **wish) -> list[str]:
    """Everything that POST /returns asks the database, from the token to the answer."""
    shop = an_order(lines, **wish)
    asked = [{"line_no": number, "quantity": 1, "reason": reason} for number in numbers_of(lines)]
    body = {"order_no": "A1", "kind": kind, "lines": asked} | wish
    with CaptureQueriesContext(connection) as seen:
        status, told = shop.post("/returns", body)
    assert status == 201, told
    return statements(seen)


WISHES = [
    ("refund_only", "UN.NOT_SHIPPED", {}),
    ("return_refund", "NR.NO_LONGER_WANT", {"send_back": "pickup"}),
    ("return_refund", "QL.DEFECT", {"send_back": "self_ship"}),
]


@pytest.mark.parametrize("count", [statements_for, statements_at_the_door])
@pytest.mark.parametrize(("kind", "reason", "wish"), WISHES)
def test_filing_takes_few_statements_whatever_its_size(count, kind, reason, wish):
    count(1, kind=kind, reason=reason, **wish)  # the policy is compiled once a process
    two = count(2, kind=kind, reason=reason, **wish)
    five = count(5, kind=kind, reason=reason, **wish)
    assert len(two) == len(five), "\n".join(five)
    assert len(five) <= LIMIT, "\n".join(sql[:110] for sql in five)


def statements_on_the_page(lines: int) -> list[str]:
    """Everything that the last button of the form asks the database, from the session to the redirect."""
    buyer, place = a_buyer(f"page-{lines}"), order_body()
    line_nos = numbers_of(lines)
    bought = [place["lines"][0] | {"line_no": number} for number in line_nos]
    paid = [place["payments"][0] | {"amount": 12000 * lines}]
    items = [{"line_no": number, "quantity": 3} for number in line_nos]
    parcels = [place["parcels"][0] | {"items": items}]
    order = buyer.order(lines=bought, payments=paid, parcels=parcels, discounts=[])
    keys = [str(line.pk) for line in order.lines.all()]
    sent = {"token": f"t-{lines}", "line": keys, "outcome": "return_refund.original", "send_back": "self_ship"}
    sent |= {f"qty_{key}": 1 for key in keys} | {f"reason_{key}": "QL.DEFECT" for key in keys}
    sent |= {"step": "file", "shown": str(4000 * lines)}
    with CaptureQueriesContext(connection) as seen:
        response = buyer.client.post(f"/orders/{order.pk}/return/", sent)
    assert response.status_code == 302, response.content.decode()
    return statements(seen)


def test_the_pages_button_costs_the_same_for_one_line_and_for_five():
    statements_on_the_page(1)
    two, five = statements_on_the_page(2), statements_on_the_page(5)
    assert len(two) == len(five), "\n".join(five)
    assert len(five) <= ON_THE_PAGE, "\n".join(sql[:110] for sql in five)
