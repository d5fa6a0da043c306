"""Which payments a refund comes from (M4)."""

from collections.abc import Sequence

from aftersales.bills.bill import STORED, Part
from aftersales.bills.facts import BALANCE_FIRST, CASH_FIRST, Tender


def in_order(tenders: Sequence[Tender]) -> list[Tender]:
    """M4a: the channels as listed in the payments, then balance, then gift cards; empty ones take no part."""
    rank = {"balance": 1, "gift_card": 2}
    return sorted((tender for tender in tenders if tender.left > 0), key=lambda tender: rank.get(tender.channel, 0))


def shared(refund: int, tenders: Sequence[Tender], strategy: str) -> tuple[Part, ...]:
    """The refund's part of each tender; no part is 0. The tenders must hold at least the refund."""
    parts = []
    for group in _groups(in_order(tenders), strategy):
        share = min(refund, sum(tender.left for tender in group))
        parts += _in_proportion(share, group)
        refund -= share
    if refund:
        raise ValueError("the tenders hold less than the refund")
    return tuple(part for part in parts if part.amount)


def _groups(tenders: list[Tender], strategy: str) -> list[list[Tender]]:
    """Tenders that are used up together; balance and gift cards are one group."""
    if strategy not in (BALANCE_FIRST, CASH_FIRST):
        return [tenders]
    stored = [tender for tender in tenders if tender.channel in STORED]
    cash = [tender for tender in tenders if tender.channel not in STORED]
    return [stored, cash] if strategy == BALANCE_FIRST else [cash, stored]


def _in_proportion(amount: int, tenders: list[Tender]) -> list[Part]:
    """In proportion to what each holds, rounded down; left-over fen go one each, first to last.

    Never more than a tender holds: where rounding down loses something, there is room for one more.
    """
    held = sum(tender.left for tender in tenders)
    amounts = [amount * tender.left // held for tender in tenders]
    over = amount - sum(amounts)
    return [
        Part(tender.payment_id, tender.transaction_id, tender.channel, part + (index < over))
        for index, (tender, part) in enumerate(zip(tenders, amounts, strict=True))
    ]
