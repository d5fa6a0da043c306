"""The customer's inbox and the shop's lines: one's own, newest first, unread until said to be read."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse

from aftersales.notifications.models import Notice
from aftersales.notifications.queries import lines_for_shop, unread_of_shop
from aftersales.notifications.services import tell_customer, tell_shop
from aftersales.templatetags.notices import unread_notices
from aftersales.tests.notifications.samples import NOW, params
from orders.accounts.models import User
from orders.customers.models import Customer
from orders.tests import samples
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(customer) -> User:
    customer.user = User.objects.create_user("ann", password="demo-pass-2026", language="en")
    customer.save()
    return customer.user


@pytest.fixture
def inbox(client, ann):
    """Ann's inbox as she reads it."""
    client.force_login(ann)
    return lambda **query: client.get(reverse("aftersales:inbox"), query, headers={"accept-language": "en"})


def test_lines_come_newest_first_with_what_is_unread(inbox, tell):
    tell("approved")
    tell("collected", now=NOW + timedelta(days=1))
    shown = inbox().text
    assert shown.index("SF Express has your parcel") < shown.index("Approved: the courier comes 23 Nov, 14:00–16:00")
    assert "Mark 2 as read" in shown
    assert reverse("aftersales:case", args=["RT26112200004217"]) in shown


def test_reading_the_page_changes_nothing_and_the_button_marks_what_was_shown(client, inbox, tell):
    tell("approved")
    newest = max(Notice.objects.filter(channel="inbox").values_list("pk", flat=True))
    assert "Mark 1 as read" in inbox().text and "Mark 1 as read" in inbox().text
    tell("collected")
    client.post(reverse("aftersales:read_all"), {"newest": newest})
    lines = Notice.objects.filter(channel="inbox").order_by("pk")
    assert [(line.event, line.is_unread) for line in lines] == [("approved", False), ("collected", True)]
    assert client.get(reverse("aftersales:read_all")).status_code == 405


def test_nobody_reads_or_marks_what_is_somebody_elses(client, tell):
    tell("approved")
    eve = User.objects.create_user("eve", password="demo-pass-2026")
    client.force_login(eve)
    assert "RT26112200004217" not in client.get(reverse("aftersales:inbox")).text
    client.post(reverse("aftersales:read_all"), {"newest": 10**9})
    assert not Notice.objects.exclude(read_at=None).exists()


def test_a_stranger_is_asked_to_sign_in(client):
    response = client.get(reverse("aftersales:inbox"))
    assert response.status_code == 302 and "next=/inbox/" in response.headers["Location"]


def test_a_guest_of_one_order_reads_what_concerns_it(client, db):
    order = samples.put(samples.shop("style"))
    for number, order_no in (("RT26112200000001", order.order_no), ("RT26112200000002", "another")):
        facts = params(return_no=number, order_no=order_no)
        tell_customer(order.customer, case_ref=number, event="approved", params=facts, now=NOW)
    session = client.session
    session[GUEST_ORDER], session[GUEST_UNTIL] = order.pk, (clock.now() + timedelta(hours=1)).timestamp()
    session.save()
    shown = client.get(reverse("aftersales:inbox")).text
    assert "RT26112200000001" in shown and "RT26112200000002" not in shown


def test_an_empty_inbox_says_what_will_stand_there(inbox):
    assert "Nothing yet" in inbox().text


def test_the_reader_chooses_the_language_not_the_day_it_was_written(client, ann, tell):
    tell("withdrawn")
    assert Notice.objects.filter(channel="inbox", body="").exists()
    client.force_login(ann)
    assert "You have withdrawn your request" in client.get(reverse("aftersales:inbox")).text


def test_long_inboxes_are_walked_and_cost_the_same(client, inbox, tell, django_assert_max_num_queries):
    for number in range(25):
        tell("collected", case_ref=f"RT2611220000{number:04}", now=NOW + timedelta(minutes=number))
    with django_assert_max_num_queries(8):
        first = inbox()
    assert first.context["page"].next and len(first.context["lines"]) == 20
    second = inbox(after=first.context["page"].next)
    assert len(second.context["lines"]) == 5
    assert inbox(after="nonsense").status_code == 400


def test_the_bar_counts_what_is_unread_in_one_query(ann, tell, django_assert_num_queries):
    tell("approved")
    tell("collected")
    request = RequestFactory().get("/")
    request.user, request.session = ann, {}
    with django_assert_num_queries(1):
        assert unread_notices({"request": request}) == 2


def test_a_shop_reads_its_own_lines(customer):
    shop, other = customer.merchant, samples.shop("volt")
    tell_shop(shop, case_ref="RT26112200004217", event="in_review", params=params(waits_for="merchant"), now=NOW)
    tell_shop(other, case_ref="RT26112200004218", event="withdrawn", params=params(), now=NOW)
    [line] = lines_for_shop(shop, now=NOW)
    assert (line.case_ref, line.event, line.unread) == ("RT26112200004217", "in_review", True)
    assert line.title and line.at == NOW
    assert unread_of_shop(shop) == 1
    assert not Customer.objects.filter(notices__channel="inbox").exists()


def test_staff_see_what_was_given_up_masked_and_let_it_be_sent_again(client, tell):
    tell("completed")
    Notice.objects.filter(channel="email").update(next_try_at=None, tries=6, last_error="450 come back later")
    client.force_login(User.objects.create_superuser("root", password="demo-pass-2026"))
    address = reverse("admin:aftersales_notice_changelist")
    shown = client.get(address, {"given_up": "yes"}).text
    assert "450 come back later" in shown and "a***@example.com" in shown and "ann@example.com" not in shown
    lost = Notice.objects.get(channel="email")
    client.post(address, {"action": "try_again", "_selected_action": [lost.pk]})
    lost.refresh_from_db()
    assert lost.next_try_at and lost.tries == 0
