"""Signing in with a code: accounts made and found, and those that a code never opens."""

import pytest

from orders.accounts import services as codes
from orders.accounts.models import User
from orders.customers.models import Customer
from orders.tests.samples import NOW, PHONE, member, payment, put, shop
from orders.visitors.queries import customer_of_link, link_token
from orders.visitors.services.accounts import ask_to_sign_in, sign_in_with
from returns_platform.kernel.errors import Invalid, NotThere

pytestmark = pytest.mark.django_db


def sign_in(address=PHONE) -> User:
    code = ask_to_sign_in(address, asked_from="10.0.0.1", language="zh-hans", now=NOW)
    return sign_in_with(code, guess=codes.digits_of(code), asked_from="10.0.0.1", now=NOW)


def test_the_first_code_makes_the_account_and_takes_every_shops_customer_of_that_phone():
    put(shop("fresh"))
    put(shop("style"), payments=[payment(12000, "4200002")])
    stranger = {"external_id": "c-9", "name": "Bob", "phone": "+8613900139000"}
    put(shop("fresh"), "B1", customer=stranger, payments=[payment(12000, "4200003")])
    user = sign_in()
    assert (user.first_name, str(user.phone), user.has_usable_password()) == ("安小雨", PHONE, False)
    assert user.customers.count() == 2
    assert Customer.objects.get(external_id="c-9").user is None


def test_the_next_code_opens_the_same_account():
    put(shop())
    assert sign_in() == sign_in()


def test_a_mailbox_works_like_a_phone():
    put(shop())
    user = sign_in("ann@example.com")
    assert (user.email, user.customers.count()) == ("ann@example.com", 1)
    assert sign_in("ann@example.com") == user


def test_an_unknown_address_gets_a_code_that_opens_nothing():
    with pytest.raises(Invalid):
        sign_in("+8613900139000")
    assert not User.objects.exists()


@pytest.mark.parametrize("kind", ["staff", "member", "disabled"])
def test_a_code_never_opens_the_account_of_staff_members_or_the_disabled(kind):
    if kind == "member":
        member(shop(), phone=PHONE)
    else:
        User.objects.create_user("x", phone=PHONE, is_staff=kind == "staff", is_active=kind != "disabled")
    with pytest.raises(Invalid):
        sign_in()


def test_a_customer_who_is_tied_to_staff_already_is_not_taken_over():
    put(shop())
    sam = User.objects.create_user("sam", is_staff=True)
    Customer.objects.update(user=sam)
    with pytest.raises(Invalid):
        sign_in()
    assert Customer.objects.get().user == sam


def test_the_link_names_the_customer_and_nothing_else_will_do():
    put(shop())
    customer = Customer.objects.get()
    assert customer_of_link(link_token(customer)) == customer
    for token in ("nonsense", link_token(customer)[:-1] + "x", link_token(Customer(pk=999))):
        with pytest.raises(NotThere):
            customer_of_link(token)
