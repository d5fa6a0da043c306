import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returns_platform.kernel.money import half_up, minor_digits, split, yuan

seeded = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (59500, "CNY", "¥595.00"),
        (128000, "CNY", "¥1,280.00"),
        (-6800, "CNY", "−¥68.00"),
        (5, "CNY", "¥0.05"),
        (0, "CNY", "¥0.00"),
        (1234, "JPY", "JP¥1,234"),
        (1234, "KWD", "KWD 1.234"),
        (99, "USD", "$0.99"),
    ],
)
def test_an_amount_is_shown_with_its_sign_and_its_decimals(amount, currency, shown):
    assert yuan(amount, currency) == shown


def test_minor_units_differ_by_currency():
    assert [minor_digits(currency) for currency in ("CNY", "JPY", "BHD")] == [2, 0, 3]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (3000, [5000, 3000, 2000], [1500, 900, 600]),
        (1000, [3333, 3333, 3333], [334, 333, 333]),
        (2, [1, 1, 1], [1, 1, 0]),
        (500, [20000, 10000], [333, 167]),
        (7, [0, 5, 0], [0, 7, 0]),
        (1, [0, 1, 1], [0, 1, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (10**15, [1, 2], [333333333333333, 666666666666667]),
    ],
)
def test_a_split_follows_the_largest_remainder_and_the_earlier_one(amount, weights, parts):
    assert split(amount, weights) == parts


@pytest.mark.parametrize(("amount", "weights"), [(1, [0, 0]), (1, []), (-1, [1]), (1, [2, -1])])
def test_what_cannot_be_split_is_an_error(amount, weights):
    with pytest.raises(ValueError, match="split"):
        split(amount, weights)


@seeded
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=12).filter(any))
def test_parts_add_up_and_are_less_than_one_off(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    total = sum(weights)
    assert all(abs(part * total - amount * weight) < total for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(("numerator", "denominator", "rounded"), [(5, 2, 3), (4, 3, 1), (5, 3, 2), (0, 7, 0)])
def test_halves_round_up(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded
