"""Pure questions about a request: no database, no clock."""

REPLACING = ("exchange", "repair", "resend")


def goods_come_back(kind: str, send_back: str) -> bool:
    """Whether the shop waits for a parcel before anything else happens."""
    return kind in ("return_refund", "exchange", "repair") and send_back != "none"


def goods_state(*, shipped: int, signed: int) -> str:
    """Which flow a line gets (S3): not sent yet, on its way, or signed for."""
    if signed:
        return "signed"
    return "shipped" if shipped else "unshipped"


def inspection_is_clear(grades: set[str], *, merchant_fault: bool) -> bool:
    """Grades A and B, and any but X on the merchant's fault, confirm the amount; the rest waits for a person."""
    if "X" in grades:
        return False
    return merchant_fault or grades <= {"A", "B"}
