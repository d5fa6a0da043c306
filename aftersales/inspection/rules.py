"""Which ways for goods are an end, and which units are stock again. Codes as in the bench's tables."""

SOLD_AGAIN = frozenset({"RESTOCK", "RESALE_OPENED"})
# Not the end of it: goods here wait to be mended, checked or cleared up, and go on from there.
TO_PROCESS = frozenset({"REFURBISH", "REPAIR_RETURN", "QUARANTINE", "DISPUTE"})
NEVER_SOLD_AGAIN = frozenset({"S", "X"})  # cannot be sold again; not our goods

# Where goods still bring something: sold, credited by the supplier, used.
BRINGS_MONEY = SOLD_AGAIN | {"LIQUIDATE", "PARTS", "RETURN_TO_VENDOR"}


def goes_on_the_shelf(way: str, *, grade: str) -> bool:
    return way in SOLD_AGAIN and grade not in NEVER_SOLD_AGAIN


def graded_reference(return_no: str, line_id: int, grade: str, unit: int | None) -> str:
    """A grade of a line, or a labelled unit of it: what is recorded once."""
    return f"{return_no}.{line_id}.{grade}{f'-{unit}' if unit else ''}"


def shelf_reference(return_no: str, line_id: int, grade: str, unit: int | None, seq: int = 0) -> str:
    """What moves stock once: the grade, and the step when the units went on."""
    return f"{graded_reference(return_no, line_id, grade, unit)}{f'.{seq}' if seq else ''}:restocked"


def line_of_label(unit: int, announced: list[tuple[str, int]]) -> str:
    """The line_no whose unit carries this label of the return slip; "" when there is none. announced: in order."""
    for line_no, quantity in announced:
        if 1 <= unit <= quantity:
            return line_no
        unit -= quantity
    return ""


def whereabouts(first: str, quantity: int, moved: list[tuple[str, str, int]]) -> dict[str, int]:
    """Units by the way that they are on now. moved: (from, to, units), the oldest first."""
    units = {first: quantity}
    for way_from, way_to, gone in moved:
        units[way_from] = units.get(way_from, 0) - gone
        units[way_to] = units.get(way_to, 0) + gone
    return {way: left for way, left in units.items() if left}
