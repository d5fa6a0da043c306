from datetime import timedelta

import pytest
from django.db import connection

from orders.models import Heartbeat
from returns_platform import health
from returns_platform.kernel import clock
from returns_platform.stack import doors

pytestmark = pytest.mark.django_db


@pytest.fixture
def beating():
    for name in [*health._frequent_sweeps(), health.DEMO_DATA]:
        Heartbeat.objects.create(name=name, at=clock.now())


def test_a_living_process_says_so_without_asking_anybody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_when_every_part_is(client, beating):
    response = client.get("/readyz")
    assert response.json() == {
        "ready": True,
        "database": "ok",
        "broker": "ok",
        "migrations": "ok",
        "sweeps": "ok",
        "demo_data": "ok",
    }
    assert response.status_code == 200


def test_a_sweep_that_has_not_run_for_a_minute_is_named(client, beating):
    late = health._frequent_sweeps()[0]
    Heartbeat.objects.filter(name=late).update(at=clock.now() - timedelta(seconds=61))
    response = client.get("/readyz")
    assert response.status_code == 503 and response["Retry-After"] == "5"
    assert response.json()["sweeps"] == f"not seen for 60 s: {late}"


def test_that_no_sweep_runs_at_all_is_said_in_other_words(client, beating):
    Heartbeat.objects.update(at=clock.now() - timedelta(seconds=61))
    assert client.get("/readyz").json()["sweeps"] == doors.NO_SWEEP


def test_demo_data_is_asked_for_only_under_demo(client, beating, settings):
    Heartbeat.objects.filter(name=health.DEMO_DATA).delete()
    assert client.get("/readyz").json()["demo_data"] == "is being loaded"
    settings.DEMO = False
    assert client.get("/readyz").json()["ready"] is True


def test_a_missing_migration_is_named(client, beating):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert client.get("/readyz").json()["migrations"] == "not applied: sessions.0001_initial"


def test_a_broker_that_does_not_answer_is_told_from_the_rest(client, beating, monkeypatch):
    monkeypatch.setenv("STACK_SOCKETS", "/nowhere")
    found = client.get("/readyz").json()
    assert found["broker"] != "ok" and found["database"] == "ok"
