"""Everything that the bench writes: counts, grades, where goods go, and their stock."""

from aftersales.inspection.services.onward import Onward, move_on
from aftersales.inspection.services.recording import (
    Arrived,
    Graded,
    count_box,
    count_goods,
    inspect_goods,
    weigh_goods,
)
from aftersales.inspection.services.recovering import Brought, book_recovery

__all__ = [
    "Arrived", "Brought", "Graded", "Onward", "book_recovery", "count_box", "count_goods", "inspect_goods", "move_on",
    "weigh_goods",
]  # fmt: skip
