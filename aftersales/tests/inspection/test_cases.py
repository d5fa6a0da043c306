"""T25 and T26: another number of units than announced, and other goods than sold."""

import pytest

from aftersales.inspection.services import Graded, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.returns.services import following
from aftersales.returns.services.appeals import ask_a_person
from aftersales.returns.services.decisions import refuse_return
from aftersales.tests.desk.cases import ANN, BENCH, a_desk, again, must_balance
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db
SAM = Actor("support", "901", "Sam")


@pytest.fixture
def desk(db):
    yield a_desk()
    must_balance()


def test_t25_a_fourth_unit_is_recorded_as_unexpected_pays_nothing_and_calls_a_person(desk):
    body = {"quantity": 4, "discount": 0}
    row = desk.counted(announced=3, came=4, **body)
    line = row.lines.get()
    assert (line.counted, line.missing, line.count.unexpected) == (3, 0, 1)
    task = row.tasks.get(kind="units_unexpected")
    assert task.data["lines"] == {"1": 1}
    row = desk.inspected(row, units=3)
    following.follow(row.pk, now=desk.at)

    assert sum(Refund.objects.values_list("amount", flat=True)) == 12000


def test_t26_wrong_goods_pay_nothing_are_told_and_can_be_disputed(desk):
    row = desk.counted(announced=1, came=1)
    inspect_goods(row.pk, [Graded("1", 1, "X", "DISPUTE", "a brick")], by=BENCH, now=desk.at)
    row = again(row)
    following.follow(row.pk, now=desk.at)
    assert (again(row).state, Refund.objects.count()) == ("inspected", 0)

    refuse_return(row.pk, code="R_NOT_OURS", text="There was a brick in the parcel.", by=SAM, now=desk.at)
    assert Notice.objects.filter(event="refused", channel="inbox").exists()
    ask_a_person(row.pk, text="It was the coat.", by=ANN, now=desk.at)
    assert again(row).tasks.filter(kind="appeal", closed_at=None).exists()
    assert not Refund.objects.exists()
