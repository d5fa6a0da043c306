"""What can be said of a shop's answers under one policy, and when there are too few of them to say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

# Below that many decided cases a share says more of chance than of a shop.
FEWEST = 20
# The average of the others is told to a shop only where nobody can be recognised in it.
FEWEST_SHOPS = 3


@dataclass(frozen=True, slots=True)
class Answers:
    """Counts of cases.

    granted, refused: as they stand; the rest is undecided, was given up, or its goods never came. by_rule: of the
    refused, decided by rules alone. ever_refused: refused at some time; appealed: of these, the platform was called
    in; overturned: opened again and granted then. waited: for the shop; silent: granted because it never answered.
    in_part: of the granted, less than was asked for, and the customer had not agreed. money: granted refunds by
    currency, minor units. answer_s: median seconds until the shop answered what waited for it.
    """

    cases: int = 0
    granted: int = 0
    refused: int = 0
    by_rule: int = 0
    ever_refused: int = 0
    appealed: int = 0
    overturned: int = 0
    waited: int = 0
    silent: int = 0
    in_part: int = 0
    money: Mapping[str, int] = field(default_factory=dict)
    answer_s: float | None = None

    @property
    def decided(self) -> int:
        return self.granted + self.refused

    @property
    def too_few(self) -> bool:
        return self.decided < FEWEST

    @property
    def approval_bp(self) -> int | None:
        """Granted of decided, in hundredths of a percent."""
        return share(self.granted, self.decided)

    @property
    def overturned_bp(self) -> int | None:
        return share(self.overturned, self.ever_refused)

    @property
    def appealed_bp(self) -> int | None:
        return share(self.appealed, self.ever_refused)

    @property
    def silent_bp(self) -> int | None:
        return share(self.silent, self.waited)


def share(part: int, whole: int) -> int | None:
    """In hundredths of a percent, halves up; None of nothing."""
    return (part * 20_000 + whole) // (2 * whole) if whole else None


def together(rows: Iterable[Answers], *, answer_s: float | None) -> Answers:
    """Sums; a median is not a sum and comes from all cases."""
    rows = list(rows)
    counted = [one.name for one in fields(Answers) if one.name not in ("money", "answer_s")]
    money: dict[str, int] = {}
    for row in rows:
        for currency, amount in row.money.items():
            money[currency] = money.get(currency, 0) + amount
    return Answers(
        **{name: sum(getattr(row, name) for row in rows) for name in counted}, money=money, answer_s=answer_s
    )
