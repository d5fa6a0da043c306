"""Why money goes to a customer's balance, and which account gives it."""

from dataclasses import dataclass

from refunds.ledger import rules as ledger

REFUND = "refund"
BONUS = "bonus"
COMPENSATION = "compensation"


@dataclass(frozen=True, slots=True)
class Source:
    """posting: kind of the ledger transaction. account: gives the money."""

    posting: str
    account: str


SOURCES = {
    REFUND: Source(ledger.ARRIVED, ledger.REFUNDS_PAYABLE),
    BONUS: Source(ledger.BONUS, ledger.BONUS_EXPENSE),
    COMPENSATION: Source(ledger.COMPENSATION, ledger.COMPENSATION_EXPENSE),
}
