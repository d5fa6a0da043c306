"""Compensation: apart from refunds, once per case and ground, above the limit by two people."""

import pytest
from django.db import DatabaseError, transaction

from orders.tests import samples
from refunds.ledger.models import LedgerEntry
from refunds.tests.books import violations
from refunds.tests.payouts.conftest import NOW, RULES, SAM, SUE
from refunds.tests.payouts.test_races import at_once
from refunds.wallet.models import Compensation, PointsAccount, StoreCoupon, Wallet
from refunds.wallet.services import agree, compensate, decline
from refunds.wallet.services.compensating import CompensatedAlready
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books_hold(request):
    yield
    assert [line for line in violations() if line.startswith(("I13", "I15", "I9"))] == []


@pytest.fixture
def order(db):
    return samples.put(samples.shop())


def give(order, **changes):
    facts = {"case_ref": "RT1", "ground": "wait", "what": "balance", "amount": 1500, "payer": "platform",
             "reason": "Waited nine days.", "by": SAM, "now": NOW}  # fmt: skip
    return compensate(order, **facts | changes)


def posted() -> dict:
    return dict(LedgerEntry.objects.values_list("account", "amount"))


def test_money_to_the_balance_paid_by_the_platform(order):
    give(order)
    assert (Wallet.objects.get().balance, posted()) == (
        1500, {"compensation_expense": -1500, "customer_wallet": 1500},
    )  # fmt: skip


def test_a_coupon_paid_by_the_shop(order):
    give(order, what="coupon", payer="merchant")
    assert (StoreCoupon.objects.get().amount, posted()) == (1500, {"merchant": -1500, "store_coupons": 1500})


def test_points_have_entries_of_their_own_and_no_posting(order):
    give(order, what="points", amount=300)
    assert (PointsAccount.objects.get().balance, posted()) == (300, {})


def test_once_per_case_and_ground(order):
    give(order)
    with pytest.raises(CompensatedAlready):
        give(order, amount=2000)
    give(order, ground="trouble")
    assert Wallet.objects.get().balance == 3000


def test_a_rule_gives_by_name_and_version_and_never_above_the_limit(order):
    give(order, by=RULES, rule="care.long_wait", rule_version=1)
    with pytest.raises(ValueError, match="no more than"):
        give(order, case_ref="RT2", by=RULES, rule="care.long_wait", rule_version=1, amount=5001)
    with pytest.raises(ValueError, match="named version"):
        give(order, case_ref="RT2", by=RULES)


def test_above_the_limit_a_second_person_agrees(order):
    row = give(order, amount=5001)
    assert (row.waits, Wallet.objects.count(), posted()) == (True, 0, {})
    for same in (SAM, Actor("merchant", id=SAM.id, name="Sam"), Actor("token", id="9"), RULES):
        with pytest.raises(NotAllowed):
            agree(row.pk, by=same, now=NOW)
    agree(row.pk, by=SUE, now=NOW)
    assert Wallet.objects.get().balance == 5001
    with pytest.raises(WrongState):
        agree(row.pk, by=SUE, now=NOW)


def test_what_was_declined_gives_nothing_and_may_be_asked_again(order):
    row = give(order, amount=5001)
    decline(row.pk, by=SUE, now=NOW)
    with pytest.raises(WrongState):
        agree(row.pk, by=SUE, now=NOW)
    give(order, amount=1000)
    assert Wallet.objects.get().balance == 1000


@pytest.mark.parametrize(
    "changes", [{"amount": 0}, {"amount": -5}, {"reason": "  "}, {"what": "gold"}, {"payer": "customer"}]
)
def test_what_is_no_compensation_is_refused(order, changes):
    with pytest.raises(Invalid):
        give(order, **changes)
    assert not Compensation.objects.exists()


def test_nobody_compensates_themselves(order, django_user_model):
    customer = order.customer
    customer.user = django_user_model.objects.create_user("sam", password="demo-pass-2026")
    customer.save()
    with pytest.raises(NotAllowed):
        give(order, by=Actor("support", id=str(customer.user_id)))


def test_what_was_decided_is_never_edited(order):
    row = give(order)
    for edit in ({"amount": 9}, {"reason": "x"}, {"given_at": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Compensation.objects.filter(pk=row.pk).update(**edit)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


@pytest.mark.django_db(transaction=True)
def test_i15_fifty_at_once_give_once():
    order = samples.put(samples.shop())
    results = at_once(*[lambda: give(order)] * 20)

    assert sum(isinstance(result, Compensation) for result in results) == 1
    assert Wallet.objects.get().balance == 1500


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_either_it_is_agreed_or_declined(turn):
    order = samples.put(samples.shop())
    row = give(order, amount=5001)
    yes, no = at_once(lambda: agree(row.pk, by=SUE, now=NOW), lambda: decline(row.pk, by=SUE, now=NOW))

    assert isinstance(yes, WrongState) != isinstance(no, WrongState)
    assert Wallet.objects.filter(balance=5001).exists() is isinstance(yes, Compensation)
