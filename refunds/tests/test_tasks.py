from threading import Event
from time import sleep

import pytest

from orders.accounts.models import Heartbeat
from refunds import tasks
from refunds.payouts import states
from refunds.payouts.models import Refund
from refunds.tests.payouts.conftest import channel, state, till
from refunds.tests.payouts.test_news import keep, told

__all__ = ["channel", "till"]  # fixtures


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine may take longer than a worker likes to wait."""
    monkeypatch.setattr(tasks.payers, "wait_s", 60)


@pytest.mark.django_db(transaction=True)
def test_a_sweep_pays_what_is_due_and_leaves_its_heartbeat(till, channel):
    refunds = [till.promise(100, case_ref=f"RT{n}", destination="balance") for n in range(20)]
    sent = till.promise(3333)
    tasks.pay_due_refunds()

    assert {state(refund) for refund in refunds} == {states.ARRIVED}
    assert channel.calls == [("create", sent.number)]
    assert Heartbeat.objects.filter(name="refunds.pay_due_refunds").exists()


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_hangs_does_not_hold_up_the_others(till, channel):
    """While one call waits, other threads of the same sweep pay."""
    slow, quick = till.promise(100), till.promise(200, case_ref="RT2", destination="balance")
    seen = []
    channel.during = [lambda: seen.append(_arrives(quick))]
    tasks.pay_due_refunds()

    assert seen == [True]
    assert state(slow) == states.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_a_sweep_does_not_wait_for_a_call_that_hangs(till, channel, monkeypatch):
    refund = till.promise()
    over = Event()
    channel.during = [lambda: over.wait(30)]
    monkeypatch.setattr(tasks.payers, "wait_s", 0.01)
    tasks.pay_due_refunds()
    assert state(refund) in (states.PROMISED, states.SENDING)

    over.set()
    tasks.payers.settle()
    assert state(refund) == states.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_news_is_taken_in(till, channel):
    refund = till.promise()
    tasks.pay_due_refunds()
    keep(told(refund))
    tasks.take_in_channel_news()

    assert state(refund) == states.ARRIVED


def _arrives(refund: Refund) -> bool:
    for _ in range(200):
        if Refund.objects.get(pk=refund.pk).state == states.ARRIVED:
            return True
        sleep(0.02)
    return False
