"""The API's door: every refusal has the one shape, whatever was sent."""

import io
import json

import pytest

from returns_platform.tests.journeys.shop import open_shop, order_body

pytestmark = pytest.mark.django_db
WISH = {
    "order_no": "A1",
    "kind": "refund_only",
    "lines": [{"line_no": "1", "quantity": 1, "reason": "UN.NOT_SHIPPED"}],
}


@pytest.fixture
def shop():
    shop = open_shop()
    shop.put("A1", order_body(signed=False))
    return shop


def send(shop, method, path, raw=b"", *, content_type="application/json", token=None, **headers):
    sent = {"Authorization": f"Bearer {token or shop.token}"} | headers
    return shop.client.generic(method, path, raw, content_type=content_type, headers=sent)


@pytest.mark.parametrize(
    ("method", "path", "raw", "content_type", "status"),
    [
        ("GET", "/api/v1/", b"", "", 404),
        ("GET", "/api/v1/nothing", b"", "", 404),
        ("DELETE", "/api/v1/returns", b"", "", 405),
        ("POST", "/api/v1/returns", b"{", "application/json", 400),
        ("POST", "/api/v1/returns", b"[]", "application/json", 400),
        ("POST", "/api/v1/returns", b'{"a": 1, "a": 2}', "application/json", 400),
        ("POST", "/api/v1/returns", b'{"a": NaN}', "application/json", 400),
        ("POST", "/api/v1/returns", b'{"a": "\\ud800"}', "application/json", 400),
        ("POST", "/api/v1/returns", b'{"a": "\\u0000"}', "application/json", 400),
        ("POST", "/api/v1/returns", b"[" * 100_000, "application/json", 400),
        ("POST", "/api/v1/returns", b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        ("POST", "/api/v1/returns", b'{"a": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
        ("POST", "/api/v1/returns", b"a=1", "application/x-www-form-urlencoded", 415),
        ("POST", "/api/v1/evidence", b"--x", "multipart/form-data", 400),
    ],
)
def test_a_refusal_has_the_one_shape(shop, method, path, raw, content_type, status):
    response = send(shop, method, path, raw, content_type=content_type)
    assert response.status_code == status, response.content[:300]
    assert set(response.json()) == {"error", "message", "fields"}


def test_without_a_token_nothing_is_told(shop):
    response = send(shop, "GET", "/api/v1/orders/A1", token="rt_no")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


def test_a_field_of_several_types_is_named_as_it_was_sent(shop):
    discount = {"name": "x", "source": "shop", "amount": 2000, "percent": 101}
    status, told = shop.call("PUT", "/orders/A2", order_body(discounts=[discount]), **{"Accept-Language": "en"})
    assert (status, told["fields"]) == (422, {"discounts.0.percent": "Must be at most 100."})


def test_a_form_without_its_file_names_the_file(shop):
    sent = {"Authorization": f"Bearer {shop.token}", "Accept-Language": "en"}
    told = shop.client.post("/api/v1/evidence", {"photo": io.BytesIO(b"x")}, headers=sent)
    assert (told.status_code, told.json()["fields"]) == (422, {"file": "This field is required."})


def test_times_are_told_with_the_shops_offset(shop):
    shop.put("A3", order_body(payments=[order_body()["payments"][0] | {"transaction_id": "t3"}]))
    wish = WISH | {"order_no": "A3", "kind": "return_refund", "send_back": "pickup"}
    wish["lines"] = [WISH["lines"][0] | {"reason": "NR.NO_LONGER_WANT"}]
    _status, quoted = shop.post("/returns/quote", wish)
    _status, filed = shop.post("/returns", wish)
    times = [quoted["deadline"], filed["deadline"], quoted["bill"]["arrives_by"], filed["bill"]["arrives_by"]]
    times += [filed["filed_at"], filed["timeline"][0]["at"], filed["next"]["by"], filed["parcel"]["slot"]["from"]]
    assert {told[-6:] for told in times} == {"+08:00"}, times
    assert quoted["deadline"][10:] == "T23:59:59+08:00"


def test_a_body_that_is_too_large_is_read_away_so_that_its_sender_reads_the_answer(shop):
    class Sending(io.BytesIO):
        @property
        def left(self):
            return len(self.getvalue()) - self.tell()

    sending = Sending(b"x" * 3_000_000)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {shop.token}", "CONTENT_LENGTH": str(sending.left)}
    response = shop.client.post(
        "/api/v1/returns", content_type="application/json", **headers | {"wsgi.input": sending}
    )
    assert (response.status_code, sending.left) == (413, 0)


def test_another_shops_things_are_not_there_in_the_same_bytes(shop):
    other = open_shop("other")
    theirs = send(other, "GET", "/api/v1/orders/A1")
    nobodys = send(other, "GET", "/api/v1/orders/A2")
    assert (theirs.status_code, theirs.content) == (404, nobodys.content)


def test_the_message_is_in_the_readers_language(shop):
    said = {
        language: send(shop, "GET", "/api/v1/orders/A2", **{"Accept-Language": language}).json()["message"]
        for language in ("", "zh-CN", "en")
    }
    assert said[""] == said["zh-CN"] != said["en"]


def test_the_same_key_does_a_thing_once(shop):
    key = {"Idempotency-Key": "k1"}
    first = send(shop, "POST", "/api/v1/returns", json.dumps(WISH).encode(), **key)
    again = send(shop, "POST", "/api/v1/returns", json.dumps(WISH).encode(), **key)
    assert (first.status_code, first.content) == (201, again.content)
    other = send(shop, "POST", "/api/v1/returns", json.dumps(WISH | {"note": "x"}).encode(), **key)
    assert other.status_code == 409


def test_a_refusal_is_not_kept_under_the_key(shop):
    key = {"Idempotency-Key": "k2"}
    wrong = WISH | {"lines": [WISH["lines"][0] | {"quantity": 99}]}
    assert send(shop, "POST", "/api/v1/returns", json.dumps(wrong).encode(), **key).status_code == 422
    assert send(shop, "POST", "/api/v1/returns", json.dumps(WISH).encode(), **key).status_code == 201


def test_every_operation_declares_its_errors(shop):
    document = shop.client.get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            declared = set(operation["responses"])
            assert {"400", "401", "403", "404", "405", "409", "413", "415", "422", "429"} <= declared, (method, path)
