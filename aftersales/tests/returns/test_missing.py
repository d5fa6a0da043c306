"""Units that were announced and did not come: found and paid, or the customer's again. Books at 0 after each."""

from datetime import timedelta

import pytest

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.returns import stories
from aftersales.returns.services import following
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.missing import pay_missing, release_missing
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.desk.cases import BENCH, a_desk, again, must_balance
from orders.accounts.models import User
from refunds.payouts.models import Refund
from refunds.wallet.models import GiftCard
from refunds.wallet.services import CardsNotFree, keep_card
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotAllowed, WrongState
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db

SUE = Actor("support", "901", "Sue")


@pytest.fixture
def desk(db):
    return a_desk()


def balance_order(desk) -> dict:
    """Three nuts for 100.00 from the balance: paid back here, without a channel."""
    payment = order_body()["payments"][0]
    return {"payments": [payment | {"channel": "balance"}]}


def amounts(row) -> list[tuple[int, str]]:
    return list(Refund.objects.filter(case_ref=row.return_no).order_by("serial").values_list("amount", "state"))


def free_units(row) -> int:
    return row.order.lines.get().returnable


def test_found_before_inspection_they_are_inspected_with_the_others(desk):
    row = desk.counted()
    pay_missing(row.pk, by=SUE, now=desk.at)
    assert [(line.counted, line.missing) for line in row.lines.all()] == [(3, 0)]
    inspect_goods(row.pk, [Graded("1", 3, "A", "RESTOCK")], by=BENCH, now=desk.at)
    desk.paid(row)
    assert sum(amount for amount, _state in amounts(row)) == 10000
    must_balance()


def test_found_after_the_others_were_paid_the_rest_is_paid_on_top(desk):
    row = desk.paid(desk.inspected(desk.counted(**balance_order(desk))))
    assert (row.state, amounts(row)) == ("completed", [(6666, "arrived")])
    must_balance()

    pay_missing(row.pk, by=SUE, now=desk.at)
    assert again(row).state == "settling"
    assert amounts(row)[1] == (3334, "promised")
    must_balance()

    row = desk.paid(row)
    assert (row.state, amounts(row)) == ("completed", [(6666, "arrived"), (3334, "arrived")])
    assert Refund.objects.get(case_ref=row.return_no, serial=2).authorisation.by_name == "Sue"
    must_balance()


def test_found_while_the_others_are_on_their_way(desk):
    row = desk.inspected(desk.counted())
    following.follow(row.pk, now=desk.at)
    pay_missing(row.pk, by=SUE, now=desk.at)
    assert [amount for amount, _state in amounts(row)] == [6666, 3334]
    must_balance()


def test_released_before_money_they_can_be_asked_for_again(desk):
    row = desk.counted()
    release_missing(row.pk, by=SUE, now=desk.at)
    assert free_units(row) == 1
    assert again(row).bill.refund == 6666
    must_balance()
    desk.paid(desk.inspected(row))
    must_balance()
    later = desk.filed(order=row.order)
    assert later.bill.refund == 3334
    must_balance()


def test_released_after_money_they_can_be_asked_for_again(desk):
    row = desk.paid(desk.inspected(desk.counted(**balance_order(desk))))
    assert free_units(row) == 0
    release_missing(row.pk, by=SUE, now=desk.at)
    assert (again(row).state, free_units(row)) == ("completed", 1)
    must_balance()
    assert desk.filed(order=row.order).bill.refund == 3334
    must_balance()


def test_a_parcel_with_nothing_in_it_ends_the_case_when_released(desk):
    row = desk.counted(came=0)
    release_missing(row.pk, by=SUE, now=desk.at)
    row = again(row)
    assert (row.state, row.refusal_code, free_units(row)) == ("rejected", "R_NOT_RETURNED", 3)
    must_balance()


def test_when_nothing_came_it_is_supports_turn_until_the_goods_are_found(desk):
    row = desk.counted(came=0)
    assert (row.waits_for, stories.next_step(row)) == ("support", "find")
    sweep_deadlines(now=desk.at + timedelta(days=9))
    assert again(row).state == "arrived"
    assert row.tasks.filter(kind="overdue_arrived", closed_at=None).exists()
    assert not Notice.objects.filter(event="reminder", case_ref=row.return_no).exists()

    pay_missing(row.pk, by=SUE, now=desk.at)
    row = again(row)
    assert (row.waits_for, stories.next_step(row)) == ("merchant", "inspect")


def test_a_line_of_which_nothing_came_is_let_go_of_whole(desk):
    body = order_body(discount=0)
    lines = [body["lines"][0] | {"line_no": number} for number in ("1", "2")]
    items = [{"line_no": number, "quantity": 3} for number in ("1", "2")]
    order = desk.order(
        lines=lines, payments=[body["payments"][0] | {"amount": 24000}],
        parcels=[body["parcels"][0] | {"items": items}], discounts=[],
    )  # fmt: skip
    row = desk.filed(order=order, lines=tuple(WishLine(number, 1, "NR.NO_LONGER_WANT") for number in ("1", "2")))
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at)
    release_missing(row.pk, by=SUE, now=desk.at)
    assert list(row.lines.values_list("quantity", "counted")) == [(1, 1), (0, 0)]
    must_balance()
    desk.paid(desk.inspected(row, units=1))
    must_balance()


def test_twice_is_told_and_changes_nothing(desk):
    row = desk.counted()
    release_missing(row.pk, by=SUE, now=desk.at)
    with pytest.raises(WrongState):
        release_missing(row.pk, by=SUE, now=desk.at)
    with pytest.raises(WrongState):
        pay_missing(row.pk, by=SUE, now=desk.at)
    must_balance()


def test_nobody_finds_units_of_their_own(desk):
    row = desk.counted()
    row.customer.user = User.objects.create_user("sue")
    row.customer.save()
    with pytest.raises(NotAllowed):
        pay_missing(row.pk, by=Actor("support", str(row.customer.user_id), "Sue"), now=desk.at)


def cards_order() -> dict:
    """Three gift cards in one parcel, paid with the balance."""
    body = order_body(discount=0)
    line = body["lines"][0] | {"gift_cards": ["C-1", "C-2", "C-3"]}
    return {"discount": 0, "lines": [line], "payments": [body["payments"][0] | {"channel": "balance"}]}


def test_gift_cards_found_later_are_disabled_before_they_are_paid(desk):
    row = desk.paid(desk.inspected(desk.counted(**cards_order())))
    assert GiftCard.objects.filter(disabled_at__isnull=False).count() == 2
    pay_missing(row.pk, by=SUE, now=desk.at)

    assert GiftCard.objects.filter(disabled_at__isnull=False).count() == 3
    assert [amount for amount, _state in amounts(row)] == [8000, 4000]
    must_balance()


def test_a_found_gift_card_that_was_spent_is_not_paid(desk):
    row = desk.paid(desk.inspected(desk.counted(**cards_order())))
    left = GiftCard.objects.get(disabled_at=None)
    keep_card(row.merchant, left.code, currency="CNY", deleted=False, left=100, now=desk.at)
    with pytest.raises(CardsNotFree):
        pay_missing(row.pk, by=SUE, now=desk.at)

    assert [amount for amount, _state in amounts(row)] == [8000]
    assert [(line.counted, line.missing) for line in row.lines.all()] == [(2, 1)]
    must_balance()
