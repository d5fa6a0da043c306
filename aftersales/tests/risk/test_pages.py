"""The customer's page in calm words, and the desk's pages of credit: who sees what, and nothing typed is lost."""

import pytest
from django.urls import reverse

from aftersales.credit.models import Standing
from aftersales.risk.models import Measure, MeasureAppeal, Signal
from aftersales.risk.services import answers, measures
from aftersales.risk.services.measures import Terms
from aftersales.risk.services.scoring import look_at_credit
from aftersales.tests.desk.cases import door, page_of, signed_in, staff
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.risk.test_measures import BLOCK, DEPOSIT, LIMIT, REVIEW, RIK, SUE
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db
PAGE = "/standing/"


@pytest.fixture
def buyer():
    return a_buyer()


def decided(buyer, terms: Terms) -> Measure:
    customer, now = buyer.order().customer, clock.now()
    found = measures.decide_anew(customer, terms, by=RIK, now=now)
    return measures.agree(found.pk, by=SUE, now=now) if found.awaits_second else found


def read(buyer) -> str:
    return buyer.client.get(PAGE).content.decode()


# --- the customer -----------------------------------------------------------------------------------------


def test_a_customer_without_a_measure_reads_how_it_is_decided(buyer):
    assert "Nothing stands in the way" in read(buyer)


@pytest.mark.parametrize("terms", [LIMIT, REVIEW, BLOCK])
def test_she_reads_the_finding_what_it_means_and_no_accusation(buyer, terms):
    decided(buyer, terms)
    page = read(buyer)
    assert terms.finding in page and "Your rights are the same" in page
    assert terms.why not in page
    assert not {word for word in ("abuse of", "fraud", "cheat", "malicious", "score") if word in page.lower()}


def test_a_watch_and_a_proposal_are_not_shown(buyer):
    decided(buyer, Terms("watch", 30, why="Two worn coats"))
    measures.decide_anew(buyer.order().customer, REVIEW, by=RIK, now=clock.now())
    assert "Nothing stands in the way" in read(buyer)


def test_she_answers_and_keeps_what_she_typed_when_it_was_nothing(buyer):
    found = decided(buyer, LIMIT)
    empty = buyer.client.post(f"{PAGE}{found.pk}/", {"do": "appeal", "text": " "})
    assert empty.status_code == 422 and "Tell us in a few words" in empty.content.decode()
    assert (
        buyer.client.post(f"{PAGE}{found.pk}/", {"do": "appeal", "text": "It was <b>empty</b>."}).status_code == 302
    )
    page = read(buyer)
    assert "It was &lt;b&gt;empty&lt;/b&gt;." in page and "Another person answers" in page
    appeal = MeasureAppeal.objects.get()
    answers.answer_appeal(appeal.pk, outcome="lifted", answer="You were right.", by=RIK_ELSEWHERE, now=clock.now())
    page = read(buyer)
    assert "You were right." in page and "What is over" in page


RIK_ELSEWHERE = type(RIK)("support", "999", "Flo")


@pytest.mark.parametrize("sent", [{}, {"do": "nonsense"}, {"do": "deposit"}, {"do": "appeal", "text": "x" * 2001}])
def test_nonsense_is_answered_and_changes_nothing(buyer, sent):
    found = decided(buyer, LIMIT)
    assert buyer.client.post(f"{PAGE}{found.pk}/", sent).status_code in (404, 409, 422)
    assert Measure.objects.get().is_in_force and not MeasureAppeal.objects.exists()


def test_nobody_elses_measure_is_there(buyer):
    found, other = decided(buyer, LIMIT), a_buyer("other")
    assert other.client.post(f"{PAGE}{found.pk}/", {"do": "appeal", "text": "x"}).status_code == 404
    assert LIMIT.finding not in read(other)
    assert other.client.get(f"{PAGE}{found.pk}/").status_code == 404


def test_a_deposit_that_the_balance_lacks_says_how_much(buyer):
    found = decided(buyer, DEPOSIT)
    assert "Your balance lacks ¥50.00" in read(buyer)
    refused = buyer.client.post(f"{PAGE}{found.pk}/", {"do": "deposit"})
    assert refused.status_code == 409 and "does not hold that much" in refused.content.decode()
    assert buyer.client.post(f"{PAGE}{found.pk}/", {"do": "no_deposit"}).status_code == 302
    assert Measure.objects.get().state == "declined"


def test_her_case_leads_there_and_the_notice_too(buyer):
    decided(buyer, REVIEW)
    row = buyer.filed()
    case = buyer.client.get(f"/returns/{row.return_no}/").content.decode()
    assert f'href="{PAGE}"' in case and "60" not in case.split("<main")[1].split("Steps")[0]
    inbox = buyer.client.get("/inbox/").content.decode()
    assert f'href="{PAGE}">CR' in inbox


def test_the_browser_is_remembered_by_a_digest_only(buyer):
    order = buyer.order()
    line = str(order.lines.get().pk)
    sent = {"token": "t-1", "line": line, "outcome": "return_refund.original", "send_back": "self_ship",
            f"qty_{line}": 1, f"reason_{line}": "QL.DEFECT", "step": "file", "shown": "3333"}  # fmt: skip
    response = buyer.client.post(f"/orders/{order.pk}/return/", sent)
    assert response.status_code == 302
    cookie, row = response.cookies["device"], order.returns.get()
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and len(cookie.value) == 32
    assert len(row.device) == 64 and cookie.value not in row.device


# --- the desk ---------------------------------------------------------------------------------------------


def credit_of(buyer, code: str = "other_goods") -> Standing:
    row, now = buyer.filed(), clock.now()
    Signal.objects.create(
        customer=row.customer, code=code, weight=40, found_at=now, expires_at=now.replace(year=now.year + 1),
        evidence=[{"case": row.return_no, "reason": "NR.STYLE", "grades": ["X"]}],
    )  # fmt: skip
    look_at_credit(now=clock.now())
    return Standing.objects.get(customer=row.customer)


def address(name: str, row) -> str:
    return reverse(f"admin:aftersales_{row._meta.model_name}_{name}", args=[row.pk])


TYPED = {"kind": "limit", "days": "30", "amount": "20.00", "finding": "Two parcels were empty.", "why": "X twice"}


def test_risk_reads_the_score_its_reasons_and_the_evidence(buyer):
    standing = credit_of(buyer)
    page = signed_in(staff("risk")).get(address("change", standing)).content.decode()
    assert "The parcel was empty or held other goods" in page and "grade X" in page
    assert "+40" in page and "weight 40" in page


@pytest.mark.parametrize("group", ["support", "senior", "finance", "operations"])
def test_the_score_is_risks_and_the_auditors(buyer, group):
    standing = credit_of(buyer)
    assert signed_in(staff(group)).get(address("change", standing)).status_code == 403
    assert signed_in(staff("auditor", "aud")).get(address("change", standing)).status_code == 200


def test_proposals_wait_on_the_front_page_and_are_decided_on_their_own(buyer):
    credit_of(buyer)
    rik = signed_in(staff("risk"))
    assert "Measures to decide" in rik.get("/admin/").content.decode()
    measure = Measure.objects.get()
    assert measure.is_proposed
    assert "grade X" in rik.get(address("change", measure)).content.decode()
    wrong = rik.post(address("decide", measure), TYPED | {"days": "181"})
    assert wrong.status_code == 422 and "Two parcels were empty." in wrong.content.decode()
    assert rik.post(address("decide", measure), TYPED).status_code == 302
    assert Measure.objects.get().is_in_force
    assert rik.post(address("decide", measure), TYPED).status_code == 409


def test_the_second_person_is_another_and_whoever_decided_has_no_button(buyer):
    standing = credit_of(buyer)
    rik, sue = signed_in(staff("risk")), signed_in(staff("senior"))
    assert rik.post(address("measure", standing), TYPED | {"kind": "block", "amount": ""}).status_code == 302
    measure = Measure.objects.get(kind="block")
    assert "Agree as the second person" not in rik.get(address("change", measure)).content.decode()
    assert rik.post(address("agree", measure)).status_code == 403
    assert "Agree as the second person" in sue.get(address("change", measure)).content.decode()
    assert sue.post(address("agree", measure)).status_code == 302
    assert Measure.objects.get(kind="block").is_in_force


def test_an_appeal_is_answered_on_the_page(buyer):
    found = decided(buyer, REVIEW)
    answers.appeal(found.pk, text="I sent what I bought.", by=buyer.actor, now=clock.now())
    flo = signed_in(staff("risk", "flo"))
    page = flo.get(address("change", found)).content.decode()
    assert "I sent what I bought." in page
    assert flo.post(address("answer", found), {"outcome": "stands"}).status_code == 422
    assert flo.post(address("answer", found), {"outcome": "lifted", "answer": "Sorry."}).status_code == 302
    assert Measure.objects.get().state == "lifted"


def test_a_signal_of_somebody_else_cannot_be_dismissed_from_here(buyer):
    standing, other = credit_of(buyer), credit_of(a_buyer("other"))
    rik, signal = signed_in(staff("risk")), Signal.objects.get(customer=other.customer)
    assert rik.post(address("dismiss", standing), {"signal": signal.pk, "note": "x"}).status_code == 404
    assert rik.post(address("dismiss", other), {"signal": signal.pk, "note": ""}).status_code == 422
    assert (
        rik.post(address("dismiss", other), {"signal": signal.pk, "note": "The scanner was broken"}).status_code
        == 302
    )
    assert Signal.objects.get(pk=signal.pk).dismissed_note


@pytest.mark.parametrize("group", ["support", "finance", "auditor", "operations"])
def test_nobody_else_decides(buyer, group):
    standing = credit_of(buyer)
    measure, client = Measure.objects.get(), signed_in(staff(group))
    assert client.post(address("measure", standing), TYPED).status_code == 403
    for name in ("decide", "agree", "decline", "lift", "answer"):
        assert client.post(address(name, measure), TYPED | {"outcome": "lifted", "answer": "x"}).status_code == 403


def test_the_case_shows_risk_why_its_score_was_what_it_was(buyer):
    credit_of(buyer)
    row = buyer.filed()
    page = signed_in(staff("risk")).get(page_of(row)).content.decode()
    assert "Risk 40 of 100" in page and "The parcel was empty or held other goods" in page
    assert door("say", row)


def test_lists_cost_the_same_for_one_row_and_for_three(buyer, django_assert_max_num_queries):
    credit_of(buyer)
    rik = signed_in(staff("risk"))
    for code in ("b", "c"):
        credit_of(a_buyer(code))
    with django_assert_max_num_queries(14):
        rik.get(reverse("admin:aftersales_standing_changelist"))
    with django_assert_max_num_queries(14):
        rik.get(reverse("admin:aftersales_measure_changelist") + "?waits=person")
