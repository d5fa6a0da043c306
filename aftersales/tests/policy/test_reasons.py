import pytest

from aftersales.policy import reasons
from aftersales.policy.reasons import (
    EVIDENCE,
    KINDS,
    REASONS,
    REJECTIONS,
    STATES,
    cannot_fit,
    is_fault,
    leaves_goods,
    offered,
)

FAULTS = [
    "QL.DEFECT", "QL.MATERIAL", "QL.NOT_AS_DESCRIBED", "QL.FAKE", "QL.NO_LABEL", "QL.EXPIRED",
    "QL.ALLERGY", "FR.ROT", "FR.SHORT_WEIGHT", "FR.SIZE_WRONG", "FR.THAWED", "FR.DEAD", "FR.UNRIPE_ROT",
    "FU.WRONG_ITEM", "FU.MISSING", "FU.EMPTY", "LG.DAMAGED", "LG.NOT_RECEIVED", "LG.NO_TRACK",
    "LG.TOO_LATE", "UN.LATE_SHIP", "UN.OUT_OF_STOCK", "SV.INVOICE", "SV.PRICE_DIFF", "PL.PLATFORM",
]  # fmt: skip
NO_FAULTS = [
    "NR.NO_LONGER_WANT", "NR.ORDERED_WRONG", "NR.SIZE_LARGE", "NR.SIZE_SMALL", "NR.STYLE", "NR.COLOR",
    "NR.BETTER_PRICE", "FR.TASTE", "LG.REFUSED", "UN.NOT_SHIPPED", "OT.OTHER",
]  # fmt: skip


def test_every_reason_of_the_taxonomy_is_there():
    assert set(REASONS) == {*FAULTS, *NO_FAULTS}


@pytest.mark.parametrize("code", FAULTS)
def test_at_fault_are_merchant_courier_and_platform(code):
    assert is_fault(code)


@pytest.mark.parametrize("code", NO_FAULTS)
def test_taste_refusal_and_change_of_mind_are_nobodys_fault(code):
    assert not is_fault(code)


@pytest.mark.parametrize("reason", REASONS.values(), ids=str)
def test_every_reason_is_complete(reason):
    assert reason.basis in reasons.BASES
    assert reason.evidence in EVIDENCE
    assert reason.kinds
    assert set(reason.kinds) <= set(KINDS)
    assert set(reason.states) <= set(STATES)
    assert str(reason.text)


FITTING = {"kind": "refund_only", "category": "apparel", "shipped": 2, "unshipped": 1}


@pytest.mark.parametrize(
    ("code", "known", "fits"),
    [
        ("FR.ROT", {"category": "fresh"}, True),
        ("FR.ROT", {}, False),
        ("FR.TASTE", {"category": "packaged_food"}, False),
        ("UN.NOT_SHIPPED", {}, True),
        ("UN.NOT_SHIPPED", {"unshipped": 0}, False),
        ("FU.MISSING", {"shipped": 0}, False),
        ("QL.DEFECT", {"shipped": 0}, False),
        ("FR.ROT", {"category": "fresh", "shipped": 0}, False),
        ("NR.STYLE", {"kind": "return_refund", "shipped": 0}, False),
        ("NR.STYLE", {"kind": "return_refund"}, True),
        ("NR.STYLE", {"kind": "return_refund", "category": "fresh"}, True),
        ("NR.STYLE", {}, False),
        ("NR.STYLE", {"kind": "repair"}, False),
        ("UN.NOT_SHIPPED", {"kind": "return_refund"}, False),
        ("LG.TOO_LATE", {"kind": "repair"}, False),
        ("OT.OTHER", {"kind": "repair"}, True),
        ("XX.NOTHING", {}, False),
    ],
)
def test_what_cannot_fit_is_told_and_all_else_is_judged(code, known, fits):
    assert (cannot_fit(code, **(FITTING | known)) is None) is fits


def test_fresh_goods_offer_no_change_of_mind():
    codes = offered("fresh", "signed")
    assert codes[0] == "FR.ROT"
    assert {code[:2] for code in codes} == {"FR", "FU", "LG", "SV", "OT"}


@pytest.mark.parametrize("category", ["fresh", "apparel", "electronics", "digital", "toys"])
def test_what_is_not_sent_can_only_be_cancelled(category):
    assert offered(category, "unshipped") == ("UN.NOT_SHIPPED", "UN.LATE_SHIP", "UN.OUT_OF_STOCK")


def test_what_is_on_its_way_offers_delivery_problems():
    assert offered("apparel", "shipped") == ("LG.NOT_RECEIVED", "LG.NO_TRACK", "LG.TOO_LATE", "LG.REFUSED")


def test_apparel_offers_sizes_and_electronics_do_not():
    assert "NR.SIZE_LARGE" in offered("apparel", "signed")
    assert "NR.SIZE_LARGE" not in offered("electronics", "signed")
    assert {"QL.DEFECT", "QL.FAKE"} <= set(offered("electronics", "signed"))


def test_a_closed_window_hides_the_change_of_mind():
    assert not any(code.startswith("NR") for code in offered("apparel", "signed", no_reason=()))


def test_goods_that_a_shop_alone_takes_back_without_a_reason_are_offered_so():
    opened = offered("custom", "signed", no_reason=reasons.NO_REASONS)
    assert [code for code in opened if code.startswith("NR")] == [
        "NR.NO_LONGER_WANT", "NR.ORDERED_WRONG", "NR.BETTER_PRICE",
    ]  # fmt: skip
    assert "NR.STYLE" in offered("apparel", "signed", no_reason={"NR.STYLE"})
    assert "NR.COLOR" not in offered("apparel", "signed", no_reason={"NR.STYLE"})


def test_nobody_is_told_to_keep_what_never_came():
    assert [code for code in REASONS if not leaves_goods(code)] == [
        "FU.MISSING", "FU.EMPTY", "LG.NOT_RECEIVED", "LG.NO_TRACK", "LG.TOO_LATE", "LG.REFUSED", "UN.LATE_SHIP",
        "UN.OUT_OF_STOCK",
    ]  # fmt: skip


def test_a_recall_is_offered_to_nobody():
    assert not any("PL.PLATFORM" in offered("apparel", state) for state in STATES)


def test_a_suspicion_needs_the_finding_written_down():
    assert REJECTIONS["R_FRAUD"].internal
    assert REJECTIONS["R_FRAUD"].needs_text
    assert [code for code, rejection in REJECTIONS.items() if rejection.internal] == ["R_FRAUD"]
