"""Each signal: what raises it, what does not, its evidence, how it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from aftersales.evidence.models import Evidence
from aftersales.returns.services.parts import pay_part
from aftersales.risk import digests, queries
from aftersales.risk.models import Measure, Signal, Trace
from aftersales.risk.rules import SIGNALS, Found, Line, habits, proposal
from aftersales.risk.services.measures import Terms, decide_anew
from aftersales.risk.services.scoring import look_at_credit
from aftersales.risk.services.signals import _is_new, dismiss_signal, forget_old_traces
from aftersales.tests.desk.cases import Desk, a_desk
from logistics.parcels.models import Parcel
from orders.customers.models import Customer
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RIK, MIA = Actor("support", "905", "Rik"), Actor("merchant", "8", "Mia")


def line(case: str, *, days=1, reason="NR.STYLE", category="apparel", fault=False, grades="", refused=False, **more):
    at = NOW - timedelta(days=days)
    told = {"in_use": True} | more
    return Line(case, at, reason, category, fault, frozenset(grades), refused, **told)


def codes(*lines: Line) -> list[str]:
    return [found.code for found in habits(lines, now=NOW)]


@pytest.mark.parametrize(("lines", "found"), [
    ([line(f"R{n}") for n in range(5)], []),
    ([line(f"R{n}") for n in range(6)], ["often"]),
    ([line(f"R{n}", days=31) for n in range(6)], []),
    ([line(f"R{n}", in_use=False) for n in range(6)], []),
    ([line("R1")] * 6, []),  # six lines of one case
    ([line("R1", grades="C"), line("R2", grades="D")], ["worn"]),
    ([line("R1", grades="C")], []),
    ([line("R1", grades="C", category="electronics"), line("R2", grades="C", category="electronics")], []),
    ([line("R1", grades="C", fault=True, reason="QL.DEFECT")] * 2, []),
    ([line("R1", grades="X")], ["other_goods"]),
    ([line(f"R{n}", reason="FU.MISSING", fault=True) for n in range(3)], ["missing_again"]),
    ([line(f"R{n}", reason="QL.DEFECT", fault=True, kept=900) for n in range(3)], ["kept_again"]),
    ([line(f"R{n}", reason="QL.DEFECT", fault=True, grades="A") for n in range(2)], ["not_borne_out"]),
    ([line(f"R{n}", reason="QL.DEFECT", grades="B", disproved=True) for n in range(2)], ["not_borne_out"]),
])  # fmt: skip
def test_habits_are_seen_when_cases_are_looked_at_together(lines, found):
    assert codes(*lines) == found


def test_a_signal_names_its_cases_newest_first_and_ends_after_the_last():
    found = habits([line("R1", days=20, grades="C"), line("R2", days=2, grades="D")], now=NOW)[0]
    assert [about["case"] for about in found.evidence] == ["R2", "R1"]
    assert found.evidence[0]["grades"] == ["D"]
    assert found.expires_at == NOW - timedelta(days=2) + timedelta(days=SIGNALS["worn"].days)


@pytest.mark.parametrize(("weights", "kind"), [([], ""), ([39], ""), ([30, 10], "watch"), ([40, 40], "review")])
def test_above_the_threshold_people_are_asked(weights, kind):
    assert proposal(weights) == kind


# --- from rows --------------------------------------------------------------------------------------------

db = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return a_desk()


def looked_at(desk: Desk) -> dict[str, Signal]:
    look_at_credit(now=desk.later(seconds=1))
    return {signal.code: signal for signal in Signal.objects.filter(dismissed_at=None)}


def somebody(desk: Desk, name: str, **more) -> dict:
    customer = {"external_id": name, "name": name, "phone": f"+86139{abs(hash(name)) % 10**8:08d}", "email": ""}
    place = {"name": name, "phone": customer["phone"], "province": "上海市", "city": "上海市", "district": "徐汇区",
             "street": f"{name} 路 1 号"}  # fmt: skip
    return {"customer": customer | more, "ship_to": place}


def photo(row, sha: str) -> None:
    Evidence.objects.create(
        merchant=row.merchant, case_ref=row.return_no, kind="photo", sha256=sha, copy_sha256=sha, path="x", size=1,
        by_kind="customer", created_at=row.filed_at,
    )  # fmt: skip


@db
def test_another_customers_picture_is_a_signal_about_the_later_one_only(desk):
    first = desk.filed(order=desk.order(**somebody(desk, "first")))
    desk.later(minutes=5)
    second = desk.filed(order=desk.order(**somebody(desk, "second")))
    photo(first, "a" * 64), photo(second, "a" * 64), photo(second, "b" * 64)
    found = looked_at(desk)
    assert [(found["same_photo"].customer.name, found["same_photo"].evidence)] == [
        ("second", [{"case": second.return_no, "other": first.return_no}])
    ]
    assert Signal.objects.count() == 1


@db
def test_ones_own_picture_again_is_none(desk):
    for row in (desk.filed(), desk.filed()):
        photo(row, "a" * 64)
    assert looked_at(desk) == {}


@db
def test_a_waybill_that_brought_other_goods_back_is_a_signal(desk):
    rows = [desk.filed(order=desk.order(**somebody(desk, name))) for name in ("first", "second")]
    for place, row in enumerate(rows):
        Parcel.objects.create(
            reference=f"{row.return_no}-P", leg=row.return_no, way="self_ship", order=row.order,
            merchant=row.merchant, sender={}, receiver={}, number=f"N{place}", courier="sf", waybill="SF99",
            state="delivered",
            requested_at=desk.later(hours=1), delivered_at=desk.at, by_word=True,
        )  # fmt: skip
    found = looked_at(desk)["same_waybill"]
    assert (found.customer.name, found.evidence[0]["other"], found.weight) == ("second", rows[0].return_no, 40)


@db
def test_sharing_a_phone_or_an_address_alone_is_no_signal_and_sharing_it_with_known_ones_is(desk):
    place = somebody(desk, "home")["ship_to"]
    rows = [desk.filed(order=desk.order(**somebody(desk, name) | {"ship_to": place})) for name in ("a", "b", "c")]
    assert looked_at(desk) == {}
    assert len(queries.linked_with(rows[0].customer)) == 2
    Signal.objects.create(
        customer=rows[1].customer, code="same_waybill", weight=40, found_at=desk.at,
        expires_at=desk.at + timedelta(days=9),
    )  # fmt: skip
    desk.filed(order=desk.order(**somebody(desk, "a") | {"ship_to": place}))
    found = looked_at(desk)["linked"]
    assert found.customer_id == rows[0].customer_id
    assert found.evidence == [{"case": "", "customers": 2, "known": 1, "by": ["address"]}]


def test_digests_compare_and_tell_nothing():
    assert digests.of_phone("+8613800138000") == digests.of_phone("138 0013 8000") != digests.of_phone("13800138001")
    assert "13800138000" not in digests.of_phone("13800138000")
    here = {"city": "上海市", "district": "浦东新区", "street": "世纪大道 100 号"}
    assert digests.of_address(here) == digests.of_address(here | {"street": "世纪大道100号", "name": "x"})
    assert digests.of_address({}) == digests.of_phone("") == ""


@db
def test_traces_are_forgotten_a_year_after_they_were_used(desk):
    desk.filed()
    looked_at(desk)
    assert Trace.objects.count() == 2
    assert forget_old_traces(now=desk.at + timedelta(days=300)) == 0
    assert forget_old_traces(now=desk.at + timedelta(days=370)) == 2


@db
def test_a_dismissed_signal_stays_so_until_there_is_something_new(desk):
    customer = desk.filed().customer
    for _ in range(5):
        desk.filed()
    signal = looked_at(desk)["often"]
    with pytest.raises(Invalid):
        dismiss_signal(signal.pk, note=" ", by=RIK, now=desk.at)
    dismiss_signal(signal.pk, note="A large family.", by=RIK, now=desk.at)
    with pytest.raises(WrongState):
        dismiss_signal(signal.pk, note="Again.", by=RIK, now=desk.at)
    assert looked_at(desk) == {}
    desk.filed()
    assert looked_at(desk)["often"].pk != signal.pk
    assert Signal.objects.filter(customer=customer).count() == 2


@db
def test_signals_over_the_threshold_propose_once_and_change_nothing_for_the_customer(desk):
    row = desk.filed()
    for code, weight in (("worn", 30), ("kept_again", 15)):
        Signal.objects.create(
            customer=row.customer, code=code, weight=weight, found_at=desk.at, evidence=[{"case": row.return_no}],
            expires_at=desk.at + timedelta(days=9),
        )  # fmt: skip
    looked_at(desk), looked_at(desk)
    measure = Measure.objects.get()
    assert (measure.kind, measure.state, measure.decided_by) == ("watch", "proposed", None)
    assert {told["code"] for told in measure.signals} == {"worn", "kept_again"}
    later = desk.filed()
    assert (later.state, later.facts["risk"]) == ("approved", 40)


@db
def test_a_watch_silences_no_graver_signals(desk):
    row = desk.filed()
    watch = Terms("watch", 365, why="Two worn coats")
    decide_anew(row.customer, watch, by=RIK, now=desk.at)
    for code in ("other_goods", "other_serial"):
        Signal.objects.create(
            customer=row.customer, code=code, weight=40, found_at=desk.at, evidence=[{"case": row.return_no}],
            expires_at=desk.at + timedelta(days=9),
        )  # fmt: skip
    looked_at(desk)
    assert set(Measure.objects.values_list("kind", "state")) == {("watch", "in_force"), ("review", "proposed")}


@db
def test_what_is_about_no_case_stays_dismissed_until_it_is_found_otherwise(desk):
    customer = desk.filed().customer
    seen = [{"case": "", "customers": 2, "known": 1, "by": ["phone"]}]
    known = Signal(customer=customer, code="linked", evidence=seen)
    assert not _is_new(Found("linked", NOW, seen), known)
    assert _is_new(Found("linked", NOW, [seen[0] | {"customers": 3}]), known)


@db
def test_what_a_shop_paid_unasked_is_held_against_nobody(desk):
    order = desk.order()
    for turn in range(6):
        pay_part(
            order.pk, line_no="1", reason="SV.PRICE_DIFF", amount=1, text="Sorry.", form_token=f"t{turn}", by=MIA,
            now=desk.at,
        )  # fmt: skip
    assert looked_at(desk) == {}
    row = desk.filed("NR.STYLE", order=order)
    assert (row.state, row.outcome) == ("approved", "approve"), "nor is it one of the requests that a line may have"


@db
def test_signals_that_expired_count_no_more(desk):
    customer = desk.filed().customer
    Signal.objects.create(customer=customer, code="worn", weight=30, found_at=desk.at, expires_at=desk.later(days=1))
    assert queries.signals_of(Customer.objects.all(), now=desk.at) == []
