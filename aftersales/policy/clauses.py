"""What a shop gives beyond the platform: rows with figures that can be compared, and what each one changes.

A row is never an expression. It names one kind of kindness, whom it is for, and a figure; the figure counts only as
far as it is kinder than the platform's, whatever was saved and whenever: a window ends at the later of two ends, a
limit lifts what the platform would have left to a person, evidence is only taken away, the shop only takes freight
over. So a shop can never be harsher than the platform or the law, also after the platform has become kinder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .windows import Window

# The kinds of kindness; a row's rule is named after it: shop.window.
GIVES = ("window", "open", "keep", "send_back", "freight", "evidence", "no_deduction", "time", "courier")
FAULTS = ("quality", "fulfilment")

# Less is asked for from left to right of each row; nothing else can be compared.
_ASKS_LESS = {
    "E0": frozenset({"E1", "E2", "E3", "E4", "EV"}),
    "E1": frozenset({"E2", "E3", "E4"}),
    "E2": frozenset({"E3", "E4"}),
}
ASKABLE = tuple(_ASKS_LESS)

# {what a row names: (the policy's term, its kinder value)}
DEDUCTIONS = {
    "pickup": ("deduct_pickup", False),
    "waived_freight": ("deduct_waived_freight", False),
    "points": ("deduct_points_shortfall", False),
    "promotion": ("broken_threshold", "PRO_RATA"),
}
# {what a row names: (the policy's term, its unit, which of two is kinder)}
TIMES = {
    "evidence": ("evidence_hours", "hours", max),
    "sending": ("customer_send_days", "days", max),
    "answer": ("merchant_answer_hours", "hours", min),
    "count": ("merchant_count_hours", "hours", min),
    "inspection": ("inspection_days", "days", min),
}
COURIER_CAP = "return_freight_cap"


@dataclass(frozen=True, slots=True)
class Clause:
    """One row. gives: one of GIVES. basis, category, sku, reason: whom it is for, "" means any.

    length and unit: of window, open and time. limit: minor units, of keep, send_back and courier. evidence: the
    class that is asked for at most. term: which deduction, or which time. row: the stored row's key.
    """

    gives: str
    basis: str = ""
    category: str = ""
    sku: str = ""
    reason: str = ""
    length: int = 0
    unit: str = "days"
    limit: int = 0
    evidence: str = ""
    term: str = ""
    row: int | None = None

    @property
    def rule(self) -> str:
        return f"shop.{self.gives}"

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """A row for a product beats a row for a reason, which beats a row for a category."""
        return bool(self.sku), bool(self.reason), bool(self.category)

    def covers(self, *, basis: str, category: str, sku: str, reason: str) -> bool:
        return (
            self.basis in ("", basis)
            and self.category in ("", category)
            and self.sku in ("", sku)
            and self.reason in ("", reason)
        )

    def stands_for(self, own: Window) -> bool:
        """A row for all goods leaves alone what the platform has a limit of its own for, and so for reasons."""
        return (not own.category or bool(self.category or self.sku)) and (not own.reason or bool(self.reason))


@dataclass(frozen=True, slots=True)
class Clauses:
    """One version of a shop's clauses, compiled. number 0: the shop has none. key: of the stored version."""

    number: int = 0
    starts_at: datetime | None = None
    rows: tuple[Clause, ...] = ()
    key: int | None = None

    def __bool__(self):
        return bool(self.rows)

    def best(self, *gives: str, **about: str) -> Clause | None:
        """The most exact row of these kinds that covers it."""
        return _most_exact(row for row in self.rows if row.gives in gives and row.covers(**about))

    def window(self, own: Window, *, excluded: bool, **about: str) -> Window | None:
        """The shop's window in place of the platform's own one, which stays its floor; None: the shop adds nothing.

        excluded: the platform closes it to this buyer; then only a row that opens it counts. For everybody else the
        longer of both kinds does: who confirmed nothing never has less for it.
        """
        kinds = ("open",) if excluded else ("open", "window")
        fitting = [row for row in self.rows if row.gives in kinds and row.covers(**about) and row.stands_for(own)]
        exact = (_most_exact(row for row in fitting if row.gives == kind) for kind in kinds)
        given = (_window(row, own, excluded=excluded) for row in exact if row)
        return max(given, key=lambda window: window.least_hours, default=None)

    def limit(self, sent_back: bool, **about: str) -> Clause | None:
        """The row that approves faulty goods at once up to an amount."""
        return self.best("send_back" if sent_back else "keep", **about) if about["basis"] in FAULTS else None

    def asked(self, evidence: str, **about: str) -> str:
        """The class of evidence that is asked for: the platform's, or less."""
        least = self.best("evidence", **about)
        return least.evidence if least and asks_less(least.evidence, evidence) else evidence

    def bears_freight(self, **about: str) -> bool:
        """The shop pays for bringing goods back that come without a reason."""
        return about["basis"] == "no_reason" and self.best("freight", **about) is not None

    def kinder_terms(self, kept: Mapping) -> dict:
        """{term: value} of what the shop betters; kept: the platform's terms by name."""
        better = {}
        for row in self.rows:
            if row.gives == "no_deduction":
                name, value = DEDUCTIONS[row.term]
                better[name] = value
            elif row.gives == "time":
                name, _unit, kinder = TIMES[row.term]
                better[name] = kinder(kept[name], row.length)
            elif row.gives == "courier":
                better[COURIER_CAP] = max(kept[COURIER_CAP], row.limit)
        return {name: value for name, value in better.items() if value != kept[name]}


NO_CLAUSES = Clauses()


def asks_less(one: str, other: str) -> bool:
    """Whether evidence class `one` is a true part of `other`."""
    return other in _ASKS_LESS.get(one, ())


def _window(row: Clause, own: Window, *, excluded: bool) -> Window:
    return Window(
        own.basis,
        row.category,
        row.reason,
        row.length,
        row.unit,
        excluded="none" if row.gives == "open" else own.excluded,
        floor=None if excluded else own,
        by=row.rule,
    )


def _most_exact(rows) -> Clause | None:
    return max(rows, key=lambda row: row.weight, default=None)
