"""Customers hear of new rules once, those who still have something to return there, and put the panel away."""

from datetime import timedelta

import pytest
from django.test import Client

from aftersales.notifications import sending
from aftersales.notifications.models import Notice
from aftersales.notifications.services import announce_policies
from aftersales.policy import services
from aftersales.policy.clause_models import Announcement, ClauseRow
from aftersales.policy.models import PolicyVersion
from aftersales.tests.returns.buyers import a_buyer
from orders.customers.models import Customer
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor

pytestmark = pytest.mark.django_db
MIA = Actor("merchant", "1", "mia")


@pytest.fixture
def buyer():
    found = a_buyer("style")
    found.order()
    return found


def publish(merchant, *, starts_at, now):
    draft = services.draft_clauses(merchant, now=now)
    services.keep_clause(draft, ClauseRow(gives="window", basis="no_reason", length=30, unit="days"), now=now)
    return services.publish_clauses(draft, starts_at=starts_at, by=MIA, now=now, note="More time for you")


def announce(now) -> int:
    turns = 0
    while announce_policies(now=now):
        turns += 1
    return turns


def test_each_customer_with_something_to_return_is_told_once(buyer):
    now = clock.now()
    version = publish(buyer.shop.merchant, starts_at=now + timedelta(hours=1), now=now)
    assert announce(now) == 0
    started = now + timedelta(hours=2)
    assert announce(started) == 1
    assert announce(started + timedelta(minutes=5)) == 0
    told = Notice.objects.filter(event="policy_new")
    assert sorted(told.values_list("channel", flat=True)) == ["email", "inbox", "sms"]
    assert Announcement.objects.get(clauses=version).done_at == started


def test_a_worker_that_died_in_between_is_followed_without_telling_twice(buyer):
    now = clock.now()
    version = publish(buyer.shop.merchant, starts_at=now, now=now)
    announce_policies(now=now)
    Announcement.objects.filter(clauses=version).update(done_at=None, reached=0)
    announce(now)
    assert Notice.objects.filter(event="policy_new", channel="inbox").count() == 1


def test_whose_time_is_over_and_other_shops_customers_are_left_in_peace(buyer):
    now = clock.now()
    other = a_buyer("volt")
    other.order()
    later = now + timedelta(days=90)
    publish(buyer.shop.merchant, starts_at=later, now=later)
    announce(later)
    assert Notice.objects.filter(event="policy_new").count() == 0
    draft = publish(other.shop.merchant, starts_at=now, now=now)
    announce(now)
    told = Notice.objects.filter(event="policy_new", channel="inbox")
    assert [notice.customer.merchant_id for notice in told] == [draft.merchant_id]


def test_old_versions_are_no_news(buyer):
    now = clock.now()
    publish(buyer.shop.merchant, starts_at=now, now=now)
    assert announce(now + timedelta(days=8)) == 0


def test_the_platforms_version_is_told_to_customers_of_every_shop(buyer):
    a_buyer("volt").order()
    announce(platform_changed())
    assert Notice.objects.filter(event="policy_new", channel="inbox").count() == 2


def platform_changed():
    now = clock.now()
    draft = services.draft_from(PolicyVersion.objects.get(number=1))
    services.publish(draft, starts_at=now, by=MIA, now=now)
    return now


def test_who_buys_at_several_shops_hears_of_the_platforms_version_once(buyer):
    other = a_buyer("volt").order().customer
    Customer.objects.filter(pk=other.pk).update(user=buyer.user)  # the same mailbox and phone anyway
    announce(platform_changed())
    told = Notice.objects.filter(event="policy_new")
    assert sorted(told.values_list("channel", flat=True)) == ["email", "inbox", "sms"]


@pytest.mark.parametrize(("language", "words"), [("en", "new rules for returns"), ("zh-hans", "退换货规则更新了")])
def test_each_is_told_in_their_language_on_every_channel(buyer, language, words):
    buyer.user.language = language
    buyer.user.save()
    now = clock.now()
    publish(buyer.shop.merchant, starts_at=now, now=now)
    announce(now)
    for notice in Notice.objects.filter(event="policy_new").exclude(channel="inbox"):
        letter = sending.written(notice, at=now)
        assert words in letter.subject + letter.text
        assert "/shops/style/policy/" in letter.text


def test_who_wants_no_such_news_reads_them_in_the_inbox_only_and_still_hears_of_her_requests(buyer):
    stranger = a_buyer("volt")
    stranger.order()
    page = buyer.client.post("/inbox/news/", {"by_mail": "no"}, follow=True).content.decode()
    assert "You read of new rules here only." in page and "Also by e-mail and SMS" in page
    announce(platform_changed())
    mine = Notice.objects.filter(event="policy_new", customer__user=buyer.user)
    assert list(mine.values_list("channel", flat=True)) == ["inbox"]
    assert Notice.objects.filter(event="policy_new", customer__user=stranger.user).count() == 3
    row = buyer.filed()
    assert set(Notice.objects.filter(case_ref=row.return_no).values_list("channel", flat=True)) == {
        "email", "inbox", "sms",
    }  # fmt: skip
    buyer.client.post("/inbox/news/", {"by_mail": "nonsense"})
    assert Customer.objects.get(user=buyer.user).rule_news
    assert Client().post("/inbox/news/", {"by_mail": "no"}).status_code in (302, 403)


def test_the_panel_stands_on_the_orders_page_until_it_is_put_away(buyer):
    now = clock.now()
    publish(buyer.shop.merchant, starts_at=now, now=now)
    announce(now)
    page = buyer.client.get("/orders/").content.decode()
    notice = Notice.objects.get(event="policy_new", channel="inbox")
    assert f'id="news-{notice.pk}"' in page
    assert "More time for you" in page
    assert "/shops/style/policy/" in page
    stranger = a_buyer("volt").client
    stranger.post(f"/inbox/read/{notice.pk}/")
    assert f'id="news-{notice.pk}"' in buyer.client.get("/orders/").content.decode()
    answer = buyer.client.post(f"/inbox/read/{notice.pk}/", {"next": "/orders/"})
    assert (answer.status_code, answer.url) == (302, "/orders/")
    assert f'id="news-{notice.pk}"' not in buyer.client.get("/orders/").content.decode()
    assert Client().post(f"/inbox/read/{notice.pk}/").status_code in (302, 404)
