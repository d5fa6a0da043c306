"""What cases say about a customer's reasons and habits, and which measures there are. Pure: no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# --- what the bench bore out ------------------------------------------------------------------------------

# Reasons of which the bench can see whether they are so. Of the others grade A says nothing: a fake can be as new.
VISIBLE = frozenset({
    "QL.DEFECT", "QL.MATERIAL", "LG.DAMAGED", "FR.ROT", "FR.SHORT_WEIGHT", "FR.THAWED", "FR.DEAD", "FR.UNRIPE_ROT",
})  # fmt: skip
CONFIRMED, CONTRADICTED, UNSAID = "confirmed", "contradicted", ""


def borne_out(reason: str, *, fault: bool, grades: frozenset[str], refused: bool, disproved: bool = False) -> str:
    """Whether the bench bore out the reason that the customer named.

    A doubt counts against it only where a person refused the line, or where the bench found another reason, for
    which nobody else is to blame (disproved).
    """
    if not grades:
        return UNSAID
    if refused or disproved:
        return CONTRADICTED
    if not fault:
        return CONFIRMED if grades <= {"A", "B"} else UNSAID
    if reason not in VISIBLE or "X" in grades:
        return UNSAID
    return CONTRADICTED if grades == {"A"} else CONFIRMED


# --- signals ----------------------------------------------------------------------------------------------

WORN = frozenset({"C", "D", "S"})
CLOTHES = frozenset({"apparel", "shoes_bags"})
MISSING = frozenset({"FU.MISSING", "FU.EMPTY"})


@dataclass(frozen=True, slots=True)
class Kind:
    """weight: points it gives in the score. days: how long it stands after the last thing it saw."""

    weight: int
    days: int


SIGNALS = {
    "often": Kind(10, 60),
    "worn": Kind(30, 180),
    "other_goods": Kind(40, 365),
    "other_serial": Kind(40, 365),
    "lighter": Kind(30, 365),
    "missing_again": Kind(20, 120),
    "kept_again": Kind(15, 90),
    "same_photo": Kind(30, 365),
    "same_waybill": Kind(40, 365),
    "linked": Kind(10, 180),
    "not_borne_out": Kind(20, 180),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a case as the signals see it. reason: what the customer named.

    fault, disproved: what the inspection made of it (T49). kept: what its case gave at once without a return.
    lighter: (grams that left, grams that came back) where less came. serials: read, and not among those sold.
    """

    case_ref: str
    at: datetime
    reason: str
    category: str
    fault: bool
    grades: frozenset[str]
    refused: bool
    in_use: bool
    kept: int = 0
    lighter: tuple[int, int] | None = None
    serials: tuple[str, ...] = ()
    disproved: bool = False

    @property
    def borne_out(self) -> str:
        return borne_out(
            self.reason, fault=self.fault, grades=self.grades, refused=self.refused, disproved=self.disproved
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A signal with what it rests on. evidence: [{"case": number, …facts}], JSON-safe, the newest first."""

    code: str
    at: datetime
    evidence: list[dict] = field(hash=False)

    @property
    def weight(self) -> int:
        return SIGNALS[self.code].weight

    @property
    def expires_at(self) -> datetime:
        return self.at + timedelta(days=SIGNALS[self.code].days)


# code -> (how many cases it takes, within how many days, which lines count)
HABITS = {
    "often": (6, 30, lambda line: line.in_use),
    "worn": (2, 180, lambda line: line.category in CLOTHES and not line.fault and bool(line.grades & WORN)),
    "other_goods": (1, 365, lambda line: "X" in line.grades),
    "other_serial": (1, 365, lambda line: bool(line.serials)),
    "lighter": (1, 365, lambda line: line.lighter is not None),
    "missing_again": (3, 90, lambda line: line.reason in MISSING and line.in_use),
    "kept_again": (3, 30, lambda line: line.kept > 0 and line.in_use),
    "not_borne_out": (2, 180, lambda line: line.borne_out == CONTRADICTED),
}  # fmt: skip


def habits(lines: Iterable[Line], *, now: datetime) -> list[Found]:
    """What the lines of a customer's cases show when they are looked at together."""
    lines, found = sorted(lines, key=lambda line: line.at, reverse=True), []
    for code, (least, days, counts) in HABITS.items():
        hits = [line for line in lines if line.at > now - timedelta(days=days) and counts(line)]
        cases = dict.fromkeys(line.case_ref for line in hits)
        if len(cases) >= least:
            found.append(Found(code, hits[0].at, [_evidence(ref, hits) for ref in cases]))
    return found


def _evidence(case_ref: str, hits: list[Line]) -> dict:
    of_case = [line for line in hits if line.case_ref == case_ref]
    grades = sorted({grade for line in of_case for grade in line.grades})
    found = {"case": case_ref, "reason": of_case[0].reason, "grades": grades}
    if weights := next((line.lighter for line in of_case if line.lighter), None):
        found |= {"left": weights[0], "came": weights[1]}
    if serials := sorted({serial for line in of_case for serial in line.serials}):
        found["serials"] = serials
    return found


# --- measures ---------------------------------------------------------------------------------------------

MEASURES = ("watch", "limit", "review", "block", "deposit")
STRONG = frozenset({"review", "block", "deposit"})  # two people
WITH_AMOUNT = frozenset({"limit", "deposit"})
MOST_DAYS = {"watch": 365, "limit": 180, "review": 90, "block": 180, "deposit": 180}
PROPOSED_FROM = 40  # sum of the weights from which a person is asked to look
OFFER_DAYS = 14  # a customer thinks about a deposit


def proposal(weights: Iterable[int]) -> str:
    """What the signals propose to people: nothing, a watch, or that somebody looks first."""
    total = sum(weights)
    if total < PROPOSED_FROM:
        return ""
    return "review" if total >= 2 * PROPOSED_FROM else "watch"
