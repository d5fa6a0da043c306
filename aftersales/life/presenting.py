"""One life of an order: placed, sent, returned, replaced, paid back, on one line of time (S105)."""

from itertools import chain

from aftersales.life import cases, goods, money
from aftersales.life.entries import Entry, Life, by_day
from aftersales.life.queries import Rows, rows_of
from aftersales.life.readers import Reader

NEWEST = 12
# As one follows from the other, where they happen in one moment.
DOMAINS = (
    goods.of_order, money.of_payments, cases.of_cases, cases.of_offers, goods.of_parcels, goods.of_bench,
    goods.of_replacements, money.of_money_back, cases.of_talk, cases.of_desk,
)  # fmt: skip


def life_of(reader: Reader) -> Life:
    """Of the reader's order, newest first. What happened in one moment stands as in DOMAINS."""
    rows = rows_of(reader.order)
    found = entries(rows, reader)
    return Life(
        sums=money.sums(rows, reader),
        newest=by_day(found[:NEWEST], zone=reader.zone),
        older=by_day(found[NEWEST:], zone=reader.zone),
        prices=reader.prices,
        currency=rows.order.currency,
        zone=reader.zone,
    )


def entries(rows: Rows, reader: Reader) -> list[Entry]:
    told = list(chain.from_iterable(domain(rows, reader) for domain in DOMAINS))
    return sorted(told, key=lambda entry: entry.at)[::-1]
