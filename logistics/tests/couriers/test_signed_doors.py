"""The doors of JD and Kuaidi100: signed, within some minutes, for our own key; anybody can knock."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from logistics.couriers.doors import LARGEST_BODY
from logistics.couriers.jd import client as jd
from logistics.couriers.jd.account import app_key, app_secret
from logistics.couriers.kuaidi100.account import proof_of, salt
from logistics.couriers.kuaidi100.client import md5
from logistics.couriers.models import CourierPush, CourierTask
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db

TRACE = [
    {"waybillCode": "JDVC1234567890123", "orderId": "RT1", "state": "150", "operationTime": "2026-11-23 10:00:00"}
]
LINE = {"ftime": "2026-11-23 10:00:00", "statusCode": "301", "context": "已签收"}
ROUTE = {"status": "polling", "autoCheck": "0", "comOld": "", "comNew": "",
         "lastResult": {"nu": "YT9693083639795", "com": "yuantong", "state": "3", "data": [LINE]}}  # fmt: skip
TASK = {"kuaidicom": "yuantong", "kuaidinum": "YT9693083639795", "status": "200",
        "data": {"orderId": "77", "status": "1", "courierName": "小哥", "courierMobile": "13600136000"}}  # fmt: skip


@pytest.fixture(autouse=True)
def keys(settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = True, tmp_path


# The vectors that the protocols' texts give


def test_the_signatures_of_the_books():
    signed = jd.sign(secret="secret", token="tok", key="key", path="/ecap/v1/orders/create", body="[{}]",
                     timestamp="2024-01-01 00:00:00")  # fmt: skip
    assert signed == "66dc00c7bf3a08ab45c1c691da77dcf1"
    param = '{"com":"yuantong","num":"YT9693083639795"}'
    assert md5(param + "testkey" + "testcustomer") == "4DC98E4BDCB49C66263F721ED3138C8D"
    assert md5(param + "1576123932000" + "testkey" + "testsecret") == "4736B90E34262C02DFD26304E00B39DA"
    assert md5(param + "testsalt") == "FB46E78C6D85683984717D9D87A210DC"


# JD


def knock_jd(client, body=None, door="jd_routes", *, ago=timedelta(0), **changes):
    body = json.dumps(TRACE) if body is None else body
    path = reverse(f"logistics:{door}")
    timestamp = (clock.now() - ago).astimezone(jd.JD_ZONE).strftime(jd.JD_TIME)
    signed = jd.sign(secret=app_secret(), token="", key=app_key(), path=path, body=body, timestamp=timestamp)
    query = {"app_key": app_key(), "timestamp": timestamp, "algorithm": "md5-salt", "sign": signed} | changes
    return client.post(f"{path}?{urlencode(query)}", body, content_type="application/json")


def test_jds_news_are_kept_once(client):
    answers = [knock_jd(client) for _ in range(3)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(200, 0)] * 3
    assert CourierPush.objects.get().kind == "routes"


@pytest.mark.parametrize(
    "changes",
    [{"sign": ""}, {"sign": "x"}, {"sign": "签"}, {"app_key": "another"}, {"algorithm": "none"}, {"timestamp": ""},
     {"timestamp": "2026-13-45 99:00:00"}, {"ago": timedelta(minutes=6)}, {"ago": -timedelta(minutes=6)}],
)  # fmt: skip
def test_what_jd_did_not_sign_just_now_is_refused(client, changes):
    assert knock_jd(client, **changes).status_code == 401
    assert not CourierPush.objects.exists()


def test_a_signature_is_for_one_body_and_one_door(client):
    path = reverse("logistics:jd_routes")
    timestamp = clock.now().astimezone(jd.JD_ZONE).strftime(jd.JD_TIME)
    signed = jd.sign(secret=app_secret(), token="", key=app_key(), path=path, body="[]", timestamp=timestamp)
    query = urlencode({"app_key": app_key(), "timestamp": timestamp, "algorithm": "md5-salt", "sign": signed})
    for door in ("jd_routes", "jd_orders"):
        body = json.dumps(TRACE)
        answer = client.post(f"{reverse(f'logistics:{door}')}?{query}", body, content_type="application/json")
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    ["", "{", "{}", "[]", "null", "[7]", '[{"waybillCode":7}]', "[" * 9000, '[{"waybillCode":"x"}]',
     json.dumps(TRACE * 101), json.dumps([TRACE[0] | {"operationTime": "soon"}]),
     json.dumps([TRACE[0] | {"waybillCode": "J\u0000"}]), json.dumps([TRACE[0] | {"state": "x" * 101}])],
)  # fmt: skip
def test_what_jd_signed_and_nobody_can_read_is_400(client, body):
    assert knock_jd(client, body).status_code == 400
    assert not CourierPush.objects.exists()


# Kuaidi100


def knock(client, param=None, *, door=None, sign=None, **more):
    text = json.dumps(ROUTE if param is None else param) if not isinstance(param, str) else param
    form = {"param": text, "sign": md5(text + salt()) if sign is None else sign} | more
    door = door or reverse("logistics:kuaidi100_routes")
    return client.post(door, urlencode(form), content_type="application/x-www-form-urlencoded")


def test_kuaidi100s_news_are_kept_once_and_answered_as_it_expects(client):
    answers = [knock(client) for _ in range(3)]
    assert {(answer.status_code, answer.json()["returnCode"], answer.json()["result"]) for answer in answers} == {
        (200, "200", True)
    }  # fmt: skip
    assert CourierPush.objects.count() == 1


@pytest.mark.parametrize("sign", ["", "x", "签", md5(json.dumps(ROUTE))])
def test_what_kuaidi100_did_not_sign_with_our_salt_is_refused(client, sign):
    assert knock(client, sign=sign).status_code == 401
    assert not CourierPush.objects.exists()


def test_without_a_salt_of_our_own_nothing_is_taken(client, settings):
    """Kuaidi100 would sign nothing then, and MD5 of the bare text is no proof."""
    settings.DEMO, settings.KUAIDI100_SALT, settings.SECURE_SSL_REDIRECT = False, "", False
    assert knock(client, sign=md5(json.dumps(ROUTE))).status_code == 401
    assert knock(client, sign="").status_code == 401
    address = reverse("logistics:kuaidi100_orders", args=["RT1", "0" * 32])
    assert knock(client, TASK, door=address, sign=md5(json.dumps(TASK))).status_code == 404


def test_plain_http_is_sent_on_and_not_taken(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert knock(client).status_code == 301
    assert not CourierPush.objects.exists()


@pytest.mark.parametrize(
    "param",
    ["", "{", "[]", "null", {"status": "polling"}, ROUTE | {"status": "sold"}, ROUTE | {"lastResult": []},
     ROUTE | {"lastResult": {"nu": 7, "com": "yuantong"}}, ROUTE | {"comNew": ["x"]},
     ROUTE | {"lastResult": ROUTE["lastResult"] | {"data": [{"ftime": "soon"}]}},
     ROUTE | {"lastResult": ROUTE["lastResult"] | {"data": "x"}}],
)  # fmt: skip
def test_what_kuaidi100_signed_and_nobody_can_read_is_400(client, param):
    assert knock(client, param).status_code == 400
    assert not CourierPush.objects.exists()


def test_a_pickups_message_notes_the_task_for_its_own_number_only(client):
    CourierTask.objects.create(courier="kuaidi100", number="RT1", asked="{}", asked_at=clock.now())
    right = reverse("logistics:kuaidi100_orders", args=["RT1", proof_of("RT1")])
    wrong = reverse("logistics:kuaidi100_orders", args=["RT1", proof_of("RT2")])
    assert knock(client, TASK, door=wrong, taskId="T9").status_code == 404
    assert CourierTask.objects.get().task == ""
    assert knock(client, TASK, door=right, taskId="T1").status_code == 200
    assert knock(client, TASK, door=right, taskId="T2").status_code == 200  # a task never changes
    task = CourierTask.objects.get()
    assert (task.task, task.order, task.asked) == ("T1", "77", "")


def test_too_much_is_413_and_only_post(client):
    assert knock_jd(client, " " * (LARGEST_BODY + 1)).status_code == 413
    assert knock(client, "x" * (LARGEST_BODY + 1)).status_code == 413
    doors = [reverse("logistics:jd_routes"), reverse("logistics:kuaidi100_routes")]
    assert {client.get(door).status_code for door in doors} == {405}
