from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from aftersales.policy import queries, services
from aftersales.policy.conditions import OF_THE_CUSTOMER
from aftersales.policy.models import OffDay, PolicyVersion, RuleRow, WindowRow
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState

from .policies import VERSION_1, local, verdict

pytestmark = pytest.mark.django_db

NOW = local("2026-11-20 12:00:00")
TOMORROW = NOW + timedelta(days=1)
SUE = Actor("support", "1", "sue")


@pytest.fixture
def first():
    return services.install_platform_policy(NOW)


@pytest.fixture
def draft(first):
    return services.draft_from(first)


def test_the_first_policy_is_installed_once(first):
    again = services.install_platform_policy(NOW + timedelta(days=9))
    assert again == first
    assert PolicyVersion.objects.count() == 1
    assert (first.windows.count(), first.rules.count()) == (len(VERSION_1.windows), len(VERSION_1.rules))


def test_what_is_installed_is_the_policy_as_written(first):
    kept = queries.compiled_version(first)
    assert kept.terms == VERSION_1.terms
    assert set(kept.windows) == set(VERSION_1.windows)
    told = [(rule.name, rule.effect, rule.code, rule.who, rule.asks, rule.limit) for rule in kept.rules]
    assert told == [(rule.name, rule.effect, rule.code, rule.who, rule.asks, rule.limit) for rule in VERSION_1.rules]
    assert verdict("NR.STYLE", policy=kept).outcome == "approve"


def test_an_order_keeps_the_policy_of_its_purchase(draft):
    services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)
    assert queries.in_force(TOMORROW - timedelta(seconds=1)).number == 1
    assert queries.in_force(TOMORROW).number == 2
    assert queries.by_number(2).number == 2


def test_an_order_older_than_any_policy_has_the_first(first):
    assert queries.in_force(local("1999-01-01 00:00:00")).number == 1


def test_a_compiled_policy_is_kept(first, django_assert_num_queries):
    queries.in_force(NOW)
    with django_assert_num_queries(1):
        assert queries.in_force(NOW).number == 1


def test_a_draft_has_the_same_rows_and_the_next_number(first, draft):
    assert (draft.number, draft.state) == (2, "draft")
    assert draft.rules.count() == first.rules.count()
    assert draft.windows.count() == first.windows.count()
    assert queries.in_force(NOW).number == 1


def test_nothing_of_a_published_policy_changes(first):
    row = first.rules.first()
    row.effect = "approve"
    with pytest.raises(WrongState):
        row.save()
    with pytest.raises(WrongState):
        first.windows.first().delete()
    with pytest.raises(WrongState):
        services.publish(first, starts_at=TOMORROW, by=SUE, now=NOW)


def test_a_policy_never_starts_in_the_past(draft):
    with pytest.raises(Invalid) as refused:
        services.publish(draft, starts_at=NOW - timedelta(seconds=1), by=SUE, now=NOW)
    assert "starts_at" in refused.value.fields


@pytest.mark.parametrize(
    "change", [{"length": 6}, {"length": 100, "unit": "hours"}, {"excluded": "law", "length": None}]
)
def test_the_laws_seven_days_cannot_be_shortened(draft, change):
    draft.windows.filter(basis="no_reason", category="", reason="").update(**change)
    with pytest.raises(Invalid):
        services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)


def test_what_the_law_leaves_open_cannot_be_excluded(draft):
    WindowRow.objects.create(version=draft, basis="no_reason", category="apparel", excluded="law")
    with pytest.raises(Invalid):
        services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)


def test_a_policy_without_rules_is_not_published(draft):
    draft.rules.all().delete()
    with pytest.raises(Invalid):
        services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)


def test_ten_thousand_rows_are_refused_before_anything_looks_at_them(draft, django_assert_max_num_queries):
    RuleRow.objects.bulk_create(
        RuleRow(version=draft, priority=1, name=f"flood.r{number}", effect="approve", code="unshipped")
        for number in range(10_000)
    )
    with django_assert_max_num_queries(8), pytest.raises(Invalid):
        services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)


def test_a_broken_rule_is_not_published(draft):
    draft.rules.filter(name="platform.kit").update(conditions=[{"field": "mood", "op": "eq", "value": 1}])
    with pytest.raises(ValidationError):
        services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)


def test_a_changed_rule_changes_verdicts_of_later_purchases_only(draft):
    rule = draft.rules.get(name="platform.no_reason")
    rule.conditions = [*rule.conditions, {"field": "amount", "op": "le", "value": 1000}]
    rule.save()
    services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)
    assert verdict("NR.STYLE", policy=queries.in_force(NOW)).outcome == "approve"
    assert verdict("NR.STYLE", policy=queries.in_force(TOMORROW)).outcome == "review"


def test_a_published_policy_can_be_withdrawn_until_it_starts(draft):
    published = services.publish(draft, starts_at=TOMORROW, by=SUE, now=NOW)
    with pytest.raises(WrongState):
        services.withdraw(published, now=TOMORROW)
    services.withdraw(published, now=NOW)
    assert queries.in_force(TOMORROW).number == 1


def test_a_rule_says_what_is_wrong_with_it(draft):
    row = RuleRow(version=draft, priority=1, name="x", effect="needs_evidence", code="kit", conditions=[])
    with pytest.raises(ValidationError) as wrong:
        row.full_clean()
    assert "asks" in wrong.value.message_dict


def test_a_window_without_a_length_says_so(draft):
    row = WindowRow(version=draft, basis="quality", category="furniture")
    with translation.override("en"), pytest.raises(ValidationError, match="A window needs a length"):
        row.full_clean()


def test_off_days_of_later_years_come_from_the_table():
    OffDay.objects.create(date=date(2027, 2, 8))
    OffDay.objects.create(date=date(2027, 2, 13), is_off=False)
    assert queries.off_days_now().off(date(2027, 2, 8))
    assert queries.off_days_now().working(date(2027, 2, 13))


@pytest.mark.parametrize("field", OF_THE_CUSTOMER)
def test_what_is_known_of_a_customer_can_have_a_person_look_and_cannot_refuse(draft, field):
    value = "known" if field == "level" else 1
    about = {"version": draft, "priority": 1, "code": "person_looks", "conditions": [_row(field, "eq", value)]}
    RuleRow(name="looked_at", effect="review", **about).full_clean()
    with translation.override("en"), pytest.raises(ValidationError, match="It cannot refuse"):
        RuleRow(name="refused", effect="refuse", **about).full_clean()


def _row(field, op, value) -> dict:
    return {"field": field, "op": op, "value": value}
