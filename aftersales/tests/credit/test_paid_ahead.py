"""Fast return for trusted customers (S103): money at the count, grades afterwards; books at 0 after each."""

from datetime import timedelta

import pytest

from aftersales.credit.models import Standing
from aftersales.inspection import queries as bench
from aftersales.inspection.places import Bench
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.services import following
from aftersales.returns.services.goods import find_ungraded
from aftersales.risk.services import measures
from aftersales.tests.desk.cases import BENCH, Desk, a_desk, again, must_balance
from aftersales.tests.risk.test_measures import BLOCK, decided
from refunds.payouts import queries as payouts
from refunds.tests.payouts.fakes import FakeChannel
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(settings) -> Desk:
    settings.GATEWAYS = {"wechat": "refunds.tests.payouts.fakes.FakeChannel"}
    FakeChannel.forget()
    return a_desk()


def trusted(desk: Desk):
    customer = desk.filed().customer
    Standing.objects.update_or_create(customer=customer, defaults={"level": "trusted", "scored_at": desk.at})
    return customer


def counted(desk: Desk, came: int = 1, **more):
    row = desk.filed(**more)
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", came)], by=BENCH, now=desk.at)
    following.follow(row.pk, now=desk.at)
    return again(row)


def graded(desk: Desk, row, grade: str):
    inspect_goods(row.pk, [Graded("1", 1, grade, "RESTOCK" if grade == "A" else "SCRAP")], by=BENCH, now=desk.at)
    return again(row)


def at_the_bench(desk) -> Bench:
    where = {"merchant": desk.shop.merchant}
    return Bench(desk.shop.merchant, BENCH, "", "", cases=where, parcels=where, may_count=True, may_inspect=True)


def test_the_money_of_a_trusted_customer_leaves_at_the_count_and_the_bench_grades_afterwards(desk):
    trusted(desk)
    row = counted(desk)
    assert (row.state, row.paid_ahead_at) == ("settling", desk.at)
    assert payouts.refunds_of(row.return_no).count() == 1
    assert list(bench.waiting(at_the_bench(desk), counted=True)) == [row]
    must_balance()
    row = graded(desk, row, "A")
    assert (row.state, list(bench.waiting(at_the_bench(desk), counted=True))) == ("settling", [])
    assert not row.tasks.exists()
    must_balance()


def test_everybody_else_waits_for_the_bench_as_before(desk):
    desk.filed()
    row = counted(desk)
    assert (row.state, row.paid_ahead_at) == ("arrived", None)
    assert graded(desk, row, "A").state == "settling"
    must_balance()


def test_what_the_bench_finds_afterwards_is_a_persons_to_clear_up_and_takes_nothing_back(desk):
    trusted(desk)
    row = graded(desk, counted(desk), "C")
    assert row.state == "settling" and row.has_open_task("paid_ahead_in_doubt")
    assert payouts.refunds_of(row.return_no).get().state == "promised"
    must_balance()


def test_missing_units_are_no_fast_return(desk):
    trusted(desk)
    row = counted(desk, came=1, quantity=2)
    assert (row.state, row.paid_ahead_at) == ("arrived", None)
    must_balance()


def test_trust_that_was_lost_or_blocked_meanwhile_is_none(desk):
    customer = trusted(desk)
    found = decided(customer, BLOCK, desk)
    assert counted(desk).state == "arrived"
    measures.lift(found.pk, why="x", by=Actor("support", "9", "Aud"), now=desk.at)
    row = desk.filed()
    Standing.objects.filter(customer=customer).update(level="known")
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at)
    assert again(row).state == "arrived"
    must_balance()


def test_goods_that_nobody_grades_are_asked_about_once(desk):
    trusted(desk)
    row = counted(desk)
    assert find_ungraded(now=desk.at + timedelta(days=7)) == 0
    assert find_ungraded(now=desk.at + timedelta(days=8)) == 1
    assert find_ungraded(now=desk.at + timedelta(days=8)) == 0
    assert row.has_open_task("paid_ahead_ungraded")
