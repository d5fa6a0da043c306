"""The door SF tells its news through: anybody can knock."""

import json
import time

import pytest
from django.urls import reverse

from logistics.couriers.doors import LARGEST_BODY
from logistics.couriers.models import CourierPush
from logistics.couriers.sf.account import push_token
from logistics.tests.conftest import NOW
from logistics.tests.couriers.messages import route, route_message, route_xml

pytestmark = pytest.mark.django_db

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ROUTE = route_message("SF1234567890123", "80", NOW)


@pytest.fixture
def knock(client, settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = True, tmp_path

    def post(body, kind=JSON, door="sf_routes", token=None):
        return client.post(reverse(f"logistics:{door}", args=[token or push_token()]), body, content_type=kind)

    return post


def test_news_are_kept_and_answered_as_sf_expects(knock):
    answer = knock(ROUTE)
    assert (answer.status_code, answer.json()["return_code"]) == (200, "0000")
    push = CourierPush.objects.get()
    assert (push.content, push.kind, push.outcome) == (ROUTE, "routes", "")
    assert push.next_try_at is not None


def test_news_as_xml_in_a_form(knock, client):
    xml = route_xml("SF1234567890123", "80", NOW)
    from urllib.parse import urlencode

    answer = knock(urlencode({"content": xml}), FORM)
    assert (answer.status_code, b"<Head>OK</Head>" in answer.content) == (200, True)
    assert CourierPush.objects.get().content == xml


def test_the_state_of_a_pickup(knock):
    state = {"orderNo": "RT1", "waybillNo": "SF1", "orderStateCode": "04-40037"}
    answer = knock(json.dumps({"requestId": "1", "orderState": [state]}), door="sf_orders")
    assert (answer.status_code, answer.json()["return_code"]) == (200, "0000")
    assert CourierPush.objects.get().kind == "orders"


def test_the_same_again_is_answered_the_same_and_kept_once(knock):
    assert {knock(ROUTE).content for _ in range(5)} == {knock(ROUTE).content}
    assert CourierPush.objects.count() == 1


def test_new_fields_are_no_reason_to_refuse(knock):
    told = route("SF1234567890123", "80", NOW) | {"firstStatusCode": "4", "extra": {"deep": [1]}}
    assert knock(json.dumps({"Body": {"WaybillRoute": [told]}, "More": 1})).status_code == 200


def told(**more) -> str:
    return json.dumps({"Body": {"WaybillRoute": [route("SF1234567890123", "80", NOW) | more]}})


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}", b'{"Body":{}}',
        b'{"Body":[]}', b'{"Body":{"WaybillRoute":[]}}', b'{"Body":{"WaybillRoute":{}}}',
        b'{"Body":{"WaybillRoute":["x"]}}', json.dumps({"Body": {"WaybillRoute": [{}] * 101}}),
        told(mailno=7), told(mailno=""), told(mailno=None), told(mailno="S" * 101), told(opCode=80),
        told(mailno="SF\u0000"), told(remark="x") .replace('"x"', '"\\ud800"'), told(acceptTime="soon"),
        told(acceptTime="2026-11-23T10:00:00Z"), told(acceptTime="0001-01-01 00:00:00"), told(orderid=["RT1"]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_400_fast_and_not_kept(knock, body):
    start = time.perf_counter()
    answer = knock(body)
    assert (answer.status_code, answer.json()["return_code"]) == (400, "1000")
    assert time.perf_counter() - start < 1
    assert not CourierPush.objects.exists()


ENTITY = '<!DOCTYPE r [<!ENTITY a "SF1"><!ENTITY b "&a;&a;&a;&a;">]><Request><WaybillRoute mailno="&b;"/></Request>'


@pytest.mark.parametrize(
    "body",
    [
        "", "content=", "content=x&content=y", "other=%3Ca/%3E", "content=%3Ca", "content=%3Ca%3E%3C/a%3E",
        "content=" + "%3Ca%3E" * 5000, "content=%FF", f"content={ENTITY}",
        'content=<!DOCTYPE r SYSTEM "file:///etc/hostname"><r/>',
        'content=<?xml version="1.0" encoding="utf-16"?><r/>', "content=<r>\x00</r>",
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_read_is_400(knock, body):
    assert knock(body, FORM).status_code == 400
    assert not CourierPush.objects.exists()


def test_too_much_is_413(knock):
    assert knock(b" " * (LARGEST_BODY + 1)).status_code == 413
    assert knock(b"x" * 3_000_000).status_code == 413
    assert knock(ROUTE + " " * (LARGEST_BODY - len(ROUTE.encode()))).status_code == 200


@pytest.mark.parametrize("token", ["x", "…", "%00", "x" * 500])
def test_a_wrong_token_is_not_there(knock, token):
    assert knock(ROUTE, token=token).status_code == 404
    assert not CourierPush.objects.exists()


def test_without_a_token_of_our_own_no_push_is_taken(client, settings, tmp_path):
    settings.DEMO, settings.DATA_DIR, settings.SECURE_SSL_REDIRECT = False, tmp_path, False
    assert client.post("/couriers/sf/x/routes", ROUTE, content_type=JSON).status_code == 404


def test_only_post(knock, client):
    door = reverse("logistics:sf_routes", args=[push_token()])
    assert [client.generic(method, door).status_code for method in ("GET", "PUT", "DELETE", "HEAD")] == [405] * 4
