"""Measures: who decides, what they reach, how they end; appeals; deposits, to the fen and in the books."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aftersales.credit.models import Standing
from aftersales.notifications.models import Notice
from aftersales.risk.models import Measure, MeasureAppeal
from aftersales.risk.services import answers, measures
from aftersales.risk.services.measures import Terms
from aftersales.tests.credit.test_filing import order_of, together
from aftersales.tests.desk.cases import ANN, Desk, a_desk, again, must_balance
from orders.accounts.models import User
from orders.customers.models import Customer
from refunds.wallet.queries import wallet_of
from refunds.wallet.services.balance import NotEnough
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db
RIK, SUE, AUD = Actor("support", "905", "Rik"), Actor("support", "901", "Sue"), Actor("support", "902", "Aud")
FOUND = "Three of your last parcels held other goods than announced."
LIMIT = Terms("limit", 30, FOUND, "X three times", amount=2000)
REVIEW = Terms("review", 30, FOUND, "X three times")
BLOCK = Terms("block", 30, FOUND, "X three times")
BALANCE = 8160
DEPOSIT = Terms("deposit", 60, FOUND, "agreed by phone", amount=5000)


@pytest.fixture
def desk() -> Desk:
    return a_desk()


@pytest.fixture
def customer(desk):
    return desk.filed().customer


def decided(customer, terms: Terms, desk: Desk) -> Measure:
    found = measures.decide_anew(customer, terms, by=RIK, now=desk.at)
    return measures.agree(found.pk, by=SUE, now=desk.at) if found.awaits_second else found


def claim(desk: Desk, price: int = 1000, **more):
    return desk.filed("QL.DEFECT", order=desk.order(**order_of(price)), **more)


# --- who decides ------------------------------------------------------------------------------------------


def test_a_watch_changes_nothing_and_is_not_told(desk, customer):
    found = measures.decide_anew(customer, Terms("watch", 30, why="Two worn coats"), by=RIK, now=desk.at)
    assert found.is_in_force and not found.is_told
    assert claim(desk).state == "approved"
    assert not Notice.objects.filter(event__startswith="credit").exists()


def test_a_limit_is_one_persons_and_reaches_claims_above_it_only(desk, customer):
    found = decided(customer, LIMIT, desk)
    assert (found.until, found.decided_by_name) == (desk.at + timedelta(days=30), "Rik")
    assert claim(desk, 2000).state == "approved"
    above = claim(desk, 2001)
    assert (above.state, above.waits_for, above.facts["risk"]) == ("in_review", "support", 60)
    assert above.credit["reasons"][-1]["params"]["kind"] == "limit"
    assert desk.filed("NR.STYLE").state == "approved"
    must_balance()


def test_a_strong_measure_needs_a_second_person_who_is_another(desk, customer):
    found = measures.decide_anew(customer, REVIEW, by=RIK, now=desk.at)
    assert found.awaits_second and desk.filed().state == "approved"
    with pytest.raises(NotAllowed):
        measures.agree(found.pk, by=RIK, now=desk.at)
    measures.agree(found.pk, by=SUE, now=desk.at)
    row = desk.filed()
    assert (row.state, row.waits_for) == ("in_review", "support")
    with pytest.raises(WrongState):
        measures.agree(found.pk, by=AUD, now=desk.at)


def test_a_block_takes_what_is_at_once_and_never_a_right(desk, customer):
    decided(customer, BLOCK, desk)
    keeps = {"kind": "refund_only", "send_back": "none"}
    assert claim(desk, **keeps).state == "in_review"
    assert desk.filed("LG.DAMAGED", kind="resend", send_back="none").state == "in_review"
    assert claim(desk).state == "approved"
    assert desk.filed("NR.STYLE").state == "approved"
    assert desk.filed("UN.NOT_SHIPPED", order=desk.order(signed=False), **keeps).state == "approved"


def test_nothing_refuses_because_of_a_measure(desk, customer):
    for terms in (LIMIT, REVIEW, BLOCK):
        decided(customer, terms, desk)
    states = {claim(desk, 9000).state, desk.filed().state, claim(desk, kind="refund_only", send_back="none").state}
    assert states == {"in_review"}


@pytest.mark.parametrize("wrong", [
    {"kind": "prison"}, {"days": 0}, {"days": 400}, {"finding": " "}, {"why": ""}, {"amount": None},
])  # fmt: skip
def test_what_is_not_said_is_not_decided(desk, customer, wrong):
    with pytest.raises(Invalid):
        measures.decide_anew(customer, replace(LIMIT, **wrong), by=RIK, now=desk.at)
    assert not Measure.objects.exists()


def test_nobody_decides_about_themselves(desk, customer):
    customer.user = User.objects.create_user("rik")
    customer.save()
    own = Actor("support", str(customer.user_id), "Rik")
    with pytest.raises(NotAllowed):
        measures.decide_anew(customer, LIMIT, by=own, now=desk.at)


def test_one_measure_of_a_kind_at_a_time(desk, customer):
    decided(customer, LIMIT, desk)
    with pytest.raises(Conflict):
        measures.decide_anew(customer, LIMIT, by=SUE, now=desk.at)


def test_it_holds_for_the_account_at_every_shop_and_for_nobody_else(desk, customer):
    user = User.objects.create_user("ann-x")
    other = a_desk("other")
    there = other.filed().customer
    stranger = a_desk("third").filed().customer
    for one in (customer, there):
        one.user = user
        one.save()
    found = decided(customer, REVIEW, desk)
    assert other.filed().state == "in_review"
    assert not Standing.objects.filter(customer=stranger).exclude(reviewed_until=None).exists()
    later = a_desk("later")
    Customer.objects.filter(pk=later.filed().customer_id).update(user=user)  # joined after it was decided
    assert later.filed().state == "in_review"
    must_balance()
    measures.lift(found.pk, why="A mistake", by=AUD, now=desk.at)
    assert other.filed().state == later.filed().state == "approved"
    must_balance()


def test_a_limit_in_another_currency_leaves_the_one_that_is_there(desk, customer):
    there = a_desk("other").filed().customer
    there.merchant.currency = "USD"
    there.merchant.save()
    Customer.objects.filter(pk__in=(customer.pk, there.pk)).update(user=User.objects.create_user("ann-x"))
    decided(customer, LIMIT, desk)
    decided(there, replace(LIMIT, amount=100), desk)
    assert {found.currency for found in Measure.objects.all()} == {"CNY", "USD"}
    assert claim(desk, 2001).state == "in_review"
    must_balance()


# --- how it ends ------------------------------------------------------------------------------------------


def test_it_is_over_to_the_second_even_while_the_sweep_is_late(desk, customer):
    decided(customer, REVIEW, desk)
    assert desk.filed().state == "in_review"
    desk.later(days=30)
    unsent = {"kind": "refund_only", "send_back": "none", "order": desk.order(signed=False)}
    assert desk.filed("UN.NOT_SHIPPED", **unsent).state == "approved"
    assert measures.end_due(now=desk.at) == 1
    assert Measure.objects.get().state == "ended"
    assert measures.end_due(now=desk.at) == 0


def test_a_strong_one_is_lifted_by_somebody_else_than_who_decided(desk, customer):
    found = decided(customer, REVIEW, desk)
    with pytest.raises(NotAllowed):
        measures.lift(found.pk, why="Sorry", by=RIK, now=desk.at)
    measures.lift(found.pk, why="The bench had mixed up two parcels", by=AUD, now=desk.at)
    assert desk.filed().state == "approved"
    moves = [(move.note, move.by_name) for move in Measure.objects.get().moves.all()]
    assert moves == [("proposed", "Rik"), ("decided", "Rik"), ("agreed", "Sue"), ("lifted", "Aud")]


def test_a_declined_proposal_does_nothing(desk, customer):
    found = measures.decide_anew(customer, REVIEW, by=RIK, now=desk.at)
    with pytest.raises(Invalid):
        measures.decline(found.pk, why="", by=SUE, now=desk.at)
    measures.decline(found.pk, why="Too little to go on", by=SUE, now=desk.at)
    assert desk.filed().state == "approved"
    with pytest.raises(WrongState):
        measures.lift(found.pk, why="x", by=SUE, now=desk.at)


# --- appeals ----------------------------------------------------------------------------------------------


def test_an_appeal_is_answered_by_somebody_who_had_no_part_in_it(desk, customer):
    found = decided(customer, REVIEW, desk)
    first = answers.appeal(found.pk, text="I sent what I bought.", by=ANN, now=desk.at)
    assert answers.appeal(found.pk, text="Please hurry.", by=ANN, now=desk.at) == first
    for involved in (RIK, SUE):
        with pytest.raises(NotAllowed):
            answers.answer_appeal(first.pk, outcome="stands", answer="It stands.", by=involved, now=desk.at)
    answers.answer_appeal(first.pk, outcome="lifted", answer="The scale was wrong.", by=AUD, now=desk.at)
    assert desk.filed().state == "approved"
    with pytest.raises(WrongState):
        answers.answer_appeal(first.pk, outcome="stands", answer="x", by=AUD, now=desk.at)


def test_an_appeal_that_is_not_granted_leaves_it_and_another_can_follow(desk, customer):
    found = decided(customer, LIMIT, desk)
    first = answers.appeal(found.pk, text="No.", by=ANN, now=desk.at)
    with pytest.raises(Invalid):
        answers.answer_appeal(first.pk, outcome="stands", answer=" ", by=AUD, now=desk.at)
    answers.answer_appeal(first.pk, outcome="stands", answer="Both parcels were empty.", by=AUD, now=desk.at)
    assert Measure.objects.get().is_in_force
    second = answers.appeal(found.pk, text="Still no.", by=ANN, now=desk.at)
    assert MeasureAppeal.objects.count() == 2
    measures.end_due(now=desk.later(days=31))
    answers.answer_appeal(second.pk, outcome="lifted", answer="You were right.", by=AUD, now=desk.at)
    told = Notice.objects.filter(event="credit_answered", channel="inbox").order_by("pk")
    assert [notice.params["is_over"] for notice in told] == [False, True]  # each answer is told


def test_what_is_over_or_unknown_to_the_customer_cannot_be_appealed(desk, customer):
    watch = measures.decide_anew(customer, Terms("watch", 30, why="w"), by=RIK, now=desk.at)
    with pytest.raises(WrongState):
        answers.appeal(watch.pk, text="x", by=ANN, now=desk.at)


# --- deposits ---------------------------------------------------------------------------------------------


def offered(customer, desk: Desk, amount: int = 5000) -> Measure:
    """With 81.60 on her balance, from a refund."""
    cancelled = {"kind": "refund_only", "send_back": "none", "refund_to": "balance", "refund_to_agreed_at": desk.at}
    order = desk.order(signed=False, **order_of(4000))
    desk.paid(desk.filed("UN.NOT_SHIPPED", quantity=2, order=order, **cancelled))
    assert left_on_balance(customer) == BALANCE
    found = decided(customer, replace(DEPOSIT, amount=amount), desk)
    assert found.is_offered
    return found


def left_on_balance(customer) -> int:
    return wallet_of(customer).balance


def test_a_deposit_lies_here_while_it_is_in_force_and_comes_back_in_full(desk, customer):
    decided(customer, BLOCK, desk)
    found = offered(customer, desk)
    keeps = {"kind": "refund_only", "send_back": "none"}
    assert claim(desk, **keeps).state == "in_review"
    answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)
    answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)
    assert left_on_balance(customer) == BALANCE - 5000
    assert claim(desk, **keeps).state == "approved"
    must_balance()
    measures.end_due(now=desk.later(days=60))
    assert left_on_balance(customer) == BALANCE
    assert Measure.objects.get(kind="deposit").state == "ended"
    must_balance()


def test_a_deposit_is_given_back_when_it_is_lifted(desk, customer):
    found = offered(customer, desk)
    answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)
    measures.lift(found.pk, why="She asked for it", by=AUD, now=desk.at)
    assert left_on_balance(customer) == BALANCE
    must_balance()


def test_a_balance_that_holds_less_leaves_everything_as_it_was(desk, customer):
    found = offered(customer, desk, amount=BALANCE + 1)
    with pytest.raises(NotEnough):
        answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)
    assert Measure.objects.get().is_offered and left_on_balance(customer) == BALANCE
    must_balance()


def test_no_right_depends_on_a_deposit(desk, customer):
    """Offered, refused, lapsed or left: what the law grants is decided the same."""
    before = desk.filed("NR.STYLE").verdict["outcome"]
    found = offered(customer, desk)
    assert desk.filed("NR.STYLE").verdict["outcome"] == before == "approve"
    answers.refuse_deposit(found.pk, by=ANN, now=desk.at)
    assert desk.filed("NR.STYLE").verdict["outcome"] == before
    with pytest.raises(WrongState):
        answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)
    must_balance()


def test_an_offer_that_is_not_answered_lapses(desk, customer):
    found = offered(customer, desk)
    desk.later(days=14)
    with pytest.raises(WrongState):
        answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)
    measures.end_due(now=desk.at)
    assert Measure.objects.get().state == "ended" and left_on_balance(customer) == BALANCE
    must_balance()


def test_what_a_case_knew_stays_when_the_measure_is_lifted(desk, customer):
    found = decided(customer, REVIEW, desk)
    row = desk.filed()
    measures.lift(found.pk, why="x", by=AUD, now=desk.at)
    assert again(row).credit["risk"] == 60


@pytest.mark.django_db(transaction=True)
def test_a_deposit_left_in_two_tabs_is_taken_once():
    desk = a_desk()
    customer = desk.filed().customer
    found = offered(customer, desk)
    together(*[lambda: answers.agree_to_deposit(found.pk, by=ANN, now=desk.at)] * 4)
    assert left_on_balance(customer) == BALANCE - 5000
    must_balance()
