"""One van for several returns of a customer (N11): offered where she files, joined by its time, paid once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.policy.models import PolicyVersion
from aftersales.policy.services import draft_from, publish
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.goods import change_slot, parcel_moved
from aftersales.returns.services.intake import quote
from aftersales.returns.services.wishes import Wish, WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.desk.cases import must_balance
from aftersales.tests.returns.buyers import Buyer, a_buyer
from logistics.couriers.interface import Booking
from logistics.parcels import queries, services
from logistics.parcels.models import Parcel
from orders.purchases.models import Order
from returns_platform.kernel import clock, fsm
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db
BENCH = Actor("merchant", "7", "王师傅")
SUE = Actor("support", "902", "Sue")


@pytest.fixture
def buyer():
    yield a_buyer()
    must_balance()


def slots(buyer: Buyer):
    return [slot for slot in queries.slots_of(buyer.shop.merchant, now=clock.now()) if not slot.full]


def filed(buyer: Buyer, slot, **more) -> ReturnRequest:
    row = buyer.filed(slot_from=slot.start, slot_to=slot.end, **more)
    follow_due_cases(now=clock.now())
    return row


def now_of(row: ReturnRequest) -> ReturnRequest:
    return ReturnRequest.objects.select_related("bill").get(pk=row.pk)


def parcel_of(row) -> Parcel:
    return Parcel.objects.get(leg=row.return_no)


def test_a_second_return_at_the_same_time_rides_along_and_pays_no_courier(buyer):
    slot = slots(buyer)[5]
    first, second = filed(buyer, slot), filed(buyer, slot)
    assert parcel_of(second).shares_with == parcel_of(first)
    assert (first.bill.freight_return_amount, second.bill.freight_return_amount) == (1200, 0)
    assert "no courier is paid for it" in page(buyer, second)
    assert f"comes for {second.return_no}" in page(buyer, first)


def test_a_time_that_nobody_chose_has_a_van_of_its_own_which_others_may_join(buyer):
    """A shop's program that names no time gets one van for each request, whatever else the customer sends back."""
    first, second = buyer.filed(), buyer.filed()
    follow_due_cases(now=clock.now())
    assert (first.slot_from, first.slot_chosen) == (second.slot_from, False)
    assert [parcel_of(row).shares_with for row in (first, second)] == [None, None]
    assert [row.bill.freight_return_amount for row in (first, second)] == [1200, 1200]
    slot = next(slot for slot in slots(buyer) if slot.start == first.slot_from)
    third = filed(buyer, slot)
    assert (parcel_of(third).shares_with, third.bill.freight_return_amount) == (parcel_of(first), 0)


def page(buyer: Buyer, row) -> str:
    return buyer.client.get(reverse("aftersales:case", args=[row.return_no])).content.decode()


def test_where_she_files_the_time_of_the_van_that_comes_anyway_is_suggested(buyer):
    slot = slots(buyer)[7]
    first, order = filed(buyer, slot), buyer.order()
    line = order.lines.get()
    answers = {"line": line.pk, f"reason_{line.pk}": "NR.NO_LONGER_WANT", "send_back": "pickup"}
    shown = buyer.client.get(reverse("aftersales:file", args=[order.pk]), answers)
    form = shown.context["form"]
    assert (form.slot.start, form.comes_anyway["return_no"]) == (slot.start, first.return_no)
    assert shown.context["judged"].bill.return_amount == 0
    assert shown.context["ways"][0].price == "¥0.00"
    assert "anyway" in shown.content.decode()


def test_nobody_elses_van_and_none_to_another_address_is_offered(buyer):
    slot = slots(buyer)[7]
    filed(buyer, slot)
    elsewhere = order_body()["ship_to"] | {"street": "人民路 1 号"}
    wish = Wish(
        kind="return_refund", send_back="pickup", lines=(WishLine("1", 1, "NR.NO_LONGER_WANT"),),
        slot_from=slot.start, slot_to=slot.end,
    )  # fmt: skip
    other = a_buyer("other").order()
    for order in (buyer.order(ship_to=elsewhere), other):
        judged = quote(Order.objects.filter(pk=order.pk), wish, now=clock.now())
        assert judged.bill.return_amount == 1200


def test_moving_one_moves_all_and_the_cases_say_so(buyer):
    slot, later = slots(buyer)[3], slots(buyer)[9]
    rows = [filed(buyer, slot) for _time in range(2)]
    asked = buyer.client.get(reverse("aftersales:slot", args=[rows[1].return_no])).content.decode()
    assert rows[0].return_no in asked
    change_slot(rows[1].pk, slot_from=later.start, slot_to=later.end, by=buyer.actor, now=clock.now())
    for row in rows:
        parcel_moved(parcel_of(row).reference, now=clock.now())
    assert [now_of(row).slot_from for row in rows] == [later.start] * 2


def test_one_takes_the_time_of_the_others_van(buyer):
    first, second = filed(buyer, slots(buyer)[3]), filed(buyer, slots(buyer)[9])
    asked = buyer.client.get(reverse("aftersales:slot", args=[second.return_no])).content.decode()
    assert first.return_no in asked
    slot = slots(buyer)[3]
    change_slot(second.pk, slot_from=slot.start, slot_to=slot.end, by=buyer.actor, now=clock.now())
    assert parcel_of(second).shares_with == parcel_of(first)


@pytest.mark.parametrize("who", [0, 1])
def test_one_of_two_withdraws_and_the_van_still_comes_for_the_other(buyer, who):
    rows = [filed(buyer, slots(buyer)[5]) for _time in range(2)]
    withdraw_return(rows[who].pk, by=buyer.actor, now=clock.now())
    gone, left = parcel_of(rows[who]), parcel_of(rows[1 - who])
    assert (gone.state, left.state, left.shares_with) == ("cancelled", "requested", None)
    withdraw_return(rows[1 - who].pk, by=buyer.actor, now=clock.now())
    assert parcel_of(rows[1 - who]).state == "cancelled"


def test_a_deducted_courier_is_deducted_once_however_they_came_together(buyer):
    """Each was told 12.00 for a courier of its own; one van came: the second gets all of its money."""
    earlier = clock.now() - timedelta(days=60)
    draft = draft_from(PolicyVersion.objects.get())
    PolicyVersion.objects.filter(pk=draft.pk).update(deduct_pickup=True)
    publish(fsm.reload(draft), starts_at=earlier, by=SUE, now=earlier - timedelta(days=1))
    first, second = filed(buyer, slots(buyer)[3]), filed(buyer, slots(buyer)[9])
    assert {row.bill.deducted for row in (first, second)} == {1200}
    slot = slots(buyer)[3]
    change_slot(second.pk, slot_from=slot.start, slot_to=slot.end, by=buyer.actor, now=clock.now())
    services.take_booking(parcel_of(first), Booking(first.parcel_ref, "SF1234567890123"), now=clock.now())
    assert {parcel_of(row).waybill for row in (first, second)} == {"SF1234567890123"}
    for row in (first, second):
        count_goods(row.pk, [Arrived("1", 1)], by=BENCH, now=clock.now())
        inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK")], by=BENCH, now=clock.now())
        follow_due_cases(now=clock.now())
    assert (now_of(first).bill.deducted, now_of(second).bill.deducted) == (1200, 0)
    assert now_of(second).bill.reason == "one_van"
