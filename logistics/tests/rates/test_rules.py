"""Who is asked to come, and what is said about it."""

import pytest

from logistics.rates.rules import Option, Record, choose

POOR = Record(asked=20, failed=5)


def said(choice) -> list[tuple[str, str]]:
    return [(each.courier, each.code) for each in choice.said]


@pytest.mark.parametrize(
    ("options", "cheapest", "expected"),
    [
        ([Option("sf", 1200, True), Option("jd", 1300, True)], False, [("sf", "taken"), ("jd", "later")]),
        ([Option("sf", 1200, True), Option("jd", 961, True)], False, [("sf", "taken"), ("jd", "later")]),
        ([Option("sf", 1201, True), Option("jd", 960, True)], False, [("jd", "taken"), ("sf", "too_dear")]),
        ([Option("sf", 1200, True), Option("jd", 1100, True)], True, [("jd", "cheapest"), ("sf", "dearer")]),
        ([Option("sf", 1200, True), Option("jd", 1200, True)], True, [("sf", "cheapest"), ("jd", "dearer")]),
        ([Option("sf", None, None), Option("jd", 900, True)], False, [("sf", "taken"), ("jd", "later")]),
        ([Option("sf", None, None), Option("jd", 900, True)], True, [("jd", "cheapest"), ("sf", "dearer")]),
        ([Option("sf", None, False), Option("jd", 900, True)], False, [("jd", "only_one"), ("sf", "not_served")]),
        ([Option("sf", 1200, True, POOR), Option("jd", 1300, True)], False, [("jd", "taken"), ("sf", "poor_record")]),
        ([Option("sf", 1200, True, POOR)], False, [("sf", "only_one")]),
        ([Option("sf", 1200, True, refused="no_capacity"), Option("jd", 9000, True)], False,
         [("jd", "only_one"), ("sf", "refused")]),
        ([Option("sf", 1200, True, Record(9, 9)), Option("jd", 1300, True)], False,
         [("sf", "taken"), ("jd", "later")]),
    ],
)  # fmt: skip
def test_the_choice_and_its_reasons(options, cheapest, expected):
    assert said(choose(options, cheapest=cheapest)) == expected


def test_where_nobody_comes_nobody_is_chosen():
    assert choose([]) is None
    assert choose([Option("sf", None, False), Option("jd", 900, True, refused="not_served")]) is None


def test_a_refusal_and_a_poor_record_say_what_they_count():
    choice = choose(
        [Option("sf", 1200, True, POOR), Option("jd", refused="account"), Option("kuaidi100", 1000, True)]
    )
    poor, refused = choice.said[1:]
    assert (poor.asked, poor.failed, poor.amount) == (20, 5, 1200)
    assert refused.problem == "account"
