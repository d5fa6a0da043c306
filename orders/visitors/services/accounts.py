"""Signing in with a code instead of a password; the first time makes the account."""

from datetime import datetime

from django.db import transaction

from orders.accounts.models import OneTimeCode, User
from orders.accounts.services import count_attempts, must_not_be_locked, order_code
from orders.customers.models import Customer
from orders.visitors.queries import accounts_at, reached_at
from orders.visitors.services.guests import from_one_place, prove
from returns_platform.kernel import references


def ask_to_sign_in(address: str, *, asked_from: str, language: str, now: datetime) -> OneTimeCode:
    """Send a code to a phone (E.164) or mailbox that some shop knows; else a decoy that looks the same."""
    limits = {"sign-in": (address, 5), **from_one_place(asked_from)}
    must_not_be_locked(limits, now=now)
    count_attempts(limits, now=now)
    known = accounts_at(address).exists() or reached_at(address).filter(user=None).exists()
    return order_code(address, purpose=OneTimeCode.Purpose.SIGN_IN, language=language, decoy=not known, now=now)


def sign_in_with(code: OneTimeCode, *, guess: str, asked_from: str, now: datetime) -> User:
    """The account that the right code opens, made if there is none; every customer row without an account
    that a shop keeps under the proven phone or mailbox becomes its own."""
    prove(code, guess=guess, asked_from=asked_from, now=now)
    with transaction.atomic():
        free = list(reached_at(code.address).filter(user=None).select_for_update(no_key=True).order_by("pk"))
        user = accounts_at(code.address).first() or _new_account(code, free)
        Customer.objects.filter(pk__in=[customer.pk for customer in free]).update(user=user)
    return user


def _new_account(code: OneTimeCode, known: list[Customer]) -> User:
    user = User(
        username=f"c-{references.token(9)}",
        first_name=known[0].name if known else "",
        language=code.language if code.language in User.Language.values else User.Language.CHINESE,
    )
    if "@" in code.address:
        user.email = code.address
    else:
        user.phone = code.address
    user.set_unusable_password()
    user.save()
    return user
