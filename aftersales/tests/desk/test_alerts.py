"""Old differences, refunds past their time and wrong sums are told by mail to whom they belong."""

from datetime import timedelta

import pytest

from aftersales.desk import services as desk
from aftersales.notifications.models import Notice
from aftersales.notifications.sending import written
from aftersales.tests.desk.cases import staff
from refunds.payouts.models import Break
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def fay(db):
    person = staff("finance", "fay")
    person.email = "fay@example.com"
    person.save()
    return person


def difference(owner, *, kind="missing_at_channel", days=0, reference="r1") -> Break:
    return Break.objects.create(
        kind=kind, source="wechat", reference=reference, number="RF1-1", amount=3333, currency="CNY",
        opened_at=clock.now() - timedelta(days=days), owner=owner,
    )  # fmt: skip


def test_an_old_difference_is_told_once_a_day(fay):
    difference(fay, days=2)
    now = clock.now()
    for hours in (0, 0, 24, 24):
        desk.alert_owners(now=now + timedelta(hours=hours))

    told = Notice.objects.filter(event="money_waits")
    assert (told.count(), {notice.user for notice in told}, told[0].channel) == (2, {fay}, "email")
    words = written(told[0], at=now)
    assert "1 difference with a channel is older than a day" in words.text


def test_a_young_one_and_a_closed_one_are_not_told(fay):
    difference(fay, days=0)
    old = difference(fay, days=3, reference="r2")
    old.closed_at, old.reason, old.note, old.closed_by = clock.now(), "explained", "proof", "fay"
    old.save()
    desk.alert_owners(now=clock.now())

    assert not Notice.objects.exists()


def test_a_wrong_sum_is_told_at_once_and_once(fay):
    found = difference(fay, kind="amount_differs")
    for days in (0, 0, 0.5):
        desk.alert_owners(now=clock.now() + timedelta(days=days))

    told = Notice.objects.get(event="wrong_sum")
    words = written(told, at=clock.now())
    assert "33.33" in words.subject and f"/{found.pk}/" in words.text


def test_nobodys_and_a_person_without_a_mailbox_break_nothing(fay):
    difference(None, days=2)
    difference(staff("finance", "flo"), days=2, reference="r2")
    desk.alert_owners(now=clock.now())

    assert not Notice.objects.exists()
