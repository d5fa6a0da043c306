"""An internal label of a refusal stays with the staff: the customer reads the finding."""

from datetime import timedelta

import pytest
from django.utils import translation

from aftersales.policy import grounds, law
from aftersales.policy.queries import by_number
from aftersales.returns.models import ReturnRequest
from aftersales.returns.presenting import quoted_rule
from aftersales.returns.services.decisions import refuse_return
from aftersales.returns.services.withdrawal import let_lapse
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_pages_orders import signed_days_ago
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid
from returns_platform.tests.journeys.shop import open_shop, order_body

pytestmark = pytest.mark.django_db


def test_suspicion_is_never_told_to_the_customer():
    shop = open_shop()
    shop.put("A1", order_body())
    line = {"line_no": "1", "quantity": 1, "reason": "OT.OTHER"}
    wish = {"order_no": "A1", "kind": "refund_only", "send_back": "none", "lines": [line]}
    number = shop.post("/returns", wish)[1]["return_no"]
    request = ReturnRequest.objects.get(return_no=number)
    finding = "包裹称重 0.1 kg，与商品不符。"
    refuse_return(request.pk, code="R_FRAUD", text=finding, by=Actor("support", "1", "山姆"), now=clock.now())
    assert quoted_rule(ReturnRequest.objects.get(pk=request.pk))["text"] == finding


def page_of(buyer, row) -> str:
    return buyer.client.get(f"/returns/{row.return_no}/").content.decode().split("<main")[1].split("</main>")[0]


def test_every_refusal_of_a_rule_has_its_rule_in_plain_words():
    open_shop()
    policy = by_number(1)
    params = {"basis": "no_reason", "category": "fresh", "reason": "NR.STYLE", "sku": ""}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for code in law.SENTENCES["refuse"]:
                params["category"] = "apparel" if code == "out_of_window" else "fresh"
                told = grounds.rule_behind(policy, {"code": code, "params": params})
                assert told and all(str(sentence).strip() for sentence in told), code


def test_the_rule_is_quoted_and_not_the_verdict_again_and_where_nothing_helps_a_person_does():
    buyer = a_buyer()
    late = page_of(buyer, buyer.filed(order=buyer.order(**signed_days_ago(40))))
    assert "No-reason returns: within 7 days of delivery. The day of delivery is not counted." in late
    assert late.count("Not approved this time") == 1
    assert "If something kept you from asking in time" in late and "Ask a person to look" in late
    in_time = page_of(buyer, buyer.filed(order=buyer.order(**signed_days_ago(10))))
    assert "If something is wrong with it, you can still ask until" in in_time
    assert "If something kept you" not in in_time


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("R_NOT_INTACT", "Intact means: The inner seal is unbroken."),
        ("R_NO_EVIDENCE", "Ask again with photos: one to three photos that show it."),
        ("R_MORE_INFO", "Ask again and say what is wrong, where, and since when."),
        ("R_PERIOD", "No-reason returns: within 7 days of delivery."),
    ],
)
def test_a_persons_refusal_says_what_would_change_it_or_what_the_policy_means(code, told):
    buyer = a_buyer()
    late = signed_days_ago(40) if code == "R_PERIOD" else {}
    row = buyer.filed(order=buyer.order(**late), reason="OT.OTHER", kind="refund_only", send_back="none")
    refuse_return(row.pk, code=code, text="We looked twice.", by=Actor("merchant", "0", "otto"), now=clock.now())
    page = page_of(buyer, row)
    assert told in page and "Ask a person to look" in page


@pytest.mark.parametrize("code", ["R_PERIOD", "R_EXCLUDED"])
def test_a_ground_that_is_not_so_is_told_to_nobody(code):
    buyer, otto = a_buyer(), Actor("merchant", "0", "otto")
    for wish in ({"reason": "OT.OTHER", "kind": "refund_only"}, {"reason": "LG.NOT_RECEIVED", "kind": "refund_only"}):
        row = buyer.filed(**wish, send_back="none")
        with pytest.raises(Invalid) as refused:
            refuse_return(row.pk, code=code, text="Too late.", by=otto, now=clock.now())
        assert (set(refused.value.fields), ReturnRequest.objects.get(pk=row.pk).state) == ({"code"}, "in_review")
    token = Actor("token", "0", "a program")
    assert refuse_return(row.pk, code=code, text="Too late.", by=token, now=clock.now()).was_refused


def test_a_confirmed_exclusion_is_a_ground_for_what_is_no_fault():
    buyer, otto = a_buyer(), Actor("merchant", "0", "otto")
    confirmed = {"no_reason_excluded_confirmed_at": order_body()["placed_at"], "category": "electronics"}
    order = buyer.order(lines=[order_body()["lines"][0] | confirmed])
    row = buyer.filed(order=order, reason="OT.OTHER", kind="refund_only", send_back="none")
    assert refuse_return(row.pk, code="R_EXCLUDED", text="Opened.", by=otto, now=clock.now()).was_refused


def test_what_lapsed_leads_to_a_person_too():
    buyer = a_buyer()
    row = buyer.filed(reason="FU.MISSING", kind="refund_only", send_back="none")
    let_lapse(row.pk, now=clock.now() + timedelta(days=4))
    assert "If something kept you from it, write it below" in page_of(buyer, row)


def test_the_form_says_what_is_over_before_a_reason_is_looked_for():
    buyer = a_buyer()
    order = buyer.order(**signed_days_ago(10))
    page = buyer.client.get(f"/orders/{order.pk}/return/?line={order.lines.get().pk}").content.decode()
    assert "No-reason returns ended on" in page.split("Why do you ask?")[0]
