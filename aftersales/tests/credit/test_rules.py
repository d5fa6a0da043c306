"""The score: its reasons, its limits, and that nothing but the history moves it."""

import random
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from aftersales.credit.rules import (
    AUTOMATIC_UP_TO,
    LOOKED_AT_FIRST,
    Asked,
    Held,
    History,
    Known,
    Marked,
    score,
    weigh,
)

UNTIL = datetime(2026, 12, 31, tzinfo=UTC)
LONG = History(
    days_known=200, orders=12, units_bought=30, units_returned=3, value_bought=90_000, value_returned=9_000
)


def points(history: History) -> dict[str, int]:
    return {reason.code: reason.points for reason in score(history).reasons}


def test_somebody_without_a_history_has_no_risk_and_is_new():
    found = score(History())
    assert (found.score, found.level, found.reasons) == (0, "new", ())


def test_long_and_spotless_custom_is_trusted():
    assert (score(LONG).score, score(LONG).level) == (0, "trusted")


@pytest.mark.parametrize("less", [
    {"days_known": 179}, {"orders": 4}, {"contradicted": 1}, {"units_returned": 13},
    {"signals": (Marked("same_photo", 30),)},
])  # fmt: skip
def test_trust_is_not_given_where_one_thing_is_missing(less):
    assert score(replace(LONG, **less)).level == "known"


def test_a_rate_says_nothing_of_few_orders():
    half = {"units_bought": 4, "units_returned": 4, "value_bought": 100, "value_returned": 100}
    assert points(History(orders=4, **half)) == {}
    assert points(History(orders=5, **half)) == {"units": 20, "value": 10}


def test_what_the_bench_bore_out_weighs_against_what_it_did_not():
    assert points(History(contradicted=1)) == {"contradicted": 12}
    assert points(History(contradicted=2, confirmed=3)) == {"contradicted": 24, "confirmed": -12}
    assert points(History(confirmed=9)) == {}


def test_signals_give_no_more_than_their_share_the_heaviest_first():
    found = score(History(signals=(Marked("a", 10), Marked("b", 35))))
    assert [(reason.params["signal"], reason.points) for reason in found.reasons] == [("b", 35), ("a", 5)]


def test_the_score_alone_never_has_a_person_look_first():
    rng = random.Random(36)
    for _ in range(2000):
        signals = tuple(Marked(str(n), rng.randrange(0, 60)) for n in range(rng.randrange(0, 6)))
        numbers = {one.name: rng.randrange(0, 500) for one in fields(History) if one.name != "signals"}
        found = score(History(**numbers, signals=signals))
        assert 0 <= found.score <= AUTOMATIC_UP_TO < LOOKED_AT_FIRST
        assert found == score(History(**numbers, signals=signals))


def test_nothing_about_who_somebody_is_can_enter_the_score():
    assert {one.name for one in fields(History)} == {
        "days_known", "orders", "units_bought", "units_returned", "value_bought", "value_returned", "requests",
        "confirmed", "contradicted", "signals",
    }  # fmt: skip


# --- measures ---------------------------------------------------------------------------------------------

CLAIM = Asked(amount=20_000, currency="CNY", statutory=False, without_return=False)
KEPT = replace(CLAIM, without_return=True)
RIGHT = replace(CLAIM, statutory=True)


def known(*measures: Held, level="known") -> Known:
    return Known(score=20, level=level, measures=measures)


@pytest.mark.parametrize(("measure", "reaches"), [
    (Held("review", UNTIL), {"claim", "kept", "right"}),
    (Held("limit", UNTIL, 10_000, "CNY"), {"claim", "kept"}),
    (Held("limit", UNTIL, 20_000, "CNY"), set()),
    (Held("limit", UNTIL, 10_000, "USD"), set()),
    (Held("block", UNTIL), {"kept"}),
])  # fmt: skip
def test_a_measure_reaches_privileges_and_never_a_right(measure, reaches):
    asked = {"claim": CLAIM, "kept": KEPT, "right": RIGHT}
    risks = {name: weigh(known(measure), one).risk for name, one in asked.items()}
    assert {name for name, risk in risks.items() if risk == LOOKED_AT_FIRST} == reaches
    assert {risk for name, risk in risks.items() if name not in reaches} <= {20}


def test_a_raised_risk_says_which_decision_raised_it_and_by_how_much():
    found = weigh(known(Held("review", UNTIL)), CLAIM)
    assert (found.score, found.risk) == (20, 60)
    assert [(reason.code, reason.points, reason.params["kind"]) for reason in found.reasons] == [
        ("measure", 40, "review")
    ]


def test_a_block_takes_what_trust_had_given():
    assert weigh(known(Held("block", UNTIL), level="trusted"), RIGHT).level == "known"
    assert weigh(known(level="trusted"), RIGHT).level == "trusted"
