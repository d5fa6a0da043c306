"""Stripe's smallest unit of a currency, where it is another than the minor unit of ISO 4217 that we keep.

Króna and Ugandan shilling have no hundredths and are still told in hundredths; the ariary has fifths and is told
whole.
"""

from refunds.gateways.reading import Unreadable
from returns_platform.kernel.money import minor_digits

DIGITS = {"ISK": 2, "UGX": 2} | dict.fromkeys(("BIF", "DJF", "GNF", "KMF", "MGA", "RWF", "VUV"), 0)


def digits(currency: str) -> int:
    return DIGITS.get(currency, minor_digits(currency))


def to_stripe(amount: int, currency: str) -> int:
    """Raises ValueError where Stripe has no unit as small as that."""
    return _moved(amount, minor_digits(currency), digits(currency))


def from_stripe(amount: int, currency: str) -> int:
    try:
        return _moved(amount, digits(currency), minor_digits(currency))
    except ValueError:
        raise Unreadable("amount has parts that the currency does not have") from None


def _moved(amount: int, digits_from: int, digits_to: int) -> int:
    moved, rest = divmod(amount * 10**digits_to, 10**digits_from)
    if rest:
        raise ValueError(f"{amount} cannot be told with {digits_to} digits")
    return moved
