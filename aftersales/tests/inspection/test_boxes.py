"""Two boxes for one request: each is followed, the first starts the shop's time, missing units wait for the other."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aftersales.inspection.forms import BoxForm
from aftersales.inspection.places import Bench
from aftersales.inspection.queries import cases_with_code, lines_of, waiting
from aftersales.inspection.services import Arrived, count_box, count_goods
from aftersales.returns.services.boxes import add_box, find_boxes_that_never_came
from aftersales.returns.services.following import follow
from aftersales.returns.services.goods import enter_waybill, parcel_moved
from aftersales.tests.desk.cases import ANN, BENCH, a_desk, again, must_balance
from aftersales.tests.returns.buyers import a_buyer
from logistics.couriers.interface import Scan
from logistics.parcels import services as parcels
from logistics.parcels.models import Parcel
from logistics.tracking.services import take_scans
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.errors import WrongState

pytestmark = pytest.mark.django_db
FIRST, SECOND = "SF1234567890123", "YT9693083639795"


@pytest.fixture
def desk(db):
    yield a_desk()
    must_balance()


@pytest.fixture
def row(desk):
    """Three units announced, in two boxes that are both on their way."""
    row = desk.filed(quantity=3, order=desk.order(discount=0))
    follow(row.pk, now=desk.at)
    enter_waybill(row.pk, courier="sf", waybill=FIRST, by=ANN, now=desk.at)
    add_box(row.pk, courier="yto", waybill=SECOND, by=ANN, now=desk.at)
    return again(row)


def bench(row) -> Bench:
    where = {"merchant": row.merchant}
    return Bench(row.merchant, BENCH, "", "", cases=where, parcels=where, may_count=True, may_inspect=True)


def box(row, nth: int) -> Parcel:
    return Parcel.objects.get(leg=row.return_no if nth == 1 else f"{row.return_no}.{nth}")


def scanned(desk, row, nth: int, stage: str):
    parcel = box(row, nth)
    at = desk.later(hours=1)
    take_scans(parcel, [Scan(parcel.waybill, stage, at, stage)], now=at)
    parcel_moved(parcel.reference, now=at)
    return again(row)


def count(desk, row, units: int):
    count_goods(row.pk, [Arrived("1", units)], by=BENCH, now=desk.later(minutes=5))
    return again(row)


def box_counted(desk, row, units: int):
    count_box(row.pk, [Arrived("1", units)], by=BENCH, now=desk.later(minutes=5))
    return again(row)


def paid(desk, row):
    follow(row.pk, now=desk.later(minutes=5))
    return sum(Refund.objects.exclude(state="cancelled").values_list("amount", flat=True))


@pytest.mark.parametrize("first", [1, 2])
def test_the_first_box_that_arrives_starts_the_shops_time_and_the_other_opens_no_task(desk, row, first):
    row = scanned(desk, row, 3 - first, "in_transit")
    row = scanned(desk, row, first, "delivered")
    assert (row.state, row.delivered_at, row.waits_for) == ("arrived", desk.at, "merchant")
    since = row.delivered_at
    row = scanned(desk, row, 3 - first, "in_transit")
    row = scanned(desk, row, 3 - first, "delivered")
    assert (row.state, row.delivered_at, row.tasks.count()) == ("arrived", since, 0)


def test_missing_units_wait_for_the_other_box_and_all_is_paid_when_it_is_counted(desk, row):
    scanned(desk, row, 1, "delivered")
    row = count(desk, row, 2)
    line = row.lines.get()
    assert (line.counted, line.missing, row.tasks.count(), row.waits_for) == (2, 1, 0, "merchant")
    scanned(desk, row, 2, "delivered")
    assert list(waiting(bench(row), counted=False)) == [row]
    assert cases_with_code(bench(row), SECOND) == [row]
    row = box_counted(desk, row, 1)
    assert (row.lines.get().counted, row.lines.get().missing, box(row, 2).by_word) == (3, 0, True)
    row = desk.inspected(row, units=3)
    assert paid(desk, row) == 12000
    assert list(waiting(bench(row), counted=False)) == []


def test_the_first_box_may_come_last(desk, row):
    """What lay in the second was counted: the first is still on its way, and is counted when it is there."""
    scanned(desk, row, 1, "in_transit")
    row = count(desk, scanned(desk, row, 2, "delivered"), 1)
    assert (box(row, 1).state, box(row, 2).by_word, row.tasks.count(), row.waits_for) == (
        "in_transit", True, 0, "merchant",
    )  # fmt: skip
    assert list(waiting(bench(row), counted=False)) == []
    row = scanned(desk, row, 1, "delivered")
    assert list(waiting(bench(row), counted=False)) == [row]
    row = box_counted(desk, row, 2)
    assert (row.lines.get().counted, row.lines.get().missing, box(row, 1).by_word) == (3, 0, True)
    assert paid(desk, desk.inspected(row, units=3)) == 12000


def test_what_was_paid_stays_and_the_rest_is_paid_with_the_other_box(desk, row):
    row = desk.inspected(count(desk, row, 2), units=2)
    assert paid(desk, row) == 8000
    row = box_counted(desk, row, 1)
    assert paid(desk, row) == 12000
    assert row.goods_can_be_inspected  # the bench still grades it
    desk.inspected(row, grade="C", units=1)
    assert again(row).tasks.filter(kind="paid_ahead_in_doubt").exists()


def test_after_money_part_of_the_rest_is_a_persons_to_decide(desk, row):
    row = desk.inspected(count(desk, row, 1), units=1)
    assert paid(desk, row) == 4000
    row = box_counted(desk, row, 1)
    assert paid(desk, row) == 4000
    assert row.tasks.get(kind="units_missing").closed_at is None


def test_a_box_without_the_units_and_one_that_is_lost_call_a_person(desk, row):
    row = count(desk, row, 2)
    row = box_counted(desk, row, 0)
    assert row.tasks.filter(kind="units_missing", closed_at=None).exists()
    with pytest.raises(WrongState):
        box_counted(desk, row, 1)


def test_a_box_that_never_comes_is_a_persons_after_the_days_to_send(desk, row):
    row = count(desk, row, 2)
    assert find_boxes_that_never_came(now=desk.at + timedelta(days=6)) == 0
    assert find_boxes_that_never_came(now=desk.at + timedelta(days=8)) == 1
    assert find_boxes_that_never_came(now=desk.at + timedelta(days=9)) == 0
    row = box_counted(desk, again(row), 1)  # and it came after all
    assert row.tasks.get(kind="units_missing").closed_at is not None


def test_all_units_in_one_count_settle_every_box(desk, row):
    row = count(desk, row, 3)
    assert (box(row, 1).by_word, box(row, 2).by_word, row.tasks.count()) == (True, True, 0)
    with pytest.raises(WrongState):
        box_counted(desk, row, 1)


def test_more_than_is_missing_pays_nothing_and_is_told(desk, row):
    row = count(desk, row, 2)
    row = box_counted(desk, row, 3)
    assert (row.lines.get().counted, row.tasks.get(kind="units_unexpected").data["lines"]) == (3, {"1": 2})


def test_the_same_box_is_counted_once_while_another_is_still_to_come(desk, row):
    """Enter pressed twice would have counted the third box, which nobody has seen, with what lay in the second."""
    add_box(row.pk, courier="yto", waybill="YT9693083639796", by=ANN, now=desk.at)
    count(desk, row, 1)
    for _twice in range(2):
        count_box(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at, waybill=SECOND)
    assert (row.lines.get().counted, row.lines.get().missing, box(row, 3).by_word) == (2, 1, False)
    lines = lines_of(again(row))
    form = BoxForm({f"came_{lines[0].line.pk}": "1", "waybill": SECOND}, expected=lines)
    assert form.is_valid() and form.arrived == [Arrived("1", 1)] and form.cleaned_data["waybill"] == SECOND
    with pytest.raises(WrongState):
        count_box(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at, waybill="YT0000000000000")
    count_box(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at)
    assert box(row, 3).by_word


def test_a_box_is_added_once_never_with_anothers_waybill_and_not_before_the_first(desk, row):
    add_box(row.pk, courier="yto", waybill="yt 9693083639795", by=ANN, now=desk.at)
    assert Parcel.objects.filter(leg__startswith=row.return_no).count() == 2
    other = desk.filed(quantity=1)
    follow(other.pk, now=desk.at)
    with pytest.raises(WrongState):
        add_box(other.pk, courier="yto", waybill="YT9693083639796", by=ANN, now=desk.at)
    enter_waybill(other.pk, courier="sf", waybill="SF1234567890999", by=ANN, now=desk.at)
    with pytest.raises(parcels.WaybillTaken):
        add_box(other.pk, courier="yto", waybill=SECOND, by=ANN, now=desk.at)


def test_five_boxes_and_no_more(desk, row):
    for nth in range(3, 6):
        add_box(row.pk, courier="yto", waybill=f"YT{nth:013d}", by=ANN, now=desk.at)
    with pytest.raises(WrongState):
        add_box(row.pk, courier="yto", waybill="YT9999999999999", by=ANN, now=desk.at)


def test_she_adds_a_box_on_her_page_and_the_bench_counts_it():
    buyer = a_buyer()
    row = buyer.filed(send_back="self_ship")
    follow(row.pk, now=clock.now())
    enter_waybill(row.pk, courier="sf", waybill=FIRST, by=buyer.actor, now=clock.now())
    address = reverse("aftersales:box", args=[row.return_no])
    assert address in buyer.client.get(reverse("aftersales:case", args=[row.return_no])).content.decode()
    wrong = buyer.client.post(address, {"waybill": "!", "courier": ""})
    assert (wrong.status_code, "!" in wrong.content.decode()) == (422, True)
    assert buyer.client.post(address, {"waybill": SECOND, "courier": ""}).status_code == 302
    assert SECOND in buyer.client.get(reverse("aftersales:case", args=[row.return_no])).content.decode()
    assert a_buyer("other").client.post(address, {"waybill": "YT9693083639799"}).status_code == 404

    count_goods(row.pk, [Arrived("1", 0)], by=BENCH, now=clock.now())
    status, told = buyer.shop.post(
        f"/returns/{row.return_no}/arrived", {"lines": [{"line_no": "1", "quantity": 1}], "box": True}
    )
    assert (status, again(row).lines.get().counted) == (200, 1), told
