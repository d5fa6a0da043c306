"""What a shop gives beyond the platform: what each clause changes, and that none can ever be harsher."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from aftersales.policy import facts
from aftersales.policy.clauses import ASKABLE, DEDUCTIONS, TIMES, Clause, Clauses
from aftersales.policy.facts import Arrival
from aftersales.policy.reasons import REASONS, offered
from aftersales.policy.rules import OUTCOMES, judge
from aftersales.policy.windows import OffDays

from .policies import DELIVERED, NEXT_DAY, SIGNED, VERSION_1, local, request

SECOND = timedelta(seconds=1)


def policy(*rows: Clause, platform=VERSION_1):
    return platform.with_clauses(Clauses(3, rows=rows, key=1))


def line(reason: str, of, **known):
    about = {
        "line_no": "1", "category": "apparel", "quantity": 1, "unit_price": 4000, "units": 3, "zone": "Asia/Shanghai",
        "filed_at": NEXT_DAY, "off_days": OffDays(), "arrivals": DELIVERED, "sku": "COAT-1",
    }  # fmt: skip
    return facts.line_facts(of, reason=reason, **(about | known))


def verdict(reason: str, of, *, kind="return_refund", amount=4000, filed_at=NEXT_DAY, **known):
    asked = line(reason, of, filed_at=filed_at, **known)
    back = kind in ("return_refund", "exchange", "repair")
    return judge(request(asked, kind=kind, sent_back=back, amount=amount, filed_at=filed_at), of)


def said(found) -> tuple:
    return found.outcome, found.reasons[0].rule


# --- longer windows ---------------------------------------------------------------------------------------


def test_more_time_is_counted_to_the_last_second_and_named_where_it_decided():
    kind = policy(Clause("window", "no_reason", "apparel", length=15, row=8))
    last = local("2026-11-18 23:59:59")
    assert said(verdict("NR.STYLE", kind)) == ("approve", "platform.no_reason")
    late = verdict("NR.STYLE", kind, filed_at=last)
    assert said(late) == ("approve", "shop.window")
    assert (late.reasons[0].version, late.reasons[0].params["shop_version"]) == (1, 3)
    assert late.deadline == last
    refused = verdict("NR.STYLE", kind, filed_at=last + SECOND)
    assert said(refused) == ("refuse", "platform.window")
    assert refused.deadline == last


def test_a_clause_for_one_product_or_kind_leaves_the_others_alone():
    kind = policy(Clause("window", "no_reason", sku="COAT-1", length=30))
    later = local("2026-11-25 12:00:00")
    assert verdict("NR.STYLE", kind, filed_at=later).outcome == "approve"
    assert verdict("NR.STYLE", kind, filed_at=later, sku="COAT-2").outcome == "refuse"


def test_the_most_exact_clause_holds():
    kind = policy(
        Clause("window", "no_reason", length=10),
        Clause("window", "no_reason", "apparel", length=20),
        Clause("window", "no_reason", "apparel", sku="SALE", length=8),
    )
    ends = {sku: verdict("NR.STYLE", kind, sku=sku).deadline for sku in ("COAT", "SALE")}
    assert ends == {"COAT": local("2026-11-23 23:59:59"), "SALE": local("2026-11-11 23:59:59")}
    assert verdict("NR.STYLE", kind, category="toys").deadline == local("2026-11-13 23:59:59")


def test_a_clause_for_all_goods_leaves_the_platforms_own_limits_for_a_kind_of_goods():
    kind = policy(Clause("window", "quality", length=60), Clause("window", "no_reason", length=30))
    fresh = {"kind": "refund_only", "category": "fresh", "amount": 3000}
    assert verdict("FR.ROT", kind, filed_at=SIGNED + timedelta(hours=25), **fresh).outcome == "refuse"
    assert said(verdict("NR.NO_LONGER_WANT", kind, category="custom"))[0] == "refuse"
    assert verdict("QL.DEFECT", kind).deadline == local("2027-01-02 23:59:59")


def test_days_over_hours_end_at_the_later_of_both_also_when_the_clock_jumps():
    """On the night clocks go forward in New York one local day has 23 hours: the platform's 24 hours end later."""
    kind = policy(Clause("window", "quality", "fresh", length=1, unit="days"))
    signed = local("2027-03-14 12:30:00")  # 23:30 on 13 March in New York
    arrivals = (Arrival(1, signed - timedelta(days=1), signed),)
    about = {"category": "fresh", "arrivals": arrivals, "zone": "America/New_York", "filed_at": signed, "units": 1}
    assert line("FR.ROT", kind, **about).deadline == signed + timedelta(hours=24)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_clause_windows_end_at_the_shops_midnight_in_every_zone(zone):
    kind = policy(Clause("window", "no_reason", length=14))
    end = line("NR.STYLE", kind, zone=zone).deadline
    day = facts.windows.ZoneInfo(zone)
    assert end.astimezone(day).strftime("%H:%M:%S") == "23:59:59"
    assert end.astimezone(day).date() == SIGNED.astimezone(day).date() + timedelta(days=14)
    for at, outcome in ((end, "approve"), (end + SECOND, "refuse")):
        assert verdict("NR.STYLE", kind, zone=zone, filed_at=at).outcome == outcome


def test_a_clause_window_rolls_over_the_national_day_and_counts_each_parcel():
    kind = policy(Clause("window", "no_reason", length=10))
    first, second = local("2026-09-21 10:00:00"), local("2026-09-24 10:00:00")  # + 10 days: 1 and 4 October
    arrivals = tuple(Arrival(1, at - timedelta(days=1), at) for at in (first, second))
    ends = {
        arrivals[0]: local("2026-10-08 23:59:59"),
        arrivals[1]: local("2026-10-08 23:59:59"),
    }
    for parcel, end in ends.items():
        assert line("NR.STYLE", kind, arrivals=(parcel,), units=1, filed_at=second).deadline == end
    between = local("2026-09-20 10:00:00")
    apart = (Arrival(1, between, between), Arrival(2, between, between + timedelta(days=2)))
    after_first = local("2026-10-09 00:00:00")
    assert verdict("NR.STYLE", kind, arrivals=apart, quantity=1, filed_at=after_first).outcome == "refuse"
    early = (Arrival(1, between, local("2026-09-10 10:00:00")), Arrival(1, between, local("2026-09-15 10:00:00")))
    at = local("2026-09-22 10:00:00")
    two = verdict("NR.STYLE", kind, arrivals=early, quantity=2, units=2, filed_at=at)
    assert two.outcome == "refuse"
    assert [missing.params["units"] for missing in two.missing if missing.code == "fewer_units"] == [1]
    assert said(verdict("NR.STYLE", kind, arrivals=early, units=2, filed_at=at))[0] == "approve"


# --- goods the law lets shops exclude ---------------------------------------------------------------------


def test_a_shop_may_open_no_reason_returns_for_what_the_law_only_lets_it_exclude():
    kind = policy(Clause("open", "no_reason", "custom", length=3))
    assert said(verdict("NR.NO_LONGER_WANT", kind, category="custom")) == ("approve", "shop.open")
    late = local("2026-11-07 00:00:00")
    assert said(verdict("NR.NO_LONGER_WANT", kind, category="custom", filed_at=late)) == ("refuse", "platform.window")
    assert said(verdict("NR.NO_LONGER_WANT", kind, category="digital"))[0] == "refuse"


def test_opening_beats_the_buyers_confirmation_and_never_shortens_for_who_confirmed_nothing():
    kind = policy(Clause("open", "no_reason", "cosmetics", length=3))
    confirmed = verdict("NR.NO_LONGER_WANT", kind, category="cosmetics", confirmed_at=SIGNED)
    assert said(confirmed) == ("approve", "shop.open")
    assert confirmed.deadline == local("2026-11-06 23:59:59")
    assert verdict("NR.NO_LONGER_WANT", kind, category="cosmetics").deadline == local("2026-11-10 23:59:59")


@pytest.mark.parametrize("opened", [Clause("open", "no_reason", "cosmetics", length=3),
                                    Clause("open", "no_reason", sku="COAT-1", length=3)])  # fmt: skip
def test_a_shorter_time_for_who_confirmed_takes_nothing_from_who_did_not(opened):
    longer = Clause("window", "no_reason", "cosmetics", length=30)
    for kind in (policy(opened, longer), policy(longer, opened)):
        assert verdict("NR.NO_LONGER_WANT", kind, category="cosmetics").deadline == local("2026-12-03 23:59:59")
        confirmed = verdict("NR.NO_LONGER_WANT", kind, category="cosmetics", confirmed_at=SIGNED)
        assert confirmed.deadline == local("2026-11-06 23:59:59")


# --- limits, evidence, freight, terms ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (3000, ("approve", "platform.keep_small")),
        (3001, ("approve", "shop.keep")),
        (8000, ("approve", "shop.keep")),
        (8001, ("review", "platform.otherwise")),
    ],
)
def test_a_higher_limit_approves_more_at_once(amount, told):
    kind = policy(Clause("keep", limit=8000))
    assert said(verdict("QL.DEFECT", kind, kind="refund_only", amount=amount)) == told


def test_a_limit_lifts_no_review_that_is_about_something_else():
    kind = policy(Clause("keep", limit=100_000), Clause("send_back", limit=100_000))
    for known in ({"part_of_kit": True},):
        assert verdict("QL.DEFECT", kind, kind="refund_only", **known).outcome == "review"
    risky = replace(request(line("QL.DEFECT", kind), amount=3000), risk=60)
    assert judge(risky, kind).reasons[0].rule == "platform.risk"
    assert verdict("OT.OTHER", kind, kind="refund_only").outcome == "review"


def test_fewer_photos_are_asked_for():
    kind = policy(Clause("evidence", reason="FU.MISSING", evidence="E0"))
    assert verdict("FU.MISSING", VERSION_1, kind="refund_only", amount=3000).outcome == "needs_evidence"
    assert said(verdict("FU.MISSING", kind, kind="refund_only", amount=3000)) == ("approve", "platform.keep_small")
    assert verdict("FU.EMPTY", kind, kind="refund_only", amount=3000).outcome == "needs_evidence"


def test_the_shop_pays_the_way_back_where_it_says_so():
    kind = policy(Clause("freight", "no_reason", "apparel"))
    about = {"sku": "", "reason": "NR.STYLE"}
    assert kind.clauses.bears_freight(basis="no_reason", category="apparel", **about)
    assert not kind.clauses.bears_freight(basis="no_reason", category="toys", **about)
    assert not kind.clauses.bears_freight(basis="goodwill", category="apparel", **about)


def test_terms_become_kinder_and_never_harsher():
    harsh = replace(VERSION_1, terms=replace(VERSION_1.terms, deduct_pickup=True, broken_threshold="RESETTLE"))
    kind = policy(
        Clause("no_deduction", term="pickup"),
        Clause("no_deduction", term="promotion"),
        Clause("time", term="evidence", length=96),
        Clause("time", term="sending", length=3),  # less than the platform's: without effect
        Clause("time", term="answer", length=12),
        Clause("time", term="count", length=90),
        Clause("courier", limit=2000),
        platform=harsh,
    )
    terms = kind.terms
    assert (terms.deduct_pickup, terms.broken_threshold, terms.return_freight_cap) == (False, "PRO_RATA", 2000)
    assert (terms.evidence_hours, terms.customer_send_days) == (96, 7)
    assert (terms.merchant_answer_hours, terms.merchant_count_hours) == (12, 48)


# --- never harsher ----------------------------------------------------------------------------------------


def any_clause(dice: random.Random) -> Clause:
    """Any row the tables could hold, harsher ones than the platform included."""
    gives = dice.choice(["window", "open", "keep", "send_back", "evidence", "freight", "no_deduction", "time"])
    basis = dice.choice(["no_reason", "quality", "fulfilment"])
    category = dice.choice(["", "", "fresh", "apparel", "cosmetics", "custom"])
    reason = dice.choice([""] * 12 + [code for code, one in REASONS.items() if one.basis == basis])
    term = dice.choice(list(DEDUCTIONS if gives == "no_deduction" else TIMES))
    return Clause(
        gives, "no_reason" if gives == "open" else basis, category, dice.choice(["", "", "", "COAT-1", "S2"]), reason,
        length=dice.choice([1, 2, 6, 7, 8, 15, 24, 30, 400]), unit=dice.choice(["hours", "days"]),
        limit=dice.choice([1, 2999, 3000, 3001, 60_000]), evidence=dice.choice(ASKABLE), term=term,
    )  # fmt: skip


def any_request(dice: random.Random):
    category = dice.choice(["fresh", "apparel", "cosmetics", "custom", "electronics"])
    reason = dice.choice(offered(category, "signed"))
    signed = SIGNED + timedelta(seconds=dice.randrange(0, 86_400 * 400))
    kind = dice.choice(REASONS[reason].kinds)
    known = {
        "category": category, "sku": dice.choice(["COAT-1", "S2", "S3"]), "quantity": dice.choice([1, 2]),
        "arrivals": (Arrival(1, signed - timedelta(days=2), signed), Arrival(2, signed, signed + timedelta(days=3))),
        "unit_price": dice.choice([4000, 60_000]), "photos": dice.choice([0, 1]),
        "confirmed_at": dice.choice([None, signed]), "zone": dice.choice(["Asia/Shanghai", "America/New_York"]),
        "filed_at": signed + timedelta(seconds=dice.randrange(0, 86_400 * 25)),
    }  # fmt: skip
    return reason, kind, dice.choice([2000, 3000, 5000, 50_001]), known


def test_no_clause_whatever_it_says_is_ever_harsher_than_the_platform():
    dice = random.Random(20310)
    changed = 0
    for _turn in range(4000):
        kind = policy(*(any_clause(dice) for _row in range(dice.randrange(1, 60))))
        reason, wish, amount, known = any_request(dice)
        own = verdict(reason, VERSION_1, kind=wish, amount=amount, **known)
        eased = verdict(reason, kind, kind=wish, amount=amount, **known)
        assert OUTCOMES.index(eased.outcome) <= OUTCOMES.index(own.outcome), (reason, known, kind.clauses)
        known.pop("photos")
        mine, theirs = line(reason, kind, **known), line(reason, VERSION_1, **known)
        assert mine.open_units >= theirs.open_units or theirs.excluded != "none"
        changed += eased.outcome != own.outcome
    assert changed > 100  # the clauses do something at all
