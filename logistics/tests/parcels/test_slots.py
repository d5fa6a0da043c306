from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from logistics.parcels.slots import CAPACITY, Slot, free_slots, must_be_free, next_slot
from returns_platform.kernel.errors import Invalid

SHANGHAI = "Asia/Shanghai"


def local(*parts: int, zone: str = SHANGHAI) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone))


def test_slots_are_two_hours_from_nine_to_seven():
    slots = free_slots(local(2026, 11, 23, 8, 0), SHANGHAI)
    day = [slot.start.astimezone(ZoneInfo(SHANGHAI)).hour for slot in slots[:5]]
    assert day == [9, 11, 13, 15, 17]
    assert {slot.end - slot.start for slot in slots} == {timedelta(hours=2)}


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (local(2026, 11, 23, 16, 59, 59), local(2026, 11, 23, 17, 0)),
        (local(2026, 11, 23, 17, 0, 0), local(2026, 11, 23, 17, 0)),
        (local(2026, 11, 23, 17, 0, 1), local(2026, 11, 24, 9, 0)),
        (local(2026, 11, 23, 23, 59, 59), local(2026, 11, 24, 9, 0)),
        (local(2026, 11, 24, 0, 0, 0), local(2026, 11, 24, 9, 0)),
        (local(2026, 12, 31, 18, 0), local(2027, 1, 1, 9, 0)),
        (local(2028, 2, 28, 18, 0), local(2028, 2, 29, 9, 0)),
    ],
)
def test_after_five_it_is_the_next_day(now, first):
    assert next_slot(now, SHANGHAI).start == first


def test_the_last_slot_is_seven_days_ahead():
    assert free_slots(local(2026, 11, 23, 12, 0), SHANGHAI)[-1].end == local(2026, 11, 30, 19, 0)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York", "Pacific/Apia", "Asia/Shanghai"])
def test_hours_are_the_shops_own(zone):
    start = next_slot(local(2026, 11, 23, 8, 0, zone=zone), zone).start.astimezone(ZoneInfo(zone))
    assert (start.day, start.hour, start.minute) == (23, 9, 0)


def test_hours_stay_when_the_clocks_change():
    starts = [
        slot.start for slot in free_slots(local(2026, 10, 31, 20, 0, zone="America/New_York"), "America/New_York")
    ]
    assert starts[0] == datetime(2026, 11, 1, 14, 0, tzinfo=UTC)  # 09:00 winter time, the day after it began


def test_a_full_slot_is_shown_but_not_given():
    now = local(2026, 11, 23, 8, 0)
    first, second = free_slots(now, SHANGHAI)[:2]
    booked = {first.start: CAPACITY}
    assert free_slots(now, SHANGHAI, booked=booked)[0].full
    assert next_slot(now, SHANGHAI, booked=booked).start == second.start
    with pytest.raises(Invalid):
        must_be_free(first, now=now, zone=SHANGHAI, booked=booked)


def test_when_all_are_full_somebody_still_comes():
    now = local(2026, 11, 23, 8, 0)
    slots = free_slots(now, SHANGHAI)
    booked = {slot.start: CAPACITY for slot in slots}
    assert next_slot(now, SHANGHAI, booked=booked).start == slots[-1].start


def test_a_slot_that_is_free_is_taken():
    slot = Slot(local(2026, 11, 25, 13, 0), local(2026, 11, 25, 15, 0))
    assert must_be_free(slot, now=local(2026, 11, 23, 12, 0), zone=SHANGHAI) == slot


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (local(2026, 11, 23, 11, 0), local(2026, 11, 23, 13, 0)),  # begun
        (local(2026, 11, 25, 15, 0), local(2026, 11, 25, 13, 0)),  # the wrong way round
        (local(2026, 11, 25, 13, 0), local(2026, 11, 25, 17, 0)),  # too long
        (local(2026, 11, 25, 13, 30), local(2026, 11, 25, 15, 30)),  # between
        (local(2026, 12, 1, 9, 0), local(2026, 12, 1, 11, 0)),  # eight days ahead
        (local(1, 1, 2, 9, 0), local(9999, 12, 30, 11, 0)),
    ],
)
def test_what_is_no_free_slot_is_refused_with_the_next_three(start, end):
    with translation.override("en"), pytest.raises(Invalid) as refused:
        must_be_free(Slot(start, end), now=local(2026, 11, 23, 12, 0), zone=SHANGHAI)
    text = str(refused.value.fields["pickup"])
    assert "November 23 13:00–15:00, November 23 15:00–17:00, November 23 17:00–19:00" in text
