import random
from dataclasses import replace
from datetime import timedelta

import pytest

from refunds.gateways.interface import Notification, RefundAnswer
from refunds.ledger.models import LedgerTransaction
from refunds.payouts import queries, services, states
from refunds.payouts.models import Break, Refund, WebhookDelivery
from refunds.payouts.services import news, paying
from refunds.tests.payouts.conftest import CASE, NOW, SAM, state
from returns_platform.kernel import work
from returns_platform.kernel.fsm import reload

pytestmark = pytest.mark.django_db
US = "1900000109"


def told(refund, to="succeeded", event_id="EV-1", **changes) -> Notification:
    facts = Notification(
        event_id=event_id, kind=f"REFUND.{to}", number=refund.number, channel_ref="50", state=to,
        amount=refund.amount, total=12000, currency="CNY", transaction_id="4200001", merchant_id=US,
        account="招商银行信用卡0403", succeeded_at=NOW if to == "succeeded" else None,
    )  # fmt: skip
    return replace(facts, **changes)


def keep(notification: Notification | None, **facts) -> None:
    services.keep_delivery("wechat", body=b"{}", news=notification, our_merchant_id=US, now=NOW, **facts)


def hear(notification: Notification | None, **facts) -> str:
    """Keep it, take it in, say what became of it."""
    keep(notification, **facts)
    services.take_in_channel_news(NOW + timedelta(hours=1))
    return WebhookDelivery.objects.order_by("-pk").first().outcome


def test_success_arrives_with_the_channels_time_and_account(till, channel):
    refund = till.promise()
    till.pay()

    assert hear(told(refund)) == "applied"
    reload(refund)
    assert (refund.state, refund.arrived_at, refund.account) == (states.ARRIVED, NOW, "招商银行信用卡0403")
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1


def test_the_same_event_is_kept_once_and_another_one_changes_nothing(till, channel):
    refund = till.promise()
    till.pay()

    assert hear(told(refund)) == "applied"
    assert hear(told(refund)) == "applied"
    assert WebhookDelivery.objects.count() == 1
    assert hear(told(refund, event_id="EV-2")) == "repeated"


def test_a_callback_before_the_answer_wins(till, channel):
    refund = till.promise()
    channel.during = [lambda: hear(told(refund))]
    till.pay()

    assert state(refund) == states.ARRIVED
    assert [move.to_state for move in refund.moves.all()] == ["promised", "sending", "arrived"]


@pytest.mark.parametrize("failure", ["down_applied", "not_sent"])
def test_a_callback_before_a_failed_answer_wins_too(till, channel, failure):
    refund = till.promise()
    channel.next = [failure]
    channel.during = [lambda: hear(told(refund))]
    till.pay()

    assert state(refund) == states.ARRIVED


def test_an_account_that_fails_before_the_answer_stays_with_a_person(till, channel):
    refund = till.promise()
    channel.during = [lambda: hear(told(refund, "abnormal"))]
    till.pay()

    assert (state(refund), refund.problem) == (states.MANUAL, "account_abnormal")


@pytest.mark.parametrize(
    "changes",
    [{"amount": 3330}, {"total": 11999}, {"currency": "USD"}, {"transaction_id": "4200002"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_word_that_differs_freezes_and_opens_a_break(till, channel, changes):
    refund = till.promise()
    till.pay()

    assert hear(told(refund, **changes)) == "mismatch"
    assert (state(refund), refund.problem, refund.next_try_at) == (states.MANUAL, "mismatch", None)
    assert Break.objects.get().theirs == changes
    assert not LedgerTransaction.objects.filter(kind="arrived").exists()
    assert hear(told(refund, event_id="EV-2")) == "frozen"


def test_news_for_another_shop_changes_nothing(till, channel):
    refund = till.promise()
    till.pay()

    assert hear(told(refund, merchant_id="1")) == "mismatch"
    assert state(refund) == states.ACCEPTED
    assert Break.objects.get().refund == refund


@pytest.mark.parametrize("to", ["closed", "abnormal"])
def test_what_contradicts_an_arrival_is_ignored_with_an_alarm(till, channel, to):
    refund = till.promise()
    till.pay()
    hear(told(refund))

    assert hear(told(refund, to, event_id="EV-2")) == "too_late"
    assert state(refund) == states.ARRIVED
    assert Break.objects.get().kind == f"{to}_after_success"


@pytest.fixture
def arrived(till, channel):
    """A refund that the channel has paid."""
    refund = till.promise()
    till.pay()
    hear(told(refund, channel_ref=channel.book[refund.number].channel_ref))
    channel.becomes(refund.number, "succeeded")
    return refund


def came_back(refund, channel, **changes) -> Notification:
    return told(refund, "returned", event_id="EV-2", channel_ref=channel.book[refund.number].channel_ref, **changes)


def test_money_that_came_back_is_taken_back_once_the_channel_says_so_itself(till, channel, arrived):
    channel.becomes(arrived.number, "returned")

    assert hear(came_back(arrived, channel)) == "asking"
    assert (state(arrived), till.payment.reserved) == (states.ARRIVED, 3333)
    till.pay(hours=1)
    assert (state(arrived), arrived.next_try_at, till.payment.reserved) == (states.RETURNED_BY_BANK, None, 0)
    assert arrived in queries.given_up()
    assert not Break.objects.exists()
    assert hear(replace(came_back(arrived, channel), event_id="EV-3")) == "repeated"
    assert LedgerTransaction.objects.filter(kind="returned").count() == 1


@pytest.mark.parametrize("answer", ["succeeded", "processing", "closed", "nothing", "another amount", "silence"])
def test_money_said_to_have_come_back_stays_where_it_is_unless_the_channel_agrees(till, channel, arrived, answer):
    hear_of_it = came_back(arrived, channel)
    match answer:
        case "nothing":
            channel.book.clear()
        case "another amount":
            channel.becomes(arrived.number, "returned", amount=1)
        case "silence":
            channel.next = ["down"] * 6
        case _:
            channel.becomes(arrived.number, answer)
    hear(hear_of_it)
    for _ in range(6):
        till.pay(hours=1)

    assert (state(arrived), arrived.next_try_at, till.payment.reserved) == (states.ARRIVED, None, 3333)
    assert "return_not_confirmed" in Break.objects.values_list("kind", flat=True)
    assert not LedgerTransaction.objects.filter(kind="returned").exists()


def test_another_payout_that_came_back_is_not_ours(till, channel, arrived):
    channel.becomes(arrived.number, "returned")

    assert hear(replace(came_back(arrived, channel), channel_ref="51")) == "too_late"
    till.pay(hours=1)
    assert state(arrived) == states.ARRIVED
    assert Break.objects.get().kind == "returned_after_success"


def test_money_that_came_back_before_it_arrived_is_the_payments_again(till, channel):
    refund = till.promise()
    till.pay()

    assert hear(told(refund, "returned")) == "applied"
    assert (state(refund), till.payment.reserved) == (states.CLOSED, 0)
    assert hear(told(refund, "returned", event_id="EV-2")) == "repeated"


def test_news_of_a_return_that_was_never_asked_for_is_an_alarm(till, channel):
    refund = till.promise(by=SAM, hold_s=300)
    services.cancel_refunds(CASE, by=SAM, now=NOW)

    assert hear(told(refund, "returned")) == "unasked"
    assert state(refund) == states.CANCELLED


def test_what_waits_for_our_account_to_be_topped_up_says_so_as_long_as_it_does(till, channel):
    refund = till.promise()
    till.pay()

    hear(told(refund, "processing", waits_for_funds=True))
    assert (state(refund), refund.problem) == (states.ACCEPTED, "waits_for_funds")
    hear(told(refund, "processing", event_id="EV-2"))
    assert (state(refund), refund.problem) == (states.ACCEPTED, "")


def test_an_answer_may_say_that_it_waits_for_our_account(till, channel):
    refund = till.promise()
    channel.book[refund.number] = RefundAnswer(
        refund.number, "50", "processing", 3333, None, "CNY", "pi_1", also_known_as="4200001", waits_for_funds=True
    )
    till.pay()
    assert (state(refund), refund.problem) == (states.ACCEPTED, "waits_for_funds")
    channel.becomes(refund.number, "succeeded")
    till.pay(hours=1)
    assert (state(refund), refund.problem) == (states.ARRIVED, "")


def test_closed_gives_the_money_back(till, channel):
    refund = till.promise()
    till.pay()

    assert hear(told(refund, "closed")) == "applied"
    assert (state(refund), till.payment.reserved) == (states.CLOSED, 0)


def test_success_of_a_refund_never_sent_is_frozen(till, channel):
    refund = till.promise(by=SAM, hold_s=300)

    assert hear(told(refund)) == "unasked"
    assert (state(refund), refund.problem) == (states.MANUAL, "unasked")
    assert till.payment.reserved == 3333


def test_success_after_the_end_is_an_alarm_and_no_posting(till, channel):
    refund = till.promise(by=SAM, hold_s=300)
    services.cancel_refunds(CASE, by=SAM, now=NOW)

    assert hear(told(refund)) == "unasked"
    assert state(refund) == states.CANCELLED
    assert Break.objects.get().kind == "unasked"


def test_a_number_nobody_knows_is_kept_for_a_person(till, channel):
    refund = till.promise()

    assert hear(told(refund, number="RF999-1")) == "unknown_number"
    assert Break.objects.get().number == "RF999-1"
    assert state(refund) == states.PROMISED


def test_an_authentic_message_in_other_words_is_kept_for_a_person(till):
    assert hear(None, event_id="EV-9") == "not_understood"
    assert Break.objects.get().kind == "not_understood"


def test_a_message_that_is_no_news_is_kept_and_nobodys(till):
    keep(None, event_id="EV-9", ignored="tells of a payment")
    services.take_in_channel_news(NOW)

    kept = WebhookDelivery.objects.get()
    assert (kept.outcome, kept.last_error, kept.processed_at) == ("no_news", "tells of a payment", NOW)
    assert not Break.objects.exists()


def test_news_that_cannot_be_taken_in_goes_aside_after_the_ladder(till, channel, monkeypatch):
    refund, sound = till.promise(1000), till.promise(2000, destination="balance")
    till.pay()
    monkeypatch.setattr(news, "take_word", lambda *args, **kwargs: 1 / 0)
    keep(told(refund))
    for minute in range(70):
        services.take_in_channel_news(NOW + timedelta(minutes=minute))

    delivery = WebhookDelivery.objects.get()
    assert (delivery.outcome, delivery.next_try_at, delivery.processed_at) == ("not_taken_in", None, None)
    assert Break.objects.get().kind == "not_taken_in"
    assert state(sound) == states.ARRIVED


def test_a_reader_that_froze_does_not_apply_twice(till, channel):
    refund = till.promise()
    till.pay()
    keep(told(refund))
    frozen = work.claim_due(WebhookDelivery, now=NOW, limit=1)[0]
    services.take_in_channel_news(NOW + timedelta(seconds=31))

    with pytest.raises(work.LostClaim):
        news._take_in(frozen, now=NOW)
    assert LedgerTransaction.objects.filter(kind="arrived").count() == 1


@pytest.mark.parametrize("seed", range(6))
def test_any_order_and_repetition_of_the_same_news_ends_alike(till, channel, seed):
    refund = till.promise()
    question = paying.prepare(work.claim_due(type(refund), now=NOW)[0], now=NOW)
    answer = paying.ask(question)
    heard = ["news", "news again", "answer", "news other event"]
    random.Random(seed).shuffle(heard)
    for what in heard:
        if what == "answer":
            paying.take_answer(question, answer, now=NOW)
        else:
            hear(told(refund, event_id="EV-2" if "other" in what else "EV-1"))

    reload(refund)
    assert (refund.state, refund.arrived_at, refund.next_try_at) == (states.ARRIVED, NOW, None)
    assert till.payment.reserved == 3333


# --- hints: something happened, and the message does not say what -----------------------------------------


def hint(refund, event_id="EV-1", **changes) -> Notification:
    return told(refund, None, event_id, amount=None, total=None, succeeded_at=None, **changes)


def test_a_hint_makes_the_channel_be_asked_now_and_its_answer_counts(till, channel):
    refund = till.promise()
    till.pay()
    channel.becomes(refund.number, "succeeded", succeeded_at=NOW)

    assert hear(hint(refund, refunded=3333)) == "asking"
    assert state(refund) == states.ACCEPTED
    till.pay(hours=1)
    assert state(refund) == states.ARRIVED


@pytest.mark.parametrize("changes", [{"refunded": 3330}, {"refunded": 3334}, {"transaction_id": "4200002"}])
def test_a_hint_that_cannot_be_true_freezes(till, channel, changes):
    refund = till.promise()
    till.pay()

    assert hear(hint(refund, **changes)) == "mismatch"
    assert (state(refund), refund.problem) == (states.MANUAL, "mismatch")
    assert Break.objects.get().theirs == changes
    assert hear(hint(refund, "EV-2", refunded=3333)) == "frozen"


def test_a_sum_over_all_refunds_of_the_payment_is_compared_with_that_sum(till, channel):
    first, second = till.promise(1000), till.promise(2000)
    till.pay()
    till.pay(minutes=2)

    assert hear(hint(second, refunded=3000)) == "asking"
    assert hear(hint(first, "EV-2", refunded=1000)) == "asking"
    assert hear(hint(first, "EV-3", refunded=3001)) == "mismatch"


def test_a_hint_about_what_has_arrived_says_nothing_new(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund))

    assert hear(hint(refund, "EV-2", refunded=3333)) == "repeated"
    assert reload(refund).next_try_at is None


def test_a_hint_about_a_refund_never_sent_is_an_alarm(till, channel):
    refund = till.promise(by=SAM, hold_s=300)

    assert hear(hint(refund)) == "unasked"
    assert (state(refund), refund.problem) == (states.MANUAL, "unasked")


def test_a_success_that_comes_while_the_channel_is_asked_is_no_doubt_about_it(till, channel):
    """Found by bills and questions at the same moment: the answer to the question was taken for a denied return."""
    refund = till.promise()
    till.pay()
    channel.becomes(refund.number, "succeeded", succeeded_at=NOW)
    channel.during = [lambda: hear(told(refund))]
    till.pay(minutes=2)

    assert (state(refund), list(Break.objects.all())) == (states.ARRIVED, [])


def test_a_refund_that_arrived_after_it_was_claimed_is_not_asked_about(till, channel):
    refund = till.promise()
    till.pay()
    claimed = work.claim_due(Refund, now=till.later(minutes=2), limit=1)
    hear(told(refund))

    assert (paying.prepare(claimed[0], now=till.at), state(refund)) == (None, states.ARRIVED)


def test_a_hint_during_the_call_leaves_the_call_alone(till, channel):
    refund = till.promise()
    channel.during = [lambda: hear(hint(refund))]
    till.pay()

    assert state(refund) == states.ACCEPTED
    assert WebhookDelivery.objects.get().outcome == "asking"
