"""Rows against one refund: what is said of each."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from refunds.matching import rules
from refunds.matching.rules import Line, Ours, judge
from refunds.payouts import states

DAY = date(2026, 11, 9)
AT = datetime(2026, 11, 9, 4, tzinfo=UTC)
ROW = Line(1, DAY, 2, "refund", "RF1-1", "501", "4200001", 3333, "CNY", DAY, AT)
OURS = Ours(7, "RF1-1", "wechat", states.ARRIVED, 3333, "CNY", "4200001", DAY)
BACK = replace(ROW, id=9, line=9, kind="reversal", channel_ref="701")


def kinds(*lines: Line, ours: Ours | None = OURS, known=("4200001",)) -> list[str]:
    """What is said, by row."""
    found = judge(lines, ours, channel="wechat", known=known)
    said = {line.id: finding.kind or finding.result for finding in found for line in finding.lines}
    assert sorted(said) == sorted(line.id for line in lines)  # every row is spoken of, once
    return [said[line.id] for line in lines]


def test_the_same_facts_match():
    assert kinds(ROW) == ["matched"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (replace(ROW, amount=3334), "amount_differs"),
        (replace(ROW, currency="USD"), "currency_differs"),
        (replace(ROW, transaction_id="4200002"), "payment_differs"),
        (replace(ROW, on=DAY + timedelta(days=1)), "matched"),
        (replace(ROW, on=DAY + timedelta(days=2)), "wrong_day"),
        (replace(ROW, on=DAY - timedelta(days=2)), "wrong_day"),
        (replace(ROW, kind="other"), "aside"),
    ],
)
def test_one_row_that_differs(row, kind):
    assert kinds(row) == [kind]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (states.PROMISED, "paid_unasked"),
        (states.HELD, "paid_unasked"),
        (states.CANCELLED, "paid_unasked"),
        (states.CLOSED, "paid_unasked"),
        (states.SENDING, "to_apply"),
        (states.ACCEPTED, "to_apply"),
        (states.UNKNOWN, "to_apply"),
        (states.MANUAL, "to_apply"),
        (states.RETURNED_BY_BANK, "matched"),
    ],
)
def test_a_payout_against_each_state(state, kind):
    assert kinds(ROW, ours=replace(OURS, state=state)) == [kind]


def test_a_frozen_refund_takes_no_word():
    assert kinds(ROW, ours=replace(OURS, state=states.MANUAL, frozen="mismatch")) == ["state_differs"]
    assert kinds(ROW, ours=replace(OURS, state=states.MANUAL, frozen="unasked")) == ["paid_unasked"]


def test_the_day_is_not_compared_where_two_people_said_that_it_arrived():
    assert kinds(replace(ROW, on=DAY - timedelta(days=9)), ours=replace(OURS, by_people=True)) == ["matched"]


def test_the_same_movement_listed_again_and_another_payout():
    again = replace(ROW, id=2, line=3)
    other = replace(ROW, id=3, line=4, channel_ref="502")
    assert kinds(ROW, again, other) == ["matched", "listed_twice", "paid_twice"]


def test_on_two_bills_around_midnight_it_is_listed_twice():
    assert kinds(ROW, replace(ROW, id=2, bill=DAY + timedelta(days=1))) == ["matched", "listed_twice"]


def test_parts_that_add_up_and_parts_that_do_not():
    one, two = replace(ROW, amount=3000), replace(ROW, id=2, amount=333, channel_ref="502")
    assert kinds(one, two) == ["in_parts", "in_parts"]
    assert kinds(one, replace(two, amount=332)) == ["amount_differs", "amount_differs"]
    whole, short = (judge([one, replace(two, amount=n)], OURS, channel="wechat", known=())[0] for n in (333, 332))
    assert (whole.amount, short.amount) == (3333, 1)


def test_numbers_that_are_not_ours():
    hand = replace(ROW, number="HAND1")
    assert kinds(hand, ours=None) == ["external"]
    assert kinds(replace(ROW, number="RF99-1"), ours=None) == ["number_lost"]
    assert kinds(replace(ROW, number=""), ours=None) == ["external"]
    assert kinds(hand, ours=None, known=()) == ["foreign"]
    assert kinds(ROW, ours=replace(OURS, channel="alipay")) == ["channel_differs"]


def test_what_was_refunded_by_hand_and_came_back_is_one_finding():
    hand, back = replace(ROW, number="HAND1"), replace(BACK, number="HAND1")
    assert kinds(hand, back, ours=None) == ["external_returned", "external_returned"]
    assert kinds(back, ours=None) == ["reversal_foreign"]
    assert kinds(replace(hand, amount=1), back, ours=None) == ["external", "reversal_foreign"]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (states.ARRIVED, "reversed"),
        (states.ACCEPTED, "reversed"),
        (states.RETURNED_BY_BANK, "matched"),
        (states.CLOSED, "matched"),
        (states.CANCELLED, "matched"),
    ],
)
def test_money_that_came_back(state, kind):
    assert kinds(BACK, ours=replace(OURS, state=state)) == [kind]


def test_money_that_came_back_with_other_facts_or_twice():
    gone = replace(OURS, state=states.RETURNED_BY_BANK)
    assert kinds(replace(BACK, amount=1), ours=gone) == ["reversal_differs"]
    assert kinds(ROW, BACK, replace(BACK, id=10, channel_ref="702"), ours=gone) == [
        "matched", "matched", "reversal_differs",
    ]  # fmt: skip


def test_a_refund_that_failed_and_came_back_is_no_payout():
    assert kinds(ROW, BACK, ours=replace(OURS, state=states.CLOSED)) == ["matched", "matched"]


def test_the_order_of_rows_does_not_matter():
    lines = [
        replace(ROW, id=1), replace(ROW, id=2, channel_ref="502"), replace(ROW, id=3), replace(BACK, id=4),
        replace(ROW, id=5, kind="other"), replace(ROW, id=6, bill=DAY + timedelta(days=1)),
    ]  # fmt: skip

    def said(rows):
        found = judge(rows, OURS, channel="wechat", known=())
        return sorted((one.kind, one.reference, one.amount) for one in found)

    luck, first = random.Random(6), said(lines)
    for _ in range(50):
        assert said(luck.sample(lines, len(lines))) == first


def test_what_freezes_a_refund_that_is_on_its_way():
    on_its_way = replace(OURS, state=states.ACCEPTED)
    wrong = judge([replace(ROW, amount=1)], on_its_way, channel="wechat", known=())[0]
    unasked = judge([ROW], replace(OURS, state=states.PROMISED), channel="wechat", known=())[0]
    assert (rules.freezes(wrong), rules.freezes(unasked)) == ("mismatch", "unasked")


def test_owners_get_the_same_number():
    assert rules.owners({1: 0, 2: 2, 3: 0}, 5) == [1, 3, 1, 3, 1]
    assert rules.owners({}, 5) == []


def test_days_that_nobody_looked_at_are_opened_later():
    assert rules.days_to_open(last=None, today=DAY, first_ever=2) == [date(2026, 11, 7), date(2026, 11, 8)]
    assert rules.days_to_open(last=date(2026, 11, 6), today=DAY, first_ever=7) == [
        date(2026, 11, 7), date(2026, 11, 8),
    ]  # fmt: skip
    assert rules.days_to_open(last=date(2026, 11, 8), today=DAY, first_ever=7) == []


@pytest.mark.parametrize(
    ("channel", "hour"),
    [("wechat", datetime(2026, 11, 10, 2, tzinfo=UTC)), ("stripe", datetime(2026, 11, 10, 12, tzinfo=UTC))],
)
def test_each_channel_has_its_own_calendar(channel, hour):
    assert rules.ready_at(channel, DAY) == hour
    assert rules.day_of("wechat", datetime(2026, 11, 9, 16, tzinfo=UTC)) == date(2026, 11, 10)
    assert rules.day_of("stripe", datetime(2026, 11, 9, 16, tzinfo=UTC)) == DAY
