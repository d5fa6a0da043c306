"""A policy that changes while a case runs changes nothing for it: not its verdict, not its clocks, not its words."""

from datetime import timedelta

import pytest

from aftersales.evidence.services import keep_upload
from aftersales.policy import queries, services
from aftersales.policy.clause_models import ClauseRow
from aftersales.policy.models import PolicyVersion, WindowRow
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.appeals import appeal_until
from aftersales.returns.services.decisions import ask_for_evidence, refuse_return
from aftersales.returns.services.evidence import add_evidence
from aftersales.tests.returns.buyers import a_buyer, photo
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db
MIA = Actor("merchant", "0", "Mia")


def harsher_from_now_on(merchant):
    """The next version approves nothing small at once and shortens every time; clauses of the shop start."""
    now = clock.now()
    draft = services.draft_from(PolicyVersion.objects.get(number=1))
    rule = draft.rules.get(name="platform.keep_small")
    rule.conditions = [*rule.conditions[:2], {"field": "amount", "op": "le", "value": 1}]
    rule.save()
    WindowRow.objects.filter(version=draft, basis="quality", category="").update(length=7)
    PolicyVersion.objects.filter(pk=draft.pk).update(evidence_hours=1, platform_call_days=1, max_attempts=1)
    services.publish(draft, starts_at=now, by=MIA, now=now)
    clauses = services.draft_clauses(merchant, now=now)
    services.keep_clause(clauses, ClauseRow(gives="time", term="answer", length=2), now=now)
    services.publish_clauses(clauses, starts_at=now, by=MIA, now=now)


def fresh(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def test_what_is_filed_is_judged_timed_and_appealed_by_the_rules_of_its_purchase():
    buyer = a_buyer()
    order = buyer.order(unit_price=1000, discount=0)
    row = buyer.filed(reason="FU.MISSING", kind="refund_only", send_back="none", order=order)
    waiting = buyer.filed(reason="OT.OTHER")
    due, was = row.due_at, fresh(row).verdict
    harsher_from_now_on(buyer.shop.merchant)
    assert (fresh(row).due_at, fresh(row).verdict) == (due, was)
    shown = keep_upload(photo(), merchant=row.merchant, order=row.order, by=buyer.actor, now=clock.now())
    add_evidence(row.pk, evidence=(shown.public_id,), text="", by=buyer.actor, now=clock.now())
    row = fresh(row)
    assert (row.state, row.policy_version, row.clauses) == ("approved", 1, None)
    assert {fired["version"] for fired in row.verdict["reasons"]} == {1}
    now = clock.now()
    asked = ask_for_evidence(waiting.pk, text="Show it", classes=[], by=MIA, now=now)
    assert asked.due_at == now + timedelta(hours=72)
    refused = refuse_return(waiting.pk, code="R_MORE_INFO", text="What is wrong?", by=MIA, now=now)
    assert appeal_until(refused) == now + timedelta(days=15)


def test_a_second_case_of_the_same_order_has_the_same_rules_and_a_later_order_the_new_ones():
    buyer = a_buyer()
    order = buyer.order(unit_price=1000, discount=0)
    buyer.filed(reason="QL.DEFECT", kind="refund_only", send_back="none", order=order)
    harsher_from_now_on(buyer.shop.merchant)
    again = buyer.filed(reason="QL.DEFECT", kind="refund_only", send_back="none", order=order)
    assert (again.state, again.policy_version) == ("approved", 1)
    held = queries.in_force(clock.now(), buyer.shop.merchant.pk)
    assert (held.number, held.terms.merchant_answer_hours, held.terms.evidence_hours) == (2, 2, 1)


def test_a_shop_cannot_move_a_purchase_under_other_rules_once_something_was_asked():
    buyer = a_buyer()
    order = buyer.order(unit_price=1000, discount=0)
    buyer.filed(reason="QL.DEFECT", kind="refund_only", send_back="none", order=order)
    placed = order.placed_at
    harsher_from_now_on(buyer.shop.merchant)
    later = (clock.now() + timedelta(minutes=1)).isoformat()
    status, _told = buyer.shop.put(
        order.order_no, order_body(unit_price=1000, discount=0, placed_at=later) | {"payments": [], "parcels": []}
    )
    assert status >= 400
    assert Order.objects.get(pk=order.pk).placed_at == placed
