"""One case on its shop's page: who sees what, each decision, races, and hostile forms."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.decisions import approve_return
from aftersales.returns.services.following import follow_due_cases
from aftersales.returns.services.messages import write_message
from aftersales.returns.services.wishes import WishLine
from aftersales.returns.services.withdrawal import withdraw_return
from aftersales.tests.shop_cases import BUYER, open_cases
from refunds.payouts.models import Refund
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import order_body

pytestmark = pytest.mark.django_db

COLLEAGUE = Actor("merchant", "0", "李娜")
REFUSE = {"do": "refuse", "refuse-code": "R_NO_EVIDENCE", "refuse-text": "照片里没有拍到问题。"}
ASK = {"do": "ask", "ask-classes": ["E1", "EV"], "ask-text": "请补一张近照"}
EVERY_ACT = [
    {"do": "approve"},
    REFUSE,
    ASK,
    {"do": "agree"},
    {"do": "say", "say-text": "您好", "say-audience": "all"},
]


def address(row, code=""):
    return reverse("merchant:case", args=[code or row.merchant.code, row.return_no])


def now_of(row) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=row.pk)


def seen(row) -> dict:
    return {"seen": str(row.version)}


@pytest.fixture
def cases():
    return open_cases()


@pytest.mark.parametrize("role", ["owner", "agent", "warehouse", "finance", "viewer"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_role_sees_the_case(client, cases, role, language):
    row = cases.in_review()
    client.force_login(cases.member(role))
    response = client.get(address(row), headers={"accept-language": language})
    assert response.status_code == 200
    assert row.return_no in response.content.decode()


def test_each_role_sees_what_is_for_it(client, cases):
    row = cases.in_review()
    write_message(row.pk, text="买家说的话", by=BUYER, now=clock.now())
    write_message(row.pk, text="同事的备注", by=COLLEAGUE, now=clock.now(), audience="shop")
    write_message(row.pk, text="平台的备注", by=Actor("support", "9", "sam"), now=clock.now(), audience="platform")
    sees = {}
    for role in ("agent", "warehouse", "finance", "viewer"):
        client.force_login(cases.member(role))
        page = client.get(address(row)).content.decode()
        sees[role] = [word in page for word in ("33.33", "买家说的话", "同事的备注", "平台的备注", "138****8000")]
    assert sees == {
        "agent": [True, True, True, False, True],
        "warehouse": [False, False, True, False, True],
        "finance": [True, False, True, False, True],
        "viewer": [True, True, True, False, True],
    }


def test_nobody_of_the_shop_sees_the_phone_or_the_street(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("owner"))
    page = client.get(address(row)).content.decode()
    assert "13800138000" not in page and "世纪大道" not in page


def test_strangers_and_other_shops(client, cases):
    row, others = cases.in_review(), open_cases("other")
    assert client.get(address(row)).status_code == 302
    client.force_login(others.member("owner"))
    assert client.get(address(row)).status_code == 404
    assert client.get(address(row, "other")).status_code == 404
    for act in EVERY_ACT:
        assert client.post(address(row), act).status_code == 404
        assert client.post(address(row, "other"), act).status_code == 404
    assert now_of(row).state == "in_review"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", {"approve", "refuse", "ask", "say"}),
        ("agent", {"approve", "refuse", "ask", "say"}),
        ("warehouse", {"ask", "say"}),
        ("finance", set()),
        ("viewer", set()),
    ],
)
def test_each_role_does_only_its_part(client, cases, role, allowed):
    client.force_login(cases.member(role))
    done = set()
    for act in EVERY_ACT:
        row = cases.in_review()
        status = client.post(address(row), act | seen(row)).status_code
        done |= {act["do"]} if status == 302 else set()
        assert status in (302, 403, 409)
    assert done == allowed


def test_approving_says_who_and_the_page_shows_it(client, cases):
    row, user = cases.in_review(), cases.member("agent", "annie")
    client.force_login(user)
    response = client.post(address(row), {"do": "approve", "approve-text": "请原袋寄回"} | seen(row), follow=True)
    row = now_of(row)
    assert (row.state, row.decided_by_id, row.decided_by_name) == ("approved", str(user.pk), "annie")
    assert row.messages.get().text == "请原袋寄回"
    assert "annie" in response.content.decode()


def test_refusing_needs_a_ground_and_words(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("agent"))
    for wrong in ({"refuse-code": ""}, {"refuse-text": ""}, {"refuse-text": "\u200b"}, {"refuse-code": "R_FRAUD"}):
        response = client.post(address(row), REFUSE | wrong | seen(row))
        assert response.status_code == 422
    assert now_of(row).state == "in_review"
    assert client.post(address(row), REFUSE | seen(row)).status_code == 302
    row = now_of(row)
    assert (row.state, row.refusal_code) == ("rejected", "R_NO_EVIDENCE")


def test_asking_for_evidence_stops_the_clock(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("agent"))
    assert client.post(address(row), {"do": "ask", "ask-text": " "} | seen(row)).status_code == 422
    assert client.post(address(row), ASK | seen(row)).status_code == 302
    row = now_of(row)
    assert (row.state, row.waits_for, row.asked_classes) == ("needs_evidence", "customer", ["E1", "EV"])


def test_a_message_and_a_note(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("agent"))
    client.post(address(row), {"do": "say", "say-text": "您好", "say-audience": "all"})
    client.post(address(row), {"do": "say", "say-text": "老客户", "say-audience": "shop"})
    assert list(row.messages.values_list("text", "audience")) == [("您好", "all"), ("老客户", "shop")]
    assert client.post(address(row), {"do": "say", "say-text": "x", "say-audience": "platform"}).status_code == 422


# --- races ------------------------------------------------------------------------------------------------


def test_the_customer_was_faster(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("agent"))
    withdraw_return(row.pk, by=BUYER, now=clock.now())
    for act in ({"do": "approve"}, REFUSE, ASK):
        response = client.post(address(row), act | seen(row))
        assert response.status_code == 409
        assert "安小雨" in response.context["changed"]
    assert now_of(row).state == "withdrawn"


def test_a_colleague_was_faster(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("agent"))
    approve_return(row.pk, by=COLLEAGUE, now=clock.now())
    response = client.post(address(row), REFUSE | seen(row))
    assert response.status_code == 409
    assert "李娜" in response.context["changed"]
    assert now_of(row).state == "approved"


def test_a_second_click_changes_nothing_and_says_so(client, cases):
    row = cases.in_review()
    client.force_login(cases.member("agent"))
    assert client.post(address(row), {"do": "approve"} | seen(row)).status_code == 302
    assert client.post(address(row), {"do": "approve"} | seen(row)).status_code == 302
    assert now_of(row).moves.filter(to_state="approved").count() == 1


def inspected(cases, grade="X", **changes) -> ReturnRequest:
    row = cases.approved(**changes)
    by, now = Actor("merchant", "0", "王师傅"), clock.now()
    count_goods(row.pk, [Arrived("1", 1)], by=by, now=now)
    return inspect_goods(row.pk, [Graded("1", 1, grade, "DISPUTE", "")], by=by, now=now)


def test_a_page_opened_before_the_inspection_does_not_release_the_money(client, cases):
    """“Approve” of an old page must not become “pay although the inspection differs”."""
    old = cases.approved()
    client.force_login(cases.member("agent"))
    count_goods(old.pk, [Arrived("1", 1)], by=COLLEAGUE, now=clock.now())
    row = inspect_goods(old.pk, [Graded("1", 1, "X", "DISPUTE", "")], by=COLLEAGUE, now=clock.now())
    assert row.state == "inspected"
    assert client.post(address(old), {"do": "approve"} | seen(old)).status_code == 409
    assert now_of(old).state == "inspected"


def test_after_a_doubtful_inspection_the_money_is_confirmed(client, cases):
    row = inspected(cases)
    client.force_login(cases.member("owner"))
    assert client.get(address(row)).context["decision"]["open"]
    client.post(address(row), {"do": "approve"} | seen(row))
    assert now_of(row).state == "settling"
    follow_due_cases(now=clock.now())
    page = client.get(address(row))
    assert page.context["truths"]
    assert Refund.objects.get(case_ref=row.return_no).state == "promised"


# --- the second person ------------------------------------------------------------------------------------


def big_and_held(cases, by: Actor) -> ReturnRequest:
    row = cases.in_review(unit_price=600000, discount=0, quantity=1)
    approve_return(row.pk, by=by, now=clock.now())
    count_goods(row.pk, [Arrived("1", 1)], by=COLLEAGUE, now=clock.now())
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK", "")], by=COLLEAGUE, now=clock.now())
    follow_due_cases(now=clock.now())
    assert Refund.objects.get(case_ref=row.return_no).state == "held"
    return now_of(row)


def test_another_person_agrees_and_never_the_first(client, cases):
    owner, finance = cases.member("owner"), cases.member("finance")
    row = big_and_held(cases, Actor("merchant", str(owner.pk), "mia"))
    client.force_login(owner)
    assert client.get(address(row)).context["second"]["why_not"]
    assert client.post(address(row), {"do": "agree"}).status_code == 403
    client.force_login(cases.member("agent"))
    assert client.post(address(row), {"do": "agree"}).status_code == 403
    client.force_login(finance)
    assert not client.get(address(row)).context["second"]["why_not"]
    assert client.post(address(row), {"do": "agree"}).status_code == 302
    assert Refund.objects.get(case_ref=row.return_no).state == "promised"
    assert client.post(address(row), {"do": "agree"}).status_code == 409


# --- what is not the shop's -------------------------------------------------------------------------------


def test_the_platforms_cases_are_seen_and_not_decided(client, cases):
    row = cases.in_review()
    ReturnRequest.objects.filter(pk=row.pk).update(waits_for="support")
    client.force_login(cases.member("owner"))
    assert client.get(address(row)).context["decision"]["why_not"]
    for act in ({"do": "approve"}, REFUSE, ASK):
        assert client.post(address(row), act | seen(row)).status_code == 403
    assert now_of(row).state == "in_review"


def test_nobody_decides_their_own_purchase(client, cases):
    row, user = cases.in_review(), cases.member("owner")
    row.customer.user = user
    row.customer.save()
    client.force_login(user)
    assert client.post(address(row), {"do": "approve"} | seen(row)).status_code == 403
    assert now_of(row).state == "in_review"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 400),
        ({"do": "pay"}, 400),
        ({"do": ["approve", "refuse"]}, 400),
        ({"do": "approve", "approve-text": "x" * 2001}, 422),
        ({"do": "approve", "approve-text": "\x00"}, 400),
        ({"do": "approve", "seen": "9" * 5000}, 409),
        (REFUSE | {"refuse-code": "R_" + "X" * 5000}, 422),
        ({"do": "ask", "ask-classes": ["E9"]}, 422),
        ({"do": "say", "say-text": "hi"}, 422),
    ],
)
def test_odd_forms_change_nothing(client, cases, form, status):
    row = cases.in_review()
    client.force_login(cases.member("owner"))
    assert client.post(address(row), form).status_code == status
    assert now_of(row).state == "in_review"


@pytest.mark.parametrize("number", ["RT", "x" * 3000, "%25", "²", "../../etc"])
def test_numbers_that_are_none(client, cases, number):
    client.force_login(cases.member("owner"))
    assert client.get(f"/merchant/shop/returns/{number}/").status_code == 404


def sent(*line_nos: str) -> dict:
    parcel = order_body()["parcels"][0]
    return parcel | {"items": [{"line_no": number, "quantity": 1} for number in line_nos]}


def test_as_many_queries_for_three_lines_as_for_one(client, cases):
    client.force_login(cases.member("owner"))
    one = cases.in_review()
    bought = [
        {"line_no": number, "sku": f"S{number}", "title": "坚果", "category": "packaged_food", "quantity": 1,
         "unit_price": 4000} for number in "123"
    ]  # fmt: skip
    order = cases.order(lines=bought, discount=0, quantity=3, parcels=[sent(*"123")])
    three = cases.filed(*(WishLine(number, 1, "OT.OTHER") for number in "123"), order=order)
    counts = []
    for row in (one, one, three):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(row)).status_code == 200
        counts.append(len(queries))
    assert counts[2] <= counts[1] + 1  # the other requests of the customer bring their lines along


# --- the bill and the rule as the shop sees them ----------------------------------------------------------


@pytest.mark.parametrize("reason", ["NR.NO_LONGER_WANT", "QL.DEFECT", "FU.WRONG_ITEM"])
def test_what_the_shop_bears_adds_up_line_by_line(client, cases, reason):
    coupons = [
        {"name": "满减", "source": "shop", "amount": 700},
        {"name": "平台券", "source": "platform", "amount": 500},
    ]
    order = cases.order(discounts=coupons, discount=1200)
    row = cases.filed(WishLine("1", 1, reason), order=order)
    client.force_login(cases.member("finance"))
    told = client.get(address(row)).context["bill"].rows
    together, rows = next(line for line in told if line.kind == "sum"), [line for line in told if not line.kind]
    assert together.second == sum(line.second or 0 for line in rows)
    assert together.second >= row.bill.refund + 166
    assert together.amount == row.bill.refund


def test_the_rule_is_named_with_its_version_and_a_risk_score_is_not(client, cases):
    row = cases.in_review()
    fired = {"code": "risk", "rule": "platform.risk", "version": 1, "params": {"risk": 73}}
    ReturnRequest.objects.filter(pk=row.pk).update(verdict=row.verdict | {"reasons": [fired]})
    client.force_login(cases.member("owner"))
    page = client.get(address(row)).content.decode()
    assert "platform.person" in page
    assert "platform.risk" not in page and "73" not in client.get(address(row)).context["rule"]["text"]
