"""Payouts against the stand-in of WeChat Pay, over HTTP both ways: whatever it does, each refund ends once."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from orders.tests import samples
from refunds.gateways.wechat import simulator
from refunds.ledger.models import LedgerTransaction
from refunds.payouts import services, states
from refunds.payouts.models import Break, Refund, WebhookDelivery
from refunds.tests.gateways.conftest import book, next_time, wait_until, wechat
from refunds.tests.payouts.conftest import Till, state
from returns_platform.kernel.outbound import http

__all__ = ["next_time", "wechat"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

APPLIED_AND_ARRIVED = [
    "ok", "apply_then_timeout", "apply_then_500", "slow", "garbage", "drop_connection", "unsigned",
    "callback_before_answer", "callback_twice", "callback_never", "callback_bad_signature",
]  # fmt: skip
ARRIVED_LATER = ["error_500", "not_enough_balance", "frequency_limited"]


@dataclass
class World(Till):
    """Real time, as the stand-in has it; minutes that pass are added."""

    served: object = None

    def book(self, number: str) -> Counter:
        """What the channel really did under a number: {state: amount}."""
        done = Counter()
        for row_number, amount, end in book(self.served):
            done[end] += amount if row_number == number else 0
        return +done

    def live(self, refund: Refund, *, minutes: int = 4) -> str:
        """A worker and a reader at work until the refund has ended, or for that many minutes."""
        for minute in range(minutes):
            services.pay_due_refunds(datetime.now(UTC) + timedelta(minutes=minute))
            wait_until(lambda: "processing" not in self.book(refund.number))
            wait_until(self._callbacks_delivered)
            services.take_in_channel_news(datetime.now(UTC) + timedelta(minutes=minute))
            if state(refund) in (states.ARRIVED, states.CLOSED, states.MANUAL):
                break
        return refund.state

    def _callbacks_delivered(self) -> bool:
        """All but those the stand-in will try again much later."""
        return not self.served.stand_in.book.due_jobs(datetime.now(UTC).timestamp() + 0.1)


@pytest.fixture
def world(wechat, live_server, settings, monkeypatch) -> World:
    settings.SITE_URL = live_server.url
    monkeypatch.setattr(simulator, "ARRIVES_AFTER_S", 0.05)
    monkeypatch.setitem(http.call.__kwdefaults__, "timeout_s", 0.7)
    return World(samples.put(samples.shop()), at=datetime.now(UTC), served=wechat)


@pytest.mark.parametrize("behaviour", APPLIED_AND_ARRIVED)
def test_what_the_channel_applied_arrives_once(world, next_time, behaviour):
    next_time(behaviour)
    refund = world.promise()

    assert world.live(refund) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1
    assert refund.account


@pytest.mark.parametrize("behaviour", ARRIVED_LATER)
def test_what_the_channel_did_not_take_is_sent_again_with_the_same_number(world, next_time, behaviour):
    next_time(behaviour)
    refund = world.promise()

    assert world.live(refund) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}
    assert set(refund.attempts.values_list("number", flat=True)) == {refund.number}


def test_a_callback_with_another_amount_holds_the_refund(world, next_time):
    next_time("callback_wrong_amount")
    refund = world.promise()

    assert world.live(refund) == states.MANUAL
    assert refund.problem == "mismatch"
    assert Break.objects.get().ours == {"amount": 3333}
    assert not LedgerTransaction.objects.filter(kind="arrived").exists()


@pytest.mark.parametrize(
    ("behaviour", "end", "problem", "reserved", "booked"),
    [
        ("closed", states.CLOSED, "", 0, {"closed": 3333}),
        ("abnormal", states.MANUAL, "account_abnormal", 3333, {"abnormal": 3333}),
        ("account_abnormal", states.MANUAL, "account_closed", 3333, {}),
    ],
)
def test_what_the_channel_cannot_pay(world, next_time, behaviour, end, problem, reserved, booked):
    next_time(behaviour)
    refund = world.promise()

    assert (world.live(refund), refund.problem) == (end, problem)
    assert world.payment.reserved == reserved
    assert world.book(refund.number) == booked
    assert not LedgerTransaction.objects.filter(kind="arrived").exists()


def test_a_payment_the_channel_does_not_know_is_a_persons(world):
    world.order = samples.put(
        samples.shop(), "A2", payments=[samples.payment(12000, transaction_id="UNKNOWN1")]
    )  # fmt: skip
    refund = world.promise()

    assert (world.live(refund), refund.problem) == (states.MANUAL, "payment_unknown")


def test_two_parts_of_one_payment_both_arrive(world):
    first, second = world.promise(1000), world.promise(2000)

    assert world.live(first) == states.ARRIVED
    assert state(second) == states.PROMISED


def test_a_stand_in_that_is_gone_is_waited_for(world, wechat):
    refund = world.promise()
    wechat.close()

    services.pay_due_refunds(datetime.now(UTC))
    assert state(refund) == states.SENDING
    assert refund.attempts.get().outcome == "not_sent"


# --- the door ---------------------------------------------------------------------------------------------


def test_a_badly_signed_callback_is_turned_away_and_not_kept(world, next_time):
    next_time("callback_bad_signature")
    refund = world.promise()
    world.live(refund)

    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("post", b"", 400),
        ("post", b"{", 400),
        ("post", b"[]", 400),
        ("post", b"null", 400),
        ("post", b"\xff\xfe", 400),
        ("post", b"[" * 100_000, 400),
        ("post", b'{"id": ' + b"9" * 5_000 + b"}", 400),
        ("post", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 400),
        ("post", b"{}", 401),
        ("post", b'{"id": "EV-1", "event_type": "REFUND.SUCCESS"}', 401),
        ("post", b" " * 3_000_000, 413),
        ("get", b"", 405),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_what_is_no_callback_is_turned_away_in_its_own_words(wechat, client, method, body, status):
    answer = getattr(client, method)("/channels/wechat/notify/", data=body, content_type="application/json")

    assert answer.status_code == status
    if method == "post":
        assert answer.json()["code"] == "FAIL"
    assert not WebhookDelivery.objects.exists()


def test_a_channel_nobody_knows(client):
    assert client.post("/channels/nobody/notify/", data=b"{}", content_type="application/json").status_code == 404
