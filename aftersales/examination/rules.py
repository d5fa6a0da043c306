"""Who pays an independent inspection, and when one can be asked for. No database, no clock, no Django."""

FOR_CUSTOMER, FOR_SHOP, UNCLEAR = "for_customer", "for_shop", "unclear"
MERCHANT, PLATFORM = "merchant", "platform"
DISPUTED = frozenset({"inspected", "rejected"})  # the bench has seen the goods, and somebody disagrees


def can_be_examined(state: str, *, counted: bool) -> bool:
    return counted and state in DISPUTED


def payer(finding: str, *, asked_by: str) -> str:
    """The loser pays, else who asked. A customer has agreed to no fee, so what speaks against her costs her nothing.

    asked_by: merchant or support, as kinds of actors.
    """
    if finding == FOR_CUSTOMER or asked_by == "merchant":
        return MERCHANT
    return PLATFORM
