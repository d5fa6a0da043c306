from datetime import timedelta

import pytest

from refunds.ledger.models import LedgerEntry
from refunds.payouts import queries, services, states
from refunds.payouts.models import Settlement
from refunds.tests.payouts.conftest import SAM, SUE, sent_back, state
from refunds.tests.payouts.fakes import refused
from refunds.tests.payouts.test_news import hear, told
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(till, channel, settings):
    """A refund that no gateway pays."""
    settings.GATEWAYS = {}
    refund = till.promise()
    till.pay()
    return refund


def propose(refund, outcome="paid", proof="bank slip 7", by=SAM, now=None) -> Settlement:
    return services.propose_settlement(refund.pk, outcome=outcome, proof=proof, by=by, now=now or refund.promised_at)


def test_two_people_with_proof_say_it_was_paid(till, stuck):
    proposed = propose(stuck)
    assert state(stuck) == states.MANUAL

    services.confirm_settlement(proposed.pk, by=SUE, now=till.later(minutes=1))
    assert (state(stuck), stuck.arrived_at, till.payment.reserved) == (states.ARRIVED, till.at, 3333)


def test_two_people_with_proof_say_it_was_not_paid(till, stuck):
    services.confirm_settlement(propose(stuck, "not_paid").pk, by=SUE, now=till.at)

    assert (state(stuck), till.payment.reserved) == (states.CLOSED, 0)


def test_unknown_is_left_by_two_people(till, channel):
    refund = till.promise()
    channel.next = ["down"]
    till.pay()

    services.confirm_settlement(propose(refund).pk, by=SUE, now=till.at)
    assert state(refund) == states.ARRIVED


@pytest.mark.parametrize("second", [SAM, Actor("merchant", id=SAM.id), Actor("token", id="9")])
def test_one_person_is_not_two(till, stuck, second):
    proposed = propose(stuck)

    with pytest.raises(NotAllowed):
        services.confirm_settlement(proposed.pk, by=second, now=till.at)
    assert state(stuck) == states.MANUAL


def test_a_proposal_needs_proof_and_an_open_refund(till, channel, stuck):
    with pytest.raises(Invalid):
        propose(stuck, proof=" ")
    with pytest.raises(Invalid):
        propose(stuck, outcome="perhaps")
    with pytest.raises(WrongState):
        propose(till.promise(destination="balance"))


def test_a_newer_proposal_drops_the_older(till, stuck):
    old, new = propose(stuck), propose(stuck, "not_paid", by=SUE)

    with pytest.raises(WrongState):
        services.confirm_settlement(old.pk, by=SUE, now=till.at)
    services.confirm_settlement(new.pk, by=SAM, now=till.at)
    assert state(stuck) == states.CLOSED


def test_a_person_cannot_send_what_nobody_has_heard_of(till, channel):
    refund = till.promise()
    channel.next = ["down_applied"]
    till.pay()

    with pytest.raises(WrongState):
        services.retry(refund.pk, by=SAM, now=till.at)
    services.ask_again(refund.pk, by=SAM, now=till.at)
    till.pay()
    assert state(refund) == states.ACCEPTED


def test_what_the_channel_accepted_is_not_sent_again_by_a_person(till, channel):
    refund = till.promise()
    till.pay()
    with pytest.raises(WrongState):
        services.retry(refund.pk, by=SAM, now=till.at)
    assert (state(refund), channel.created(refund.number)) == (states.ACCEPTED, 1)


def test_asking_about_what_the_channel_never_took_leaves_it_with_the_person(till, channel):
    refund = till.promise()
    channel.next = [refused("INVALID_REQUEST", hurdle="rule", retry=False)]
    till.pay()
    services.ask_again(refund.pk, by=SAM, now=till.at)
    till.pay()

    assert (state(refund), refund.problem, refund.next_try_at) == (states.MANUAL, "refused", None)


def test_money_the_bank_sent_back_is_the_payments_again(till, channel):
    refund = till.promise(8833, platform_share=167)
    till.pay()
    hear(told(refund))
    sent_back(refund, now=till.at)

    assert (state(refund), till.payment.reserved) == (states.RETURNED_BY_BANK, 0)
    sums = {}
    for account, amount in LedgerEntry.objects.values_list("account", "amount"):
        sums[account] = sums.get(account, 0) + amount
    assert set(sums.values()) == {0}
    assert refund in queries.given_up()
    services.send_anew(refund.pk, by=SAM, now=till.at)
    assert refund not in queries.given_up()


@pytest.mark.parametrize("destination", ["balance", "coupon"])
def test_no_bank_sends_back_what_the_customer_holds_here(till, destination):
    """Or the payment would pay a second time what still lies on the balance."""
    refund = till.promise(destination=destination)
    till.pay()
    with pytest.raises(WrongState):
        sent_back(refund, now=till.at)

    assert (state(refund), till.payment.reserved) == (states.ARRIVED, refund.amount)


def test_what_has_not_arrived_was_not_sent_back_and_one_person_is_not_two(till, channel):
    refund = till.promise()
    till.pay()
    with pytest.raises(WrongState):
        sent_back(refund, now=till.at)
    hear(told(refund))
    letter = {"outcome": "returned", "proof": "its letter"}
    proposed = services.propose_settlement(refund.pk, **letter, by=SAM, now=till.at)
    with pytest.raises(NotAllowed):
        services.confirm_settlement(proposed.pk, by=SAM, now=till.at)

    assert (state(refund), till.payment.reserved) == (states.ARRIVED, refund.amount)


def test_money_comes_back_only_with_proof(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund))
    with pytest.raises(Invalid):
        sent_back(refund, proof=" ", now=till.at)

    assert state(refund) == states.ARRIVED


def test_the_queues_say_how_many_since_when_and_by_when(till, stuck):
    waiting = {queue.code: (queue.count, queue.oldest_at, queue.due_at) for queue in queries.queues(till.at)}

    assert waiting["exceptions"] == (1, till.at, till.at + timedelta(hours=24))
    assert waiting["transfers"] == (0, None, None)
    assert "mine" not in waiting


def test_a_refund_as_a_page_shows_it(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund))

    shown = queries.refund_view(queries.refunds_of(refund.case_ref).get())
    assert (shown.refund_no, shown.state, shown.amount) == (refund.number, "arrived", 3333)
    assert shown.where.endswith("招商银行信用卡0403")
    assert shown.problem_text == ""
