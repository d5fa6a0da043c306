"""What no policy may say: the law's floor, refusals that are certain, sentences that say what the rule does."""

import pytest
from django.core.exceptions import ValidationError

from aftersales.policy import law, platform_policy, services
from aftersales.policy.conditions import OF_THE_CUSTOMER
from aftersales.policy.models import PolicyVersion, RuleRow, WindowRow
from aftersales.policy.texts import CODES, pattern, text

from .policies import local


def row(field, op, value):
    return {"field": field, "op": op, "value": value}


def test_the_policy_that_comes_with_the_product_keeps_the_law():
    for rule in platform_policy.RULES:
        assert law.about_rule(rule["effect"], rule["code"], rule["conditions"]) == {}, rule
    for window in platform_policy.WINDOWS:
        told = {"category": window.category, "reason": window.reason, "unit": window.unit}
        assert law.about_window(window.basis, **told, length=window.length or None, excluded=window.excluded) == {}
    assert law.about_terms(platform_policy.TERMS) == {}


@pytest.mark.parametrize(
    ("field", "window"),
    [
        ("length", {"length": 6}),
        ("length", {"length": 168, "unit": "hours"}),
        ("length", {"length": 1096}),
        ("length", {"length": 7, "unit": "years"}),
        ("category", {"excluded": "law", "length": None}),
        ("category", {"excluded": "law", "length": None, "category": "apparel"}),
        ("category", {"excluded": "confirmation"}),
        ("excluded", {"basis": "quality", "excluded": "law", "length": None}),
        ("excluded", {"basis": "quality", "excluded": "confirmation", "category": "fresh"}),
        ("excluded", {"basis": "fulfilment", "excluded": "law", "length": None, "category": "custom"}),
        ("excluded", {"basis": "goodwill", "excluded": "law", "length": None, "category": "fresh"}),
        ("length", {"basis": "quality", "length": 6}),
        ("length", {"basis": "fulfilment", "length": 24, "unit": "hours", "category": "apparel"}),
        ("length", {"basis": "quality", "length": 11, "unit": "hours", "category": "fresh"}),
        ("length", {"basis": "quality", "length": 721, "unit": "hours", "category": "fresh"}),
    ],
)
def test_a_window_below_the_law_is_refused_at_its_field(field, window):
    about = {"basis": "no_reason", "category": "", "reason": "", "length": 7, "unit": "days", "excluded": "none"}
    assert set(law.about_window(**(about | window))) == {field}


@pytest.mark.parametrize(
    ("field", "effect", "code", "conditions"),
    [
        # nobody can be refused for anything that is not certain
        ("conditions", "refuse", "no_units", []),
        ("conditions", "refuse", "out_of_window", [row("group", "eq", "NR")]),
        ("conditions", "refuse", "out_of_window", [row("in_window", "eq", True)]),
        ("conditions", "refuse", "out_of_window", [row("in_window", "ne", False)]),
        ("conditions", "refuse", "too_many_attempts", [row("attempts_left", "le", 5)]),
        ("conditions", "refuse", "too_many_attempts", [row("attempts_left", "ne", 1)]),
        ("conditions", "refuse", "gift_card_spent", [row("card", "in", ["spent", "unused"])]),
        ("conditions", "refuse", "kit_only", [row("amount", "gt", 1)]),
        # nor for what is the shop's or the courier's fault
        ("conditions", "refuse", "kit_only", [row("part_of_kit", "eq", True)]),
        ("conditions", "refuse", "kit_only", [row("part_of_kit", "eq", True), row("group", "in", ["NR", "QL"])]),
        ("conditions", "refuse", "excluded_by_law", [row("excluded", "in", ["law", "none"])]),
        # nor be told a ground that is not theirs
        ("code", "refuse", "refused_by_rule", [row("in_window", "eq", False)]),
        ("code", "approve", "out_of_window", []),
        ("code", "refuse", "within_window", [row("in_window", "eq", False)]),
        ("code", "review", "evidence_missing", []),
        ("conditions", "refuse", "excluded_fresh", [row("excluded", "eq", "law")]),
        ("conditions", "refuse", "excluded_fresh", [row("excluded", "eq", "law"), row("category", "ne", "custom")]),
        (
            "conditions", "refuse", "excluded_fresh",
            [row("excluded", "eq", "law"), row("category", "in", ["fresh", "custom"])],
        ),
        ("conditions", "refuse", "excluded_by_confirmation", [row("excluded", "ne", "none")]),
        ("conditions", "approve", "small_quality", [row("sent_back", "eq", False)]),
        # nor be asked to prove what needs no reason
        ("conditions", "needs_evidence", "evidence_missing", []),
        ("conditions", "needs_evidence", "evidence_missing", [row("group", "in", ["QL", "NR"])]),
        ("conditions", "needs_evidence", "video_missing", [row("fault", "eq", False), row("photos", "eq", 0)]),
        ("conditions", "needs_evidence", "evidence_missing", [row("basis", "ne", "quality")]),
    ],
)  # fmt: skip
def test_a_rule_that_is_unfair_or_says_something_else_is_refused_at_its_field(field, effect, code, conditions):
    assert set(law.about_rule(effect, code, conditions)) == {field}


@pytest.mark.parametrize(
    ("effect", "code", "conditions"),
    [
        ("refuse", "out_of_window", [row("in_window", "ne", True), row("category", "eq", "toys")]),
        ("refuse", "too_many_attempts", [row("attempts_left", "lt", 1)]),
        ("refuse", "kit_only", [row("part_of_kit", "eq", True), row("basis", "eq", "no_reason")]),
        ("refuse", "excluded_by_law", [row("excluded", "eq", "law")]),
        ("needs_evidence", "evidence_missing", [row("fault", "eq", True), row("photos", "eq", 0)]),
        ("needs_evidence", "video_missing", [row("reason", "not_in", [])]),
        ("review", "often", [row("returns_lately", "gt", 5)]),
    ],
)
def test_what_is_certain_and_fair_can_stand(effect, code, conditions):
    if conditions[0]["value"] == []:
        conditions = [row("basis", "not_in", ["no_reason"])]
    assert law.about_rule(effect, code, conditions) == {}


@pytest.mark.parametrize("name", law.TERMS)
def test_terms_have_bounds(name):
    least, most = law.TERMS[name]
    for value in (least, most):
        assert law.about_terms(platform_policy.TERMS | {name: value}) == {}
    for value in (least - 1, most + 1, 2**31 - 1):
        assert set(law.about_terms(platform_policy.TERMS | {name: value})) == {name}


def test_every_sentence_belongs_to_one_effect_and_reads_without_a_case():
    told = [code for codes in law.SENTENCES.values() for code in codes]
    assert sorted([*told, "refused_by_rule"]) == sorted(CODES)  # that one stands in old verdicts only
    assert all("%(" not in pattern(code) for code in CODES)


def test_a_limit_that_an_old_rule_never_had_is_not_told_as_none():
    assert "None" not in text("small_quality", {"limit": None, "currency": "CNY"})


@pytest.mark.django_db
def test_rows_and_terms_are_checked_where_they_are_saved_and_when_they_are_published():
    now = local("2026-11-20 12:00:00")
    draft = services.draft_from(services.install_platform_policy(now))
    with pytest.raises(ValidationError) as wrong:
        WindowRow(version=draft, basis="quality", category="toys", excluded="law").full_clean()
    assert "excluded" in wrong.value.message_dict
    rule = draft.rules.get(name="platform.window")
    PolicyVersion.objects.filter(pk=draft.pk).update(hold_s=10**9)
    draft.refresh_from_db()
    with pytest.raises(ValidationError) as wrong:
        services.must_be_complete(draft)
    assert "hold_s" in wrong.value.message_dict
    PolicyVersion.objects.filter(pk=draft.pk).update(hold_s=None)
    rule.conditions = [row("group", "eq", "NR")]
    rule.save()
    with pytest.raises(ValidationError) as wrong:
        services.must_be_complete(PolicyVersion.objects.get(pk=draft.pk))
    assert "conditions" in wrong.value.message_dict


@pytest.mark.parametrize("field", OF_THE_CUSTOMER)
def test_a_person_is_never_a_ground_also_beside_one_that_is_certain(field):
    about = row(field, "eq", "known" if field == "level" else 1)
    rule = RuleRow(
        name="x", priority=1, effect="refuse", code="out_of_window",
        conditions=[row("in_window", "eq", False), about],
    )  # fmt: skip
    with pytest.raises(ValidationError) as wrong:
        rule.clean()
    assert "conditions" in wrong.value.message_dict
