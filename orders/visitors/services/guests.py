"""An order without an account: its number, the buyer's whole phone number, and a code sent to that phone.

The answers are the same whether the order exists or not: nobody learns from this door what a shop sold.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from orders.accounts.models import OneTimeCode
from orders.accounts.services import count_attempts, must_not_be_locked, order_code, redeem_code
from orders.purchases.models import Order
from orders.visitors.queries import orders_matching
from returns_platform.kernel.errors import Invalid


def ask_for_order(order_no: str, *, phone: str, asked_from: str, language: str, now: datetime) -> OneTimeCode:
    """Send a code to the phone if it belongs to the order; else a decoy that looks the same.

    Raises TooMany after five tries on an order number within 15 minutes, right or wrong, existing or not.
    """
    limits = {"find-order": (order_no, 5), "find-phone": (phone, 10), **from_one_place(asked_from)}
    must_not_be_locked(limits, now=now)
    count_attempts(limits, now=now)
    found = orders_matching(order_no, phone=phone).exists()
    return order_code(
        phone,
        purpose=OneTimeCode.Purpose.ORDER,
        reference=order_no,
        language=language,
        decoy=not found,
        now=now,
    )


def open_order(code: OneTimeCode, *, guess: str, asked_from: str, now: datetime) -> list[Order]:
    """The orders that the right code opens: one, or one a shop when two shops used the same number."""
    prove(code, guess=guess, asked_from=asked_from, now=now)
    return list(orders_matching(code.reference, phone=code.address))


def prove(code: OneTimeCode, *, guess: str, asked_from: str, now: datetime) -> None:
    """The person holds the phone or mailbox. Raises Invalid for a wrong code, TooMany after five of them."""
    limits = {"wrong-code": (code.address, 5), **from_one_place(asked_from)}
    must_not_be_locked(limits, now=now)
    with transaction.atomic():
        right = redeem_code(code.pk, guess, now=now)
    if not right:
        count_attempts(limits, now=now)
        sentence = _("This code is not right or has run out. Check it, or ask for a new one.")
        raise Invalid(sentence, code="wrong_code", fields={"code": sentence})


def from_one_place(asked_from: str) -> dict[str, tuple[str, int]]:
    """A limit per network address; in a demonstration everybody comes from the same one."""
    return {} if settings.DEMO or not asked_from else {"from": (asked_from, 20)}
