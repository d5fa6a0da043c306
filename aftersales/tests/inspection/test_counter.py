"""Goods over a counter: a store takes them in and checks them, a station sends them on."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services.deadlines import sweep_deadlines
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.goods import hand_in
from aftersales.returns.services.wishes import WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.shop_cases import BUYER, open_cases
from logistics.parcels.models import CourierOrder, Parcel
from logistics.points.models import Point
from logistics.points.services import keep_point
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.management.commands import check_books

pytestmark = pytest.mark.django_db

CLERK = Actor("merchant", "0", "王师傅")


@pytest.fixture
def cases():
    return open_cases()


def a_point(merchant, name="世纪大道店", **said) -> Point:
    known = {"province": "上海市", "city": "上海市", "district": "浦东新区", "street": "世纪大道 1 号"}
    known |= {"opens": time(9), "closes": time(21), "capacity": 50}
    return keep_point(None, merchant=merchant, name=name, **known | said)


def to_be_brought(cases, **wish) -> ReturnRequest:
    row = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), send_back="drop_off", **wish)
    follow_due_cases(now=clock.now())
    return now_of(row)


def now_of(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def address(code="shop"):
    return reverse("merchant:counter", args=[code])


def books() -> list[str]:
    found = []
    check_books.check(check_books.invariants(), say=found.append)
    return found


def test_a_store_takes_it_in_and_the_money_goes_back_after_the_check_at_its_counter(cases):
    row, point = to_be_brought(cases), a_point(cases.merchant)
    assert (row.state, parcel_of(row).way) == ("awaiting_goods", "drop_off")
    hand_in(row.pk, point, by=CLERK, now=clock.now())
    row, parcel = now_of(row), parcel_of(row)
    assert (row.state, row.waits_for) == ("arrived", "merchant")
    assert (parcel.state, parcel.point, parcel.by_word) == ("delivered", point, True)
    count_goods(row.pk, [Arrived("1", 1)], by=CLERK, now=clock.now())
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK")], by=CLERK, now=clock.now())
    assert now_of(row).state == "settling"
    assert books() == []


def test_a_station_sends_it_on_and_the_courier_is_followed(client, cases):
    row, point = to_be_brought(cases), a_point(cases.merchant, sends_on=True)
    client.force_login(cases.member("warehouse"))
    sent = {"at": point.pk, "return_no": row.return_no}
    assert client.post(address(), {"do": "take_in", **sent}).status_code == 302
    assert (now_of(row).state, parcel_of(row).state) == ("in_transit", "collected")
    assert row.return_no in client.get(address()).content.decode()
    wrong = client.post(address(), {"do": "send_on", **sent, "courier": "sf", "waybill": "!!"})
    assert (wrong.status_code, "!!" in wrong.content.decode()) == (422, True)
    fine = {"do": "send_on", **sent, "courier": "sf", "waybill": "SF7777777777777"}
    assert client.post(address(), fine).status_code == 302
    parcel = parcel_of(row)
    assert (parcel.state, parcel.waybill, now_of(row).waits_for) == ("in_transit", "SF7777777777777", "courier")
    assert parcel.next_try_at is not None  # it is asked after
    assert books() == []


def test_a_station_that_forgets_it_ends_with_a_person(cases):
    row, point = to_be_brought(cases), a_point(cases.merchant, sends_on=True)
    hand_in(row.pk, point, by=CLERK, now=clock.now())
    sweep_deadlines(now=clock.now() + timedelta(days=8))
    assert row.tasks.filter(kind="overdue_in_transit", closed_at=None).exists()


def test_taking_it_in_again_changes_nothing(cases):
    row, point = to_be_brought(cases), a_point(cases.merchant)
    for _ in range(2):
        hand_in(row.pk, point, by=CLERK, now=clock.now())
    assert now_of(row).moves.filter(note="handed_in").count() == 1


def test_who_waits_for_a_van_may_bring_it_too_and_the_van_is_called_off(cases):
    row = cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), send_back="pickup")
    follow_due_cases(now=clock.now())
    van = parcel_of(row)  # a worker has it: the courier may have the order
    Parcel.objects.filter(pk=van.pk).update(claim=1)
    CourierOrder.objects.create(parcel=van, number=van.number, courier="sf", claim=1, given_at=clock.now())
    hand_in(row.pk, a_point(cases.merchant), by=CLERK, now=clock.now())
    parcel = parcel_of(row)
    assert (parcel.way, parcel.state, parcel.stale_numbers) == ("drop_off", "delivered", [parcel.number])
    assert parcel.next_try_at is not None
    assert books() == []


@pytest.mark.parametrize("state", ["withdrawn", "in_review"])
def test_nothing_is_taken_in_for_what_is_not_expected(client, cases, state):
    if state == "withdrawn":
        row = to_be_brought(cases)
        withdraw_return(row.pk, by=BUYER, now=clock.now())
    else:
        row = cases.in_review()
    point = a_point(cases.merchant)
    with pytest.raises(WrongState):
        hand_in(row.pk, point, by=CLERK, now=clock.now())
    client.force_login(cases.member("warehouse"))
    sent = {"do": "take_in", "at": point.pk, "return_no": row.return_no}
    assert client.post(address(), sent).status_code == 409


def test_another_shops_case_and_another_shops_counter_are_not_there(client, cases):
    row, others = to_be_brought(cases), open_cases("other")
    ours, theirs = a_point(cases.merchant), a_point(others.merchant)
    client.force_login(others.member("warehouse"))
    assert client.get(address()).status_code == 404
    for at in (ours.pk, theirs.pk):
        sent = {"do": "take_in", "at": at, "return_no": row.return_no}
        assert client.post(address("other"), sent).status_code == 404
    assert client.get(f"{address('other')}?at={theirs.pk}&code={row.return_no}").context["row"] is None
    assert now_of(row).state == "awaiting_goods"


def test_who_may_not_inspect_takes_nothing_in(client, cases):
    row, point = to_be_brought(cases), a_point(cases.merchant)
    client.force_login(cases.member("viewer"))
    assert client.get(f"{address()}?at={point.pk}&code={row.return_no}").status_code == 200
    sent = {"do": "take_in", "at": point.pk, "return_no": row.return_no}
    assert client.post(address(), sent).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_counter_in_each_of_its_states(client, cases, language):
    client.force_login(cases.member("warehouse"))
    headers = {"accept-language": language}
    assert client.get(address(), headers=headers).status_code == 200  # no point yet
    row, store = to_be_brought(cases), a_point(cases.merchant)
    assert client.get(f"{address()}?code={row.return_no}", headers=headers).context["row"] == row
    a_point(cases.merchant, name="张江站", sends_on=True)
    assert client.get(address(), headers=headers).context["point"] is None  # which one?
    for code in ("%", "x" * 3000, "²", "RT" + "9" * 60, "-", "\u200b"):
        assert client.get(address(), {"at": store.pk, "code": code}, headers=headers).status_code == 200
