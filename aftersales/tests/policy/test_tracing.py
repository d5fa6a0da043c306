"""The trace of a verdict: rule, version and each fact it saw, told to whom it may be told."""

import pytest

from aftersales.policy import queries as policies
from aftersales.policy import tracing
from aftersales.tests.shop_cases import open_cases

pytestmark = pytest.mark.django_db


def test_each_fact_stands_there_and_what_the_rule_asked_is_marked():
    row = open_cases().approved()
    [trace] = tracing.traces(row.verdict, policies.of_case(row))
    assert (trace.line_no, trace.rule, trace.version) == ("1", "platform.no_reason", 1)
    assert sum(fact.asked for fact in trace.facts) == 2


def test_what_is_about_a_person_is_for_those_who_may_see_it_and_so_is_the_name_of_its_rule():
    row = open_cases().approved()
    row.verdict["reasons"] = [row.verdict["reasons"][0] | {"rule": "platform.risk", "code": "risk"}]
    policy = policies.of_case(row)
    [shown], [hidden] = tracing.traces(row.verdict, policy, hidden=()), tracing.traces(row.verdict, policy)
    assert shown.rule == "platform.risk"
    assert (hidden.rule, hidden.asks) == ("", "")
    assert len(shown.facts) > len(hidden.facts)


def test_a_verdict_of_an_older_shape_is_told_as_far_as_it_goes():
    row = open_cases().approved()
    row.verdict["reasons"] = [row.verdict["reasons"][0] | {"params": {"line_no": "1"}}]
    [trace] = tracing.traces(row.verdict, policies.of_case(row))
    assert (trace.rule, trace.facts) == ("platform.no_reason", ())
