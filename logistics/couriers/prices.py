"""Prices as couriers write them."""

from decimal import Decimal, InvalidOperation

LARGEST = 100_000_00  # a pickup that costs more than a hundred thousand is misread


def minor_units(yuan: object) -> int:
    """Yuan, as a number or as text, in fen. ValueError for what is no price."""
    try:
        amount = Decimal(str(yuan)) * 100
    except InvalidOperation as error:
        raise ValueError(f"no price: {yuan!r}") from error
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 < amount <= LARGEST:
        raise ValueError(f"no price: {yuan!r}")
    return int(amount)
