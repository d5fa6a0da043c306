"""Everything that the bench writes: counts, grades, where goods go, and their stock."""

from aftersales.inspection.services.onward import Onward, move_on
from aftersales.inspection.services.recording import Arrived, Graded, count_goods, inspect_goods

__all__ = ["Arrived", "Graded", "Onward", "count_goods", "inspect_goods", "move_on"]
