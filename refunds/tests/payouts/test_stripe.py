"""Payouts against the stand-in of Stripe, over HTTP both ways: whatever it does, each refund ends once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from orders.tests import samples
from refunds.gateways.stripe import simulator
from refunds.ledger.models import LedgerTransaction
from refunds.payouts import queries, services, states
from refunds.payouts.models import Break, Refund, WebhookDelivery
from refunds.tests.gateways.conftest import book, wait_until
from refunds.tests.gateways.stripe import next_time, stripe
from refunds.tests.payouts.conftest import SAM, state
from refunds.tests.payouts.test_wechat import World
from returns_platform.kernel.fsm import reload
from returns_platform.kernel.outbound import http

__all__ = ["next_time", "stripe"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

APPLIED_AND_ARRIVED = [
    "ok", "apply_then_timeout", "apply_then_500", "slow", "garbage", "drop_connection", "callback_before_answer",
    "callback_twice", "callback_never", "callback_bad_signature", "out_of_order", "two_signatures", "old_signature",
    "insufficient_funds",
]  # fmt: skip
ARRIVED_LATER = ["error_500", "not_enough_balance", "frequency_limited", "lock_timeout", "key_in_use"]


@pytest.fixture
def world(stripe, live_server, settings, monkeypatch) -> World:
    settings.SITE_URL = live_server.url
    monkeypatch.setattr(simulator, "ARRIVES_AFTER_S", 0.05)
    monkeypatch.setitem(http.call.__kwdefaults__, "timeout_s", 0.7)
    paid = [samples.payment(12000, channel="stripe", transaction_id="pi_1")]
    return World(samples.put(samples.shop(), payments=paid), at=datetime.now(UTC), served=stripe)


@pytest.mark.parametrize("behaviour", APPLIED_AND_ARRIVED)
def test_what_the_channel_applied_arrives_once(world, next_time, behaviour):
    next_time(behaviour)
    refund = world.promise()

    assert world.live(refund) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1
    assert refund.problem == "" and not Break.objects.exists()


@pytest.mark.parametrize("behaviour", ARRIVED_LATER)
def test_what_the_channel_did_not_take_is_sent_again_with_the_same_number(world, next_time, behaviour):
    next_time(behaviour)
    refund = world.promise()

    assert world.live(refund) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}
    assert set(refund.attempts.values_list("number", flat=True)) == {refund.number}


@pytest.mark.parametrize("behaviour", ["error_500", "not_enough_balance"])
def test_an_error_that_stripe_keeps_under_the_key_does_not_hold_the_money_for_a_day(world, next_time, behaviour):
    next_time(behaviour, times=3)
    refund = world.promise()

    assert world.live(refund, minutes=8) == states.ARRIVED
    assert world.book(refund.number) == {"succeeded": 3333}


def test_an_event_with_another_amount_holds_the_refund(world, next_time):
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


def test_what_waits_for_our_balance_says_so_until_it_is_topped_up(world, next_time, monkeypatch):
    monkeypatch.setattr(simulator, "TOPPED_UP_AFTER_S", 10**6)
    next_time("insufficient_funds")
    refund = world.promise()
    services.pay_due_refunds(datetime.now(UTC))

    assert (state(refund), refund.problem) == (states.ACCEPTED, "waits_for_funds")
    assert refund in queries.with_a_person()


def test_money_that_the_bank_sends_back_is_the_payments_again_and_a_persons(world, next_time, monkeypatch):
    """T100: arrived, and failed afterwards."""
    monkeypatch.setattr(simulator, "FAILS_AFTER_S", 10**6)
    next_time("fails_later")
    refund = world.promise()
    assert world.live(refund) == states.ARRIVED
    world.served.stand_in.fail(number=refund.number, behaviour="fails_later")
    wait_until(lambda: WebhookDelivery.objects.filter(news__kind="refund.failed").exists())
    wait_until(lambda: WebhookDelivery.objects.filter(news__kind="charge.refund.updated").exists())

    services.take_in_channel_news(datetime.now(UTC))
    assert state(refund) == states.ARRIVED
    services.pay_due_refunds(datetime.now(UTC))
    assert (state(refund), world.payment.reserved) == (states.RETURNED_BY_BANK, 0)
    assert refund in queries.given_up() and not Break.objects.exists()
    assert world.book(refund.number) == {"failed": 3333}

    anew = services.send_anew(refund.pk, by=SAM, now=datetime.now(UTC))
    assert world.live(reload(anew), minutes=8) == states.ARRIVED
    assert world.payment.reserved == 3333


def test_money_that_came_back_before_we_looked_is_the_payments_again(world, next_time):
    next_time("fails_later")
    refund = world.promise()
    services.pay_due_refunds(datetime.now(UTC))
    wait_until(lambda: world.book(refund.number) == {"failed": 3333})
    services.pay_due_refunds(datetime.now(UTC) + timedelta(minutes=2))

    assert (state(refund), world.payment.reserved) == (states.CLOSED, 0)


def test_a_payment_the_channel_does_not_know_is_a_persons(world):
    paid = [samples.payment(12000, channel="stripe", transaction_id="UNKNOWN1")]
    world.order = samples.put(samples.shop(), "A2", payments=paid)
    refund = world.promise()

    assert (world.live(refund), refund.problem) == (states.MANUAL, "payment_unknown")


def test_parts_of_one_payment_need_no_minute_between_them(world):
    first, second = world.promise(1000), world.promise(2000)

    assert (world.live(first), world.live(second)) == (states.ARRIVED, states.ARRIVED)
    assert sorted(amount for _, amount, _ in book(world.served)) == [1000, 2000]


def test_a_refund_made_by_hand_in_the_dashboard_is_a_persons_to_explain(world):
    http.call(
        "POST", f"{world.served.url}/v1/refunds", body=b"payment_intent=pi_1&amount=500",
        headers={"Authorization": f"Bearer {world.served.stand_in.secret_key}"},
    )  # fmt: skip
    wait_until(lambda: WebhookDelivery.objects.filter(news__isnull=False).count() == 2)
    services.take_in_channel_news(datetime.now(UTC))

    assert {found.kind for found in Break.objects.all()} == {"unknown_number"}
    assert Break.objects.first().number.startswith("re_")


# --- the door ---------------------------------------------------------------------------------------------


def test_a_badly_signed_event_is_turned_away_and_not_kept(world, next_time):
    next_time("callback_bad_signature")
    refund = world.promise()
    world.live(refund)

    assert not WebhookDelivery.objects.exists()


def test_every_event_of_a_refund_is_kept_once_with_what_became_of_it(world, next_time):
    next_time("callback_twice")
    world.live(world.promise())
    services.take_in_channel_news(datetime.now(UTC))

    kept = {json.loads(bytes(row.body))["type"]: row.outcome for row in WebhookDelivery.objects.all()}
    assert set(kept) == {"refund.created", "charge.refunded", "refund.updated"}
    assert kept["charge.refunded"] == "no_news"
    assert WebhookDelivery.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"[]", 400), (b"[" * 100_000, 400), (b"{}", 401), (b" " * 3_000_000, 413)]
)
def test_what_is_no_event_is_turned_away(stripe, client, body, status):
    answer = client.post("/channels/stripe/notify/", data=body, content_type="application/json")

    assert answer.status_code == status
    assert not WebhookDelivery.objects.exists()


def test_nobody_listens_for_a_channel_that_is_not_set_up(client, settings):
    settings.GATEWAYS = {}
    assert client.post("/channels/stripe/notify/", data=b"{}", content_type="application/json").status_code == 404


def test_no_refund_of_ours_is_ever_left_to_chance(world, next_time):
    """Whatever happens, in whatever order: the stand-in's book holds each number with the whole amount or nothing."""
    for behaviour in ("apply_then_500", "key_in_use", "drop_connection", "error_500", "garbage"):
        next_time(behaviour)
    refunds = [world.promise(500 + nth) for nth in range(4)]
    for minute in range(8):
        services.pay_due_refunds(datetime.now(UTC) + timedelta(minutes=minute))
        services.take_in_channel_news(datetime.now(UTC) + timedelta(minutes=minute))

    paid = {refund.number: world.book(refund.number).total() for refund in refunds}
    assert paid == {refund.number: refund.amount for refund in Refund.objects.all()}
    assert set(Refund.objects.values_list("state", flat=True)) == {states.ARRIVED}
