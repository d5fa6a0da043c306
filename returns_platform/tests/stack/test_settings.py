from pathlib import Path

import pytest
from django.db import connection

from returns_platform import stack


@pytest.mark.django_db
def test_a_test_runs_on_the_embedded_server_of_its_run():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        assert cursor.fetchone() == ("18.6", "off")


def test_a_given_database_switches_the_embedded_one_off():
    found = stack.database("postgres://u:p@db.example.com:5433/shop", Path("/nowhere"))
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example.com", 5433, "shop")
    assert "EMBEDDED_IN" not in found


def test_a_given_database_may_be_a_socket_folder():
    assert stack.database("postgres:///shop?host=/run/pg", Path("/nowhere"))["OPTIONS"]["host"] == "/run/pg"


def test_a_given_broker_switches_the_embedded_one_off():
    assert stack.broker_url("redis://b.example.com/1", Path("/nowhere")) == "redis://b.example.com/1"
