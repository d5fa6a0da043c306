from datetime import UTC, datetime, timedelta

import pytest

from refunds.gateways.interface import Limits
from refunds.payouts import rules
from refunds.payouts.rules import Earlier

NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
LIMITS = Limits(parts=50, spacing=timedelta(minutes=1), age=timedelta(days=365), working_days=3, arrives="")


@pytest.mark.parametrize(
    ("paid", "parts", "problem"),
    [
        (timedelta(days=365), 0, ""),
        (timedelta(days=365, seconds=1), 0, "too_old"),
        (timedelta(days=1), 49, ""),
        (timedelta(days=1), 50, "too_many_parts"),
    ],
)
def test_what_the_channel_will_not_take(paid, parts, problem):
    assert rules.hurdle(LIMITS, paid_at=NOW - paid, earlier=Earlier(parts=parts), now=NOW) == problem


def test_the_next_part_waits_a_minute_after_the_end_of_the_last_call():
    assert rules.not_before(LIMITS, Earlier()) is None
    assert rules.not_before(LIMITS, Earlier(1, last_at=NOW)) == NOW + timedelta(seconds=62)
    assert rules.not_before(LIMITS, Earlier(1, last_at=NOW, last_open=True)) == NOW + timedelta(seconds=72)


@pytest.mark.parametrize(
    ("at", "days", "day"),
    [
        ("2026-11-10T10:00:00+08:00", 0, "2026-11-10"),
        ("2026-11-10T10:00:00+08:00", 3, "2026-11-13"),
        ("2026-11-13T10:00:00+08:00", 1, "2026-11-16"),  # over a weekend
        ("2026-09-30T10:00:00+08:00", 1, "2026-10-08"),  # over the national holiday
        ("2026-10-09T10:00:00+08:00", 1, "2026-10-10"),  # a Saturday that is worked
        ("2028-12-29T10:00:00+08:00", 1, "2029-01-01"),  # a year nobody published yet: Monday to Friday
    ],
)
def test_money_arrives_within_working_days(at, days, day):
    by = rules.arrives_by(days, at=datetime.fromisoformat(at), zone="Asia/Shanghai")

    assert by.isoformat() == f"{day}T23:59:59+08:00"


def test_a_number_is_made_of_the_case_and_which_refund_of_it():
    assert rules.number("RT26111000000145", 2) == "RF26111000000145-2"


def test_what_is_kept_of_a_message_names_no_card():
    assert rules.scrubbed("card 6222020200112345678 of 13800138000") == "card … of …"
    assert len(rules.scrubbed("x" * 300)) == 200
