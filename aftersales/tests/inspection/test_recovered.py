"""What returned goods still brought: by units that went there, once, by those who may."""

import pytest
from django.urls import reverse

from aftersales.inspection.models import Inspection, Recovery
from aftersales.inspection.services import Graded, inspect_goods
from aftersales.tests.inspection.test_bench import COLLEAGUE, counted, now_of
from aftersales.tests.inspection.test_labels import books
from aftersales.tests.shop_cases import open_cases
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(db):
    return open_cases()


def graded(cases):
    row = counted(cases, units=3, quantity=3)
    said = [Graded("1", 2, "C", "LIQUIDATE"), Graded("1", 1, "S", "SCRAP")]
    inspect_goods(row.pk, said, by=COLLEAGUE, now=clock.now())
    return now_of(row), Inspection.objects.get(line__request=row, grade="C")


def address(row, code="shop"):
    return reverse("merchant:recovered", args=[code, row.return_no])


def book(client, row, one, **changes):
    said = {"result": f"{one.pk}.LIQUIDATE", "quantity": "2", "amount": "12.50", "estimated": "no", "seen": "0"}
    return client.post(address(row), said | changes)


def test_what_goods_brought_is_booked_once_and_stands_on_the_case(client, cases):
    row, one = graded(cases)
    client.force_login(cases.member("finance"))
    assert client.get(address(row)).status_code == 200
    assert [book(client, row, one).status_code for _time in range(2)] == [302, 409]
    kept = Recovery.objects.get()
    assert (kept.amount, kept.quantity, kept.currency, kept.estimated) == (1250, 2, "CNY", False)
    assert book(client, row, one, seen="1", quantity="1").status_code == 422  # both units have their amount
    assert book(client, row, one, seen="1", estimated="yes", amount="20").status_code == 302
    page = client.get(reverse("merchant:case", args=["shop", row.return_no]))
    assert page.context["brought"] == {"sure": 1250, "estimated": 2000}
    assert books() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": "3"}, {"quantity": "0"}, {"amount": "-1"}, {"amount": "1.234"}, {"amount": ""},
        {"estimated": ""}, {"result": ""}, {"result": "1.SCRAP"}, {"seen": "x"},
        {"amount": "9" * 40}, {"amount": "NaN"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_and_nothing_is_booked(client, cases, changes):
    row, one = graded(cases)
    client.force_login(cases.member("finance"))
    answer = book(client, row, one, **changes)
    assert answer.status_code == 422
    assert not Recovery.objects.exists()


def test_the_warehouse_sees_none_of_it_and_no_other_shop_does(client, cases):
    row, one = graded(cases)
    client.force_login(cases.member("warehouse"))
    assert client.get(address(row)).status_code == 403
    client.force_login(cases.member("agent"))
    assert client.get(address(row)).status_code == 200
    assert book(client, row, one).status_code == 403
    others = open_cases("other")
    client.force_login(others.member("finance"))
    assert client.get(address(row, "other")).status_code == 404
    assert client.get(address(row)).status_code == 404
    assert not Recovery.objects.exists()
