from dataclasses import replace
from datetime import timedelta

import pytest

from aftersales.policy.clauses import Clause, Clauses
from aftersales.policy.facts import Taken
from aftersales.policy.rules import judge
from aftersales.policy.windows import OffDays, Window
from aftersales.replay import rules
from aftersales.replay.rules import OlderShape, Past, Sent, compare
from aftersales.returns.services.judging import as_stored
from aftersales.tests.policy.policies import DELIVERED, NEXT_DAY, VERSION_1, line, request

SENT = {"1": Sent(arrivals=DELIVERED)}
LATE = NEXT_DAY + timedelta(days=12)  # the window of seven days is over, one of fifteen is not


def a_past(reason: str = "NR.NO_LONGER_WANT", *, send_back: str = "pickup", **known) -> Past:
    filed_at = known.get("filed_at", NEXT_DAY)
    facts = request(line(reason, **known), filed_at=filed_at)
    return Past(rules.answer_to(judge(facts, VERSION_1)), facts, VERSION_1, send_back)


def a_draft(**terms):
    return replace(VERSION_1, number=2, terms=replace(VERSION_1.terms, **terms))


def with_no_reason_days(days: int):
    windows = [window for window in VERSION_1.windows if window != Window("no_reason", length=7)]
    return replace(VERSION_1, number=2, windows=(Window("no_reason", length=days), *windows))


def test_a_draft_like_the_policy_in_force_answers_alike():
    found = compare(a_past(), a_draft(), SENT, OffDays())
    assert not found.is_changed
    assert (found.before.rule, found.after.rule) == ("platform.no_reason", "platform.no_reason")
    assert found.amount_before == found.amount_after == 4000


def test_a_longer_window_approves_what_came_too_late():
    past = a_past(filed_at=LATE)
    assert past.before == rules.Answer("refuse", "platform.window")
    found = compare(past, with_no_reason_days(15), SENT, OffDays())
    assert found.after == rules.Answer("approve", "platform.no_reason")
    assert found.exact


def test_a_shorter_window_refuses_what_came_in_time():
    found = compare(a_past(filed_at=NEXT_DAY + timedelta(days=5)), with_no_reason_days(1), SENT, OffDays())
    assert (found.before.name, found.after.name) == ("approve", "refuse")


def test_units_that_an_earlier_request_took_are_not_counted_again():
    sent = {"1": Sent(arrivals=DELIVERED, taken=(Taken(NEXT_DAY, 3),))}
    past = a_past(filed_at=LATE, taken=(Taken(NEXT_DAY, 3),), units=1)
    found = compare(past, with_no_reason_days(15), sent, OffDays())
    assert found.exact
    assert found.after.name == past.before.name


def test_where_the_parcels_no_longer_give_what_was_stored_the_stored_facts_stand_and_it_is_said():
    moved = {"1": Sent(arrivals=tuple(replace(one, signed_at=LATE) for one in DELIVERED))}
    past = a_past(filed_at=LATE)
    found = compare(past, with_no_reason_days(15), moved, OffDays())
    assert not found.exact
    assert found.after.name == "refuse"
    assert compare(past, with_no_reason_days(15), {}, OffDays()).exact is False


def test_windows_alike_need_no_parcels():
    assert compare(a_past(filed_at=LATE), a_draft(), {}, OffDays()).exact


def test_an_exclusion_of_the_draft_is_a_fact_of_the_draft():
    windows = tuple(window for window in VERSION_1.windows if window.category != "fresh")
    draft = replace(VERSION_1, number=2, windows=windows)
    past = a_past(category="fresh")
    assert past.before == rules.Answer("refuse", "platform.fresh_excluded")
    assert compare(past, draft, SENT, OffDays()).after.name == "approve"


def test_fewer_requests_a_line_leave_fewer():
    past = a_past(attempts=3)
    assert compare(past, a_draft(max_attempts=3), SENT, OffDays()).after.rule == "platform.attempts"


def test_a_pickup_that_is_deducted_makes_the_refund_smaller_and_never_negative():
    past = a_past(send_back="pickup")
    assert compare(past, a_draft(deduct_pickup=True), SENT, OffDays()).amount_after == 4000 - 1200
    dear = a_draft(deduct_pickup=True, return_freight_cost=9000)
    assert compare(past, dear, SENT, OffDays()).amount_after == 0
    own = replace(past, own=a_draft(deduct_pickup=True))
    assert compare(own, a_draft(), SENT, OffDays()).amount_after == 4000 + 1200
    assert compare(a_past(send_back="self_ship"), a_draft(deduct_pickup=True), SENT, OffDays()).amount_after == 4000


def test_the_shop_pays_the_way_back_only_at_its_fault():
    dearer = a_draft(return_freight_cost=1500)
    found = compare(a_past("QL.DEFECT"), dearer, SENT, OffDays())
    assert (found.freight_before, found.freight_after) == (1200, 1500)
    assert compare(a_past(), dearer, SENT, OffDays()).freight_after == 0


# --- a shop's clauses --------------------------------------------------------------------------------------


def with_clauses(*rows: Clause):
    return VERSION_1.with_clauses(Clauses(3, rows=rows, key=9))


def test_more_time_of_a_shop_is_made_from_the_parcels_too():
    past = a_past(filed_at=LATE)
    found = compare(past, with_clauses(Clause("window", "no_reason", length=30)), SENT, OffDays())
    assert (found.after, found.exact) == (rules.Answer("approve", "shop.window"), True)


def test_a_clause_for_one_product_finds_it_in_facts_that_do_not_name_it():
    clause = Clause("freight", "no_reason", sku="NUT-1")
    sent = {"1": replace(SENT["1"], sku="NUT-1")}
    past = a_past(filed_at=NEXT_DAY)
    assert compare(past, with_clauses(clause), sent, OffDays()).freight_after == 1200
    assert compare(past, with_clauses(clause), SENT, OffDays()).freight_after == 0


def test_a_limit_of_a_shop_approves_what_a_person_looked_at():
    facts = replace(request(line("QL.DEFECT")), amount=60_000)
    past = Past(rules.answer_to(judge(facts, VERSION_1)), facts, VERSION_1, "pickup")
    assert past.before.name == "shop"
    found = compare(past, with_clauses(Clause("send_back", limit=90_000)), SENT, OffDays())
    assert (found.after.name, found.amount_after) == ("approve", 60_000)


# --- stored facts -----------------------------------------------------------------------------------------


def stored(past: Past) -> dict:
    return as_stored(past.facts)


def test_facts_are_read_as_they_were_stored():
    past = a_past(filed_at=LATE)
    assert rules.read_facts(stored(past), []) == past.facts


def test_photos_are_those_that_the_verdict_saw():
    seen = [{"params": {"line_no": "1", "photos": 2, "videos": 1}}]
    read = rules.read_facts(stored(a_past()), seen)
    assert (read.lines[0].photos, read.lines[0].videos) == (2, 1)


def test_facts_that_nobody_asks_any_more_are_left_out():
    kept = stored(a_past())
    kept["moon"] = "full"
    kept["lines"][0]["colour"] = "red"
    assert rules.read_facts(kept, []) == a_past().facts


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept.pop("lines"),
        lambda kept: kept.update(lines=[]),
        lambda kept: kept.update(lines=None),
        lambda kept: kept.update(lines=["x"]),
        lambda kept: kept.update(filed_at="yesterday"),
        lambda kept: kept.update(filed_at=None),
        lambda kept: kept.pop("zone"),
        lambda kept: kept.update(amount="many"),
        lambda kept: kept["lines"][0].pop("units"),
        lambda kept: kept["lines"][0].update(deadline="soon"),
        lambda kept: kept["lines"][0].update(deadline=7),
    ],
)
def test_facts_of_an_older_shape_are_told_apart(spoil):
    kept = stored(a_past(filed_at=LATE))
    spoil(kept)
    with pytest.raises(OlderShape):
        rules.read_facts(kept, [])


# --- counting ---------------------------------------------------------------------------------------------


def test_a_tally_counts_cells_money_and_rules():
    tally = rules.empty_tally()
    past, late = a_past(), a_past(filed_at=LATE)
    for one in (past, late):
        rules.count(tally, compare(one, with_no_reason_days(15), SENT, OffDays()))
    assert tally["cells"] == {"approve>approve": 1, "refuse>approve": 1}
    assert tally["money"] == {"before": {"CNY": 4000}, "after": {"CNY": 8000}}
