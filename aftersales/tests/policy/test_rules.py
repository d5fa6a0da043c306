"""The demo policy of version 1, case by case."""

from datetime import timedelta

import pytest

from aftersales.policy.facts import Arrival, Taken
from aftersales.policy.rules import Policy, Verdict, judge

from .policies import DELIVERED, NEXT_DAY, SIGNED, VERSION_1, line, local, request, verdict

LAST_SECOND = local("2026-11-10 23:59:59")
SECOND = timedelta(seconds=1)
FRESH = {"category": "fresh", "kind": "refund_only", "amount": 3000}
NOT_SENT = {"arrivals": (), "kind": "refund_only"}
ON_THE_WAY = (Arrival(3, shipped_at=local("2026-11-02 09:00:00")),)


def said(found: Verdict) -> tuple[str, str]:
    return found.outcome, found.reasons[0].code


def test_within_seven_days_a_return_without_reason_is_approved():
    found = verdict("NR.NO_LONGER_WANT")
    assert said(found) == ("approve", "within_window")
    assert (found.reasons[0].rule, found.reasons[0].version) == ("platform.no_reason", 1)
    assert found.deadline == LAST_SECOND
    assert found.missing == ()


@pytest.mark.parametrize(
    ("filed_at", "outcome"),
    [
        (LAST_SECOND, "approve"),
        (LAST_SECOND + timedelta(microseconds=999_999), "approve"),
        (LAST_SECOND + SECOND, "refuse"),
    ],
)
def test_the_last_second_of_seven_days(filed_at, outcome):
    assert verdict("NR.STYLE", filed_at=filed_at).outcome == outcome


def test_after_seven_days_quality_is_still_open():
    signed = (Arrival(1, local("2026-02-27 10:00:00"), local("2026-03-01 10:00:00")),)
    after = local("2026-03-09 00:00:00")
    refused = verdict("NR.STYLE", filed_at=after, arrivals=signed)
    assert said(refused) == ("refuse", "out_of_window")
    assert refused.deadline == local("2026-03-08 23:59:59")
    assert [missing.code for missing in refused.missing] == ["quality_reason"]
    assert verdict("QL.DEFECT", filed_at=after, arrivals=signed).outcome == "approve"


@pytest.mark.parametrize(
    ("reason", "told_at", "filed_at", "outcome"),
    [
        ("NR.STYLE", "2026-03-04 09:00:00", "2026-03-11 00:00:00", "refuse"),  # known in time: the signature counts
        ("NR.STYLE", "2026-03-12 09:00:00", "2026-03-18 23:59:59", "approve"),  # the estimate, as it was shown
        ("NR.STYLE", "2026-03-12 09:00:00", "2026-03-19 00:00:00", "refuse"),
        ("LG.NOT_RECEIVED", "2026-04-01 09:00:00", "2026-04-16 23:59:59", "approve"),
        ("LG.NOT_RECEIVED", "2026-04-01 09:00:00", "2026-04-17 00:00:00", "refuse"),
    ],
)
def test_a_signature_that_becomes_known_late_closes_no_window_that_was_open(reason, told_at, filed_at, outcome):
    late = Arrival(3, local("2026-03-01 10:00:00"), local("2026-03-03 10:00:00"), told_at=local(told_at))
    found = verdict(reason, filed_at=local(filed_at), arrivals=(late,))
    assert found.outcome == outcome


@pytest.mark.parametrize("category", ["fresh", "custom", "digital"])
def test_what_the_law_excludes_is_refused_without_reason(category):
    refused = verdict("NR.NO_LONGER_WANT", category=category)
    assert said(refused) == ("refuse", f"excluded_{category}")
    assert refused.deadline is None
    assert [missing.code for missing in refused.missing] == ["quality_reason"]


@pytest.mark.parametrize("category", ["cosmetics", "electronics"])
def test_a_confirmation_at_purchase_excludes_and_its_absence_does_not(category):
    confirmed = verdict("NR.NO_LONGER_WANT", category=category, confirmed_at=SIGNED)
    assert said(confirmed) == ("refuse", "excluded_by_confirmation")
    assert verdict("NR.NO_LONGER_WANT", category=category).outcome == "approve"
    assert verdict("QL.DEFECT", category=category, confirmed_at=SIGNED).outcome == "approve"


@pytest.mark.parametrize("category", ["apparel", "shoes_bags", "packaged_food", "furniture", "toys"])
def test_all_else_can_be_returned_without_reason(category):
    assert verdict("NR.NO_LONGER_WANT", category=category, confirmed_at=SIGNED).outcome == "approve"


@pytest.mark.parametrize(
    ("reason", "after", "outcome"),
    [
        ("FR.ROT", timedelta(hours=24), "approve"),
        ("FR.ROT", timedelta(hours=24, seconds=1), "refuse"),
        ("FR.DEAD", timedelta(hours=12), "approve"),
        ("FR.DEAD", timedelta(hours=12, seconds=1), "refuse"),
        ("LG.DAMAGED", timedelta(hours=24), "approve"),
        ("LG.DAMAGED", timedelta(hours=24, seconds=1), "refuse"),
    ],
)
def test_fresh_goods_are_reported_within_hours(reason, after, outcome):
    assert verdict(reason, filed_at=SIGNED + after, **FRESH).outcome == outcome


@pytest.mark.parametrize("reason", ["QL.DEFECT", "LG.DAMAGED"])
@pytest.mark.parametrize(("late", "outcome"), [(timedelta(), "approve"), (SECOND, "refuse")])
def test_quality_and_fulfilment_stay_open_for_fifteen_days(reason, late, outcome):
    assert verdict(reason, filed_at=local("2026-11-18 23:59:59") + late).outcome == outcome


@pytest.mark.parametrize("reason", ["UN.NOT_SHIPPED", "UN.LATE_SHIP", "UN.OUT_OF_STOCK"])
@pytest.mark.parametrize("category", ["apparel", "fresh", "custom"])
def test_what_is_not_sent_is_cancelled_at_once_whatever_it_costs(reason, category):
    found = verdict(reason, category=category, amount=900_000, **NOT_SENT)
    assert said(found) == ("approve", "unshipped")
    assert found.deadline is None


@pytest.mark.parametrize(
    ("kind", "amount", "outcome"),
    [
        ("refund_only", 3000, "approve"),
        ("refund_only", 3001, "review"),
        ("return_refund", 50_000, "approve"),
        ("return_refund", 50_001, "review"),
        ("exchange", 50_000, "approve"),
        ("repair", 50_001, "review"),
    ],
)
def test_small_faults_are_approved_at_once(kind, amount, outcome):
    assert verdict("QL.DEFECT", kind=kind, amount=amount).outcome == outcome
    assert verdict("LG.DAMAGED", kind=kind, amount=amount).outcome == outcome


def test_without_return_and_with_return_have_their_own_sentence():
    assert said(verdict("QL.DEFECT", kind="refund_only", amount=100)) == ("approve", "small_quality")
    assert said(verdict("QL.DEFECT", amount=100)) == ("approve", "quality_with_return")
    assert said(verdict("QL.DEFECT", amount=99_999)) == ("review", "above_limit")


def test_a_return_without_reason_has_no_limit():
    assert verdict("NR.NO_LONGER_WANT", amount=10_000_000).outcome == "approve"


@pytest.mark.parametrize("reason", ["FU.MISSING", "FU.EMPTY", "FU.WRONG_ITEM"])
def test_fulfilment_needs_to_be_shown(reason):
    asked = verdict(reason, kind="refund_only", amount=1000)
    assert said(asked) == ("needs_evidence", "evidence_missing")
    assert asked.who == "customer"
    assert asked.missing[0].params["class"] == "E1"
    assert verdict(reason, kind="refund_only", amount=1000, photos=1).outcome == "approve"
    assert verdict(reason, kind="refund_only", amount=1000, videos=1).outcome == "approve"


@pytest.mark.parametrize(
    ("unit_price", "shown", "outcome"),
    [
        (50_000, {}, "review"),
        (50_001, {}, "needs_evidence"),
        (50_001, {"photos": 4}, "needs_evidence"),
        (50_001, {"videos": 1}, "review"),
    ],
)
def test_a_dear_item_needs_the_unboxing_video(unit_price, shown, outcome):
    assert verdict("QL.DEFECT", unit_price=unit_price, amount=50_001, **shown).outcome == outcome


@pytest.mark.parametrize("reason", ["QL.FAKE", "QL.ALLERGY", "LG.DAMAGED", "LG.NOT_RECEIVED", "FR.ROT"])
def test_all_else_is_judged_without_evidence(reason):
    category = "fresh" if reason.startswith("FR") else "cosmetics"
    assert verdict(reason, kind="refund_only", amount=3000, category=category).outcome == "approve"


@pytest.mark.parametrize(("risk", "outcome"), [(59, "approve"), (60, "review"), (100, "review")])
def test_risk_is_looked_at_by_the_platform_and_never_refuses(risk, outcome):
    found = verdict("NR.STYLE", risk=risk)
    assert found.outcome == outcome
    assert found.who == ("support" if outcome == "review" else "nobody")
    assert verdict("UN.NOT_SHIPPED", risk=risk, **NOT_SENT).outcome == outcome


@pytest.mark.parametrize(
    ("reason", "known", "code"),
    [
        ("FR.TASTE", {"category": "fresh", "kind": "refund_only", "amount": 1}, "goodwill"),
        ("SV.PRICE_DIFF", {"kind": "refund_only", "amount": 1}, "goodwill"),
        ("SV.INVOICE", {"kind": "refund_only", "amount": 0}, "goodwill"),
        ("OT.OTHER", {}, "goodwill"),
        ("NR.STYLE", {"part_of_kit": True}, "kit"),
        ("NR.STYLE", {"resettle": True}, "resettle"),
        ("NR.STYLE", {"miscounted": True}, "miscounted"),
        ("NR.STYLE", {"sent_back": False}, "above_limit"),
    ],
)
def test_what_people_see(reason, known, code):
    found = verdict(reason, **known)
    assert said(found) == ("review", code)
    assert found.who == "merchant"


def test_some_units_of_an_order_are_ordinary():
    assert verdict("NR.STYLE", quantity=2).outcome == "approve"


@pytest.mark.parametrize(("units", "missing"), [(2, ["fewer_units"]), (0, [])])
def test_more_than_there_is_is_refused_and_says_what_is_left(units, missing):
    found = verdict("NR.STYLE", quantity=3, units=units)
    assert said(found) == ("refuse", "no_units")
    assert [one.code for one in found.missing] == missing


@pytest.mark.parametrize(("attempts", "outcome"), [(4, "approve"), (5, "refuse")])
def test_a_sixth_request_for_a_line_is_refused(attempts, outcome):
    assert verdict("NR.STYLE", attempts=attempts).outcome == outcome


def test_another_reason_is_not_offered_where_every_reason_is_refused():
    assert verdict("NR.STYLE", attempts=5).missing == ()


def test_being_out_of_time_is_told_before_missing_evidence():
    found = verdict("FU.MISSING", kind="refund_only", filed_at=local("2026-12-01 00:00:00"))
    assert said(found) == ("refuse", "out_of_window")


def test_missing_evidence_is_asked_for_before_people_look():
    assert verdict("FU.MISSING", kind="refund_only", risk=99).outcome == "needs_evidence"


def test_each_parcel_has_its_own_window():
    parcels = (
        Arrival(1, local("2026-11-01 09:00:00"), local("2026-11-02 10:00:00")),
        Arrival(1, local("2026-11-04 09:00:00"), local("2026-11-05 10:00:00")),
    )
    late = local("2026-11-10 12:00:00")  # the first parcel's window ended the night before
    one = verdict("NR.STYLE", arrivals=parcels, units=2, filed_at=late)
    assert (one.outcome, one.deadline) == ("approve", local("2026-11-12 23:59:59"))
    both = verdict("NR.STYLE", arrivals=parcels, units=2, quantity=2, filed_at=late)
    assert (both.outcome, both.missing[0].params["units"]) == ("refuse", 1)
    assert both.deadline == local("2026-11-09 23:59:59")


def test_an_earlier_request_took_the_parcel_that_closed_first():
    parcels = (
        Arrival(1, local("2026-11-01 09:00:00"), local("2026-11-02 10:00:00")),
        Arrival(1, local("2026-11-04 09:00:00"), local("2026-11-05 10:00:00")),
    )
    late = local("2026-11-10 12:00:00")
    in_time, after = Taken(local("2026-11-06 12:00:00"), 1), Taken(local("2026-11-10 11:00:00"), 1)
    assert verdict("NR.STYLE", arrivals=parcels, units=1, taken=(in_time,), filed_at=late).outcome == "approve"
    assert verdict("NR.STYLE", arrivals=parcels, units=1, taken=(after,), filed_at=late).outcome == "refuse"


def test_without_a_delivery_scan_the_date_is_estimated():
    found = verdict("NR.STYLE", arrivals=ON_THE_WAY)
    assert found.outcome == "approve"
    assert found.estimated
    assert found.deadline == local("2026-11-19 23:59:59")  # sent on the 2nd, 10 days for the way, 7 days


@pytest.mark.parametrize("reason", ["LG.TOO_LATE", "LG.NO_TRACK", "LG.NOT_RECEIVED", "LG.REFUSED"])
def test_what_has_not_arrived_can_be_reported_at_any_time(reason):
    found = verdict(
        reason, arrivals=ON_THE_WAY, kind="refund_only", amount=3000, filed_at=local("2027-06-01 10:00:00")
    )
    assert (found.outcome, found.deadline) == ("approve", None)


def test_a_recall_is_taken_back_whenever_it_is_asked_for():
    found = verdict("PL.PLATFORM", filed_at=local("2027-06-01 10:00:00"))
    assert (found.outcome, found.deadline) == ("approve", None)


def test_the_worst_line_decides_and_all_reasons_are_kept():
    good, bad = line("NR.STYLE"), line("FU.WRONG_ITEM", line_no="2")
    found = judge(request(good, bad), VERSION_1)
    assert found.outcome == "needs_evidence"
    assert [(one.params["line_no"], one.code) for one in found.reasons] == [
        ("2", "evidence_missing"),
        ("1", "within_window"),
    ]
    refused = judge(request(good, bad, line("NR.STYLE", line_no="3", category="fresh")), VERSION_1)
    assert (refused.outcome, len(refused.reasons)) == ("refuse", 3)


def test_the_platform_looks_when_one_of_the_lines_needs_it():
    mixed = request(line("NR.STYLE"), line("OT.OTHER", line_no="2"), risk=70)
    assert judge(mixed, VERSION_1).who == "support"


def test_the_trace_keeps_the_facts_and_survives_storage():
    found = verdict("NR.STYLE", filed_at=NEXT_DAY)
    kept = Verdict.from_json(found.as_json())
    assert kept == found
    assert kept.reasons[0].params["in_window"] is True
    assert kept.reasons[0].params["deadline"] == LAST_SECOND.isoformat()


def test_what_no_rule_decides_a_person_does():
    empty = Policy(9, VERSION_1.starts_at, (), (), VERSION_1.terms)
    found = verdict("NR.STYLE", policy=empty)
    assert said(found) == ("review", "person_looks")


def test_a_line_in_one_parcel_of_three_units_needs_no_bookkeeping():
    assert verdict("NR.STYLE", quantity=3, arrivals=DELIVERED).outcome == "approve"
