from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

import pytest
from django.db import connection

from refunds.gateways.interface import Rates
from refunds.payouts import services
from refunds.payouts.services import pace
from refunds.tests.payouts.fakes import FakeChannel, refused

LIMITS = replace(FakeChannel.limits, rates=Rates(refunds=50, queries=1000, failing=5))


def begin(kind="create") -> float:
    pace.wait_for_turn("wechat", kind, LIMITS)
    return monotonic()


@pytest.mark.django_db(transaction=True)
def test_all_workers_together_keep_the_rate():
    def worker(_):
        try:
            return [begin() for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        begun = sorted(moment for moments in workers.map(worker, range(8)) for moment in moments)
    assert begun[-1] - begun[0] >= 39 / 50 - 0.1
    assert all(later - earlier >= 10 / 50 - 0.1 for earlier, later in zip(begun, begun[10:], strict=False))


@pytest.mark.django_db
def test_questions_do_not_wait_behind_refunds():
    started = begin()
    for _ in range(10):
        pace._take("wechat", "create", seconds=1)
    assert begin("query") - started < 1


@pytest.mark.django_db
def test_a_call_that_failed_makes_the_next_one_wait_longer():
    started = begin()
    pace.slow_down("wechat", "create", LIMITS)
    assert begin() - started >= 1 / 5


@pytest.mark.django_db
def test_a_channel_that_refuses_one_after_the_other_is_asked_no_faster_than_it_wants(till, channel, monkeypatch):
    monkeypatch.setattr(channel, "limits", LIMITS)
    channel.next = [refused("USER_ACCOUNT_ABNORMAL", hurdle="account", retry=False)] * 3
    till.promise(1000), till.promise(1000), till.promise(1000)
    started = monotonic()
    services.pay_due_refunds(till.at)
    till.pay(minutes=2)
    till.pay(minutes=2)
    assert channel.calls and monotonic() - started >= (len(channel.calls) - 1) / 5


@pytest.mark.django_db
def test_a_channel_without_a_known_rate_never_waits():
    started = monotonic()
    for _ in range(100):
        pace.wait_for_turn("balance", "create", FakeChannel.limits)
    assert monotonic() - started < 0.5
