"""A yes taken back while its money waits: what comes back, who may, and that sending and undoing never both win."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services import decisions, following, goods
from aftersales.returns.services.undoing import undo_decision
from aftersales.tests.desk.cases import ANN, again, books, door, must_balance, signed_in, staff
from aftersales.tests.desk.cases import a_desk as open_desk
from aftersales.tests.shop_cases import open_cases
from logistics.parcels import services as parcels
from orders.purchases.models import OrderLine, Payment
from refunds.payouts import services as payout
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotAllowed, Refused, WrongState

MIA, LEE = Actor("merchant", "901", "Mia"), Actor("merchant", "902", "Lee")
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db):
    return open_desk()


def approved(desk, row, by=MIA) -> ReturnRequest:
    decisions.approve_return(row.pk, by=by, now=desk.at)
    following.follow(row.pk, now=desk.at)
    return again(row)


def from_balance() -> dict:
    paid_at = (clock.now() - timedelta(days=4)).isoformat()
    return {"payments": [{"channel": "balance", "transaction_id": "x", "amount": 10000, "paid_at": paid_at}]}


def why_not(row, *, by=MIA, at) -> str:
    with pytest.raises(WrongState) as refused:
        undo_decision(row.pk, by=by, anybodys=True, now=at)
    return str(refused.value.message)


def counters(row) -> list:
    paid = Payment.objects.filter(order=row.order).values_list("held", "reserved")
    lines = OrderLine.objects.filter(order=row.order)
    return [list(paid), list(lines.values_list("shipped_in_use", "unshipped_in_use", "claimed", "refunded"))]


def test_a_yes_is_taken_back_and_given_again(desk):
    row = desk.for_review(order=desk.order(**from_balance()))
    before = counters(row)
    approved(desk, row)
    assert Refund.objects.get().state == "promised"
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.later(minutes=1))

    row = again(row)
    assert (row.state, row.waits_for, row.decided_by, Refund.objects.get().state) == (
        "in_review", "merchant", None, "cancelled",
    )  # fmt: skip
    assert row.due_at == desk.at + timedelta(hours=24)
    assert counters(row) == before
    assert row.moves.last().note == "undone"
    must_balance()

    row = desk.paid(approved(desk, row, by=LEE))
    assert row.state == "completed"
    assert sorted(Refund.objects.values_list("number", "state")) == [
        (f"RF{row.return_no[2:]}-1", "cancelled"), (f"RF{row.return_no[2:]}-2", "arrived"),
    ]  # fmt: skip
    must_balance()


def test_the_customer_is_told_because_she_was_told(desk):
    row = desk.for_review()
    approved(desk, row)
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)

    assert Notice.objects.filter(case_ref=row.return_no, event="decision_undone").exists()


def test_after_an_inspection_she_was_told_nothing_and_hears_nothing(desk):
    row = desk.doubtful(**from_balance())
    first = row.decided_by
    approved(desk, row)
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)

    row = again(row)
    assert (row.state, row.decided_by) == ("inspected", first)
    assert not Notice.objects.filter(case_ref=row.return_no, event="decision_undone").exists()
    must_balance()
    assert desk.paid(approved(desk, row)).state == "completed"


def test_with_missing_units_the_bill_is_as_announced_again(desk):
    row = desk.inspected(desk.counted(announced=3, came=2, **from_balance()), grade="C", units=2)
    filed = row.bill.refund
    approved(desk, row)
    assert again(row).bill.refund < filed
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)

    assert (again(row).bill.refund, again(row).bill.reason) == (filed, "undone")
    must_balance()
    row = desk.paid(approved(desk, row))
    assert (row.state, row.bill.refund) == ("completed", 6666)
    must_balance()


def test_twice_is_once(desk):
    row = desk.for_review()
    approved(desk, row)
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.at)

    assert again(row).moves.filter(note="undone").count() == 1


def test_a_stranger_does_not_and_a_senior_does(desk):
    row = desk.for_review()
    approved(desk, row)
    with pytest.raises(NotAllowed):
        undo_decision(row.pk, by=LEE, anybodys=False, now=desk.at)
    with pytest.raises(NotAllowed):
        undo_decision(row.pk, by=ANN, anybodys=False, now=desk.at)
    assert again(row).state == "settling"

    undo_decision(row.pk, by=LEE, anybodys=True, now=desk.at)
    assert again(row).state == "in_review"


def test_sent_money_stays_sent(desk):
    row = desk.for_review()
    approved(desk, row)
    payout.pay_due_refunds(desk.later(minutes=6))

    with override("en"):
        assert "The money is on its way" in why_not(row, at=desk.at)


def test_what_the_rules_decided_is_not_taken_back(desk):
    row = desk.filed()
    with pytest.raises(WrongState):
        undo_decision(row.pk, by=MIA, anybodys=True, now=desk.at)


def returned(desk, **wish) -> ReturnRequest:
    row = desk.filed("OT.OTHER", **wish)
    assert row.state == "in_review"
    return approved(desk, row)


def test_before_the_goods_move_the_pickup_is_called_off_and_booked_anew_later(desk):
    row = returned(desk, send_back="pickup")
    first = parcel_of(row)
    undo_decision(row.pk, by=MIA, anybodys=False, now=desk.later(minutes=1))
    first.refresh_from_db(fields=["next_try_at"])
    assert (type(first).objects.get(pk=first.pk).state, again(row).state) == ("cancelled", "in_review")

    row = approved(desk, row)
    second = parcel_of(row)
    assert (second.pk != first.pk, second.state, second.leg) == (True, "requested", row.return_no)
    must_balance()


def test_goods_on_their_way_are_not_called_back(desk):
    row = returned(desk, send_back="self_ship")
    goods.enter_waybill(row.pk, courier="sf", waybill="SF7700000000001", by=ANN, now=desk.at)
    with override("en"):
        assert "goods" in why_not(row, at=desk.at)


def test_a_collected_pickup_is_not_called_back_though_nobody_has_heard_of_it_yet(desk):
    row = returned(desk, send_back="pickup")
    parcel = parcel_of(row)
    with parcels.moving.moving_parcel(parcel.pk, by=Actor("courier"), now=desk.at) as moved:
        moved.book(courier="sf", waybill="SF7700000000002", now=desk.at)
        moved.collect()
    with override("en"):
        assert "goods" in why_not(row, at=desk.at)
    assert again(row).state == "approved"


def test_when_the_window_is_over_the_customer_relies_on_it(desk):
    row = returned(desk, send_back="self_ship")
    with override("en"):
        assert "relies" in why_not(row, at=desk.later(minutes=6))


def test_counted_goods_keep_their_yes(desk):
    row = returned(desk, send_back="self_ship")
    count_goods(row.pk, [Arrived("1", 1)], by=LEE, now=desk.at)
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK")], by=LEE, now=desk.at)
    assert again(row).state == "settling"
    with override("en"):
        assert "goods" in why_not(row, at=desk.at)


# --- two at once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_undoing_and_sending_at_once_exactly_one_wins(turn):
    desk = open_desk()
    row = desk.for_review()
    approved(desk, row)
    start, at = threading.Barrier(4), desk.later(minutes=6)

    def run(job):
        try:
            start.wait(timeout=30)
            return job()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    def undo():
        return undo_decision(row.pk, by=MIA, anybodys=False, now=at)

    def pay():
        return payout.pay_due_refunds(at)

    with ThreadPoolExecutor(4) as pool:
        undone, *_rest = pool.map(run, [undo, undo, pay, pay] if turn % 2 else [undo, pay, pay, undo])
    refund, row = Refund.objects.get(), again(row)
    if row.state == "in_review":
        assert refund.state == "cancelled"
        assert not refund.attempts.exists()
    else:
        assert isinstance(undone, WrongState)
        assert refund.asked_at is not None
    assert books().strip().endswith(" 0 violations"), books()


# --- on the pages -----------------------------------------------------------------------------------------


def test_the_shop_takes_it_back_with_one_click(client):
    cases = open_cases()
    row, owner = cases.in_review(), cases.member("owner")
    page = reverse("merchant:case", args=[cases.merchant.code, row.return_no])
    client.force_login(owner)
    assert 'value="undo"' not in client.get(page).content.decode()
    client.post(page, {"do": "approve"})
    assert 'value="undo"' in client.get(page).content.decode()

    assert client.post(page, {"do": "undo"}).status_code == 302
    assert again(row).state == "in_review"
    assert client.post(page, {"do": "undo"}).status_code == 302  # a double click


def test_an_agent_cannot_take_back_what_the_owner_decided_and_the_owner_can_take_back_anybodys(client):
    cases = open_cases()
    row = cases.in_review()
    page = reverse("merchant:case", args=[cases.merchant.code, row.return_no])
    agent, owner = cases.member("agent"), cases.member("owner")
    other = cases.member("agent", "other-agent")
    client.force_login(agent)
    client.post(page, {"do": "approve"})
    client.force_login(other)
    assert 'value="undo' not in client.get(page).content.decode()
    assert client.post(page, {"do": "undo"}).status_code == 403
    assert client.post(page, {"do": "undo_any"}).status_code == 403
    client.force_login(owner)
    assert 'value="undo_any"' in client.get(page).content.decode()
    assert client.post(page, {"do": "undo_any"}).status_code == 302
    assert again(row).state == "in_review"


def test_too_late_is_told_with_why(client):
    cases = open_cases()
    row = cases.in_review()
    page = reverse("merchant:case", args=[cases.merchant.code, row.return_no])
    client.force_login(cases.member("owner"))
    client.post(page, {"do": "approve"})
    ReturnRequest.objects.filter(pk=row.pk).update(decided_at=clock.now() - timedelta(hours=1))
    response = client.post(page, {"do": "undo"})
    assert response.status_code == 409
    assert "买家已经按这个决定安排了" in response.content.decode()


def test_many_approved_at_once_are_taken_back_at_once(client):
    cases = open_cases()
    rows = [cases.in_review() for _ in range(3)]
    inbox = reverse("merchant:inbox", args=[cases.merchant.code])
    client.force_login(cases.member("owner"))
    numbers = [row.return_no for row in rows]
    client.post(inbox, {"do": "approve", "pick": numbers})
    assert client.get(inbox).content.decode().count('name="pick"') == 3
    client.post(inbox, {"do": "undo", "pick": numbers})

    assert "已撤回 3 笔" in client.get(inbox).content.decode()
    assert [again(row).state for row in rows] == ["in_review"] * 3


def test_the_desk_takes_it_back(desk):
    row, sam, sue = desk.for_review(), staff("support", "sam"), staff("senior", "sue")
    other = staff("support", "tim")
    desk.at = clock.now()
    approved(desk, row, by=Actor("support", str(sam.pk), "Sam"))
    page = reverse("admin:aftersales_returnrequest_change", args=[row.pk])
    assert door("undo", row) in signed_in(sam).get(page).content.decode()
    assert door("undo", row) not in signed_in(other).get(page).content.decode()
    assert signed_in(other).post(door("undo", row)).status_code == 403
    assert signed_in(sue).post(door("undo", row)).status_code == 302
    assert (again(row).state, again(row).waits_for) == ("in_review", "support")
    assert signed_in(sam).post(door("undo", row)).status_code == 409
