"""From cases to a score, from the score to the next request: kept with the case, never worked out again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.credit.models import Standing
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import following
from aftersales.returns.services.decisions import refuse_return
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.risk.queries import history_of, lines_of
from aftersales.risk.services.scoring import look_at_credit
from aftersales.tests.desk.cases import ANN, BENCH, Desk, a_desk, again
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db
MIA = Actor("merchant", "9", "Mia")


@pytest.fixture
def desk() -> Desk:
    return a_desk()


def standing(desk: Desk) -> Standing:
    desk.later(seconds=1)
    look_at_credit(now=desk.at)
    return Standing.objects.get(customer__merchant=desk.shop.merchant)


def graded(desk: Desk, grade: str, *, reason="NR.STYLE", note="", found="") -> ReturnRequest:
    row = desk.filed(reason, quantity=1)
    following.follow(row.pk, now=desk.at)
    count_goods(row.pk, [Arrived("1", 1)], by=BENCH, now=desk.at)
    inspect_goods(row.pk, [Graded("1", 1, grade, "RESTOCK", note=note, reason=found)], by=BENCH, now=desk.at)
    return again(row)


def test_the_first_request_of_a_customer_is_judged_without_anything_known(desk):
    row = desk.filed()
    assert (row.facts["risk"], row.facts["level"], row.facts["returns_lately"]) == (0, "new", 1)
    assert row.credit == {"risk": 0, "score": 0, "level": "new", "reasons": [], "version": 1}
    assert (row.nth, row.kept) == (1, 0)


def test_what_was_known_stays_with_the_case_and_the_next_one_knows_more(desk):
    first = graded(desk, "A", reason="QL.DEFECT")
    assert standing(desk).score == 12
    second = desk.filed("QL.DEFECT")
    assert (second.credit["score"], second.facts["risk"], second.nth) == (12, 12, 2)
    assert [reason["code"] for reason in second.credit["reasons"]] == ["contradicted"]
    standing(desk)
    assert again(first).credit["score"] == 0
    assert again(second).credit["score"] == 12


def test_a_refusal_after_the_bench_counts_and_an_acceptance_does_not(desk):
    doubt = graded(desk, "C")
    assert standing(desk).history["contradicted"] == 0
    desk.later(minutes=1)
    refuse_return(doubt.pk, code="R_NOT_INTACT", text="Worn at the sole.", by=MIA, now=desk.at)
    assert standing(desk).history["contradicted"] == 1


def test_a_reason_that_the_bench_did_not_find_counts_as_what_the_customer_had_named(desk):
    row = graded(desk, "B", reason="QL.DEFECT", note="It works.", found="NR.NO_LONGER_WANT")
    assert standing(desk).history["contradicted"] == 1
    assert [(line.reason, line.disproved) for line in lines_of(row.customer, now=desk.at)] == [("QL.DEFECT", True)]


def test_faults_of_the_shop_and_cancellations_are_nobodys_habit(desk):
    for _ in range(5):
        desk.filed("QL.DEFECT")
        desk.filed("UN.NOT_SHIPPED", kind="refund_only", send_back="none", order=desk.order(signed=False))
    row = standing(desk)
    assert (row.history["units_returned"], row.history["orders"]) == (0, 10)
    assert {reason["code"] for reason in row.reasons} == {"requests", "new", "signal"}


def test_withdrawn_requests_do_not_count(desk):
    for _ in range(5):
        row = desk.filed()
        withdraw_return(row.pk, by=ANN, now=desk.at)
    assert standing(desk).history["requests"] == 0
    assert desk.filed().facts["returns_lately"] == 1


def test_requests_of_another_shop_are_not_told(desk):
    other = a_desk("other")
    other.filed()
    assert desk.filed().facts["returns_lately"] == 1
    assert standing(other).history["requests"] == 1


def test_a_score_is_looked_at_again_when_a_case_moved_and_daily_while_it_can_grow_old(desk):
    desk.filed()
    first = standing(desk)
    assert first.next_try_at == desk.at + timedelta(days=1)
    assert look_at_credit(now=desk.later(minutes=1)) == 0
    desk.filed()
    assert look_at_credit(now=desk.later(minutes=1)) == 1
    assert look_at_credit(now=desk.later(days=1)) == 1
    desk.later(days=400)
    assert standing(desk).next_try_at is None


def test_days_known_are_counted_from_when_the_platform_took_the_first_order_in(desk):
    desk.filed()
    standing(desk)
    desk.later(days=3, minutes=1)
    assert standing(desk).history["days_known"] == 3


def test_a_thousand_cases_are_read_in_the_same_few_statements(desk):
    row = desk.filed()
    customer = row.customer
    few = statements(customer, now=desk.at)
    copies = [ReturnRequest.objects.get(pk=row.pk) for _ in range(1000)]
    for place, copy in enumerate(copies, start=2):
        copy.pk, copy.return_no, copy.nth, copy.form_token = None, f"COPY{place}", place, None
    ReturnRequest.objects.bulk_create(copies)
    assert statements(customer, now=desk.at) == few <= 6
    assert desk.filed().facts["returns_lately"] == 101  # as many as are counted, and this one


def statements(customer, *, now) -> int:
    with CaptureQueriesContext(connection) as seen:
        history_of([customer], signals=(), now=now)
    return len(seen)
