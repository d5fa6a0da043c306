from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from orders.purchases.models import Payment
from refunds.ledger.models import LedgerEntry, LedgerTransaction
from refunds.payouts import queries, services, states
from refunds.payouts.models import Break, RefundAttempt
from refunds.payouts.services import paying
from refunds.tests.payouts.conftest import CASE, SAM, state
from refunds.tests.payouts.fakes import refused
from returns_platform.kernel import work
from returns_platform.kernel.fsm import reload
from returns_platform.kernel.work import LostClaim

pytestmark = pytest.mark.django_db


def test_three_truths_at_three_moments(till, channel):
    refund = till.promise()
    till.pay(seconds=3)
    asked_at = till.at
    channel.becomes(refund.number, "succeeded", succeeded_at=till.later(seconds=30))

    till.pay(seconds=40)
    reload(refund)
    assert refund.state == states.ARRIVED
    assert refund.asked_at == asked_at
    assert asked_at <= refund.accepted_at < refund.arrived_at == asked_at + timedelta(seconds=30)
    assert refund.account == "支付用户零钱"
    assert refund.next_try_at is None


def test_arrival_is_posted_once(till, channel):
    refund = till.promise()
    till.pay()
    channel.becomes(refund.number, "succeeded", succeeded_at=till.at)
    till.pay(minutes=1)

    posted = LedgerTransaction.objects.get(kind="arrived")
    assert dict(posted.entries.values_list("account", "amount")) == {
        "refunds_payable": -3333,
        "channel:wechat": 3333,
    }
    assert not LedgerEntry.objects.filter(account="customer_wallet").exists()


def test_an_accepted_refund_is_asked_about_every_minute_then_less_often(till, channel):
    till.promise()
    till.pay()
    asked = [minute for minute in range(1, 76) if till.pay(minutes=1)]

    assert asked == [1, 2, 3, 4, 5, 10, 20, 40, 70]


def test_no_answer_is_unknown_and_asked_about_after_a_minute(till, channel):
    refund = till.promise()
    channel.next = ["down_applied"]
    till.pay()
    assert state(refund) == states.UNKNOWN

    assert till.pay(seconds=59) == 0
    assert till.pay(seconds=1) == 1
    assert state(refund) == states.ACCEPTED
    assert channel.created(refund.number) == 1


def test_no_such_refund_sends_again_with_the_same_number_in_the_same_try(till, channel):
    refund = till.promise()
    channel.next = ["down"]
    till.pay()
    till.pay(minutes=1)

    assert state(refund) == states.ACCEPTED
    assert channel.calls == [("create", refund.number), ("query", refund.number), ("create", refund.number)]


def test_unknown_is_never_given_up(till, channel):
    refund = till.promise()
    channel.next = ["down_applied"] + ["down"] * 7
    till.pay()
    asked = [minute for minute in range(1, 130) if till.pay(minutes=1)]

    assert asked[:7] == [1, 2, 7, 17, 37, 67, 97]
    assert state(refund) == states.ACCEPTED


def test_unknown_beyond_the_ladder_is_shown_to_a_person_too(till, channel):
    refund = till.promise()
    channel.next = ["down_applied"] + ["down"] * 6
    till.pay()
    for _ in range(70):
        till.pay(minutes=1)

    assert (state(refund), refund.problem) == (states.UNKNOWN, "unknown_too_long")
    assert refund in queries.with_a_person()
    assert refund.next_try_at > till.at


def test_nothing_sent_is_not_unknown(till, channel):
    refund = till.promise()
    channel.next = ["not_sent"]
    till.pay()
    assert state(refund) == states.SENDING

    till.pay(minutes=1)
    assert state(refund) == states.ACCEPTED
    assert channel.calls == [("create", refund.number)] * 2


@pytest.mark.parametrize(
    ("code", "hurdle", "problem"),
    [("NOT_ENOUGH", "funds", "not_enough"), ("FREQUENCY_LIMITED", "rate", "too_fast")],
)
def test_what_may_go_again_goes_on_the_ladder_then_to_a_person(till, channel, code, hurdle, problem):
    refund = till.promise()
    channel.next = [refused(code, hurdle=hurdle, retry=True)] * 6
    till.pay()
    tried = [minute for minute in range(1, 70) if till.pay(minutes=1)]

    assert tried == [1, 6, 16, 36, 66]
    assert (state(refund), refund.problem, refund.next_try_at) == (states.MANUAL, problem, None)
    assert set(channel.calls) == {("create", refund.number)}


def test_a_person_sends_it_again_with_the_same_number(till, channel):
    refund = till.promise()
    channel.next = [refused("NOT_ENOUGH", hurdle="funds", retry=True)] * 6
    till.pay()
    for _ in range(70):
        till.pay(minutes=1)

    services.retry(refund.pk, by=SAM, now=till.at)
    till.pay()
    assert (state(refund), refund.problem) == (states.ACCEPTED, "")


def test_a_final_refusal_is_a_persons(till, channel):
    refund = till.promise()
    channel.next = [refused("USER_ACCOUNT_ABNORMAL", hurdle="account", retry=False)]
    till.pay()

    assert (state(refund), refund.problem) == (states.MANUAL, "account_closed")
    attempt = refund.attempts.get()
    assert (attempt.outcome, attempt.code) == ("refused", "USER_ACCOUNT_ABNORMAL")
    assert "6222" not in attempt.message


def test_closed_gives_the_money_back_to_the_payment_and_only_then_a_new_number(till, channel):
    refund = till.promise()
    till.pay()
    with pytest.raises(Exception, match="wrong_state"):
        services.send_anew(refund.pk, by=SAM, now=till.at)
    channel.becomes(refund.number, "closed")
    till.pay(minutes=1)
    assert (state(refund), till.payment.reserved) == (states.CLOSED, 0)

    anew = services.send_anew(refund.pk, by=SAM, now=till.at)
    assert (anew.number, anew.replaces_id) == (f"RF26111000000145-{anew.serial}", refund.pk)
    assert anew.number != refund.number
    assert till.payment.reserved == 3333
    assert list(queries.counting_refunds(CASE)) == [anew]
    with pytest.raises(Exception, match="replaced"):
        services.send_anew(refund.pk, by=SAM, now=till.at)


def test_an_account_that_does_not_take_it_is_a_persons_and_success_may_follow(till, channel):
    refund = till.promise()
    till.pay()
    channel.becomes(refund.number, "abnormal")
    till.pay(minutes=1)
    assert (state(refund), refund.problem) == (states.MANUAL, "account_abnormal")
    assert till.payment.reserved == 3333

    channel.becomes(refund.number, "succeeded", succeeded_at=till.at)
    services.ask_again(refund.pk, by=SAM, now=till.at)
    till.pay()
    assert (state(refund), refund.problem) == (states.ARRIVED, "")


def test_an_answer_with_another_amount_freezes(till, channel):
    refund = till.promise()
    channel.next = ["down_applied"]
    till.pay()
    right = channel.book[refund.number]
    channel.becomes(refund.number, "succeeded", amount=3330, succeeded_at=till.at)
    till.pay(minutes=1)

    assert (state(refund), refund.problem) == (states.MANUAL, "mismatch")
    assert not LedgerTransaction.objects.filter(kind="arrived").exists()
    found = Break.objects.get()
    assert (found.kind, found.ours, found.theirs) == ("mismatch", {"amount": 3333}, {"amount": 3330})

    channel.book[refund.number] = right
    services.ask_again(refund.pk, by=SAM, now=till.at)
    till.pay()
    assert state(refund) == states.ACCEPTED


def test_a_frozen_refund_is_not_sent_again(till, channel):
    refund = till.promise()
    channel.next = ["down_applied"]
    till.pay()
    channel.becomes(refund.number, "succeeded", amount=1)
    till.pay(minutes=1)

    with pytest.raises(Exception, match="wrong_state"):
        services.retry(refund.pk, by=SAM, now=till.at)


def test_a_channel_without_a_gateway_is_a_persons(till, channel, settings):
    settings.GATEWAYS = {}
    refund = till.promise()
    till.pay()

    assert (state(refund), refund.problem) == (states.MANUAL, "no_gateway")


def test_a_payment_of_366_days_is_too_old_before_the_channel_is_called(till, channel):
    refund = till.promise()
    Payment.objects.update(paid_at=till.at - timedelta(days=366))
    till.pay()

    assert (state(refund), refund.problem) == (states.MANUAL, "too_old")
    assert channel.calls == []
    assert not queries.original_route_open(till.payment, at=till.at)


def test_one_part_more_than_the_channel_allows_is_a_persons(till, channel, monkeypatch):
    monkeypatch.setattr(channel, "limits", replace(channel.limits, parts=2))
    refunds = [till.promise(1) for _ in range(3)]
    for _ in range(3):
        till.pay(seconds=70)

    assert [state(refund) for refund in refunds] == [states.ACCEPTED, states.ACCEPTED, states.MANUAL]
    assert reload(refunds[2]).problem == "too_many_parts"


def test_two_parts_of_one_payment_are_a_minute_apart(till, channel):
    first, second = till.promise(1000), till.promise(2000)
    till.pay()
    assert (state(first), state(second)) == (states.ACCEPTED, states.PROMISED)
    assert timedelta(seconds=60) <= reload(second).next_try_at - till.at <= timedelta(seconds=65)

    till.pay(seconds=59)
    assert channel.created(second.number) == 0
    till.pay(seconds=6)
    assert channel.created(second.number) == 1


def test_balance_is_there_at_once_and_the_bonus_is_its_own(till, channel):
    refund = till.promise(10000, destination="balance", bonus=200)
    till.pay()

    wallet = till.order.customer.wallets.get()
    assert state(refund) == states.ARRIVED
    assert wallet.balance == 10200
    assert list(wallet.entries.order_by("pk").values_list("kind", "amount")) == [("refund", 10000), ("bonus", 200)]
    assert refund.asked_at == refund.accepted_at == refund.arrived_at == till.at
    assert channel.calls == []


def test_a_store_coupon_instead_of_money(till, channel):
    refund = till.promise(destination="coupon")
    till.pay()

    assert state(refund) == states.ARRIVED
    assert till.order.customer.store_coupons.get().amount == 3333


# --- workers that die, freeze, or come late ---------------------------------------------------------------


def test_a_worker_that_dies_before_the_call_leaves_work_for_the_next(till, channel):
    refund = till.promise()
    work.claim_due(type(refund), now=till.at)

    assert till.pay(seconds=29) == 0
    assert till.pay(seconds=1) == 1
    assert state(refund) == states.ACCEPTED


@pytest.mark.parametrize("reached", [True, False], ids=["applied", "never reached it"])
def test_a_worker_that_dies_after_the_call_is_followed_by_a_question(till, channel, reached):
    refund = till.promise()
    question = paying.prepare(work.claim_due(type(refund), now=till.at)[0], now=till.at)
    if reached:
        paying.ask(question)

    till.pay(seconds=31)
    assert state(refund) == states.ACCEPTED
    assert [kind for kind, _ in channel.calls] == (["create", "query"] if reached else ["query", "create"])
    first = refund.attempts.first()
    assert (first.kind, first.outcome) == ("create", "lost")


def test_a_worker_that_froze_does_not_write_over_its_successor(till, channel):
    refund = till.promise()
    question = paying.prepare(work.claim_due(type(refund), now=till.at)[0], now=till.at)
    late = paying.Answer("refused", code="TOO_LATE")
    till.pay(seconds=31)

    with pytest.raises(LostClaim):
        paying.take_answer(question, late, now=till.at)
    assert state(refund) == states.ACCEPTED
    assert RefundAttempt.objects.get(pk=question.attempt_id).outcome == "lost"


def test_a_fault_in_one_row_does_not_stop_the_others(till, channel, monkeypatch):
    broken, sound = till.promise(1000), till.promise(2000, destination="balance")
    monkeypatch.setattr(paying, "_send", lambda refund, now: 1 / 0)
    till.pay()

    assert state(sound) == states.ARRIVED
    assert "ZeroDivisionError" in reload(broken).last_error
    assert broken.next_try_at > till.at


def test_every_attempt_names_the_same_refund(till, channel):
    refund = till.promise()
    channel.next = ["down", "down", "ok"]
    for _ in range(4):
        till.pay(minutes=5)

    assert refund.attempts.count() >= 3
    assert set(refund.attempts.values_list("number", "amount", "transaction_id")) == {
        (refund.number, 3333, "4200001")
    }


def test_a_case_that_was_withdrawn_while_the_worker_slept_pays_nothing(till, channel):
    refund = till.promise()
    claimed = work.claim_due(type(refund), now=till.at)[0]
    services.cancel_refunds(CASE, by=SAM, now=till.at)

    assert paying.prepare(claimed, now=till.at) is None
    assert state(refund) == states.CANCELLED
    assert channel.calls == []


# --- channels that are slow to know, or forget ------------------------------------------------------------


@pytest.fixture
def forgetful(channel, monkeypatch):
    limits = replace(channel.limits, silence=timedelta(minutes=5), forgets=True)
    monkeypatch.setattr(channel, "limits", limits)
    return channel


def test_no_such_refund_proves_nothing_while_the_channel_may_not_know_yet(till, forgetful):
    forgetful.next = ["down"]
    refund = till.promise()
    till.pay()
    till.pay(minutes=2)

    assert (state(refund), forgetful.created(refund.number)) == (states.UNKNOWN, 1)
    assert refund.next_try_at == till.at + timedelta(minutes=3)
    till.pay(minutes=4)
    assert (state(refund), forgetful.created(refund.number)) == (states.ACCEPTED, 2)


def test_what_a_forgetful_channel_forgot_is_sent_again_with_the_same_number_and_then_a_persons(till, forgetful):
    refund = till.promise()
    till.pay()
    for _ in range(3):
        forgetful.book.clear()
        till.pay(minutes=6)

    assert (state(refund), refund.problem) == (states.MANUAL, "vanished")
    assert forgetful.created(refund.number) == 3


def test_what_another_channel_forgot_is_a_persons_at_once(till, channel):
    refund = till.promise()
    till.pay()
    channel.book.clear()
    till.pay(minutes=6)

    assert (state(refund), refund.problem) == (states.MANUAL, "vanished")
    assert channel.created(refund.number) == 1


def test_what_is_sent_again_and_again_and_never_taken_calls_a_person(till, channel):
    """The channel answers every sending with an error and knows of nothing: it is asked ever later."""
    refund = till.promise()
    channel.next = ["down", "ok"] * 20
    sent = []
    for _ in range(200):
        made = channel.created(refund.number)
        till.pay(minutes=1)
        if channel.created(refund.number) > made:
            sent.append(till.at)
        if refund in queries.with_a_person():
            break

    waits = [round((later - earlier).total_seconds() / 60) for earlier, later in pairwise(sent)]
    assert (state(refund), refund.problem) == (states.UNKNOWN, "unknown_too_long")
    assert waits == [1, 1, 5, 10, 20, 30]
    till.pay(minutes=31)
    assert state(refund) == states.UNKNOWN and refund in queries.with_a_person()
