"""Payouts against the stand-in of Alipay, over HTTP both ways: whatever it does, each refund ends once."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from orders.tests import samples
from refunds.gateways.alipay import reading, signature, simulator
from refunds.gateways.alipay.keys import DemoKeys, private_key
from refunds.ledger.models import LedgerTransaction
from refunds.payouts import services, states
from refunds.payouts.models import Break, Refund, WebhookDelivery
from refunds.tests.gateways.alipay import alipay, next_time
from refunds.tests.gateways.conftest import book, wait_until
from refunds.tests.payouts.conftest import SAM, Till, state
from returns_platform.kernel.outbound import http

__all__ = ["alipay", "next_time"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

APPLIED_AND_ARRIVED = [
    "ok", "at_once", "apply_then_timeout", "apply_then_500", "apply_then_system_error", "slow", "garbage",
    "drop_connection", "unsigned", "forged_signature", "empty_query", "callback_before_answer", "callback_twice",
    "callback_never", "callback_bad_signature", "deposit_back", "deposit_back_failed",
]  # fmt: skip
ARRIVED_LATER = [
    "error_500", "system_error", "service_unavailable", "not_enough_balance", "frequency_limited", "forgotten",
]  # fmt: skip


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
            wait_until(self._nothing_is_hidden)  # a minute of ours is longer than the channel's silence
            services.take_in_channel_news(datetime.now(UTC) + timedelta(minutes=minute))
            if state(refund) in (states.ARRIVED, states.CLOSED, states.MANUAL):
                break
        return refund.state

    def _nothing_is_hidden(self) -> bool:
        rows = [row for row in self.served.stand_in.book.rows() if row.data.get("hidden")]
        return all(datetime.fromisoformat(row.at) + simulator.SILENT_FOR < datetime.now(UTC) for row in rows)

    def _callbacks_delivered(self) -> bool:
        """All but those the stand-in will try again much later."""
        return not self.served.stand_in.book.due_jobs(datetime.now(UTC).timestamp() + 0.1)


@pytest.fixture
def world(alipay, live_server, settings, monkeypatch) -> World:
    settings.SITE_URL = live_server.url
    monkeypatch.setattr(simulator, "ARRIVES_AFTER_S", 0.05)
    monkeypatch.setattr(simulator, "SILENT_FOR", timedelta(seconds=1))
    monkeypatch.setitem(http.call.__kwdefaults__, "timeout_s", 0.7)
    paid = [samples.payment(12000, channel="alipay")]
    return World(samples.put(samples.shop(), payments=paid), at=datetime.now(UTC), served=alipay)


@pytest.mark.parametrize("behaviour", APPLIED_AND_ARRIVED)
def test_what_the_channel_applied_arrives_once(world, next_time, behaviour):
    next_time(behaviour)
    refund = world.promise()

    assert world.live(refund) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1
    assert refund.account == ("BANKCARD" if behaviour == "deposit_back" else "ALIPAYACCOUNT") or behaviour in (
        "at_once", "callback_before_answer",
    )  # fmt: skip
    assert not Break.objects.exists()


@pytest.mark.parametrize("behaviour", ARRIVED_LATER)
def test_what_the_channel_did_not_take_is_sent_again_with_the_same_number(world, next_time, behaviour):
    next_time(behaviour)
    refund = world.promise()

    assert world.live(refund) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}
    assert set(refund.attempts.values_list("number", flat=True)) == {refund.number}


def test_accepted_can_be_seen_and_the_notification_makes_the_channel_be_asked_at_once(world):
    refund = world.promise()
    services.pay_due_refunds(datetime.now(UTC))
    assert (state(refund), refund.account) == (states.ACCEPTED, "159****5620")

    wait_until(lambda: WebhookDelivery.objects.exists())
    services.take_in_channel_news(datetime.now(UTC))
    assert WebhookDelivery.objects.get().outcome == "asking"
    services.pay_due_refunds(datetime.now(UTC))
    assert (state(refund), refund.attempts.count()) == (states.ARRIVED, 2)


def test_asked_too_soon_the_channel_is_asked_again_and_nothing_is_sent_twice(world, next_time, monkeypatch):
    monkeypatch.setattr(simulator, "SILENT_FOR", timedelta(seconds=30))
    next_time("empty_query")
    refund = world.promise()
    services.pay_due_refunds(datetime.now(UTC))
    wait_until(lambda: WebhookDelivery.objects.exists())
    services.take_in_channel_news(datetime.now(UTC))
    services.pay_due_refunds(datetime.now(UTC))

    assert state(refund) == states.ACCEPTED
    assert [attempt.outcome for attempt in refund.attempts.all()] == ["processing", "not_found"]
    assert timedelta(seconds=5) < refund.next_try_at - datetime.now(UTC) < timedelta(seconds=10)


def test_a_callback_with_another_sum_holds_the_refund_until_the_channel_is_asked(world, next_time):
    next_time("callback_wrong_amount")
    refund = world.promise()

    assert world.live(refund) == states.MANUAL
    assert refund.problem == "mismatch"
    assert (Break.objects.get().ours, Break.objects.get().theirs) == ({"refunded": 3333}, {"refunded": 3334})
    assert not LedgerTransaction.objects.filter(kind="arrived").exists()
    services.ask_again(refund.pk, by=SAM, now=datetime.now(UTC))
    services.pay_due_refunds(datetime.now(UTC))
    assert state(refund) == states.ARRIVED


@pytest.mark.parametrize(
    ("behaviour", "end", "problem", "reserved", "booked"),
    [
        ("closed", states.CLOSED, "", 0, {"closed": 3333}),
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


def test_a_refund_that_is_forgotten_again_and_again_is_a_persons(world, next_time):
    next_time("forgotten", times=9)
    refund = world.promise()

    assert (world.live(refund, minutes=6), refund.problem) == (states.MANUAL, "vanished")
    assert refund.attempts.filter(kind="create").count() == 3


@pytest.mark.parametrize(
    ("changes", "problem"), [({"transaction_id": "UNKNOWN1"}, "payment_unknown"), ({"days": 366}, "too_old")]
)
def test_a_payment_the_channel_does_not_take_back_is_a_persons(world, changes, problem):
    days = changes.pop("days", 1)
    paid_at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    payment = samples.payment(12000, channel="alipay", **{"transaction_id": "A2", "paid_at": paid_at, **changes})
    world.order = samples.put(samples.shop(), "A2", payments=[payment])
    refund = world.promise()

    assert (world.live(refund), refund.problem) == (states.MANUAL, problem)


def test_two_parts_of_one_payment_are_sent_three_seconds_apart_and_both_arrive(world):
    first, second = world.promise(1000), world.promise(2000)

    services.pay_due_refunds(datetime.now(UTC))
    assert (state(first), state(second)) == (states.ACCEPTED, states.PROMISED)
    assert (
        timedelta(seconds=3) <= second.next_try_at - datetime.now(UTC) + timedelta(seconds=1) <= timedelta(seconds=7)
    )
    assert world.live(first) == states.ARRIVED
    wait_until(lambda: datetime.now(UTC) > second.next_try_at)
    assert world.live(second) == states.ARRIVED
    assert (world.book(first.number), world.book(second.number)) == ({"succeeded": 1000}, {"succeeded": 2000})
    assert not Break.objects.exists()


def test_a_number_that_paid_another_amount_is_held_for_a_person(world):
    refund = world.promise()
    world.served.stand_in.payment("4200001", amount=10**8, currency="CNY")
    world.served.stand_in.book.add(
        refund.number, state="succeeded", transaction_id="4200001", amount=3330, currency="CNY",
        asked_at=simulator.now(), success_time=simulator.now(),
    )  # fmt: skip

    assert (world.live(refund), refund.problem) == (states.MANUAL, "mismatch")
    assert (Break.objects.get().ours, Break.objects.get().theirs) == ({"amount": 3333}, {"amount": 3330})


def test_a_stand_in_that_is_gone_is_waited_for(world, alipay):
    refund = world.promise()
    alipay.close()

    services.pay_due_refunds(datetime.now(UTC))
    assert state(refund) == states.SENDING
    assert refund.attempts.get().outcome == "not_sent"


# --- the door ---------------------------------------------------------------------------------------------


def notice(tmp_path, **changes) -> bytes:
    said = {
        "notify_id": "1", "notify_type": "trade_status_sync", "notify_time": reading.written(datetime.now(UTC)),
        "app_id": "2021000000000109", "seller_id": "2088000000000109", "trade_no": "4200001", "out_biz_no": "RF1",
        "trade_status": "TRADE_SUCCESS", "refund_fee": "33.33", **changes,
    }  # fmt: skip
    proof = signature.sign(signature.notification_text(said), private_key(DemoKeys(tmp_path).alipay_key))
    return urlencode({**said, "sign_type": "RSA2", "sign": proof}).encode()


def knock(client, body: bytes, method: str = "post"):
    how = {"data": body, "content_type": "application/x-www-form-urlencoded"}
    return getattr(client, method)("/channels/alipay/notify/", **how)


def test_a_badly_signed_callback_is_turned_away_and_not_kept(world, next_time):
    next_time("callback_bad_signature")
    refund = world.promise()
    world.live(refund)

    assert not WebhookDelivery.objects.exists()


def test_a_message_is_heard_as_alipay_wants_it_and_kept_once(alipay, client, tmp_path):
    for _ in range(20):
        answer = knock(client, notice(tmp_path))
        assert (answer.status_code, answer.content) == (200, b"success")
    services.take_in_channel_news(datetime.now(UTC))
    assert WebhookDelivery.objects.get().outcome == "unknown_number"
    assert Break.objects.get().number == "RF1"


@pytest.mark.parametrize(
    ("changes", "outcome", "kept"),
    [
        ({"app_id": "2021"}, "mismatch", True),
        ({"seller_id": "2088"}, "mismatch", True),
        ({"trade_no": "4200002"}, "mismatch", True),
        ({"refund_fee": "33.30"}, "mismatch", True),
        ({"out_biz_no": ""}, "not_understood", True),
        ({"out_biz_no": "", "refund_fee": ""}, "", False),  # a payment, not a refund
    ],
    ids=str,
)
def test_a_true_message_with_other_facts_moves_no_money(world, client, tmp_path, changes, outcome, kept):
    refund = world.promise()
    services.pay_due_refunds(datetime.now(UTC))

    assert (
        knock(client, notice(tmp_path, out_biz_no=changes.pop("out_biz_no", refund.number), **changes)).status_code
        == 200
    )
    services.take_in_channel_news(datetime.now(UTC))
    delivery = WebhookDelivery.objects.order_by("pk").filter(event_id="1").first()
    assert not kept or (delivery.outcome, Break.objects.get().kind) == (outcome, outcome)
    assert state(refund) in (states.ACCEPTED, states.MANUAL)


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
        ("post", b"out_biz_no=RF1", 401),
        ("post", b"out_biz_no=RF1&sign=&sign_type=RSA2", 401),
        ("post", b"a" * 3_000_000, 413),
        ("get", b"", 405),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_what_is_no_message_is_turned_away(alipay, client, method, body, status):
    answer = knock(client, body, method)

    assert answer.status_code == status
    assert answer.content.strip() != b"success"
    assert not WebhookDelivery.objects.exists()
