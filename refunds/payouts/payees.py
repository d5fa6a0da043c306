"""Bank accounts as people type them: what cannot be one, and how it is shown. Pure."""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

SEPARATORS = " -\u3000\u2013\u2014"
FULL_WIDTH = str.maketrans("０１２３４５６７８９－", "0123456789-")
CARDS = range(16, 20)  # digits of a bank card, the last of them a check digit
LEAST, MOST = 8, 28


@dataclass(frozen=True, slots=True)
class Payee:
    """account: digits only."""

    name: str
    bank: str
    account: str

    @property
    def last4(self) -> str:
        return self.account[-4:]


def clean_account(typed: str) -> str:
    """The digits of an account, without blanks and dashes; full-width digits are read as plain ones."""
    return "".join(letter for letter in typed.translate(FULL_WIDTH) if letter not in SEPARATORS)


def why_no_account(account: str) -> str:
    """What is wrong with a cleaned account number, in one sentence; empty where it can be one."""
    if not (account.isascii() and account.isdigit()):
        return _("An account number has digits only")
    if not LEAST <= len(account) <= MOST:
        return _("An account number has %(least)s to %(most)s digits") % {"least": LEAST, "most": MOST}
    if len(account) in CARDS and not luhn(account):
        return _("A digit of the card number is wrong: please compare it with your card")
    return ""


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others, as on every bank card."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def same_name(one: str, other: str) -> bool:
    """Whether two names are written alike; blanks, case and width do not count."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
