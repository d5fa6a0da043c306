"""Sending codes: by a worker, retried while they are good, and never outside in a demonstration."""

from datetime import timedelta

import pytest
from django.core.mail import send_mail

from orders.accounts import services as codes
from orders.accounts.models import Heartbeat, OneTimeCode, SentMessage
from orders.tasks import complete_signed_orders, forget_old_doors, send_due_codes
from orders.tests.samples import NOW, PHONE
from returns_platform.kernel.outbound import sms

pytestmark = pytest.mark.django_db


class Flaky:
    """An SMS gateway that is down the first time."""

    sent: list = []
    down = True

    def send(self, to, text, *, language, reference, now):
        if Flaky.down:
            raise sms.NotTaken("away")
        Flaky.sent.append((to, text, reference))


def order(now=NOW, language="zh-hans"):
    return codes.order_code(PHONE, purpose=OneTimeCode.Purpose.SIGN_IN, language=language, now=now)


def test_a_gateway_that_is_down_is_tried_again_with_the_same_reference(settings):
    settings.DEMO, settings.SMS_SENDER = False, f"{__name__}.Flaky"
    code = order()
    Flaky.down, Flaky.sent = True, []
    assert codes.send_due_codes(now=NOW) == 0
    assert codes.send_due_codes(now=NOW) == 0
    Flaky.down = False
    assert codes.send_due_codes(now=NOW + timedelta(minutes=1)) == 1
    assert codes.send_due_codes(now=NOW + timedelta(minutes=5)) == 0
    to, text, reference = Flaky.sent[0]
    assert (to, reference) == (PHONE, code.salt)
    assert codes.digits_of(code) in text


def test_in_a_demonstration_nothing_leaves_the_house(settings):
    settings.SMS_SENDER = f"{__name__}.Flaky"
    Flaky.down = False
    order(language="en")
    assert codes.send_due_codes(now=NOW) == 1
    message = SentMessage.objects.get()
    assert message.code in message.text
    assert "is your code" in message.text


def test_mail_goes_by_mail(settings, mailoutbox):
    settings.DEMO = False
    code = codes.order_code("ann@example.com", purpose=OneTimeCode.Purpose.SIGN_IN, language="en", now=NOW)
    codes.send_due_codes(now=NOW)
    assert [letter.to for letter in mailoutbox] == [["ann@example.com"]]
    assert codes.digits_of(code) in mailoutbox[0].body


def test_sweeps_leave_a_heartbeat():
    send_due_codes()
    forget_old_doors()
    complete_signed_orders()
    assert {beat.name.partition(".")[0] for beat in Heartbeat.objects.all()} == {"orders"}
    assert Heartbeat.objects.count() == 3


def test_attempts_count_per_door_and_key_within_the_time():
    door = {"find": ("A1", 2)}
    codes.count_attempts(door, now=NOW)
    codes.count_attempts({"find": ("A2", 2)}, now=NOW)
    codes.must_not_be_locked(door, now=NOW)
    codes.count_attempts(door, now=NOW)
    with pytest.raises(codes.TooMany):
        codes.must_not_be_locked(door, now=NOW)
    codes.must_not_be_locked(door, now=NOW + codes.LOCKED_FOR)


def test_a_letter_that_others_write_lies_in_the_outbox_too(settings):
    settings.EMAIL_BACKEND = "orders.accounts.outbox.Outbox"
    assert send_mail("A new password", "Here is the link.", None, ["ann@example.com", "bob@example.com"]) == 1
    kept = SentMessage.objects.order_by("to")
    assert [(message.to, message.subject, message.channel) for message in kept] == [
        ("ann@example.com", "A new password", "mail"), ("bob@example.com", "A new password", "mail"),
    ]  # fmt: skip
