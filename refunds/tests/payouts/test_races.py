"""Many at once, with real connections: whoever wins, the money is right."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from orders.purchases.services.claims import RefundExceedsPayment
from refunds.ledger.models import LedgerTransaction
from refunds.payouts import services, states
from refunds.payouts.models import Refund, WebhookDelivery
from refunds.payouts.services import paying
from refunds.tests.payouts.conftest import CASE, SAM, SUE, state
from refunds.tests.payouts.test_news import keep, told
from returns_platform.kernel import work
from returns_platform.kernel.errors import Refused, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list:
    """Run all jobs at the same moment; what each returned, or the refusal it met."""
    start = threading.Barrier(len(jobs))

    def run(job):
        try:
            start.wait(timeout=30)
            return job()
        except (Refused, work.LostClaim) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_fifty_refunds_at_once_never_take_more_than_was_paid(till, channel):
    results = at_once(*[lambda n=n: till.promise(700, case_ref=f"RT{n}") for n in range(50)])

    opened = [result for result in results if isinstance(result, Refund)]
    assert len(opened) == 12000 // 700
    assert all(isinstance(result, RefundExceedsPayment) for result in results if result not in opened)
    assert till.payment.reserved == len(opened) * 700


def test_ten_workers_send_one_refund_once(till, channel):
    refund = till.promise()
    at_once(*[lambda: services.pay_due_refunds(till.at)] * 10)

    assert channel.calls == [("create", refund.number)]


def test_two_parts_due_at_once_are_not_sent_within_a_minute(till, channel):
    refunds = [till.promise(100, case_ref=f"RT{n}") for n in range(6)]
    at_once(*[lambda: services.pay_due_refunds(till.at)] * 6)

    assert len(channel.calls) == 1
    assert sorted(state(refund) for refund in refunds) == ["accepted"] + ["promised"] * 5


@pytest.mark.parametrize("turn", range(5))
def test_either_it_is_cancelled_or_it_is_sent(till, channel, turn):
    refund = till.promise()
    cancelled, _ = at_once(
        lambda: services.cancel_refunds(CASE, by=SAM, now=till.at), lambda: services.pay_due_refunds(till.at)
    )

    if cancelled is True:
        assert (state(refund), channel.calls) == (states.CANCELLED, [])
    else:
        assert isinstance(cancelled, WrongState)
        assert (state(refund), channel.created(refund.number)) == (states.ACCEPTED, 1)


def test_twenty_callbacks_at_once_have_one_effect(till, channel):
    refund = till.promise()
    till.pay()
    at_once(*[lambda n=n: keep(told(refund, event_id=f"EV-{n % 5}")) for n in range(20)])
    at_once(*[lambda: services.take_in_channel_news(till.later(seconds=0))] * 5)

    assert WebhookDelivery.objects.count() == 5
    assert sorted(WebhookDelivery.objects.values_list("outcome", flat=True)) == ["applied"] + ["repeated"] * 4
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1
    assert state(refund) == states.ARRIVED


@pytest.mark.parametrize("turn", range(5))
def test_an_answer_and_a_callback_at_once(till, channel, turn):
    refund = till.promise()
    question = paying.prepare(work.claim_due(Refund, now=till.at)[0], now=till.at)
    answer = paying.ask(question)
    keep(told(refund))
    at_once(lambda: paying.take_answer(question, answer, now=till.at), lambda: services.take_in_channel_news(till.at))

    assert state(refund) == states.ARRIVED
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1


def test_one_second_person_is_enough(till):
    refund = till.promise(by=SAM, second_person=True)
    results = at_once(*[lambda: services.agree_as_second(CASE, by=SUE, now=till.at)] * 5)

    assert sum(isinstance(result, list) for result in results) == 1
    assert state(refund) == states.PROMISED


def test_a_closed_refund_is_replaced_once(till, channel):
    refund = till.promise()
    till.pay()
    channel.becomes(refund.number, "closed")
    till.pay(minutes=1)
    results = at_once(*[lambda: services.send_anew(refund.pk, by=SAM, now=till.at)] * 5)

    assert sum(isinstance(result, Refund) for result in results) == 1
    assert till.payment.reserved == 3333


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_day_at_the_till(till, channel, seed):
    """Refunds open, workers die, answers get lost, callbacks come twice: in the end each was paid once or not."""
    day = random.Random(seed)
    refunds = []
    for _ in range(60):
        match day.choice(["open", "pay", "pay", "die", "hear", "cancel", "trouble"]):
            case "open" if till.payment.reserved < 11000:
                refunds.append(till.promise(day.randint(1, 900), case_ref=f"RT{len(refunds)}"))
            case "pay":
                till.pay(seconds=day.choice([1, 30, 70]))
            case "die":
                for claimed in work.claim_due(Refund, now=till.at, limit=1):
                    question = paying.prepare(claimed, now=till.at)
                    if question and day.random() < 0.5:
                        paying.ask(question)
            case "trouble":
                channel.next = [day.choice(["down", "down_applied", "not_sent"])]
            case "hear" if channel.book:
                number = day.choice(sorted(channel.book))
                refund = Refund.objects.get(number=number)
                channel.becomes(number, "succeeded", succeeded_at=till.at)
                keep(told(refund, event_id=f"EV-{day.randint(1, 20)}-{number}"))
                services.take_in_channel_news(till.at)
            case "cancel" if refunds:
                at_once(lambda: services.cancel_refunds(day.choice(refunds).case_ref, by=SAM, now=till.at))
    channel.next = []
    for _ in range(80):
        for number in list(channel.book):
            channel.becomes(number, "succeeded", succeeded_at=till.at)
        till.pay(minutes=2)

    for refund in refunds:
        ended = state(refund)
        assert ended in (states.ARRIVED, states.CANCELLED)
        assert (refund.number in channel.book) == (ended == states.ARRIVED)
