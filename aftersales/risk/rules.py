"""What cases say about a customer's reasons and habits. Pure: no database, no clock."""

# Reasons of which the bench can see whether they are so. Of the others grade A says nothing: a fake can be as new.
VISIBLE = frozenset({
    "QL.DEFECT", "QL.MATERIAL", "LG.DAMAGED", "FR.ROT", "FR.SHORT_WEIGHT", "FR.THAWED", "FR.DEAD", "FR.UNRIPE_ROT",
})  # fmt: skip
CONFIRMED, CONTRADICTED, UNSAID = "confirmed", "contradicted", ""


def borne_out(reason: str, *, fault: bool, grades: frozenset[str], refused: bool) -> str:
    """Whether the bench bore a line's reason out. A doubt counts against it only where a person refused the line."""
    if not grades:
        return UNSAID
    if refused:
        return CONTRADICTED
    if not fault:
        return CONFIRMED if grades <= {"A", "B"} else UNSAID
    if reason not in VISIBLE or "X" in grades:
        return UNSAID
    return CONTRADICTED if grades == {"A"} else CONFIRMED
