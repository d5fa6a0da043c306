"""Points: an account whose entries are only added, whatever happens at once."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from orders.tests import samples
from refunds.tests.books import violations
from refunds.tests.payouts.conftest import NOW
from refunds.tests.payouts.test_races import at_once
from refunds.wallet.models import PointsAccount, PointsEntry, PointsOfCase
from refunds.wallet.services import give_points_back, lock_points, take_points


@pytest.fixture(autouse=True)
def books_hold(request):
    yield
    assert [line for line in violations() if "oint" in line] == []


def an_order(balance=20):
    customer = samples.body()["customer"] | {"points_balance": balance}
    return samples.put(
        samples.shop(), customer=customer, points={"used": 100, "amount": 300, "earned": 90},
        payments=[samples.payment(11700)],
    )  # fmt: skip


def take(order, earned, case="RT1"):
    return take_points(order.customer, case_ref=case, order=order, earned=earned, now=NOW)


@pytest.mark.django_db
def test_t56_the_shortfall_is_recorded_and_the_same_again_changes_nothing():
    order = an_order()
    for _again in range(2):
        case = take(order, 54)
    assert (case.taken, case.shortfall, PointsAccount.objects.get().balance) == (20, 34, 0)

    take(order, 0)
    assert (PointsAccount.objects.get().balance, PointsOfCase.objects.get().shortfall) == (20, 0)


@pytest.mark.django_db
def test_another_number_of_the_shop_is_taken_over_once():
    order = an_order()
    take(order, 5)
    order.customer.points_balance = 70
    for _again in range(2):
        with transaction.atomic():
            account = lock_points(order.customer, now=NOW)

    assert account.balance == 70
    assert list(PointsEntry.objects.order_by("pk").values_list("kind", "amount")) == [
        ("told", 20), ("taken", -5), ("told", 55),
    ]  # fmt: skip


@pytest.mark.django_db
def test_entries_are_only_added_and_points_never_go_below_zero():
    take(an_order(), 5)
    with pytest.raises(DatabaseError), transaction.atomic():
        PointsEntry.objects.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        PointsAccount.objects.update(balance=-1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_cases_at_once_never_take_a_point_twice(turn):
    order = an_order()
    at_once(*[lambda n=n: take(order, 9, case=f"RT{n}") for n in range(8)])

    assert PointsAccount.objects.get().balance == 0
    taken, lacking = zip(*PointsOfCase.objects.values_list("taken", "shortfall"), strict=True)
    assert (sum(taken), sum(lacking)) == (20, 52)


@pytest.mark.django_db(transaction=True)
def test_used_points_come_back_once_however_often_it_is_asked_at_once():
    order = an_order()
    back = {"case_ref": "RT1", "order": order, "used": 33, "now": NOW}
    at_once(*[lambda: give_points_back(order.customer, **back)] * 8)

    assert (PointsAccount.objects.get().balance, PointsOfCase.objects.get().back) == (53, 33)
