"""The inspection finds another reason than the customer named (T49); books at 0 after each."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.notifications.models import Notice
from aftersales.returns import stories
from aftersales.returns.services import following
from aftersales.returns.services.appeals import ask_a_person
from aftersales.returns.services.compensating import why_no_freight
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.finding import put_reasons_back
from aftersales.returns.services.mending import quote_repair
from aftersales.tests.desk.cases import ANN, BENCH, a_desk, again, door, must_balance, page_of, signed_in, staff
from aftersales.tests.returns.buyers import a_buyer
from orders.accounts.models import User
from orders.merchants.services import add_member
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, WrongState
from returns_platform.tests.journeys.figures import forget_policies, put_into_version_1
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db

MIA = Actor("merchant", "8", "Mia")
SUE = Actor("support", "901", "Sue")
WORKS = {"note": "Tested for an hour: it works.", "reason": "NR.NO_LONGER_WANT"}


@pytest.fixture
def desk(db):
    return a_desk()


@pytest.fixture
def policy():
    yield put_into_version_1
    forget_policies()


def order(desk, *, channel="wechat"):
    """Two items at 60.00 and 12.00 freight."""
    changes = {"unit_price": 6000, "quantity": 2, "discount": 0}
    payment = order_body(**changes)["payments"][0] | {"amount": 13200, "channel": channel}
    return desk.order(**changes, freight={"charged": 1200, "discount": 0}, payments=[payment])


def here(desk, *, kind="return_refund", reason="QL.DEFECT", channel="wechat", **wish):
    """Said to be faulty, counted at the bench."""
    row = desk.filed(reason, order=order(desk, channel=channel), kind=kind, **wish)
    assert row.state == "approved", row.state
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at)
    return again(row)


def graded(desk, row, grade="A", **more):
    inspect_goods(
        row.pk, [Graded("1", 1, grade, "RESTOCK" if grade == "A" else "SCRAP", **more)], by=BENCH, now=desk.at
    )
    return again(row)


def paid(row) -> list[int]:
    return list(Refund.objects.filter(case_ref=row.return_no).order_by("serial").values_list("amount", flat=True))


def test_t49_the_payer_flips_the_sum_is_worked_out_once_and_the_customer_is_told(desk, policy):
    policy(deduct_pickup=True)
    row = here(desk, send_back="pickup")
    assert (row.bill.refund, row.bill.freight_return_payer) == (6600, "merchant")
    row = graded(desk, row, **WORKS)
    bill, line = row.bill, row.lines.get()
    assert (row.state, row.waits_for) == ("inspected", "merchant")
    assert (bill.refund, bill.freight_out, bill.freight_return_payer, bill.deducted) == (4800, 0, "customer", 1200)
    assert (bill.reason, line.reason_filed, line.reason, line.fault) == (
        "reason_found", "QL.DEFECT", "NR.NO_LONGER_WANT", False,
    )  # fmt: skip
    notice = Notice.objects.get(case_ref=row.return_no, event="reason_found", channel="inbox")
    assert (notice.params["finding"], notice.params["before"], notice.params["amount"]) == (WORKS["note"], 6600, 4800)
    with translation.override("en"):
        assert "another reason: I no longer want it." in stories.told(row, row.moves.get(to_state="inspected"))
    must_balance()

    graded(desk, row, **WORKS)  # said again
    assert (again(row).bill.seq, Notice.objects.filter(event="reason_found", channel="inbox").count()) == (2, 1)
    approve_return(row.pk, by=MIA, now=desk.at)
    following.follow(row.pk, now=desk.at)
    assert (again(row).bill.seq, paid(row)) == (2, [4800])
    must_balance()


def test_the_other_way_round_the_shop_pays(desk):
    row = graded(desk, here(desk, reason="NR.STYLE"), "D", note="The seam is open.", reason="QL.DEFECT")
    assert (row.bill.refund, row.bill.freight_return_payer, row.lines.get().fault) == (6600, "merchant", True)
    assert why_no_freight(row) == ""  # a courier that she paid is repaid
    must_balance()


def test_without_another_reason_nothing_changes_and_one_that_comes_too_late_is_refused(desk):
    row = graded(desk, here(desk))
    assert (row.state, row.bill.seq, row.reason_found_at) == ("settling", 1, None)
    with pytest.raises(Conflict):
        graded(desk, row, **WORKS)


@pytest.mark.parametrize(
    "more",
    [
        {"reason": "NR.NO_LONGER_WANT"},  # no words
        {"reason": "QL.MATERIAL", "note": "x"},  # changes nothing about who pays
        {"reason": "UN.NOT_SHIPPED", "note": "x"},
        {"reason": "NOT.A_REASON", "note": "x"},
    ],
)
def test_a_reason_that_cannot_be_found_at_the_bench_is_told_at_its_field(desk, more):
    row = here(desk)
    with pytest.raises(Invalid) as refused:
        graded(desk, row, **more)
    assert list(refused.value.fields) == ["lines.0.note" if "note" not in more else "lines.0.reason"]
    assert (again(row).state, again(row).bill.seq) == ("arrived", 1)


def test_it_is_found_once_and_not_after_the_money_left(desk):
    row = desk.filed("QL.DEFECT", quantity=2, order=order(desk))
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", 2)], by=BENCH, now=desk.at)
    graded(desk, row, **WORKS)
    with pytest.raises(Conflict):
        graded(desk, row, "B", note="It does not after all.", reason="QL.DEFECT")
    must_balance()
    other = here(desk)
    other.__class__.objects.filter(pk=other.pk).update(paid_ahead_at=desk.at, state="settling")
    with pytest.raises(WrongState):
        graded(desk, other, **WORKS)


def test_a_fault_that_is_none_makes_a_repair_cost_something(desk):
    """T77 begins here: what the customer broke is mended for a fee."""
    row = graded(desk, here(desk, kind="repair"), note="It fell.", reason="OT.OTHER")
    approve_return(row.pk, by=MIA, now=desk.at)
    following.follow(row.pk, now=desk.at)
    quote_repair(row.pk, fee=4000, text="A new zip.", by=MIA, now=desk.at)
    assert again(row).waits_for == "customer"
    must_balance()


# --- the customer disagrees -------------------------------------------------------------------------------


def test_her_reason_counts_again_before_the_money_left(desk):
    row = graded(desk, here(desk), **WORKS)
    ask_a_person(row.pk, text="It does not start.", by=ANN, now=desk.at)
    put_reasons_back(row.pk, text="The film shows it.", by=SUE, now=desk.at)
    row = again(row)
    assert (row.state, row.bill.refund, row.lines.get().reason, row.reason_found_at) == (
        "inspected", 6600, "QL.DEFECT", None,
    )  # fmt: skip
    assert not row.has_open_task("appeal")
    must_balance()
    approve_return(row.pk, by=MIA, now=desk.at)
    following.follow(row.pk, now=desk.at)
    assert paid(row) == [6600]
    must_balance()


@pytest.mark.parametrize("channel", ["wechat", "balance"])
def test_her_reason_counts_again_after_it_and_the_rest_is_paid_on_top(desk, channel):
    row = graded(desk, here(desk, channel=channel), **WORKS)
    approve_return(row.pk, by=MIA, now=desk.at)
    following.follow(row.pk, now=desk.at)
    if channel == "balance":
        assert desk.paid(row).state == "completed"
    ask_a_person(row.pk, text="", by=ANN, now=desk.later(days=14))
    put_reasons_back(row.pk, text="The film shows it.", by=SUE, now=desk.at)
    assert (again(row).state, paid(row)) == ("settling", [6000, 600])
    must_balance()
    with pytest.raises(WrongState):
        put_reasons_back(row.pk, text="Again.", by=SUE, now=desk.at)
    if channel == "balance":
        assert desk.paid(row).state == "completed"
    must_balance()


def test_she_may_call_for_fifteen_days(desk):
    row = graded(desk, here(desk), **WORKS)
    with pytest.raises(WrongState):
        ask_a_person(row.pk, text="", by=ANN, now=desk.at + timedelta(days=15, seconds=1))
    ask_a_person(row.pk, text="", by=ANN, now=desk.at + timedelta(days=15))


# --- pages and the API ------------------------------------------------------------------------------------


def test_the_api_takes_it_with_the_grade(desk):
    row = here(desk)
    said = {"line_no": "1", "quantity": 1, "grade": "A", "disposition": "RESTOCK"} | WORKS
    status, told = desk.shop.post(f"/returns/{row.return_no}/inspected", {"lines": [said]})
    assert (status, told["state"], told["bill"]["freight_return"]["payer"]) == (200, "inspected", "customer")
    assert told["lines"][0]["reason"] == "NR.NO_LONGER_WANT"
    assert desk.shop.post(f"/returns/{row.return_no}/inspected", {"lines": [said]})[0] == 200
    status, told = desk.shop.post(f"/returns/{row.return_no}/approve", {})
    assert (status, told["state"]) == (200, "settling")


def test_bench_customer_and_desk_see_it(desk, client):
    row = here(desk)
    keeper = User.objects.create_user("keeper", language="en")
    add_member(desk.shop.merchant, user=keeper, role="warehouse")
    client.force_login(keeper)
    bench = reverse("merchant:bench", args=[desk.shop.merchant.code])
    page = client.get(f"{bench}?code={row.return_no}").content.decode()
    assert 'name="reason"' in page and 'value="NR.NO_LONGER_WANT"' in page and 'value="QL.MATERIAL"' not in page
    sent = {"do": "grade", "return_no": row.return_no, "line": row.lines.get().pk, "quantity": 1, "grade": "A"}
    assert client.post(bench, sent | {"reason": "NR.NO_LONGER_WANT"}).status_code == 422
    assert client.post(bench, sent | WORKS).status_code == 302
    assert again(row).state == "inspected"

    ann = a_buyer("other").user
    row.order.customer.user = ann
    row.order.customer.save()
    client.force_login(ann)
    page = client.get(reverse("aftersales:case", args=[row.return_no])).content.decode()
    assert "It is faulty or does not work" in page and "the inspection found" in page
    assert WORKS["note"] in page, "what the bench saw stands beside it"
    appeal = reverse("aftersales:appeal", args=[row.return_no])
    assert appeal in page and client.get(appeal).status_code == 200
    client.post(appeal, {"text": "No.", "seen": again(row).version})
    assert again(row).has_open_task("appeal")

    sue = signed_in(staff("senior", "sue"))
    page = sue.get(page_of(row)).content.decode()
    assert "Was the inspection right about the reason?" in page and "The customer said" in page
    sent = {"text": "The film shows it.", "seen": again(row).version}
    asked = sue.post(door("reopen", row), sent)
    assert asked.status_code == 200 and "Put the customer&#x27;s reason back?" in asked.content.decode()
    assert sue.post(door("reopen", row), sent | {"confirmed": "1"}).status_code == 302
    assert again(row).lines.get().reason == "QL.DEFECT"
    must_balance()
