"""The base of the stand-ins: its own file, how to behave next, what is promised for later, and bad input."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import ChannelStandIn, Reply, Request, Route, rsa_key_pem, secret, serve

PROJECT = Path(__file__).resolve().parents[3]


class Piggybank(ChannelStandIn):
    """A channel without a protocol: POST /refunds/NUMBER books 5 fen and settles a little later."""

    name = "piggybank"
    settles_after_s = 0.1

    def routes(self) -> list[Route]:
        return [*super().routes(), Route("POST", "/refunds/(?P<number>[^/]+)", self.refund)]

    def refund(self, request: Request, *, number: str) -> Reply:
        behaviour = self.next_behaviour(number=number, amount=5)
        with self.book.writing():
            self.book.add(number, state="processing", transaction_id="T1", amount=5, currency="CNY")
            self.later(self.settles_after_s, "settle", number=number)
        return self.in_the_manner_of(behaviour, Reply.json(200, {"behaviour": behaviour}))

    def settle(self, *, number: str) -> None:
        self.book.change(self.book.find(number), state="succeeded")


@pytest.fixture
def bank(tmp_path):
    with serve(Piggybank(tmp_path)) as served:
        yield served


def ask(served, method, path, body=b"", **headers) -> tuple[int, dict]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = http.call(method, served.url + path, headers=headers, body=raw)
    return answer.status, json.loads(answer.body)


def states(served) -> dict[str, str]:
    return {row["number"]: row["state"] for row in ask(served, "GET", "/_book")[1]["refunds"]}


def wait_for(served, expected: dict[str, str]) -> None:
    end = time.monotonic() + 5
    while states(served) != expected:
        assert time.monotonic() < end, states(served)
        time.sleep(0.02)


def test_what_it_did_is_in_the_book_and_ends_later(bank):
    ask(bank, "POST", "/refunds/A")
    assert states(bank) == {"A": "processing"}
    wait_for(bank, {"A": "succeeded"})
    row = ask(bank, "GET", "/_book")[1]["refunds"][0]
    assert set(row) == {"number", "amount", "currency", "state", "applied_at"}


def test_behaviours_are_used_first_in_first_out_by_what_they_match(bank):
    ask(bank, "POST", "/_next", {"behaviour": "closed", "match": {"number": "B"}})
    ask(bank, "POST", "/_next", {"behaviour": "error_500", "times": 2, "match": {"amount": 5}})
    used = [ask(bank, "POST", f"/refunds/{number}")[1]["behaviour"] for number in "ABAA"]
    assert used == ["error_500", "closed", "error_500", "ok"]


def test_behaviours_can_be_taken_back(bank):
    ask(bank, "POST", "/_next", {"behaviour": "closed"})
    ask(bank, "POST", "/_next", {"behaviour": "slow", "times": 2, "match": {"amount": 5}})
    queued = [
        {"behaviour": "closed", "times": 1, "match": {}},
        {"behaviour": "slow", "times": 2, "match": {"amount": 5}},
    ]
    assert ask(bank, "GET", "/_next") == (200, {"queued": queued})
    ask(bank, "DELETE", "/_next")
    assert ask(bank, "POST", "/refunds/A")[1]["behaviour"] == "ok"


def test_a_behaviour_is_used_by_one_of_many_calls_at_once(bank):
    ask(bank, "POST", "/_next", {"behaviour": "closed", "times": 3})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ask(bank, "POST", f"/refunds/{n}")[1]["behaviour"], range(16)))
    assert sorted(answers) == ["closed"] * 3 + ["ok"] * 13
    assert len(states(bank)) == 16


@pytest.mark.parametrize("behaviour", ["apply_then_timeout", "slow", "drop_connection"])
def test_an_answer_may_get_lost_though_the_call_took_effect(behaviour, bank):
    ask(bank, "POST", "/_next", {"behaviour": behaviour})
    with pytest.raises(http.Down):
        http.call("POST", f"{bank.url}/refunds/A", headers={}, timeout_s=0.5)
    assert "A" in states(bank)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/_next", b""),
        ("POST", "/_next", b"\xff"),
        ("POST", "/_next", b"[]"),
        ("POST", "/_next", b"[" * 100_000),
        ("POST", "/_next", b'{"behaviour": "ok", "times": ' + b"9" * 5000 + b"}"),
        ("POST", "/_next", {"behaviour": "explode"}),
        ("POST", "/_next", {"behaviour": ["ok"]}),
        ("POST", "/_next", {"behaviour": "ok", "times": 0}),
        ("POST", "/_next", {"behaviour": "ok", "times": True}),
        ("POST", "/_next", {"behaviour": "ok", "match": []}),
        ("POST", "/_next", {"behaviour": "ok", "match": {"colour": "red"}}),
        ("POST", "/_next", {"behaviour": "ok", "match": {"amount": "5"}}),
        ("POST", "/_next", {"behaviour": "ok", "match": {"number": "\ud800"}}),
        ("POST", "/_next", {"behaviour": "ok", "color": 1}),
        ("POST", "/_payments", {}),
        ("POST", "/_payments", {"transaction_id": "T", "amount": 2**70, "paid_at": "2026-01-01T00:00:00Z"}),
        ("POST", "/_payments", {"transaction_id": "T", "amount": 1, "paid_at": "2026-01-01T00:00:00"}),
        ("POST", "/_payments", {"transaction_id": "T", "amount": 1, "paid_at": "0001-01-01T00:00:00+09:00"}),
        ("POST", "/_payments", {"transaction_id": "UNKNOWN1", "amount": 1, "paid_at": "2026-01-01T00:00:00Z"}),
        ("GET", "/_statement", b""),
        ("GET", "/_statement?date=2026-02-30", b""),
    ],
)
def test_bad_input_is_answered_and_never_a_crash(method, path, body, bank):
    status, answer = ask(bank, method, path, body)
    assert (status, answer["error"]) == (400, "bad_input")


def test_other_mistakes_have_their_own_answers(bank):
    assert ask(bank, "GET", "/nowhere")[0] == 404
    assert ask(bank, "PUT", "/_next")[0] == 405
    assert ask(bank, "POST", "/_next", b"x" * 1_000_001)[0] == 413


def test_a_payment_is_opened_once(bank):
    payment = {"transaction_id": "T", "amount": 7, "currency": "CNY", "paid_at": "2026-01-01T00:00:00+08:00"}
    assert ask(bank, "POST", "/_payments", payment)[0] == 200
    assert ask(bank, "POST", "/_payments", payment)[0] == 200
    assert ask(bank, "POST", "/_payments", {**payment, "amount": 8})[0] == 409
    assert bank.stand_in.payment("T", amount=9, currency="CNY").amount == 7


def test_it_starts_only_in_the_demo_only_on_loopback_and_only_once(bank, settings, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="runs already"):
        serve(bank.stand_in)
    with pytest.raises(ImproperlyConfigured, match="loopback"):
        serve(bank.stand_in, host="0.0.0.0")
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured, match="DEMO=1"):
        serve(bank.stand_in)


KILLED = """
import sys
from django.conf import settings
settings.configure(DEMO=True)
from returns_platform.kernel.stand_in import serve
from returns_platform.tests.kernel.test_stand_in import Piggybank
Piggybank.settles_after_s = 1
served = serve(Piggybank(sys.argv[1]))
print(served.url, flush=True)
served.wait()
"""


def test_kill_9_loses_nothing_that_was_answered_or_promised(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )
    with process:
        url = process.stdout.readline().strip()
        http.call("POST", f"{url}/_next", headers={}, body=b'{"behaviour": "closed", "match": {"number": "B"}}')
        http.call("POST", f"{url}/refunds/A", headers={})
        os.kill(process.pid, signal.SIGKILL)
    with serve(Piggybank(tmp_path)) as served:
        assert set(states(served)) == {"A"}
        wait_for(served, {"A": "succeeded"})
        assert ask(served, "POST", "/refunds/B")[1]["behaviour"] == "closed"


def test_a_key_is_made_once_even_by_many_at_once(tmp_path):
    start = threading.Barrier(8)

    def make(number: int) -> str:
        start.wait()
        return secret(tmp_path, "k", lambda: f"key {number}")

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(make, range(8)))
    assert len(keys) == 1
    assert stat.S_IMODE((tmp_path / "keys" / "k").stat().st_mode) == 0o600
    assert list((tmp_path / "keys").iterdir()) == [tmp_path / "keys" / "k"]


def test_a_demo_key_is_a_usable_rsa_key():
    assert rsa_key_pem().startswith("-----BEGIN PRIVATE KEY-----")
