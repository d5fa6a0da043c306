from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aftersales.policy.windows import OffDays, Window, choose, deadline, is_open

from .policies import SHANGHAI, VERSION_1, ZONE, local

SEVEN_DAYS = Window("no_reason", length=7)
A_DAY = Window("quality", "fresh", length=24, unit="hours")


def ends(window, signed, *, zone=ZONE, rows=None) -> str:
    end = deadline(window, local(signed), zone=zone, off_days=OffDays(rows or {}))
    return end.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("signed", "last"),
    [
        ("2026-03-01 10:00:00", "2026-03-08 23:59:59"),  # T101, a Sunday: an ordinary weekend does not roll
        ("2026-03-03 10:00:00", "2026-03-10 23:59:59"),
        ("2026-03-03 00:00:00", "2026-03-10 23:59:59"),
        ("2026-03-03 23:59:59", "2026-03-10 23:59:59"),
        ("2026-09-24 10:00:00", "2026-10-08 23:59:59"),  # day 7 is 1 October: the first working day after it
        ("2026-09-26 10:00:00", "2026-10-08 23:59:59"),
        ("2026-10-01 10:00:00", "2026-10-08 23:59:59"),  # signed within a holiday, ends after it
        ("2026-02-09 10:00:00", "2026-02-24 23:59:59"),  # Spring Festival 15 to 23 February
        ("2026-02-07 10:00:00", "2026-02-14 23:59:59"),  # the Saturday before it is worked
        ("2024-02-22 10:00:00", "2024-02-29 23:59:59"),
        ("2026-12-24 10:00:00", "2026-12-31 23:59:59"),
    ],
)
def test_seven_days_end_at_the_end_of_the_seventh_and_roll_over_published_off_days(signed, last):
    assert ends(SEVEN_DAYS, signed) == last


@pytest.mark.parametrize(
    ("signed", "last"),
    [
        ("2026-12-25 10:00:00", "2027-01-04 23:59:59"),  # 1 January 2027 is a Friday, the weekend follows
        ("2027-04-24 10:00:00", "2027-05-03 23:59:59"),
        ("2027-09-24 10:00:00", "2027-10-04 23:59:59"),
        ("2027-02-01 10:00:00", "2027-02-08 23:59:59"),  # what no notice says is not guessed
        ("2001-04-24 10:00:00", "2001-05-02 23:59:59"),
    ],
)
def test_a_year_without_a_notice_has_the_fixed_days_only_and_says_so(signed, last):
    end = deadline(SEVEN_DAYS, local(signed), zone=ZONE, off_days=OffDays())
    assert ends(SEVEN_DAYS, signed) == last
    assert end.unsure


def test_a_known_year_is_not_unsure():
    assert not deadline(SEVEN_DAYS, local("2026-03-01 10:00:00"), zone=ZONE, off_days=OffDays()).unsure


def test_the_table_makes_a_later_year_known():
    rows = {date(2027, 2, 8): True, date(2027, 2, 9): True, date(2027, 2, 13): False}
    end = deadline(SEVEN_DAYS, local("2027-02-01 10:00:00"), zone=ZONE, off_days=OffDays(rows))
    assert ends(SEVEN_DAYS, "2027-02-01 10:00:00", rows=rows) == "2027-02-10 23:59:59"
    assert not end.unsure


def test_a_year_that_was_entered_in_part_keeps_the_days_that_the_law_itself_names():
    begun = {date(2027, 1, 1): True}
    assert ends(SEVEN_DAYS, "2027-04-24 10:00:00", rows=begun) == "2027-05-03 23:59:59"
    assert ends(SEVEN_DAYS, "2027-04-24 10:00:00", rows=begun | {date(2027, 5, 1): False}) == "2027-05-01 23:59:59"


def test_a_worked_weekend_day_ends_a_roll():
    rows = {date(2027, 2, 12): True, date(2027, 2, 13): False}
    assert ends(SEVEN_DAYS, "2027-02-05 10:00:00", rows=rows) == "2027-02-13 23:59:59"


def test_the_table_corrects_the_library():
    assert ends(SEVEN_DAYS, "2026-03-02 10:00:00", rows={date(2026, 3, 9): True}) == "2026-03-10 23:59:59"


def test_hours_run_to_the_second():
    assert ends(A_DAY, "2026-11-03 10:00:00") == "2026-11-04 10:00:00"


def test_a_deadline_is_a_whole_second():
    signed = local("2026-11-03 10:00:00") + timedelta(microseconds=900_000)
    assert deadline(A_DAY, signed, zone=ZONE, off_days=OffDays()).at == local("2026-11-04 10:00:00")


@pytest.mark.parametrize(
    ("microseconds", "still"),
    [(-1, True), (0, True), (999_999, True), (1_000_000, False), (1_000_001, False)],
)
def test_a_deadline_counts_to_the_end_of_its_second(microseconds, still):
    end = local("2026-11-10 23:59:59")
    assert is_open(end, end + timedelta(microseconds=microseconds)) is still


def test_without_a_deadline_nothing_closes():
    assert is_open(None, datetime(2999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "last"),
    [
        ("America/New_York", datetime(2026, 3, 11, 3, 59, 59, tzinfo=UTC)),  # the clocks jumped in between
        ("Asia/Kolkata", datetime(2026, 3, 11, 18, 29, 59, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2026, 3, 11, 10, 59, 59, tzinfo=UTC)),
    ],
)
def test_days_are_the_shops_own(zone, last):
    signed = datetime(2026, 3, 4, 3, 30, tzinfo=UTC)  # still 3 March in New York, 4 March further east
    assert deadline(SEVEN_DAYS, signed, zone=zone, off_days=OffDays()).at == last


@pytest.mark.parametrize(
    ("basis", "category", "reason", "length"),
    [
        ("no_reason", "apparel", "NR.STYLE", 7),
        ("quality", "apparel", "QL.DEFECT", 15),
        ("quality", "fresh", "FR.ROT", 24),
        ("quality", "fresh", "FR.DEAD", 12),
        ("fulfilment", "fresh", "FU.MISSING", 24),
        ("fulfilment", "digital", "FU.MISSING", 15),
    ],
)
def test_the_most_exact_window_holds(basis, category, reason, length):
    assert choose(VERSION_1.windows, basis=basis, category=category, reason=reason).length == length


def test_goodwill_has_no_window():
    assert choose(VERSION_1.windows, basis="goodwill", category="fresh", reason="FR.TASTE") is None


ZONES = (
    "Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu",
    "America/Santiago", "America/Havana", "Asia/Beirut", "Pacific/Apia",
)  # fmt: skip
# The weeks around which clocks change there: in some zones at midnight, forwards and backwards.
CHANGES = ("2026-03-01", "2026-03-22", "2026-03-28", "2026-04-05", "2026-09-06", "2026-10-25", "2026-11-01")


@pytest.mark.parametrize("zone", ZONES)
def test_a_window_of_days_ends_with_the_last_second_of_the_last_day_on_the_shops_clock(zone):
    """Counted a second time from the calendar: the next second is another day, and it is not a day late."""
    shop, off_days = ZoneInfo(zone), OffDays()
    for change in CHANGES:
        for minutes in range(-3 * 1440, 12 * 1440, 311):
            signed = datetime.fromisoformat(f"{change}T00:00:59+00:00") + timedelta(minutes=minutes)
            last = deadline(SEVEN_DAYS, signed, zone=zone, off_days=off_days).at
            day = signed.astimezone(shop).date() + timedelta(days=7)
            while off_days.off(day) or (off_days.off(day - timedelta(days=1)) and not off_days.working(day)):
                day += timedelta(days=1)
            assert last.astimezone(shop).date() == day, (signed, last)
            assert (last + timedelta(seconds=1)).astimezone(shop).date() > day, (signed, last)
            assert is_open(last, last + timedelta(microseconds=999_999))
            assert not is_open(last, last + timedelta(seconds=1))


@pytest.mark.parametrize("zone", ZONES)
def test_hours_are_hours_whatever_the_clocks_do(zone):
    for change in CHANGES:
        signed = datetime.fromisoformat(f"{change}T00:59:59+00:00")
        end = deadline(A_DAY, signed, zone=zone, off_days=OffDays()).at
        assert end - signed == timedelta(hours=24)
