"""A customer calls after a refusal, and a person of the platform opens the request again. Books at 0 after each."""

from datetime import timedelta

import pytest

from aftersales.returns.services import following
from aftersales.returns.services.appeals import ask_a_person, reopen
from aftersales.returns.services.decisions import approve_return, ask_for_evidence, refuse_return
from aftersales.returns.services.evidence import add_evidence
from aftersales.returns.services.undoing import undo_decision
from aftersales.tests.desk.cases import ANN, a_desk, again, door, must_balance, page_of, signed_in, staff
from orders.accounts.models import User
from orders.purchases.services.claims import UnitsInUse
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db

SUE = Actor("support", "901", "Sue")
SHOP = Actor("merchant", "7", "Mia")


@pytest.fixture
def desk(db):
    return a_desk()


def refused(desk, row):
    refuse_return(row.pk, code="R_NOT_INTACT", text="Worn.", by=SHOP, now=desk.at)
    ask_a_person(row.pk, text="It is as it came.", by=ANN, now=desk.at)
    return again(row)


def reopened(desk, row):
    reopen(row.pk, text="The photos are clear.", by=SUE, now=desk.at)
    return again(row)


def free_units(row) -> int:
    return row.order.lines.get().returnable


def paid(row) -> int:
    return sum(Refund.objects.filter(case_ref=row.return_no).values_list("amount", flat=True))


def test_it_waits_for_a_decision_with_its_units_and_money_again(desk):
    row = refused(desk, desk.for_review(quantity=2))
    assert free_units(row) == 3
    row = reopened(desk, row)
    assert (row.state, row.waits_for, row.decided_by, row.refusal_code) == ("in_review", "support", None, "")
    assert (free_units(row), row.ended_at, row.bill.reason) == (1, None, "reopened")
    task = row.tasks.get()
    assert (task.closed_by, task.closing_note) == ("Sue", "The photos are clear.")
    must_balance()

    approve_return(row.pk, by=SUE, now=desk.at)
    row = desk.paid(row)
    assert paid(row) == row.bill.refund == 6666
    must_balance()


def test_what_the_rules_refused_gets_its_first_bill(desk):
    late = {"placed_at": (desk.at - timedelta(days=40)).isoformat()}
    parcel = order_body()["parcels"][0] | {"shipped_at": late["placed_at"], "signed_at": late["placed_at"]}
    row = desk.filed(order=desk.order(**late, parcels=[parcel]))
    assert (row.state, row.bill) == ("rejected", None)
    ask_a_person(row.pk, text="", by=ANN, now=desk.at)
    row = reopened(desk, row)
    assert (row.state, row.bill.seq, row.bill.refund) == ("in_review", 1, 3333)
    assert row.lines.get().amount == 3333
    must_balance()


def test_after_an_inspection_the_money_is_decided_and_no_parcel_is_sent_again(desk):
    row = reopened(desk, refused(desk, desk.doubtful()))
    assert (row.state, row.waits_for) == ("inspected", "support")
    must_balance()
    approve_return(row.pk, by=SUE, now=desk.at)
    row = desk.paid(row)
    assert (row.state, paid(row)) == ("settling", 10000)
    must_balance()


def test_units_that_another_request_took_meanwhile_are_not_taken_twice(desk):
    row = refused(desk, desk.for_review(quantity=2))
    desk.filed(quantity=2, order=row.order)
    with pytest.raises(UnitsInUse):
        reopen(row.pk, text="x", by=SUE, now=desk.at)
    row = again(row)
    assert (row.state, row.tasks.get().closed_at) == ("rejected", None)
    must_balance()


def test_the_bill_counts_what_others_were_promised_meanwhile(desk):
    row = refused(desk, desk.for_review(quantity=2))
    other = desk.filed(quantity=1, order=row.order)
    row = reopened(desk, row)
    assert other.bill.refund + row.bill.refund == 10000
    must_balance()


def test_a_shop_cannot_put_its_answer_off_for_ever(desk):
    row = desk.filed("OT.OTHER", kind="refund_only", send_back="none")
    for waits_for in ("merchant", "support"):
        approve_return(row.pk, by=SHOP, now=desk.at)
        undo_decision(row.pk, by=SHOP, anybodys=False, now=desk.at)
        assert again(row).waits_for == waits_for
    row = desk.filed("OT.OTHER", kind="refund_only", send_back="none")
    for _ in range(3):
        ask_for_evidence(row.pk, text="Show it.", classes=[], by=SHOP, now=desk.at)
        add_evidence(row.pk, evidence=(), text="As before.", by=ANN, now=desk.at)
    with pytest.raises(Invalid):
        ask_for_evidence(row.pk, text="Show it.", classes=[], by=SHOP, now=desk.at)


def test_without_a_call_of_the_customer_it_stays_refused(desk):
    row = desk.for_review()
    refuse_return(row.pk, code="R_NOT_INTACT", text="Worn.", by=SHOP, now=desk.at)
    with pytest.raises(WrongState):
        reopen(row.pk, text="x", by=SUE, now=desk.at)
    row = refused(desk, desk.for_review())
    reopened(desk, row)
    with pytest.raises(WrongState):  # a second click
        reopen(row.pk, text="x", by=SUE, now=desk.at)


def test_nobody_opens_their_own_purchase_again(desk):
    row = refused(desk, desk.for_review())
    row.customer.user = User.objects.create_user("sam-as-buyer")
    row.customer.save()
    with pytest.raises(NotAllowed):
        reopen(row.pk, text="x", by=Actor("support", str(row.customer.user_id), "Sam"), now=desk.at)


def test_a_yes_after_it_is_taken_back_to_the_review(desk):
    row = reopened(desk, refused(desk, desk.for_review()))
    approve_return(row.pk, by=SUE, now=desk.at)
    following.follow(row.pk, now=desk.at)
    undo_decision(row.pk, by=SUE, anybodys=True, now=desk.at)
    assert again(row).state == "in_review"
    must_balance()


def test_it_is_opened_again_on_the_page_after_reading_back(desk):
    sam, row = signed_in(staff("support", "sam")), refused(desk, desk.for_review())
    assert "Was the refusal right?" in sam.get(page_of(row)).content.decode()
    assert sam.post(door("reopen", row), {"text": " ", "seen": row.version}).status_code == 422
    sent = {"text": "The photos are clear.", "seen": row.version}
    assert "Open this request again?" in sam.post(door("reopen", row), sent).content.decode()
    assert again(row).state == "rejected"
    assert sam.post(door("reopen", row), sent | {"confirmed": "on"}).status_code == 302
    assert again(row).state == "in_review"
    page = sam.get(page_of(row)).content.decode()
    assert "Sam opened it again after the customer called" in page and "Was the refusal right?" not in page
