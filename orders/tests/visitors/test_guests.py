"""One order without an account: number, whole phone, code; and no word about what exists."""

from datetime import timedelta

import pytest

from orders.accounts import services as codes
from orders.accounts.models import OneTimeCode, SentMessage
from orders.tests.samples import NOW, PHONE, payment, put, shop
from orders.visitors.services.guests import ask_for_order, open_order
from returns_platform.kernel.errors import Invalid, TooMany

pytestmark = pytest.mark.django_db

WRONG = "000000"


def ask(order_no="A1", phone=PHONE, now=NOW):
    return ask_for_order(order_no, phone=phone, asked_from="10.0.0.1", language="en", now=now)


def enter(code, guess, now=NOW):
    return open_order(code, guess=guess, asked_from="10.0.0.1", now=now)


def test_the_code_arrives_at_the_phone_and_opens_the_order():
    order = put(shop())
    code = ask()
    assert codes.send_due_codes(now=NOW) == 1
    message = SentMessage.objects.get()
    assert (message.to, message.code) == (PHONE, codes.digits_of(code))
    assert enter(code, message.code) == [order]


def test_a_code_opens_once():
    put(shop())
    code = ask()
    enter(code, codes.digits_of(code))
    with pytest.raises(Invalid):
        enter(code, codes.digits_of(code))


def test_a_code_runs_out_after_ten_minutes():
    put(shop())
    code = ask()
    with pytest.raises(Invalid):
        enter(code, codes.digits_of(code), now=NOW + timedelta(minutes=10, seconds=1))
    later = NOW + timedelta(minutes=11)
    assert codes.send_due_codes(now=later) == 0
    assert not SentMessage.objects.exists()


@pytest.mark.parametrize("asked", [{"order_no": "NONE"}, {"phone": "+8613900139000"}])
def test_what_does_not_exist_gets_a_code_that_is_never_sent_and_opens_nothing(asked):
    put(shop())
    code = ask(**asked)
    assert codes.send_due_codes(now=NOW) == 0
    with pytest.raises(Invalid):
        enter(code, codes.digits_of(code))


@pytest.mark.parametrize("order_no", ["A1", "NONE"])
def test_t38_the_sixth_try_on_a_number_is_locked_whether_it_exists_or_not(order_no):
    put(shop())
    for _try in range(5):
        ask(order_no, phone="+8613900139000")
    with pytest.raises(TooMany):
        ask(order_no)
    assert ask(order_no, now=NOW + codes.LOCKED_FOR)


def test_five_wrong_codes_lock_the_phone_for_a_time():
    put(shop())
    code = ask()
    for _try in range(5):
        with pytest.raises(Invalid):
            enter(code, WRONG if codes.digits_of(code) != WRONG else "111111")
    with pytest.raises(TooMany):
        enter(code, codes.digits_of(code))
    later = NOW + codes.LOCKED_FOR
    fresh = ask(now=later)
    assert enter(fresh, codes.digits_of(fresh), now=later)


def test_two_shops_with_the_same_number_both_open():
    one, other = put(shop("fresh")), put(shop("style"), payments=[payment(12000, "4200002")])
    code = ask()
    assert enter(code, codes.digits_of(code)) == [one, other]


def test_one_address_cannot_try_many_numbers(settings):
    settings.DEMO = False
    for number in range(20):
        ask(f"N{number}", phone=f"+86138001380{number:02d}")
    with pytest.raises(TooMany):
        ask("N21", phone="+8613900139000")


def test_no_code_is_kept_anywhere():
    put(shop())
    code = ask()
    row = OneTimeCode.objects.filter(pk=code.pk).values().get()
    assert codes.digits_of(code) not in [str(value) for value in row.values()]


def test_old_doors_are_forgotten():
    ask()
    codes.forget_old_doors(now=NOW + timedelta(days=2))
    assert not OneTimeCode.objects.exists()
