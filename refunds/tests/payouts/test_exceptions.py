"""Refunds that do not move by themselves: opened with every move, owned in turn, closed only with proof."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission

from orders.accounts.models import User
from refunds.payouts import guide, queries, services, states, texts
from refunds.payouts.models import ExceptionEvent, RefundException
from refunds.tests.payouts.conftest import SAM, SUE, state
from refunds.tests.payouts.fakes import refused
from refunds.tests.payouts.test_news import hear, told
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(db):
    group = Group.objects.create(name="finance-of-test")
    group.permissions.set(Permission.objects.filter(codename="own_exception"))

    def hire(*names: str) -> list[User]:
        people = [User.objects.create_user(name, is_staff=True) for name in names]
        for person in people:
            person.groups.add(group)
        return people

    return hire


def exception_of(refund) -> RefundException:
    return RefundException.objects.get(refund=refund, closed_at=None)


def with_a_person(till, channel, hurdle="account"):
    refund = till.promise()
    channel.next = [refused("NO", hurdle=hurdle, retry=False)]
    till.pay()
    return refund


def test_every_problem_has_its_kind_and_every_kind_its_words():
    assert set(guide.KIND_OF_PROBLEM) == set(texts.FOR_STAFF)
    assert set(guide.KIND_OF_PROBLEM.values()) | set(guide.KIND_OF_STATE.values()) | {"overdue"} == set(guide.KINDS)


def test_opened_in_the_move_that_hands_it_to_a_person(till, channel, finance):
    fay, _fred = finance("fay", "fred")
    refund = with_a_person(till, channel)

    opened = exception_of(refund)
    assert (opened.kind, opened.owner, opened.opened_at) == ("account", fay, till.at)
    assert opened.due_at == till.at + timedelta(hours=24)
    assert [event.what for event in opened.events.all()] == ["opened"]


def test_owners_take_turns(till, channel, finance):
    people = finance("fay", "fred", "flo")
    rows = []
    for _n in range(6):
        refund = till.promise(100, case_ref=f"RT{_n}")
        channel.next = [refused("NO", hurdle="account", retry=False)]
        till.pay(minutes=2)
        rows.append(exception_of(refund).owner)
    assert rows == people * 2


def test_nobody_owns_what_goes_to_themselves(till, channel, finance):
    fay, fred = finance("fay", "fred")
    till.order.customer.user = fay
    till.order.customer.save()

    assert exception_of(with_a_person(till, channel)).owner == fred
    with pytest.raises(NotAllowed):
        services.hand_exception(RefundException.objects.get().pk, to=fay, by=SUE, now=till.at)


def test_taken_handed_over_and_written_down(till, channel, finance):
    _fay, fred = finance("fay", "fred")
    stranger = User.objects.create_user("sid", is_staff=True)
    opened = exception_of(with_a_person(till, channel))

    services.hand_exception(opened.pk, to=fred, by=SAM, now=till.at)
    assert exception_of(opened.refund).owner == fred
    with pytest.raises(Invalid):
        services.hand_exception(opened.pk, to=stranger, by=SAM, now=till.at)
    assert list(ExceptionEvent.objects.values_list("what", "note")) == [("opened", "account"), ("handed", "fred")]


def test_it_stays_open_while_it_is_tried_again_and_closes_with_the_channels_number(till, channel):
    refund = till.promise()
    channel.next = [refused("NOT_ENOUGH", hurdle="funds", retry=False)]
    till.pay()
    assert exception_of(refund).kind == "funds"
    services.retry(refund.pk, by=SAM, now=till.later(hours=1))
    till.pay()
    assert state(refund) == states.ACCEPTED
    assert exception_of(refund).kind == "funds"

    hear(told(refund))
    closed = RefundException.objects.get(refund=refund)
    assert (closed.closed_how, closed.closed_at is not None) == ("arrived", True)
    assert closed.proof
    with pytest.raises(WrongState):
        services.hand_exception(closed.pk, to=User.objects.create_user("x"), by=SAM, now=till.at)


def test_it_changes_its_kind_with_its_trouble(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund, state="abnormal"))
    assert exception_of(refund).kind == "abnormal"
    hear(told(refund, state="closed", event_id="2"))

    changed = exception_of(refund)
    assert changed.kind == "closed"
    assert [event.what for event in changed.events.all()] == ["opened", "became"]


def test_what_two_people_settle_is_its_proof(till, channel):
    refund = till.promise()
    channel.next = ["down"]
    till.pay()
    services.look_after_exceptions(till.later(minutes=20))
    assert exception_of(refund).kind == "unknown"
    proposed = services.propose_settlement(refund.pk, outcome="paid", proof="bill line 7", by=SAM, now=till.at)
    services.confirm_settlement(proposed.pk, by=SUE, now=till.at)

    closed = RefundException.objects.get(refund=refund)
    assert (closed.closed_how, closed.proof) == ("settled", "bill line 7")


def test_a_number_that_was_replaced_closes_when_the_later_one_arrives(till, channel):
    refund = till.promise()
    till.pay()
    hear(told(refund, state="closed"))
    later = services.send_anew(refund.pk, by=SAM, now=till.at)
    assert exception_of(refund).kind == "closed"
    assert not queries.open_exceptions().exists()  # the later number is what is worked on
    till.pay(minutes=10)
    hear(told(later, event_id="later"))

    closed = RefundException.objects.get(refund=refund)
    assert (state(later), closed.closed_how, closed.proof) == (states.ARRIVED, "replaced", later.number)


def test_a_promise_that_passes_is_found_by_the_sweep_once(till, channel, finance):
    finance("fay")
    refund = till.promise()
    till.pay()
    assert services.look_after_exceptions(till.at) == 0
    assert services.look_after_exceptions(till.later(days=10)) == 1
    assert services.look_after_exceptions(till.later(minutes=1)) == 0

    assert exception_of(refund).kind == "overdue"
    hear(told(refund))
    assert not RefundException.objects.filter(closed_at=None).exists()


def test_what_has_no_owner_gets_one_as_soon_as_somebody_is_there(till, channel, finance):
    opened = exception_of(with_a_person(till, channel))
    assert opened.owner is None
    fay, *_ = finance("fay")
    services.look_after_exceptions(till.at)

    assert exception_of(opened.refund).owner == fay


def test_a_fault_of_ours_beyond_the_ladder_has_an_owner(till, channel, finance, monkeypatch):
    finance("fay")
    refund = till.promise()
    monkeypatch.setattr(queries, "earlier_refunds", lambda refund: 1 / 0)
    for minutes in (0, 2, 6, 11, 21, 31):
        till.pay(minutes=minutes)
    assert exception_of(refund).kind == "setup"


def test_the_steps_name_the_next_one():
    def now(kind, **facts):
        return [str(step.name) for step, at in guide.steps_of(kind, guide.Facts(**facts)) if at == "now"]

    assert now("unknown") == [str(guide.ASK.name)]
    assert now("unknown", asked=True) == [str(guide.BILL.name)]
    assert now("unknown", asked=True, proposed=True) == [str(guide.TWO.name)]
    assert now("abnormal", chosen=True) == [str(guide.BACK.name)]
    assert now("abnormal", chosen=True, closed=True) == [str(guide.AGREE.name)]
    assert now("transfer", transferred=True) == [str(guide.SECOND.name)]
    assert now("closed", chosen=True, replaced=True) == [str(guide.OTHER.name)]
