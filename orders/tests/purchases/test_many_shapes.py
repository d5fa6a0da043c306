"""Orders of every shape, from fixed seeds: what is taken leaves clean books, what is refused leaves nothing."""

import random

import pytest

from orders.books import INVARIANTS
from orders.purchases.models import Order
from orders.tests.samples import body, line, parcel, payment, put, shop
from returns_platform.kernel.errors import Refused
from returns_platform.management.commands.check_books import check

pytestmark = pytest.mark.django_db

CHANNELS = ("wechat", "alipay", "stripe", "balance", "gift_card", "bank_transfer")


def some_order(chance: random.Random, order_no: str) -> dict:
    """A paid order that adds up, with discounts that fit, points, freight and up to three tenders."""
    lines = [some_line(chance, str(number)) for number in range(1, chance.randint(1, 6) + 1)]
    left = sum(each["quantity"] * each["unit_price"] - each["line_discount"] for each in lines)
    discounts = []
    for number in range(chance.randint(0, 3)):
        amount = chance.randint(0, left // 3)
        left -= amount
        discounts.append({"name": f"d{number}", "source": chance.choice(("shop", "platform")), "amount": amount})
    points = chance.randint(0, left // 4)
    charged = chance.choice((0, 0, 599, 1200))
    freight = {"charged": charged, "discount": chance.randint(0, charged)}
    due = left - points + freight["charged"] - freight["discount"]
    return body(
        lines=lines,
        discounts=discounts,
        freight=freight,
        points={"used": points, "amount": points, "earned": chance.randint(0, 50)},
        payments=some_payments(chance, due, order_no),
    )


def some_line(chance: random.Random, line_no: str) -> dict:
    quantity, price = chance.randint(1, 7), chance.choice((0, 1, 99, 3333, 59900, 1000000))
    return line(
        line_no,
        quantity,
        price,
        line_discount=chance.randint(0, quantity * price // 2),
        tax_rate=chance.choice(("0", "0.06", "0.13")),
        virtual=chance.random() < 0.15,
    )


def some_payments(chance: random.Random, due: int, order_no: str) -> list[dict]:
    cuts = sorted(chance.randint(0, due) for _cut in range(chance.randint(0, 2)))
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, due], strict=True)]
    return [payment(part, f"{order_no}-{n}", chance.choice(CHANNELS)) for n, part in enumerate(parts)]


def some_parcels(chance: random.Random, lines: list[dict]) -> list[dict]:
    """Up to three parcels with what is left of each line; now and then one unit too many."""
    left = {each["line_no"]: each["quantity"] for each in lines}
    parcels = []
    for number in range(chance.randint(0, 3)):
        items = {no: chance.randint(1, rest) for no, rest in left.items() if rest and chance.random() < 0.7}
        left |= {no: left[no] - taken for no, taken in items.items()}
        if chance.random() < 0.05 and items:
            items[next(iter(items))] += 9
        signed = chance.choice((None, f"2026-11-0{chance.randint(3, 9)}T10:00:00+08:00"))
        if items:
            parcels.append(parcel(f"P{number}", items, signed))
    return parcels


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_the_books_stay_clean(seed):
    chance, merchant, found = random.Random(seed), shop(), []
    for number in range(4):
        order_no = f"R{seed}-{number}"
        first = some_order(chance, order_no)
        put(merchant, order_no, **first)
        for _again in range(3):
            second = some_order(chance, order_no) if chance.random() < 0.3 else first
            try:
                put(merchant, order_no, **second | {"parcels": some_parcels(chance, second["lines"])})
                first = second
            except Refused:
                continue
    check(INVARIANTS, say=found.append)
    assert found == []
    assert Order.objects.count() == 4
