import pytest
from django.utils import translation

from aftersales.policy.conditions import (
    FIELDS,
    MOST_ROWS,
    MOST_WORDS,
    compiled,
    value_as_text,
    value_from_text,
)
from aftersales.policy.rules import facts_row
from aftersales.policy.vocabulary import sentence
from returns_platform.kernel.errors import Invalid

from .policies import line, request

TESTED = facts_row(request(line("NR.STYLE")), line("NR.STYLE"))


def row(field, op, value):
    return {"field": field, "op": op, "value": value}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (row("amount", "le", 4000), True),
        (row("amount", "lt", 4000), False),
        (row("amount", "ge", 4000), True),
        (row("amount", "gt", 4000), False),
        (row("quantity", "eq", 1), True),
        (row("quantity", "ne", 1), False),
        (row("group", "eq", "NR"), True),
        (row("reason", "in", ["NR.STYLE", "NR.COLOR"]), True),
        (row("reason", "not_in", ["NR.STYLE"]), False),
        (row("sent_back", "eq", True), True),
        (row("sent_back", "ne", True), False),
        (row("category", "eq", "apparel"), True),
    ],
)
def test_one_condition(condition, holds):
    assert compiled([condition])(TESTED) is holds


def test_all_rows_must_hold_and_no_row_always_holds():
    assert compiled([])(TESTED)
    assert not compiled([row("group", "eq", "NR"), row("amount", "gt", 999_999)])(TESTED)


def test_conditions_know_exactly_the_facts_that_rules_test():
    assert set(FIELDS) == set(TESTED)


@pytest.mark.parametrize(
    "wrong",
    [
        "amount > 1",
        [["amount", "gt", 1]],
        [{"field": "amount", "op": "gt"}],
        [row("mood", "eq", 1)],
        [row("amount", "is", 1)],
        [row("amount", "=~", "x")],
        [row("amount", "gt", "x")],
        [row("amount", "gt", 1.5)],
        [row("amount", "gt", True)],
        [row("amount", "gt", -1)],
        [row("amount", "gt", 10**15)],
        [row("amount", "in", [1, 2])],
        [row("sent_back", "gt", True)],
        [row("sent_back", "eq", 1)],
        [row("group", "lt", "NR")],
        [row("group", "eq", "ZZ")],
        [row("group", "eq", 1)],
        [row("reason", "in", "NR.STYLE")],
        [row("reason", "in", [])],
        [row("category", "eq", 'x" or true or "')],
        [row("category", "eq", "")],
        [row([], "eq", 1)],
        [row("amount", {}, 1)],
        [row("reason", "in", [["NR.STYLE"]])],
        [row("basis", "eq", "x" * 10**6)],
        [row("amount", "gt", 1)] * (MOST_ROWS + 1),
        [row("category", "in", [f"w{place}" for place in range(MOST_WORDS + 1)])],
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(wrong):
    with pytest.raises(Invalid) as refused:
        compiled(wrong)
    said = str(refused.value.message)
    assert said.endswith((".", "。"))
    assert len(said) < 300


@pytest.mark.parametrize(
    ("field", "op", "typed", "value"),
    [
        ("amount", "le", "30", 3000),
        ("amount", "le", " 500.5 ", 50_050),
        ("quantity", "gt", "2", 2),
        ("sent_back", "eq", "yes", True),
        ("sent_back", "eq", "否", False),
        ("group", "eq", "NR", "NR"),
        ("reason", "in", "FU.MISSING, FU.EMPTY，FU.WRONG_ITEM", ["FU.MISSING", "FU.EMPTY", "FU.WRONG_ITEM"]),
    ],
)
def test_what_is_typed_becomes_a_value_and_back(field, op, typed, value):
    assert value_from_text(field, op, typed) == value
    assert value_from_text(field, op, value_as_text(field, value)) == value


@pytest.mark.parametrize(
    ("field", "typed"), [("amount", "1.234"), ("amount", "-1"), ("quantity", "two"), ("sent_back", "maybe")]
)
def test_what_is_typed_wrong_is_told(field, typed):
    with pytest.raises(Invalid):
        value_from_text(field, "eq", typed)


def test_a_rule_reads_as_a_sentence():
    rows = [row("amount", "le", 3000), row("sent_back", "eq", False)]
    with translation.override("en"):
        assert sentence(rows) == "amount of the request is at most 30.00; the goods stay with the customer"
        assert sentence([row("group", "eq", "NR")]) == "group of the reason is “changed their mind”"
        assert sentence([]) == "always"
