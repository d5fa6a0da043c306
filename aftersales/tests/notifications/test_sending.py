"""What is due goes out once on each channel, is tried again, and never holds up another channel."""

import email
import threading
from datetime import timedelta
from email import policy

import pytest
from django.db import connection, transaction

from aftersales.books import INVARIANTS
from aftersales.notifications import sending
from aftersales.notifications.models import Notice
from aftersales.notifications.queries import given_up
from aftersales.notifications.sending import send_due_notices
from aftersales.notifications.services import send_again, tell_customer
from aftersales.tests.notifications.samples import NOW, params
from orders.accounts.models import SentMessage, User
from orders.visitors.queries import customer_of_link
from returns_platform.kernel.outbound import mail
from returns_platform.kernel.outbound.sms import NotTaken

pytestmark = pytest.mark.django_db

CASE_LINK = "http://127.0.0.1:8000/returns/RT26112200004217/"


@pytest.fixture(autouse=True)
def clock_stands(monkeypatch):
    monkeypatch.setattr(sending, "monotonic", lambda: 0.0)  # sending takes no time, however busy the machine is


@pytest.fixture(autouse=True)
def books_hold(request):
    yield
    with connection.cursor() as cursor:
        for invariant in (found for found in INVARIANTS if "aftersales_notice" in found.sql):
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name


def minutes(number: float):
    return NOW + timedelta(minutes=number)


def notice(channel: str) -> Notice:
    return Notice.objects.get(channel=channel)


# --- whom, where, in which language -----------------------------------------------------------------------


def test_a_customer_is_told_in_the_inbox_at_once_and_by_mail_and_sms_when_a_worker_comes(tell):
    tell()
    assert {(row.channel, row.sent_at, row.next_try_at) for row in Notice.objects.all()} == {
        ("inbox", NOW, None), ("email", None, NOW), ("sms", None, NOW),
    }  # fmt: skip
    assert send_due_notices(now=NOW) == 2
    assert not Notice.objects.filter(sent_at=None).exists()


def test_saying_it_twice_tells_once_and_another_occasion_tells_again(tell):
    for occasion in ("1", "1", "2"):
        tell("refund_arrived", occasion=occasion)
    assert send_due_notices(now=NOW) == 4
    assert SentMessage.objects.count() == 4
    assert Notice.objects.filter(channel="inbox").count() == 2


def test_a_notice_is_gone_with_the_transaction_that_was_undone(tell):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell()
        raise ZeroDivisionError
    assert not Notice.objects.exists()


def test_a_customer_without_phone_and_mailbox_reads_the_inbox(customer, tell):
    customer.phone = customer.email = ""
    tell()
    assert [row.channel for row in Notice.objects.all()] == ["inbox"]


def test_the_account_knows_the_language_and_what_the_shop_does_not(customer, tell):
    customer.user = User.objects.create(username="ann", language="zh-hans", email="ann@home.example")
    customer.email = ""
    tell()
    assert (notice("email").address, notice("email").language) == ("ann@home.example", "zh-hans")


def test_what_the_last_refund_said_by_sms_is_not_said_again(tell):
    tell("completed")
    assert not Notice.objects.filter(channel="sms").exists()


# --- what goes out ----------------------------------------------------------------------------------------


def test_in_a_demonstration_it_goes_to_the_outbox(tell):
    tell()
    send_due_notices(now=NOW)
    sms = SentMessage.objects.get(channel="sms")
    letter = SentMessage.objects.get(channel="mail")
    assert sms.to == "+8613800138000" and sms.text.startswith("Corner Market: Approved: the courier comes tomorrow")
    assert letter.to == "ann@example.com" and letter.subject.startswith("Approved: the courier comes tomorrow")


def test_outside_a_letter_has_text_html_and_a_lasting_id(outside, gateway, mailoutbox, tell):
    tell()
    send_due_notices(now=NOW)
    [letter] = mailoutbox
    [(html, kind)] = letter.alternatives
    assert (letter.to, kind) == (["ann@example.com"], "text/html")
    assert "<h1>Approved: the courier comes tomorrow, 14:00–16:00, you get ¥595.00</h1>" in html
    assert "You get back: ¥595.00" in letter.body
    assert letter.extra_headers["Message-ID"].endswith("@example.com>")
    assert notice("email").body == letter.body and notice("email").subject == letter.subject
    assert gateway.taken == [{"to": "+8613800138000", "text": notice("sms").body, "language": "en"}]


def test_who_has_an_account_gets_the_link_to_the_case(customer, tell):
    customer.user = User.objects.create(username="ann", language="en")
    customer.save()
    tell()
    send_due_notices(now=NOW)
    assert CASE_LINK in notice("email").body and CASE_LINK in notice("sms").body


def test_who_has_none_gets_a_way_in_the_first_time(customer, tell):
    tell()
    send_due_notices(now=NOW)
    tell("collected")
    send_due_notices(now=NOW)
    first, second = Notice.objects.filter(channel="sms").order_by("pk")
    token = first.body.rpartition("/sign-in/link/")[2].partition("/")[0]
    assert customer_of_link(token) == customer
    assert first.body.endswith("/?next=%2Freturns%2FRT26112200004217%2F")
    assert second.body.endswith(CASE_LINK)


def test_line_breaks_cannot_start_headers(outside, mailoutbox, tell):
    tell("refund_arrived", account="Bank\r\nBcc: eve@example.com")
    send_due_notices(now=NOW)
    [letter] = mailoutbox
    assert letter.subject == "¥595.00 has arrived: Bank Bcc: eve@example.com"
    parsed = email.message_from_bytes(letter.message().as_bytes(), policy=policy.default)
    assert parsed["Bcc"] is None and parsed["To"] == "ann@example.com"


# --- when it does not go ----------------------------------------------------------------------------------


def test_a_gateway_that_is_down_is_tried_again_and_gets_it_once(gateway, tell):
    """F62: the inbox has it at once, the letter goes, the SMS follows, nothing comes twice."""
    gateway.status = 503
    tell()
    assert send_due_notices(now=NOW) == 1
    assert notice("inbox").sent_at and notice("email").sent_at
    assert (notice("sms").last_error, notice("sms").next_try_at) == ("status 503", minutes(1))
    assert send_due_notices(now=minutes(0.5)) == 0
    gateway.status = 204
    assert send_due_notices(now=minutes(1)) == 1
    assert send_due_notices(now=minutes(90)) == 0
    assert len(gateway.taken) == 1 and len(set(gateway.ids)) == 1
    assert notice("sms").last_error == ""


def test_after_an_hour_it_is_given_up_with_the_error_and_a_person_may_send_it_again(gateway, tell):
    gateway.status = 500
    tell()
    for later in (0, 1, 6, 16, 36, 66, 200):
        send_due_notices(now=minutes(later))
    assert len(gateway.ids) == 6
    [lost] = given_up()
    assert (lost.channel, lost.last_error, lost.is_given_up) == ("sms", "status 500", True)
    gateway.status = 204
    send_again(lost.pk, now=minutes(300))
    assert send_due_notices(now=minutes(300)) == 1
    assert not given_up().exists()


def test_a_channel_that_is_down_is_asked_once_a_sweep_and_holds_up_no_letter(gateway, mailoutbox, tell):
    gateway.status = 503
    for number in range(5):
        tell(case_ref=f"RT2611220000{number:04}")
    assert send_due_notices(now=NOW) == 5
    assert (len(gateway.ids), len(mailoutbox)) == (1, 5)


def test_one_number_that_is_refused_holds_up_no_other(gateway, tell):
    gateway.status = 422
    for number in range(3):
        tell(case_ref=f"RT2611220000{number:04}")
    send_due_notices(now=NOW)
    assert len(gateway.ids) == 3


def test_a_greylisting_mail_server_gets_the_letter_later_with_the_same_id(post_office, tell):
    post_office.to_rcpt = "450 come back later"
    tell("completed")
    assert send_due_notices(now=NOW) == 0
    assert "450" in notice("email").last_error
    post_office.to_rcpt = "250 ok"
    assert send_due_notices(now=minutes(1)) == 1
    [letter] = post_office.letters
    parsed = email.message_from_bytes(letter, policy=policy.default)
    assert parsed["Subject"].strip() == "¥595.00 is paid back, and your request is complete"
    assert {part.get_content_type() for part in parsed.walk()} >= {"text/plain", "text/html"}


def test_a_mail_server_that_is_not_there_is_down(outside, tell):
    outside.EMAIL_BACKEND, outside.EMAIL_HOST, outside.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9,
    )  # fmt: skip
    tell("completed")
    assert send_due_notices(now=NOW) == 0
    assert notice("email").next_try_at == minutes(1)


def test_a_row_that_breaks_its_reader_is_isolated(tell):
    tell("completed", goods="not a list of goods", case_ref="RT26112200000001")
    tell("completed", case_ref="RT26112200000002")
    assert send_due_notices(now=NOW) == 1
    broken = Notice.objects.get(channel="email", case_ref="RT26112200000001")
    assert "TypeError" in broken.last_error and broken.next_try_at == minutes(1)


def test_who_comes_back_too_late_writes_nothing(monkeypatch, tell):
    """A worker that was away longer than its lease finds the notice taken over by another."""
    tell("completed")

    def away_for_long(*args, **facts):
        Notice.objects.filter(channel="email").update(claim=99)
        raise NotTaken("late")

    monkeypatch.setattr(sending, "send_message", away_for_long)
    send_due_notices(now=NOW)
    assert (notice("email").tries, notice("email").last_error) == (0, "")


def test_a_letter_is_never_handed_over_inside_a_transaction(outside):
    with pytest.raises(RuntimeError), transaction.atomic():
        mail.send("ann@example.com", "Hello", "Hello", reference="r-1")


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_notice_once(gateway, customer):
    """I29: four senders over real connections, forty events, one SMS for each."""
    for number in range(40):
        case_ref = f"RT2611220000{number:04}"
        tell_customer(customer, case_ref=case_ref, event="collected", params=params(return_no=case_ref), now=NOW)
    start, sent = threading.Barrier(4), []

    def work():
        start.wait()
        try:
            sent.append(send_due_notices(now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 80
    assert len(gateway.ids) == len(set(gateway.ids)) == 40
