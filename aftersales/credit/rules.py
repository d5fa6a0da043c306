"""How far a customer is trusted: a score from their own history, and what it moves. No database, no clock.

Only what somebody did with purchases counts (`History`), never who they are: no name, place, age, language, device or
price of goods. A return that the shop is to blame for is not held against anybody. By itself the score never reaches
the point from which a policy lets a person look first: that takes a measure that a person has decided.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

VERSION = 1
LEVELS = ("new", "known", "trusted")
NEW, KNOWN, TRUSTED = LEVELS
LOOKED_AT_FIRST = 60  # from here on the platform's policy lets a person look first
AUTOMATIC_UP_TO = LOOKED_AT_FIRST - 1

FEW_ORDERS = 5  # below, a rate says nothing
USUAL_RATE = 40  # percent of units or value that may come back without a fault of the shop
USUAL_REQUESTS = 3  # in thirty days
NEW_FOR_DAYS, TRUSTED_AFTER_DAYS, LONG_KNOWN_DAYS = 30, 180, 365
TRUSTED_BELOW = 15
MOST = {"units": 20, "value": 10, "requests": 12, "contradicted": 36, "confirmed": 12, "signals": 40}
WITHOUT_RETURN_DAYS, LATELY_DAYS = 90, 30


@dataclass(frozen=True, slots=True)
class Marked:
    """A signal that stands. weight: the points it gives."""

    code: str
    weight: int


@dataclass(frozen=True, slots=True)
class History:
    """What a shop knows of a customer, over the last year. Values in minor units of the shop's currency.

    days_known: since the platform took in their first order. returned: without a fault of the shop. requests: in the
    last 30 days. confirmed, contradicted: lines whose reason the bench bore out, or did not.
    """

    days_known: int = 0
    orders: int = 0
    units_bought: int = 0
    units_returned: int = 0
    value_bought: int = 0
    value_returned: int = 0
    requests: int = 0
    confirmed: int = 0
    contradicted: int = 0
    signals: tuple[Marked, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the score is what it is. points: above zero speaks against, below for. params: JSON-safe, for the words."""

    code: str
    points: int
    params: dict = field(hash=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """score: 0 (nothing known against) to AUTOMATIC_UP_TO. level: one of LEVELS."""

    score: int
    level: str
    reasons: tuple[Reason, ...]


def score(history: History) -> Scored:
    """The score of a history with its reasons; the same history gives the same score to anybody."""
    found = [*_rates(history), *_requests(history), *_bench(history), *_signals(history), *_age(history)]
    reasons = tuple(reason for reason in found if reason.points)
    total = min(max(sum(reason.points for reason in reasons), 0), AUTOMATIC_UP_TO)
    return Scored(total, _level(history, total), reasons)


def rate(part: int, whole: int) -> int:
    """Whole percent, 0 of nothing."""
    return part * 100 // whole if whole else 0


def _rates(history: History) -> list[Reason]:
    if history.orders < FEW_ORDERS:
        return []
    units = rate(history.units_returned, history.units_bought)
    value = rate(history.value_returned, history.value_bought)
    return [
        Reason(
            "units", _points(units - USUAL_RATE, 3, "units"),
            {"rate": units, "returned": history.units_returned, "bought": history.units_bought},
        ),
        Reason("value", _points(value - USUAL_RATE, 6, "value"), {"rate": value}),
    ]  # fmt: skip


def _points(above: int, step: int, kind: str) -> int:
    return min(max(above, 0) // step, MOST[kind])


def _requests(history: History) -> list[Reason]:
    points = min(3 * max(history.requests - USUAL_REQUESTS, 0), MOST["requests"])
    return [Reason("requests", points, {"requests": history.requests})]


def _bench(history: History) -> list[Reason]:
    """What was borne out weighs against what was not, never beyond it."""
    against = min(12 * history.contradicted, MOST["contradicted"])
    back = min(4 * history.confirmed, MOST["confirmed"], against)
    return [
        Reason("contradicted", against, {"n": history.contradicted}),
        Reason("confirmed", -back, {"n": history.confirmed}),
    ]


def _signals(history: History) -> list[Reason]:
    """The heaviest first; together no more than their share."""
    left, found = MOST["signals"], []
    for signal in sorted(history.signals, key=lambda signal: (-signal.weight, signal.code)):
        points = min(signal.weight, left)
        left -= points
        found.append(Reason("signal", points, {"signal": signal.code}))
    return found


def _age(history: History) -> list[Reason]:
    days = {"days": history.days_known}
    if history.days_known >= LONG_KNOWN_DAYS:
        return [Reason("long_known", -5, days)]
    if history.days_known < NEW_FOR_DAYS and history.requests > USUAL_REQUESTS:
        return [Reason("new", 5, days)]
    return []


def _level(history: History, total: int) -> str:
    if history.days_known < NEW_FOR_DAYS or history.orders < 2:
        return NEW
    spotless = not history.contradicted and not any(signal.weight for signal in history.signals)
    often = rate(history.units_returned, history.units_bought) > USUAL_RATE
    earned = history.days_known >= TRUSTED_AFTER_DAYS and history.orders >= FEW_ORDERS
    return TRUSTED if earned and spotless and not often and total < TRUSTED_BELOW else KNOWN


# --- at the time of a request -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A measure that a person decided and that is in force. kind: review, limit, block or deposit.

    amount: of a limit, minor units of `currency`.
    """

    kind: str
    until: datetime
    amount: int = 0
    currency: str = ""


def that_count(held: Iterable[Held]) -> tuple[Held, ...]:
    """While a deposit lies here, limits and blocks rest."""
    held = tuple(held)
    if any(measure.kind == "deposit" for measure in held):
        return tuple(measure for measure in held if measure.kind == "review")
    return held


@dataclass(frozen=True, slots=True)
class Known:
    """What stands of a customer when they ask."""

    score: int = 0
    level: str = NEW
    reasons: tuple[Reason, ...] = ()
    measures: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What matters of a request. statutory: every line is one that the law grants without a reason.

    without_return: money, or new goods, for goods said to be faulty or missing, and nothing comes back.
    """

    amount: int
    currency: str
    statutory: bool
    without_return: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """The score as it was used for one request. risk: the score, raised where a measure has a person look first."""

    risk: int
    score: int
    level: str
    reasons: tuple[Reason, ...]
    version: int = VERSION

    def as_json(self) -> dict:
        return asdict(self) | {"reasons": [asdict(reason) for reason in self.reasons]}


def weigh(known: Known, asked: Asked) -> Weighed:
    """What the policy is told of the customer for this request. Nothing here refuses (S115)."""
    reached = [measure for measure in known.measures if _reaches(measure, asked)]
    risk = max(known.score, LOOKED_AT_FIRST) if reached else known.score
    raised = tuple(_raised(measure, risk - known.score) for measure in reached[:1])
    blocked = any(measure.kind == "block" for measure in known.measures)
    level = KNOWN if blocked and known.level == TRUSTED else known.level
    return Weighed(risk, known.score, level, (*known.reasons, *raised))


def _reaches(measure: Held, asked: Asked) -> bool:
    """A privilege can be taken, a right cannot: what the law grants is touched by no limit and no block."""
    if measure.kind == "review":
        return True
    if asked.statutory:
        return False
    if measure.kind == "limit":
        return measure.currency == asked.currency and asked.amount > measure.amount
    return asked.without_return


def _raised(measure: Held, points: int) -> Reason:
    params = {"kind": measure.kind, "until": measure.until.isoformat()}
    return Reason("measure", points, params | {"amount": measure.amount, "currency": measure.currency})
