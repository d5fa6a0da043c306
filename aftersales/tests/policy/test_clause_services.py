"""Clauses of a shop as rows: refused at save when harsher, frozen once published, the kinder of both afterwards."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from aftersales.policy import queries, services
from aftersales.policy.clause_models import ClauseRow, ClauseVersion
from aftersales.policy.facts import basis_window
from aftersales.policy.models import PolicyVersion, WindowRow
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState
from returns_platform.tests.journeys.shop import open_shop, order_body

from .policies import local

pytestmark = pytest.mark.django_db

NOW = local("2026-11-20 12:00:00")
TOMORROW = NOW + timedelta(days=1)
MIA = Actor("merchant", "1", "mia")


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def draft(shop):
    return services.draft_clauses(shop.merchant, now=NOW)


def give(draft, gives: str, **figures) -> ClauseRow:
    if gives in ("window", "open"):
        figures.setdefault("unit", "days")
    return services.keep_clause(draft, ClauseRow(gives=gives, **figures), now=NOW)


HARSHER = [
    ("length", "already gives 7 days", {"gives": "window", "basis": "no_reason", "length": 6}),
    ("unit", "to the end of the last day", {"gives": "window", "basis": "quality", "length": 500, "unit": "hours"}),
    ("length", "already gives 24 hours",
     {"gives": "window", "basis": "quality", "category": "fresh", "length": 12, "unit": "hours"}),
    ("category", "the clause that opens them",
     {"gives": "window", "basis": "no_reason", "category": "fresh", "length": 3}),
    ("length", "From 1 to 1095 days", {"gives": "window", "basis": "no_reason", "length": 4000}),
    ("category", "not excluded", {"gives": "open", "basis": "no_reason", "category": "apparel", "length": 3}),
    ("category", "name one product", {"gives": "open", "basis": "no_reason", "length": 3}),
    ("limit", "¥30.00 at once", {"gives": "keep", "limit": 2999}),
    ("limit", "¥500.00 at once", {"gives": "send_back", "basis": "quality", "limit": 100}),
    ("limit", "two people decide", {"gives": "keep", "limit": 500_001}),
    ("evidence", "not less", {"gives": "evidence", "reason": "FU.MISSING", "evidence": "E2"}),
    ("reason", "nothing is asked for", {"gives": "evidence", "reason": "LG.NOT_RECEIVED", "evidence": "E1"}),
    ("reason", "does not go with", {"gives": "evidence", "reason": "NR.STYLE", "evidence": "E0"}),
    ("reason", "no such reason", {"gives": "keep", "reason": "QL.MOOD", "limit": 5000}),
    ("length", "already gives 72 hours", {"gives": "time", "term": "evidence", "length": 71}),
    ("length", "already asks for 24 hours", {"gives": "time", "term": "answer", "length": 25}),
    ("limit", "already repays up to ¥12.00", {"gives": "courier", "limit": 1199}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "words", "row"), HARSHER)
def test_what_is_harsher_than_the_platform_is_refused_with_a_sentence(draft, field, words, row):
    with translation.override("en"), pytest.raises(Invalid) as refused:
        give(draft, **row)
    assert words in str(refused.value.fields[field])
    assert draft.rows.count() == 0


KINDER = [
    {"gives": "window", "basis": "no_reason", "length": 7},
    {"gives": "window", "basis": "quality", "category": "fresh", "length": 2},
    {"gives": "open", "basis": "no_reason", "category": "custom", "length": 1},
    {"gives": "open", "basis": "no_reason", "sku": "NUT-1", "length": 2, "unit": "hours"},
    {"gives": "keep", "limit": 3000},
    {"gives": "send_back", "category": "apparel", "limit": 500_000},
    {"gives": "freight", "basis": "no_reason", "category": "apparel"},
    {"gives": "evidence", "reason": "FU.EMPTY", "evidence": "E1"},
    {"gives": "no_deduction", "term": "pickup"},
    {"gives": "time", "term": "inspection", "length": 2},
    {"gives": "courier", "limit": 3000},
]


def test_what_is_as_kind_or_kinder_is_kept_and_read_back(draft):
    for row in KINDER:
        give(draft, **row)
    kept = queries.effective(PolicyVersion.objects.get(number=1), draft)
    assert [row.gives for row in kept.clauses.rows] == [row["gives"] for row in KINDER]
    assert kept.terms.return_freight_cap == 3000


def test_the_same_clause_twice_is_refused(draft):
    give(draft, "keep", limit=5000)
    with translation.override("en"), pytest.raises(Invalid) as refused:
        give(draft, "keep", limit=6000)
    assert "already a clause" in str(refused.value.message)


def test_there_is_an_end_to_the_number_of_clauses(draft):
    ClauseRow.objects.bulk_create(
        ClauseRow(version=draft, gives="keep", sku=f"S{number}", limit=5000)
        for number in range(services.MOST_CLAUSES)
    )
    with pytest.raises(Invalid):
        give(draft, "keep", sku="one-more", limit=5000)


@pytest.mark.parametrize(
    "row",
    [
        {"gives": "keep"},
        {"gives": "keep", "limit": 5000, "length": 3},
        {"gives": "open", "basis": "no_reason", "length": 3, "unit": "days"},
        {"gives": "window", "basis": "goodwill", "length": 3, "unit": "days"},
        {"gives": "time", "term": "mood", "length": 3},
        {"gives": "evidence", "evidence": "EV"},
        {"gives": "refuse"},
    ],
)
def test_the_database_refuses_rows_without_sense(draft, row):
    with pytest.raises(IntegrityError), transaction.atomic():
        ClauseRow.objects.bulk_create([ClauseRow(version=draft, **row)])


@pytest.mark.parametrize(
    "row",
    [
        {"gives": "refuse"},
        {"gives": "x" * 10_000},
        {"gives": "time", "term": "mood", "length": 3},
        {"gives": "time", "term": "", "length": 3},
        {"gives": "no_deduction", "term": "answer"},
        {"gives": "window", "basis": "no_reason", "length": 30, "unit": "years"},
        {"gives": "window", "basis": "no_reason", "length": 10**9, "unit": "days"},
        {"gives": "window", "basis": "mood", "length": 30, "unit": "days"},
        {"gives": "keep", "limit": -1},
        {"gives": "keep", "limit": 10**30},
        {"gives": "keep", "limit": 5000, "sku": "A\x00B"},
        {"gives": "keep", "limit": 5000, "sku": "A\nB"},
        {"gives": "keep", "limit": 5000, "reason": "QL.DEFECT\x00"},
        {"gives": "evidence", "evidence": "EV"},
    ],
)
def test_a_hostile_row_is_refused_with_a_sentence_and_never_breaks(draft, row):
    with pytest.raises(Invalid) as refused:
        services.keep_clause(draft, ClauseRow(**row), now=NOW)
    assert refused.value.fields
    assert draft.rows.count() == 0


def test_published_clauses_stand_still_in_the_code_and_in_the_database(draft):
    row = give(draft, "keep", limit=5000)
    version = services.publish_clauses(draft, starts_at=TOMORROW, by=MIA, now=NOW)
    for act in (row.delete, row.save):
        row.version = version
        with pytest.raises(WrongState):
            act()
    with pytest.raises(WrongState):
        give(version, "keep", sku="X", limit=6000)
    for sql in (
        f"UPDATE aftersales_clauserow SET \"limit\" = 9000 WHERE id = {row.pk}",
        f"DELETE FROM aftersales_clauserow WHERE id = {row.pk}",
        f"UPDATE aftersales_clauseversion SET starts_at = now() WHERE id = {version.pk}",
        f"UPDATE aftersales_clauseversion SET state = 'draft' WHERE id = {version.pk}",
        "UPDATE aftersales_windowrow SET length = 3 WHERE length = 7",
        "UPDATE aftersales_policyversion SET deduct_pickup = true",
        "DELETE FROM aftersales_rulerow",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_clauses_start_and_are_withdrawn_in_time(draft):
    with pytest.raises(Invalid):
        services.publish_clauses(draft, starts_at=NOW - timedelta(seconds=1), by=MIA, now=NOW)
    version = services.publish_clauses(draft, starts_at=TOMORROW, by=MIA, now=NOW)
    with pytest.raises(WrongState):
        services.withdraw_clauses(version, now=TOMORROW)
    assert services.withdraw_clauses(version, now=NOW).state == "withdrawn"
    assert queries.in_force(TOMORROW, draft.merchant_id).clauses.number == 0


def test_a_shop_has_one_draft_which_begins_with_what_holds(shop, draft):
    give(draft, "keep", limit=5000)
    assert services.draft_clauses(shop.merchant, now=NOW) == draft
    services.publish_clauses(draft, starts_at=NOW, by=MIA, now=NOW)
    again = services.draft_clauses(shop.merchant, now=NOW)
    assert (again.number, [row.limit for row in again.rows.all()]) == (2, [5000])
    services.discard_clauses(again)
    assert ClauseVersion.objects.count() == 1


def test_an_order_keeps_the_clauses_of_its_purchase_and_other_shops_have_none(shop, draft, django_assert_num_queries):
    give(draft, "window", basis="no_reason", length=30)
    services.publish_clauses(draft, starts_at=TOMORROW, by=MIA, now=NOW)
    other = open_shop("other").merchant
    assert queries.in_force(TOMORROW - timedelta(seconds=1), shop.merchant.pk).clauses.number == 0
    assert queries.in_force(TOMORROW, shop.merchant.pk).clauses.number == 1
    assert queries.in_force(TOMORROW, other.pk).clauses.number == 0
    with django_assert_num_queries(1):
        assert queries.in_force(TOMORROW, shop.merchant.pk).number == 1


def test_when_the_platform_becomes_kinder_the_kinder_of_both_holds(draft):
    give(draft, "window", basis="no_reason", length=10)
    version = services.publish_clauses(draft, starts_at=NOW, by=MIA, now=NOW)
    platform = services.draft_from(PolicyVersion.objects.get(number=1))
    WindowRow.objects.filter(version=platform, basis="no_reason", category="").update(length=14)
    services.publish(platform, starts_at=TOMORROW, by=MIA, now=NOW)
    window, _excluded = basis_window(
        queries.in_force(TOMORROW, version.merchant_id), basis="no_reason", category="apparel"
    )
    assert window.told.length == 14


def test_a_case_keeps_both_versions_and_says_so_in_its_trace(shop):
    """The whole way through the API: forty days after delivery, under a clause of 60 days."""
    now = clock.now()
    draft = services.draft_clauses(shop.merchant, now=now)
    services.keep_clause(draft, ClauseRow(gives="window", basis="no_reason", length=60, unit="days"), now=now)
    services.keep_clause(draft, ClauseRow(gives="freight", basis="no_reason"), now=now)
    ago = now - timedelta(days=200)
    services.publish_clauses(draft, starts_at=ago, by=MIA, now=ago)
    body = order_body()
    signed = (now - timedelta(days=40)).isoformat()
    body["parcels"][0] |= {"shipped_at": (now - timedelta(days=42)).isoformat(), "signed_at": signed}
    body["placed_at"] = body["payments"][0]["paid_at"] = (now - timedelta(days=45)).isoformat()
    assert shop.put("A1", body)[0] == 201
    wish = {"order_no": "A1", "kind": "return_refund", "send_back": "self_ship", "refund_to": "original",
            "lines": [{"line_no": "1", "quantity": 1, "reason": "NR.NO_LONGER_WANT"}]}  # fmt: skip
    status, told = shop.post("/returns", wish)
    assert status == 201, told
    assert told["outcome"] == "approve"
    assert (told["reasons"][0]["rule"], told["reasons"][0]["version"]) == ("shop.window", 1)
    assert told["bill"]["freight_return"] == {"payer": "merchant", "amount": 1200, "deducted": 0}
    case = shop.merchant.returns.get()
    assert (case.policy_version, case.clauses.number) == (1, 1)
    assert queries.of_case(case).clauses.number == 1
    for change in ("policy_version = 2", "clauses_id = NULL"):
        sql = f"UPDATE aftersales_returnrequest SET {change} WHERE id = {case.pk}"
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
