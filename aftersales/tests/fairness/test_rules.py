import pytest

from aftersales.fairness.rules import FEWEST, Answers, share, together


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(1, 3, 3333), (2, 3, 6667), (0, 5, 0), (5, 5, 10_000), (0, 0, None)]
)
def test_a_share_is_rounded_once(part, whole, said):
    assert share(part, whole) == said


def test_few_decided_cases_are_no_ground_for_comparing():
    assert Answers(cases=100, granted=10, refused=9).too_few
    assert not Answers(granted=FEWEST).too_few


def test_together_adds_counts_and_money_by_currency():
    one = Answers(cases=2, granted=1, money={"CNY": 5})
    other = Answers(cases=3, refused=2, money={"CNY": 7, "USD": 1})
    assert together([one, other], answer_s=60.0) == Answers(
        cases=5, granted=1, refused=2, money={"CNY": 12, "USD": 1}, answer_s=60.0
    )
