"""What a parcel weighed when it left and when it came back, as a fact for people. It decides nothing by itself.

All weights in grams, packed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from aftersales.returns.models import ReturnLine
from logistics.parcels import queries as parcels
from orders.purchases.models import Shipment
from returns_platform.kernel import ui

# The house rule for a whole parcel; less sure where units came out of a parcel that held more.
WHOLE_G, WHOLE_PERCENT = 50, 5
PART_G, PART_PERCENT = 150, 15


@dataclass(frozen=True, slots=True)
class Box:
    """A parcel as it left: its weight, None where nobody told it, and the units of each line in it."""

    grams: int | None
    units: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class WeightCheck:
    """came: by the scale, or by the courier, who rounds up. expected: None where nobody knows.

    whole: expected is what whole parcels weighed, not a share of one.
    """

    came: int
    expected: int | None
    whole: bool
    rounded_up: bool

    @property
    def off(self) -> str:
        """lighter, heavier, or nothing worth a look."""
        if self.expected is None:
            return ""
        least, percent = (WHOLE_G, WHOLE_PERCENT) if self.whole else (PART_G, PART_PERCENT)
        apart = self.came - self.expected
        if abs(apart) <= max(least, self.expected * percent // 100) or (apart > 0 and self.rounded_up):
            return ""
        return "heavier" if apart > 0 else "lighter"


def expected(boxes: Iterable[Box], back: Mapping[int, int]) -> tuple[int, bool] | None:
    """(what the units that come back weighed when they left, whether that is the weight of whole parcels)."""
    boxes, left, grams, whole = list(boxes), dict(back), 0, True
    for box in boxes:
        if box.grams and box.units and all(left.get(line, 0) >= units for line, units in box.units.items()):
            grams += box.grams
            left = {line: units - box.units.get(line, 0) for line, units in left.items()}
    for line, units in left.items():
        if units:
            each = _each(boxes, line)
            if each is None:
                return None
            grams, whole = grams + round(each * units), False
    return (grams, whole) if grams else None


def _each(boxes: Iterable[Box], line: int) -> float | None:
    """One unit's share of a parcel that held nothing else."""
    alone = [box for box in boxes if box.grams and set(box.units) == {line}]
    return sum(box.grams for box in alone) / sum(box.units[line] for box in alone) if alone else None


def weight_checks(return_nos: Iterable[str]) -> dict[str, WeightCheck]:
    """Of the requests whose parcel was weighed. What travelled together is compared together."""
    found = {}
    for group in parcels.weighed_together(return_nos):
        cases = [leg.partition(".")[0] for leg in group.legs]
        lines = ReturnLine.objects.filter(request__return_no__in=cases, shipped=True).select_related("request")
        said = None if group.in_part else expected(_boxes({line.request.order_id for line in lines}), _units(lines))
        grams, whole = said or (None, True)
        check = WeightCheck(group.grams, grams, whole, group.rounded_up)
        found |= dict.fromkeys(cases, check)
    return found


def _units(lines: Iterable[ReturnLine]) -> dict[int, int]:
    """Those that were counted, else those announced: what is missing is known to be missing."""
    units: dict[int, int] = defaultdict(int)
    for line in lines:
        units[line.order_line_id] += line.quantity if line.counted is None else line.counted
    return units


def _boxes(order_ids: Iterable[int]) -> list[Box]:
    sent = Shipment.objects.filter(order__in=list(order_ids)).prefetch_related("items")
    return [Box(one.grams, {item.line_id: item.quantity for item in one.items.all()}) for one in sent]


def weight_facts(return_no: str) -> list[ui.Fact]:
    """In words for the shop's and the platform's people; never for the customer."""
    check = weight_checks([return_no]).get(return_no)
    if check is None:
        return []
    name = _("Weight by the courier") if check.rounded_up else _("Weight")
    return [ui.Fact(name, _kg(check.came), "late" if check.off else "", note=_note(check))]


def _note(check: WeightCheck) -> str:
    if check.expected is None:
        return _("nobody told what it weighed when it left")
    facts = {"left": _kg(check.expected), "apart": _kg(abs(check.came - check.expected))}
    if check.off == "lighter":
        return _("%(apart)s lighter than when it left (%(left)s)") % facts
    if check.off == "heavier":
        return _("%(apart)s heavier than when it left (%(left)s)") % facts
    return _("it left with %(left)s") % facts


def _kg(grams: int) -> str:
    return _("%(kg)s kg") % {"kg": f"{grams / 1000:.2f}"}


# --- serial numbers ---------------------------------------------------------------------------------------


def serials_sold(line: ReturnLine) -> list[str]:
    """Serial numbers of the units of a line that were sent, as its shop told them."""
    return [serial for item in line.order_line.shipped_items.all() for serial in item.serials]


def other_serials(sold: Iterable[str], read: Iterable[str]) -> list[str]:
    """Read on units that came back, and not among those sold; where none were told nothing can be said."""
    known = {_plain(serial) for serial in sold}
    return [serial for serial in read if known and serial and _plain(serial) not in known]


def _plain(serial: str) -> str:
    return "".join(char for char in serial.upper() if char.isalnum())
