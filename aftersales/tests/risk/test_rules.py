import pytest

from aftersales.risk.rules import borne_out


@pytest.mark.parametrize(("reason", "fault", "grades", "refused", "said"), [
    ("NR.STYLE", False, "A", False, "confirmed"),
    ("NR.STYLE", False, "C", False, ""),  # a person accepted the wear, or has not decided
    ("NR.STYLE", False, "C", True, "contradicted"),
    ("NR.STYLE", False, "", True, ""),
    ("QL.DEFECT", True, "D", False, "confirmed"),
    ("QL.DEFECT", True, "A", False, "contradicted"),
    ("QL.DEFECT", True, "AD", False, "confirmed"),
    ("QL.FAKE", True, "A", False, ""),  # a fake can be as new
    ("FU.WRONG_ITEM", True, "A", False, ""),
    ("QL.DEFECT", True, "X", False, ""),
    ("QL.DEFECT", True, "X", True, "contradicted"),
])  # fmt: skip
def test_the_bench_bears_a_reason_out_or_not(reason, fault, grades, refused, said):
    assert borne_out(reason, fault=fault, grades=frozenset(grades), refused=refused) == said
