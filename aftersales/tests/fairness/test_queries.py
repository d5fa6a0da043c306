from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aftersales.fairness import queries
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import parts
from aftersales.returns.services.appeals import ask_a_person, reopen
from aftersales.returns.services.deadlines import grant_by_silence
from aftersales.returns.services.decisions import approve_return, refuse_return
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.replay.drafts import delivered
from aftersales.tests.shop_cases import BUYER, open_cases
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import moving

pytestmark = pytest.mark.django_db
MIA = Actor("merchant", "901", "mia")
SUE = Actor("support", "902", "sue")


def counted(merchant=None):
    now = clock.now()
    span = {"since": now - timedelta(days=90), "until": now + timedelta(days=30)}
    return queries.answers_of(merchant, **span) if merchant else queries.answers(**span)


def test_a_shops_answers_are_counted_as_they_stand():
    cases, now = open_cases(), clock.now()
    cases.approved()
    yes, no, overturned, silent, waits = (cases.in_review() for _case in range(5))
    approve_return(yes.pk, by=MIA, now=now + timedelta(hours=2))
    for row in (no, overturned):
        refuse_return(row.pk, code="R_NOT_INTACT", text="Worn outside.", by=MIA, now=now + timedelta(hours=4))
    ask_a_person(overturned.pk, text="", by=BUYER, now=now + timedelta(hours=5))
    reopen(overturned.pk, text="It was not worn.", by=SUE, now=now + timedelta(hours=6))
    approve_return(overturned.pk, by=SUE, now=now + timedelta(hours=7))
    grant_by_silence(silent.pk, now=now + timedelta(days=3))

    found = counted().groups
    assert [group.merchant for group in found] == [cases.merchant]
    answers = found[0].answers
    assert (answers.cases, answers.granted, answers.refused) == (6, 4, 1)
    assert (answers.ever_refused, answers.appealed, answers.overturned) == (2, 1, 1)
    assert (answers.waited, answers.silent) == (4, 1)
    assert round(answers.answer_s / 3600) == 4
    assert answers.money == {"CNY": 4 * 3333}
    assert waits.return_no


def test_a_refusal_by_rule_is_told_apart():
    cases = open_cases()
    cases.filed(WishLine("1", 1, "NR.NO_LONGER_WANT"), order=cases.order(**delivered(20)))
    answers = counted().groups[0].answers
    assert (answers.refused, answers.by_rule, answers.ever_refused, answers.waited) == (1, 1, 1, 0)


def test_what_nobody_asked_for_and_goods_that_never_came_are_no_answers():
    cases, now = open_cases(), clock.now()
    parts.pay_part(
        cases.order().pk, line_no="1", amount=1, reason="OT.OTHER", text="Sorry.", form_token="t", by=MIA, now=now
    )  # fmt: skip
    assert counted().groups == []
    went_back = cases.approved()
    ReturnRequest.objects.filter(pk=went_back.pk).update(state="in_transit")
    with moving(ReturnRequest, went_back.pk, by=SUE, now=now, note="goods_went_back") as request:
        request.close_empty()
        request.end(now)
    waits = cases.filed(WishLine("1", 1, "OT.OTHER"), kind="refund_only", send_back="none")
    parts.grant_part(waits.pk, amount=1, by=MIA, now=now)
    answers = counted().groups[0].answers
    assert (answers.cases, answers.granted, answers.refused, answers.ever_refused) == (2, 1, 0, 0)
    assert answers.in_part == 1


def test_a_shop_reads_its_own_and_no_average_in_which_others_can_be_seen():
    shops = [open_cases(code) for code in ("one", "two")]
    for shop in shops:
        shop.approved()
    own = counted(shops[0].merchant)
    assert [group.merchant for group in own.groups] == [shops[0].merchant]
    assert own.everybody is None
    open_cases("three").approved()
    everybody = counted(shops[0].merchant).everybody
    assert (everybody.cases, everybody.granted) == (3, 3)


def test_nothing_filed_is_no_group():
    assert counted().groups == []
    assert counted().everybody is None


def test_many_shops_cost_as_much_as_one():
    open_cases("one").approved()
    counted()
    with CaptureQueriesContext(connection) as few:
        counted()
    for name in ("two", "three"):
        open_cases(name).approved()
    with CaptureQueriesContext(connection) as many:
        counted()
    assert len(many) == len(few)
