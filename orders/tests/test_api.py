"""PUT and GET /api/v1/orders/{order_no}: to the letter of the contract, whatever is sent."""

import json

import pytest

from orders.merchants.services import issue_token, revoke_token
from orders.purchases.models import Order
from orders.tests.samples import NOW, body, line, parcel, payment, shop

pytestmark = pytest.mark.django_db


class Shop:
    """A shop's program."""

    def __init__(self, client, code="fresh", scopes=("orders",)):
        self.client, self.token = client, issue_token(shop(code), now=NOW, scopes=scopes)

    def put(self, content, order_no="A1", **headers):
        raw = content if isinstance(content, bytes | str) else json.dumps(content)
        return self._call(self.client.put, order_no, data=raw, content_type="application/json", **headers)

    def get(self, order_no="A1"):
        return self._call(self.client.get, order_no)

    def _call(self, method, order_no, **rest):
        headers = {"authorization": f"Bearer {self.token}", **rest.pop("headers", {})}
        return method(f"/api/v1/orders/{order_no}", headers=headers, **rest)


@pytest.fixture
def fresh(client):
    return Shop(client)


def error_of(answer) -> dict:
    told = answer.json()
    assert {"error", "message", "fields"} <= told.keys()
    return told


# --- what is answered -------------------------------------------------------------------------------------


def test_put_creates_then_updates_then_changes_nothing(fresh):
    assert fresh.put(body()).status_code == 201
    assert fresh.put(body(parcels=[parcel()])).status_code == 200
    version = Order.objects.get().version
    assert fresh.put(body(parcels=[parcel()])).status_code == 200
    assert Order.objects.get().version == version


def test_the_answer_is_the_order_as_kept(fresh):
    sent = body(
        lines=[line(quantity=5, tax_rate="0.13")],
        discounts=[{"name": "满200减20", "source": "shop", "amount": 2000, "threshold": 20000, "percent": 10}],
        freight={"charged": 1200, "discount": 500, "free_from": 30000},
        points={"used": 100, "amount": 100, "earned": 18},
        payments=[payment(18600)],
        parcels=[parcel(items={"1": 3}, signed_at="2026-11-03T10:00:00+08:00")],
    )
    told = fresh.put(sent).json()
    assert told == fresh.get().json()
    assert (told["order_no"], told["state"]) == ("A1", "partly_shipped")
    assert told["placed_at"] == "2026-11-01T10:00:00+08:00"
    kept = told["lines"][0]
    assert kept["shares"] == {"shop": 2000, "platform": 0, "points": 100, "freight": 700}
    assert (kept["net"], kept["returnable"], kept["cancellable"], kept["refundable"]) == (17900, 3, 2, 17900)
    assert told["discounts"] == [{**sent["discounts"][0], "line_nos": None}]
    assert told["parcels"] == sent["parcels"]
    assert told["freight"] == sent["freight"]


def test_two_ways_to_write_a_percentage(fresh):
    discounts = [
        {"name": "12.5 %", "source": "shop", "amount": 100, "percent": "12.5"},
        {"name": "10 %", "source": "shop", "amount": 100, "percent": 10},
    ]
    told = fresh.put(body(discounts=discounts, payments=[payment(11800)])).json()
    assert [each["percent"] for each in told["discounts"]] == ["12.5", 10]


# --- who --------------------------------------------------------------------------------------------------


def test_another_shops_order_is_the_same_404_as_none(client, fresh):
    fresh.put(body())
    style = Shop(client, "style")
    assert style.get("A1").status_code == 404
    assert style.get("A1").content == style.get("NONE").content


def test_without_a_valid_token_401(client, fresh):
    assert client.get("/api/v1/orders/A1").status_code == 401
    assert client.get("/api/v1/orders/A1", headers={"authorization": "Bearer nonsense"}).status_code == 401
    revoke_token(shop().tokens.get(), now=NOW)
    assert fresh.get().status_code == 401


def test_a_token_without_the_scope_403(client):
    assert Shop(client, scopes=("file",)).put(body()).status_code == 403


# --- hostile ----------------------------------------------------------------------------------------------

WRONG_VALUES = [
    ("lines.0.quantity", "3"),
    ("lines.0.quantity", True),
    ("lines.0.quantity", 3.0),
    ("lines.0.quantity", 0),
    ("lines.0.quantity", -1),
    ("lines.0.quantity", None),
    ("lines.0.quantity", 10**30),
    ("lines.0.unit_price", 10**13),
    ("lines.0.unit_price", 40.5),
    ("lines.0.tax_rate", 0.13),
    ("lines.0.tax_rate", "13%"),
    ("lines.0.virtual", "false"),
    ("lines.0.title", ""),
    ("lines.0.title", "\u200b\ufeff"),
    ("lines.0.title", "x" * 201),
    ("lines.0.line_discount", 12001),
    ("payments.0.channel", "paypal"),
    ("payments.0.paid_at", "2026-11-01T10:01:00"),
    ("payments.0.paid_at", 1793500000),
    ("payments.0.amount", -12000),
    ("placed_at", "2026-02-30T10:00:00+08:00"),
    ("placed_at", "1999-12-31T10:00:00+08:00"),
    ("state", "shipped"),
    ("currency", "yuan"),
    ("customer.phone", "call me"),
    ("customer.email", "nobody"),
    ("customer.external_id", ""),
    ("lines", []),
    ("lines", {}),
    ("customer", []),
]


def changed(path: str, value) -> dict:
    sent = json.loads(json.dumps(body()))
    *parents, last = path.split(".")
    place = sent
    for name in parents:
        place = place[int(name) if name.isdigit() else name]
    place[int(last) if last.isdigit() else last] = value
    return sent


@pytest.mark.parametrize(("path", "value"), WRONG_VALUES)
def test_a_wrong_value_is_422_at_its_field(fresh, path, value):
    answer = fresh.put(changed(path, value))
    assert answer.status_code == 422
    assert any(name.startswith(path) for name in error_of(answer)["fields"])
    assert not Order.objects.exists()


@pytest.mark.parametrize("where", ["surprise", "lines.0.surprise", "customer.surprise", "payments.0.surprise"])
def test_unknown_fields_are_422(fresh, where):
    answer = fresh.put(changed(where, 1))
    assert (answer.status_code, list(error_of(answer)["fields"])) == (422, [where])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("lines", [line(), line()]),
        ("payments", [payment(6000), payment(6000)]),
        ("parcels", [parcel(items={"1": 1}), parcel(items={"1": 1})]),
        ("parcels", [parcel(items={"9": 1})]),
        ("parcels", [parcel(items={"1": 4})]),
        ("discounts", [{"name": "x", "source": "shop", "amount": 0, "line_nos": ["9"]}]),
        ("discounts", [{"name": "x", "source": "shop", "amount": 0, "line_nos": ["1", "1"]}]),
        ("freight", {"charged": 0, "discount": 1}),
        ("payments", [payment(12000, transaction_total=11999)]),
    ],
)
def test_contradictions_are_422(fresh, path, value):
    answer = fresh.put(changed(path, value))
    assert answer.status_code == 422
    assert any(name.startswith(path) for name in error_of(answer)["fields"])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"state": "paid", "state": "paid"}',
        b'{"lines": NaN}',
        b'{"currency": "\\u0000"}',
        b'{"currency": "\\ud800"}',
        b'{"points": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_object_is_400(fresh, raw):
    answer = fresh.put(raw)
    assert answer.status_code == 400
    error_of(answer)


def test_a_body_over_a_megabyte_is_413(fresh):
    assert fresh.put(changed("lines.0.title", "x" * 1_000_001)).status_code == 413


def test_another_kind_of_body_is_415(fresh):
    call = fresh.client.put
    headers = {"authorization": f"Bearer {fresh.token}"}
    answer = call("/api/v1/orders/A1", data="a=b", content_type="application/x-www-form-urlencoded", headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("order_no", ["a" * 65, "a b", "订单", "a*b", "." * 65])
def test_an_order_number_has_its_own_alphabet(fresh, order_no):
    assert fresh.put(body(), order_no).status_code == 422
    assert fresh.get(order_no).status_code == 404


def test_a_wrong_state_is_409_with_the_state_it_is_in(fresh):
    fresh.put(body(state="cancelled"))
    answer = fresh.put(body())
    assert (answer.status_code, answer.json()["state"]) == (409, "cancelled")


def test_errors_speak_the_readers_language(fresh):
    english = fresh.put(body(payments=[]), headers={"accept-language": "en"}).json()["message"]
    assert english.startswith("Lines, discounts, points and freight come to 12000, payments to 0: 12000 apart.")
