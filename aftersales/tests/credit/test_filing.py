"""Policies that ask about the customer: how often lately (T124), what was kept, how well known; also at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from aftersales.credit.models import Standing
from aftersales.evidence.services import keep_upload
from aftersales.policy import services as policies
from aftersales.policy import texts
from aftersales.policy.models import PolicyVersion, RuleRow
from aftersales.returns import answers
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.evidence import add_evidence
from aftersales.tests.desk.cases import ANN, BENCH, Desk, a_desk, again
from aftersales.tests.returns.buyers import photo
from orders.purchases.models import Order
from returns_platform.kernel.actors import SYSTEM
from returns_platform.tests.journeys.shop import order_body

SMALL = {"unit_price": 1000, "discount": 0}


def a_policy(*rules: dict, now) -> None:
    """Version 1 with these rules asked before all that approve, for purchases of the last thirty days."""
    draft = policies.draft_from(PolicyVersion.objects.get(number=1))
    for place, rule in enumerate(rules):
        RuleRow.objects.create(version=draft, priority=111 + place, **rule)
    before = now - timedelta(days=30)
    policies.publish(draft, starts_at=before, by=SYSTEM, now=before)


def at_most(field: str, op: str, value: int, **rule) -> dict:
    conditions = [{"field": field, "op": op, "value": value}]
    return {"name": f"platform.{field}", "effect": "review", "conditions": conditions, "who": "support"} | rule


OFTEN = at_most("returns_lately", "gt", 5, code="often")


@pytest.mark.django_db
def test_the_sixth_request_in_thirty_days_goes_to_a_person_and_only_staff_reads_why():
    desk = a_desk()
    a_policy(OFTEN, now=desk.at)
    rows = [desk.filed() for _ in range(6)]
    assert [row.state for row in rows] == ["approved"] * 5 + ["in_review"]
    sixth = again(rows[-1])
    assert sixth.waits_for == "support"
    staff = texts.explain_all(sixth.verdict["reasons"], staff=True)
    assert [(told["code"], told["rule"]) for told in staff] == [("often", "platform.returns_lately")]
    told = answers.request_answer(sixth)
    assert told["reasons"][0]["code"] == "person_looks"
    assert "returns_lately" not in str(told) and "30" not in told["reasons"][0]["text"]


@pytest.mark.django_db
def test_requests_of_more_than_thirty_days_ago_do_not_count():
    desk = a_desk()
    a_policy(OFTEN, now=desk.at)
    for _ in range(5):
        desk.filed()
    ReturnRequest.objects.update(filed_at=desk.at - timedelta(days=30, seconds=1))
    assert desk.filed().state == "approved"


def kept(desk: Desk, **more) -> ReturnRequest:
    order = desk.order(**order_of(1000))
    return desk.filed("QL.DEFECT", order=order, kind="refund_only", send_back="none", **more)


def order_of(price: int) -> dict:
    body = order_body(unit_price=price, discount=0)
    return {name: body[name] for name in ("lines", "payments", "discounts")}


@pytest.mark.django_db
def test_small_money_is_refunded_at_once_without_a_return_and_counted():
    desk = a_desk()
    first, second = kept(desk), kept(desk)
    assert (first.state, first.kept, second.facts["kept_lately"]) == ("approved", 1000, 2000)


@pytest.mark.django_db
def test_goods_sent_again_count_like_money_and_a_second_time_a_person_looks():
    desk = a_desk()
    ways = [{"kind": "resend", "send_back": "none"}, {"kind": "refund_only", "send_back": "none"}]
    order = desk.order(**order_of(1000))  # three units
    rows = [desk.filed("LG.DAMAGED", order=order, quantity=units, **ways[0]) for units in (2, 1, 1)]
    assert [(row.state, row.kept) for row in rows] == [("approved", 2000), ("approved", 1000), ("in_review", 0)]
    assert [row.facts["kept_lately"] for row in rows] == [2000, 3000, 4000]
    assert (rows[2].verdict["reasons"][0]["code"], rows[2].waits_for) == ("sent_again", "merchant")
    assert desk.filed("QL.DEFECT", order=order, **ways[1]).state == "in_review"  # and then the money as well
    assert desk.filed("QL.DEFECT", order=order).state == "approved"  # what comes back is paid for as ever (T76)


@pytest.mark.django_db
def test_above_what_a_policy_allows_in_ninety_days_a_person_looks():
    desk = a_desk()
    a_policy(at_most("kept_lately", "gt", 2000, code="person_looks"), now=desk.at)
    assert [kept(desk).state for _ in range(3)] == ["approved", "approved", "in_review"]
    assert [row.kept for row in ReturnRequest.objects.order_by("pk")] == [1000, 1000, 0]


@pytest.mark.django_db
@pytest.mark.parametrize(("level", "price", "way", "state"), [
    ("known", 4000, "none", "in_review"), ("trusted", 4000, "none", "approved"),
    ("trusted", 5001, "none", "in_review"),
    ("known", 60_000, "self_ship", "needs_evidence"),
    ("known", 50_001, "self_ship", "needs_evidence"),
])  # fmt: skip
def test_trust_earns_a_higher_limit_and_nothing_else_changes(level, price, way, state):
    desk = a_desk()
    first = desk.filed()
    Standing.objects.create(customer=first.customer, level=level)
    row = desk.filed(
        "QL.DEFECT", order=desk.order(**order_of(price)), send_back=way,
        kind="refund_only" if way == "none" else "return_refund",
    )  # fmt: skip
    assert row.state == state


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_order", [False, True])
def test_many_filings_of_one_customer_at_once_pass_no_limit(same_order):
    desk = a_desk()
    a_policy(OFTEN, now=desk.at)
    body = {} if not same_order else {"order": desk.order()}
    for _ in range(3):
        desk.filed()
    orders = [body.get("order") or desk.order() for _ in range(3 if same_order else 8)]
    together(*[lambda order=order: desk.filed(order=order) for order in orders])
    states = sorted(ReturnRequest.objects.values_list("nth", "state"))
    assert [nth for nth, _state in states] == list(range(1, 4 + len(orders)))
    assert [state for _nth, state in states] == ["approved"] * 5 + ["in_review"] * (len(orders) - 2)
    assert Order.objects.filter(returns=None).count() == 0


def together(*calls) -> None:
    barrier, wrong = threading.Barrier(len(calls)), []

    def run(call):
        try:
            barrier.wait(timeout=20)
            call()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not wrong, wrong


@pytest.mark.django_db
def test_requests_that_wait_for_evidence_count_as_what_they_may_become():
    desk = a_desk()
    a_policy(at_most("kept_lately", "gt", 2000, code="person_looks"), now=desk.at)
    rows = [desk.filed("FU.MISSING", order=desk.order(**order_of(1000)), kind="refund_only", send_back="none")
            for _ in range(3)]  # fmt: skip
    assert [(row.state, row.kept) for row in rows] == [("needs_evidence", 1000)] * 3
    for row in rows:
        add_evidence(row.pk, evidence=photo_of(row), text="", by=ANN, now=desk.at)
    found = ReturnRequest.objects.order_by("pk").values_list("state", "kept")
    assert list(found) == [("approved", 1000), ("approved", 1000), ("in_review", 0)]


@pytest.mark.django_db
def test_what_a_person_grants_is_counted_for_no_rules_limit():
    desk = a_desk()
    row = desk.filed("FU.MISSING", order=desk.order(**order_of(1000)), kind="refund_only", send_back="none")
    assert approve_return(row.pk, by=BENCH, now=desk.at).kept == 0


def photo_of(row) -> tuple:
    kept = keep_upload(photo(), merchant=row.merchant, order=row.order, by=ANN, now=row.filed_at)
    return (kept.public_id,)
