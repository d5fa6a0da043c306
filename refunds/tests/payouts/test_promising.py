from datetime import UTC, datetime, timedelta

import pytest

from orders.purchases.services.claims import RefundExceedsPayment
from refunds.ledger.models import LedgerEntry
from refunds.payouts import services, states
from refunds.payouts.models import Refund, RefundAttempt
from refunds.payouts.services.promising import OverAuthorised
from refunds.tests.payouts.conftest import CASE, NOW, SAM, SUE, state
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db


def test_a_promise_reserves_the_payment_and_is_posted_gross(till):
    refund = till.promise(8833, platform_share=167)

    assert (refund.number, state(refund)) == ("RF26111000000145-1", states.PROMISED)
    assert till.payment.reserved == 8833
    assert entries("promised:" + refund.number) == {
        "merchant": -9000, "refunds_payable": 8833, "platform_subsidy": 167,
    }  # fmt: skip


def test_two_refunds_never_take_more_than_was_paid(till):
    till.promise(6000)
    with pytest.raises(RefundExceedsPayment):
        till.promise(6001)

    assert till.payment.reserved == 6000
    assert Refund.objects.count() == 1


def test_a_decision_does_not_cover_more_than_was_decided(till):
    first = till.promise(3000)
    with pytest.raises(OverAuthorised):
        services.open_refund(
            payment=till.payment, case_ref=CASE, serial=9, amount=1, authorisation=first.authorisation,
            customer=till.order.customer, hold_s=0, second_person=False, now=NOW,
        )  # fmt: skip

    assert till.payment.reserved == 3000


def test_zero_is_no_refund(till):
    with pytest.raises(Invalid):
        services.open_refund(
            payment=till.payment, case_ref=CASE, serial=1, amount=0, authorisation=till.promise(1).authorisation,
            customer=till.order.customer, hold_s=0, second_person=False, now=NOW,
        )  # fmt: skip


def test_money_leaves_only_by_a_person_or_a_named_rule(till):
    with pytest.raises(ValueError):
        services.authorise(case_ref=CASE, amount=1, currency="CNY", by=SYSTEM, now=NOW)


def test_nobody_decides_about_their_own_purchase(till):
    customer = till.order.customer
    customer.user = samples_user()
    customer.save()

    with pytest.raises(NotAllowed):
        till.promise(by=Actor("support", id=str(customer.user_id)))


def test_the_hold_after_a_persons_decision_keeps_the_money_here(till, channel):
    refund = till.promise(by=SAM, hold_s=300)

    assert till.pay(seconds=299) == 0
    assert till.pay(seconds=1) == 1
    assert state(refund) == states.ACCEPTED


def test_what_was_not_sent_can_be_cancelled(till, channel):
    refund = till.promise(by=SAM, hold_s=300)

    assert services.cancel_refunds(CASE, by=SAM, now=NOW) is True
    assert state(refund) == states.CANCELLED
    assert till.payment.reserved == 0
    assert entries("cancelled:" + refund.number) == {"merchant": 3333, "refunds_payable": -3333}
    assert till.pay(hours=1) == 0
    assert channel.calls == []


def test_what_was_sent_cannot_be_cancelled_and_nothing_else_of_the_case_is(till, channel):
    sent, waiting = till.promise(), till.promise(by=SAM, hold_s=300)
    till.pay(seconds=1)

    with pytest.raises(WrongState) as refused:
        services.cancel_refunds(CASE, by=SAM, now=till.at)
    assert refused.value.state == states.ACCEPTED
    assert (state(sent), state(waiting)) == (states.ACCEPTED, states.PROMISED)


def test_there_is_nothing_to_cancel(till):
    assert services.cancel_refunds("RT00", by=SAM, now=NOW) is False


def test_above_the_limit_a_second_person_agrees_before_money_leaves(till, channel):
    refund = till.promise(by=SAM, hold_s=60, second_person=True)
    assert refund.awaits_second_person
    assert till.pay(hours=1) == 0

    services.agree_as_second(CASE, by=SUE, now=till.at)
    assert state(refund) == states.PROMISED
    assert till.pay(seconds=59) == 0  # the undo window runs from the last decision
    assert till.pay(seconds=1) == 1


def test_the_undo_window_after_the_second_person_may_be_its_own(till):
    refund = till.promise(by=SAM, second_person=True)
    services.agree_as_second(CASE, by=SUE, now=NOW, hold_s=300)

    assert (state(refund), refund.next_try_at) == (states.PROMISED, NOW + timedelta(seconds=300))


@pytest.mark.parametrize(
    "second",
    [SAM, Actor("merchant", id=SAM.id), Actor("token", id="5"), SYSTEM],
    ids=["same", "same person at the shop", "program", "nobody"],
)
def test_nobody_agrees_with_themselves(till, second):
    refund = till.promise(by=SAM, second_person=True)

    with pytest.raises(NotAllowed):
        services.agree_as_second(CASE, by=second, now=NOW)
    assert state(refund) == states.HELD


def test_agreeing_twice_is_told(till):
    till.promise(by=SAM, second_person=True)
    services.agree_as_second(CASE, by=SUE, now=NOW)

    with pytest.raises(WrongState):
        services.agree_as_second(CASE, by=SUE, now=NOW)


def test_the_promised_date_counts_working_days_of_the_shops_zone(till):
    friday_late = datetime(2026, 11, 13, 15, 59, 30, tzinfo=UTC)
    till.at = friday_late

    assert till.promise().promised_by == datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC)
    assert till.promise(by=SAM, hold_s=60).promised_by == datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC)
    assert till.promise(destination="balance").promised_by == datetime(2026, 11, 13, 15, 59, 59, tzinfo=UTC)


def test_opening_calls_nobody(till, channel):
    till.promise()

    assert channel.calls == []
    assert not RefundAttempt.objects.exists()


def test_a_lower_listener_that_fails_does_not_undo_the_promise(till, django_capture_on_commit_callbacks):
    from refunds.signals import refund_moved

    def fails(**news):
        raise RuntimeError("upstairs")

    refund_moved.connect(fails)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            refund = till.promise()
    finally:
        refund_moved.disconnect(fails)
    assert state(refund) == states.PROMISED


def entries(reference: str) -> dict[str, int]:
    return dict(LedgerEntry.objects.filter(transaction__reference=reference).values_list("account", "amount"))


def samples_user():
    from orders.tests import samples

    return samples.member(samples.shop("style"), username="otto")
