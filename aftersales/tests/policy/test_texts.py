from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from aftersales.policy import platform_policy, texts, wording
from aftersales.policy.clauses import Clause, Clauses
from aftersales.policy.grounds import rule_behind
from aftersales.policy.rules import Missing, judge
from aftersales.policy.summary import category_notes, line_notes, single_reasons
from aftersales.policy.windows import OffDays, Window

from .policies import DELIVERED, NEXT_DAY, SIGNED, VERSION_1, ZONE, line, local, request, verdict

LATE = local("2026-11-12 10:00:00")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def told(found, **kwargs) -> str:
    return texts.explain(found.reasons[0], **kwargs)["text"]


def test_every_rule_has_a_sentence():
    assert {rule["code"] for rule in platform_policy.RULES} <= set(texts.CODES)


def test_an_approval_names_the_last_moment():
    assert texts.explain(verdict("NR.STYLE").reasons[0]) == {
        "code": "within_window",
        "rule": "platform.no_reason",
        "version": 1,
        "text": "Approved: you can return it without a reason until 10 November, 23:59.",
    }


def test_an_estimate_says_that_it_is_one():
    on_the_way = (DELIVERED[0].__class__(3, SIGNED),)
    assert "estimate" in told(verdict("NR.STYLE", arrivals=on_the_way))


def test_a_refusal_names_the_date_and_the_way_on():
    found = verdict("NR.STYLE", filed_at=LATE)
    assert told(found) == "Not approved this time: returns without a reason ended on 10 November, 23:59."
    assert texts.missing_text(found.missing[0]) == (
        "If something is wrong with it, you can still ask until 18 November, 23:59."
    )


def test_a_refusal_in_another_year_names_the_year():
    found = verdict("NR.STYLE", filed_at=local("2027-03-01 10:00:00"))
    assert told(found).endswith("ended on 10 November 2026, 23:59.")


def test_fresh_goods_offer_the_quality_way():
    found = verdict("NR.STYLE", category="fresh", filed_at=NEXT_DAY)
    assert told(found) == "Not approved this time: fresh goods cannot be returned without a reason."
    assert texts.missing_text(found.missing[0]) == (
        "If it arrived spoiled or damaged, you can report that until 4 November, 10:00."
    )


def test_missing_evidence_is_listed():
    found = verdict("QL.DEFECT", unit_price=60_000)
    assert told(found) == "For goods of this price we need a video of the unboxing first."
    assert texts.missing_text(found.missing[0]).startswith("Please add: an uncut video")


def test_a_limit_is_told_as_money():
    assert told(verdict("QL.DEFECT", kind="refund_only", amount=100)) == (
        "Approved: up to ¥30.00 nothing has to come back."
    )


def test_risk_is_told_to_staff_only():
    fired = verdict("NR.STYLE", risk=70).reasons[0]
    assert "70" in texts.explain(fired, staff=True)["text"]
    outside = texts.explain(fired)
    assert outside == {
        "code": "person_looks",
        "rule": "platform.person",
        "version": 1,
        "text": "A person looks at this first.",
    }


def test_the_same_sentence_is_told_once():
    twice = judge(request(line("NR.STYLE"), line("NR.COLOR", line_no="2")), VERSION_1)
    assert len(twice.reasons) == 2
    assert len(texts.explain_all(twice.reasons)) == 1


def test_stored_reasons_read_the_same():
    found = verdict("NR.STYLE")
    assert texts.explain_all(found.as_json()["reasons"]) == texts.explain_all(found.reasons)


@pytest.mark.parametrize("code", texts.CODES)
def test_every_sentence_can_be_said(code):
    params = verdict("NR.STYLE").reasons[0].params | {"limit": 3000}
    assert "%(" not in texts.text(code, params)


def test_an_unknown_code_is_a_person_looking():
    assert texts.text("of_a_later_program", {}) == "A person looks at this first."


def test_what_is_left_to_ask_for_is_told():
    assert texts.missing_text(Missing("fewer_units", {"units": 2})) == "You can still ask for 2 of them."


def notes(category="apparel", arrivals=DELIVERED, at=NEXT_DAY, confirmed_at=None) -> list[str]:
    return line_notes(
        VERSION_1,
        category=category,
        zone=ZONE,
        at=at,
        off_days=OffDays(),
        arrivals=arrivals,
        confirmed_at=confirmed_at,
    )


def test_the_order_page_names_the_nearest_right():
    assert notes() == ["No-reason returns until 10 November, 23:59."]
    assert notes(at=LATE) == [
        "No-reason returns ended on 10 November, 23:59.",
        "Quality problems until 18 November, 23:59.",
    ]
    assert notes("fresh") == [
        "Cannot be returned without a reason.",
        "Quality problems until 4 November, 10:00.",
    ]
    assert notes("electronics", confirmed_at=SIGNED)[0] == "Cannot be returned without a reason."
    assert notes(arrivals=()) == ["Not sent yet: you can cancel it and get your money back."]


def test_another_year_is_named():
    assert notes(at=local("2027-03-01 10:00:00"))[0] == "No-reason returns ended on 10 November 2026, 23:59."


def test_before_delivery_the_policy_counts_from_it():
    assert category_notes(VERSION_1, category="fresh") == [
        "Cannot be returned without a reason.",
        "Quality problems: within 24 hours of delivery.",
        "Wrong, missing or damaged goods: within 24 hours of delivery.",
    ]
    assert category_notes(VERSION_1, category="cosmetics")[0] == (
        "No-reason returns: within 7 days of delivery, unless you agree otherwise when you buy it."
    )
    assert category_notes(VERSION_1, category="apparel")[0] == "No-reason returns: within 7 days of delivery."


def test_whoever_gave_up_the_right_is_told_what_the_shop_opens_all_the_same():
    opened = Clause("open", "no_reason", "cosmetics", length=10)
    longer = Clause("window", "no_reason", "cosmetics", length=30)
    both = VERSION_1.with_clauses(Clauses(1, rows=(opened, longer)))
    assert category_notes(both, category="cosmetics")[0] == (
        "No-reason returns: within 30 days of delivery; where you agree otherwise when you buy it, "
        "within 10 days of delivery."
    )
    alike = VERSION_1.with_clauses(Clauses(1, rows=(opened, Clause("window", "no_reason", "cosmetics", length=10))))
    assert category_notes(alike, category="cosmetics")[0] == "No-reason returns: within 10 days of delivery."


def test_before_a_purchase_limits_and_what_has_to_be_shown_are_told():
    assert wording.notes(VERSION_1, category="apparel")[4:] == [
        "Faulty, wrong or damaged goods up to ¥30.00: your money comes back at once and you keep the goods.",
        "Faulty, wrong or damaged goods up to ¥500.00: approved at once when the goods come back.",
        "Quality problems, goods of more than ¥500.00 each: please add an uncut video of the unboxing, with the "
        "waybill in the picture.",
        "“The wrong item was sent”, “An item, part or gift is missing”, “The parcel was empty”: please add one to "
        "three photos that show it.",
    ]
    more, nothing = Clause("keep", "quality", "apparel", limit=9000), Clause("evidence", evidence="E0")
    kinder = wording.notes(VERSION_1.with_clauses(Clauses(1, rows=(more, nothing))), category="apparel")[4:]
    assert kinder == [
        "Wrong, missing or damaged goods up to ¥30.00: your money comes back at once and you keep the goods.",
        "Faulty, wrong or damaged goods up to ¥500.00: approved at once when the goods come back.",
        "Quality problems up to ¥90.00: your money comes back at once and you keep the goods.",
        "No photos are needed.",
    ]


def test_the_agreement_names_the_days_and_the_goods_of_the_policy_in_force():
    longer = tuple(replace(one, length=15) if one == Window("no_reason", length=7) else one for one in
                   VERSION_1.windows if one.category != "digital")  # fmt: skip
    assert wording.in_short(replace(VERSION_1, windows=longer)) == [
        "Most goods can be returned without a reason, within 15 days of delivery.",
        "Not without a reason, unless the shop says so: fresh food, made to order.",
    ]


def test_a_reason_with_a_time_of_its_own_is_told():
    assert single_reasons(VERSION_1, category="fresh") == [
        "“Live seafood arrived dead”: within 12 hours of delivery."
    ]
    assert single_reasons(VERSION_1, category="apparel") == []
    style = Clause("window", "no_reason", reason="NR.STYLE", length=30)
    kinder = VERSION_1.with_clauses(Clauses(1, rows=(style,)))
    assert single_reasons(kinder, category="apparel") == ["“I do not like the style”: within 30 days of delivery."]
    assert category_notes(kinder, category="apparel")[0] == "No-reason returns: within 7 days of delivery."
    assert single_reasons(kinder, category="electronics", confirmed_at=SIGNED) == []


def test_a_refusal_for_such_a_reason_tells_and_quotes_its_own_time():
    late = SIGNED + timedelta(hours=13)
    found = verdict("FR.DEAD", category="fresh", kind="refund_only", amount=2000, filed_at=late).reasons[0]
    assert texts.explain(found)["text"] == (
        "Not approved this time: “Live seafood arrived dead” could be reported until 3 November, 22:00."
    )
    behind = rule_behind(VERSION_1, {"code": found.code, "params": found.params})
    assert behind == ["“Live seafood arrived dead”: within 12 hours of delivery."]
