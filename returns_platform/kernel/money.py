"""Money is an integer in the currency's minor unit, with the currency beside it."""

from collections.abc import Sequence

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
# ISO 4217: currencies whose minor unit is not a hundredth.
DIGITS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    return DIGITS.get(currency, 2)


def yuan(amount: int, currency: str) -> str:
    """¥1,280.00; a true minus sign before a negative amount; an unknown currency shows its code."""
    digits = minor_digits(currency)
    whole, part = divmod(abs(amount), 10**digits)
    text = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
    return f"{'−' if amount < 0 else ''}{SIGNS.get(currency, currency + ' ')}{text}"


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split by weight with largest remainder; ties go to the earlier one. The sum is exact.

    A weight of 0 gets nothing. When every weight is 0 nothing can be told apart: raises ValueError unless the
    amount is 0. Negative amounts or weights: ValueError.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise ValueError("a split needs an amount and weights of at least 0")
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError("nothing to split it over")
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    # The left-over is smaller than the number of weights with a remainder, so a weight of 0 never gets one.
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % total), index))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return parts


def half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded to the nearest integer, halves up; both at least 0, exact for any size."""
    return (2 * numerator + denominator) // (2 * denominator)
