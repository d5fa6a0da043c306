"""How amounts, times and people are told, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from returns_platform.kernel import ui

NOW = datetime(2026, 11, 24, 6, 52, tzinfo=UTC)  # Tuesday, 14:52 in Shanghai


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("minor", "currency", "told"),
    [
        (59500, "CNY", "¥595.00"),
        (-6800, "CNY", "−¥68.00"),
        (128000, "CNY", "¥1,280.00"),
        (0, "CNY", "¥0.00"),
        (5, "USD", "$0.05"),
    ],
)
def test_money(minor, currency, told):
    assert ui.money(minor, currency) == told


@pytest.mark.parametrize(
    ("when", "style", "sense", "chinese", "english"),
    [
        ("2026-11-24T06:50", "full", "at", "今天 06:50", "today, 06:50"),
        ("2026-11-25T14:00", "full", "at", "明天 14:00", "tomorrow, 14:00"),
        ("2026-11-23T22:10", "near", "at", "昨天 22:10", "yesterday, 22:10"),
        ("2026-11-28T14:00", "full", "at", "11月28日 周六 14:00", "Saturday 28 November, 14:00"),
        ("2026-12-19T23:59", "full", "at", "12月19日 23:59", "19 December, 23:59"),
        ("2025-02-01T08:00", "full", "at", "2025年2月1日 08:00", "1 February 2025, 08:00"),
        ("2026-11-22T20:14", "plain", "at", "11月22日 20:14", "22 Nov, 20:14"),
        ("2026-11-25T18:00", "plain", "by", "11月25日 18:00 前", "by 25 Nov, 18:00"),
        ("2026-11-25T18:00", "plain", "about", "预计 11月25日 18:00", "about 25 Nov, 18:00"),
    ],
)
def test_moments(when, style, sense, chinese, english):
    with translation.override("zh-hans"):
        assert ui.moment(at(when), now=NOW, style=style, sense=sense) == chinese
    with translation.override("en"):
        assert ui.moment(at(when), now=NOW, style=style, sense=sense) == english


@pytest.mark.parametrize(
    ("on", "sense", "chinese", "english"),
    [
        (date(2026, 11, 28), "by", "11月28日 周六前", "by Saturday 28 November"),
        (date(2026, 11, 25), "by", "11月25日 周三前", "by Wednesday 25 November"),
        (date(2026, 11, 24), "by", "今天内", "today"),
        (date(2026, 11, 25), "at", "明天", "tomorrow"),
    ],
)
def test_days(on, sense, chinese, english):
    with translation.override("zh-hans"):
        assert ui.day(on, now=NOW, sense=sense) == chinese
    with translation.override("en"):
        assert ui.day(on, now=NOW, sense=sense) == english


def test_a_day_is_one_of_the_shops_zone():
    late = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    with translation.override("en"):
        assert ui.day(late, now=NOW) == "tomorrow"
        assert ui.day(late, now=NOW, zone="Europe/London") == "today"


def test_windows_and_days_of_slots():
    with translation.override("zh-hans"):
        assert ui.window(at("2026-11-25T14:00"), at("2026-11-25T16:00"), now=NOW) == "明天 14:00–16:00"
        assert ui.slot_day(date(2026, 11, 25), now=NOW) == "明天 11月25日 周三"


@pytest.mark.parametrize(
    ("left", "state", "chinese", "english"),
    [
        (timedelta(hours=14), "", "还剩 14 小时", "14 h left"),
        (timedelta(hours=3, minutes=40), "soon", "还剩 3 小时 40 分", "3 h 40 min left"),
        (timedelta(days=1, hours=4, minutes=9), "", "还剩 1 天 4 小时", "1 day 4 h left"),
        (timedelta(minutes=5), "soon", "还剩 5 分钟", "5 min left"),
        (timedelta(seconds=20), "soon", "还剩 不到 1 分钟", "under a minute left"),
        (-timedelta(minutes=80), "over", "超时 1 小时 20 分", "1 h 20 min over"),
    ],
)
def test_clocks(left, state, chinese, english):
    for language, text in (("zh-hans", chinese), ("en", english)):
        with translation.override(language):
            assert ui.clock(NOW + left, now=NOW) == ui.Clock(text, state)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+8613800138000", "138****8000"),
        ("13800138000", "138****8000"),
        ("+14155552671", "141****2671"),
        ("12345", "****"),
        ("", ""),
    ],
)
def test_phones_are_masked(phone, shown):
    assert ui.mask_phone(phone) == shown


def test_names_and_mailboxes_are_masked():
    assert ui.mask_name("安小雨") == "安**"
    assert ui.mask_email("ann@example.com") == "a***@example.com"
