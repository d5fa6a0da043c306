"""Bills by night: opened, asked for until they come, matched; late and broken ones are differences."""

from datetime import timedelta

import pytest

from refunds.gateways.interface import GatewayDown
from refunds.matching import rules, services
from refunds.matching.models import StatementDay, StatementFile
from refunds.matching.services import days
from refunds.payouts.models import Break
from refunds.tests.matching import statement
from refunds.tests.matching.conftest import DAY, breaks
from refunds.tests.payouts.conftest import NOW
from returns_platform.kernel import work

pytestmark = pytest.mark.django_db

YESTERDAY = DAY - timedelta(days=1)
READY = rules.ready_at("wechat", YESTERDAY)  # NOW is ten in the morning of DAY: just then


def yesterday() -> StatementDay:
    return StatementDay.objects.get(day=YESTERDAY)


def look(now=NOW) -> None:
    services.open_days(now=now)
    while services.take_next_day(now=now):
        pass


def test_the_first_look_opens_a_week_and_each_day_adds_one(bank, db):
    assert services.open_days(now=NOW) == 7
    assert services.open_days(now=NOW) == 0
    assert services.open_days(now=NOW + timedelta(days=1)) == 1
    assert services.open_days(now=NOW + timedelta(days=4)) == 3  # nobody looked for three days
    assert set(StatementDay.objects.values_list("channel", flat=True)) == {"wechat"}


def test_a_channel_without_bills_is_left_alone(settings, db):
    settings.GATEWAYS = {"wechat": "refunds.tests.payouts.fakes.FakeChannel"}

    assert services.open_days(now=NOW) == 0


def test_a_bill_is_fetched_once_it_is_there_and_matched(desk, bank, till):
    refund = desk.arrived()
    services.open_days(now=NOW)
    StatementDay.objects.exclude(day=YESTERDAY).update(next_try_at=None)
    look(READY - timedelta(minutes=1))
    assert yesterday().tries == 0
    look(READY)
    assert (yesterday().file, yesterday().tries) == (None, 1)
    bank.bills[YESTERDAY] = statement.write([desk.row(refund, line=1, at=till.at)])
    look(READY + timedelta(minutes=31))

    found = yesterday()
    assert (found.file.source, found.matched_at, found.next_try_at) == (
        "nightly", READY + timedelta(minutes=31), None,
    )  # fmt: skip
    assert breaks() == []


def test_a_channel_that_does_not_answer_is_asked_again(bank, db):
    bank.bills[YESTERDAY] = GatewayDown("no answer")
    look()

    assert (yesterday().last_error, yesterday().next_try_at) == ("no answer", NOW + timedelta(minutes=10))


def test_a_bill_a_day_late_is_a_difference_until_it_comes(bank, db):
    look()
    late = READY + rules.LATE_AFTER
    services.look_for_missing(now=late - timedelta(seconds=1))
    assert f"{YESTERDAY}" not in set(Break.objects.values_list("reference", flat=True))
    services.look_for_missing(now=late)
    assert Break.objects.filter(kind="late_statement", reference=str(YESTERDAY), closed_at=None).exists()
    bank.bills[YESTERDAY] = b""
    look(late + timedelta(hours=1))

    assert not Break.objects.filter(reference=str(YESTERDAY), closed_at=None).exists()
    assert yesterday().file.rows == 0


def test_days_that_are_opened_afterwards_are_not_late_at_once(bank, db):
    look()
    services.look_for_missing(now=NOW + timedelta(hours=23))
    assert breaks() == []
    services.look_for_missing(now=NOW + timedelta(hours=24))
    assert breaks() == ["late_statement"] * 7


def test_a_bill_that_cannot_be_read_is_a_difference_until_a_good_one_comes(bank, db):
    bank.bills[YESTERDAY] = b"<html>"
    look()
    look(NOW + timedelta(hours=1, minutes=1))
    assert breaks(kind="unreadable_statement") == ["unreadable_statement"]
    assert Break.objects.get(kind="unreadable_statement").theirs == {"line": 1, "reason": "not JSON"}
    bank.bills[YESTERDAY] = b""
    look(NOW + timedelta(hours=3))

    assert breaks(kind="unreadable_statement") == []


def test_a_revision_that_comes_while_another_is_matched_is_matched_too(desk, till, monkeypatch):
    refund = desk.arrived()
    matched, match_day = [], days.match_day

    def match_and_correct(day, *, now):
        matched.append(day.file_id)
        match_day(day, now=now)
        if len(matched) == 1:
            services.import_statement(
                "wechat", DAY, statement.write([desk.row(refund, line=1)]), source="nightly", by=days.SYSTEM, now=now
            )

    monkeypatch.setattr(days, "match_day", match_and_correct)
    services.import_statement("wechat", DAY, b"", source="nightly", by=days.SYSTEM, now=till.at)
    look(till.at + timedelta(minutes=6))

    assert matched[:2] == list(StatementFile.objects.order_by("pk").values_list("pk", flat=True))


def test_a_worker_that_died_while_matching_is_followed_by_another(desk, till, monkeypatch):
    services.import_statement("wechat", DAY, b"", source="nightly", by=days.SYSTEM, now=till.at)
    assert work.claim_due(StatementDay, now=till.at, limit=1, lease=days.LEASE)
    assert not services.take_next_day(now=till.at)
    assert services.take_next_day(now=till.at + days.LEASE)
    assert StatementDay.objects.get(day=DAY).matched_at


def test_a_fault_in_one_day_is_tried_again_and_does_not_stop_the_others(desk, till, monkeypatch):
    monkeypatch.setattr(days, "match_day", lambda day, now: 1 / 0)
    services.import_statement("wechat", DAY, b"", source="nightly", by=days.SYSTEM, now=till.at)
    assert services.take_next_day(now=till.at)
    found = StatementDay.objects.get(day=DAY)

    assert (found.matched_at, "ZeroDivisionError" in found.last_error) == (None, True)
    assert found.next_try_at == till.at + timedelta(minutes=10)
