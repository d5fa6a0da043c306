"""The verdict: facts of a request against the compiled rules of one policy version. No database, no clock.

Rules are data (a row each, see conditions.py); here they are only asked in order. The first that matches
decides a line; the worst line decides the request, and the reasons of all lines are kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from aftersales.credit.rules import NEW

from .clauses import NO_CLAUSES, Clauses
from .windows import Window, is_open

# From the best for the customer to the worst.
OUTCOMES = ("approve", "review", "needs_evidence", "refuse")
EXCLUSIONS = ("none", "law", "confirmation")
CARDS = ("none", "unused", "spent")  # the goods are gift cards themselves


@dataclass(frozen=True, slots=True)
class Line:
    """What is known about one line of a request.

    unit_price: the frozen list price, minor units. units: free for this reason. open_units: of the line's
    units, those whose window is open. excluded: one of EXCLUSIONS. deadline: UTC, the last second of the
    windows used; None: no limit. estimated: counted from an expected signature. unsure: in a year whose off
    days are unknown. quality_until: until when a quality problem can be reported. part_of_kit: something of
    the line's kit stays with the customer. attempts_left: requests that may still be filed for the line, this
    one included. card: one of CARDS. by: the shop's rule without which the line would be closed, "" for none.
    sent_again: of the units, those that were sent again before.
    """

    line_no: str
    reason: str
    group: str
    basis: str
    fault: bool
    category: str
    goods_state: str
    quantity: int
    unit_price: int
    units: int
    open_units: int
    excluded: str = "none"
    deadline: datetime | None = None
    estimated: bool = False
    unsure: bool = False
    quality_until: datetime | None = None
    part_of_kit: bool = False
    photos: int = 0
    videos: int = 0
    attempts_left: int = 1
    card: str = "none"
    sku: str = ""
    by: str = ""
    sent_again: int = 0

    @property
    def scope(self) -> dict:
        """What a shop's clause may name."""
        return {"basis": self.basis, "category": self.category, "sku": self.sku, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one request.

    amount: the bill's refund in minor units; for exchange, repair and resend what was paid for the units.
    sent_back: goods travel back. risk: 0 to 100. level: the customer's credit, one of LEVELS. returns_lately: their
    requests of 30 days, kept_lately: what was paid or sent again at once without a return in 90 days, minor
    units; this request counted in both. resettle: the amount was settled anew at what is kept.
    miscounted: a parcel of the order was counted differently than announced. zone: IANA name, the shop's.
    """

    kind: str
    sent_back: bool
    amount: int
    currency: str
    filed_at: datetime
    zone: str
    risk: int = 0
    level: str = NEW
    returns_lately: int = 1
    kept_lately: int = 0
    resettle: bool = False
    miscounted: bool = False
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled row. effect: one of OUTCOMES. code: what people are told.

    who: merchant or support, for review. asks: evidence class, for needs_evidence. limit: the amount up to
    which it holds, above: the price of a unit above which it does, minor units, for the text.
    """

    name: str
    effect: str
    code: str
    matches: Callable[[Mapping], bool]
    who: str = "merchant"
    asks: str = ""
    limit: int | None = None
    above: int | None = None


# Stands behind every policy: what no row decides, a person does.
NOTHING_MATCHED = Rule("platform.otherwise", "review", "person_looks", lambda tested: True)
# Only these reviews are about the amount alone; a shop's limit lifts no other.
LIFTED_BY_A_LIMIT = frozenset({"above_limit"})


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures of a policy that are no rule. Money in minor units, *_bp in hundredths of a percent."""

    broken_threshold: str
    tender_strategy: str
    deduct_pickup: bool
    deduct_waived_freight: bool
    deduct_points_shortfall: bool
    point_value: int
    expired_coupon: str
    fresh_ladder: bool
    balance_bonus_bp: int
    second_person_above: int
    hold_s: int | None
    return_freight_cost: int
    return_freight_cap: int
    merchant_answer_hours: int
    evidence_hours: int
    customer_send_days: int
    merchant_count_hours: int
    inspection_days: int
    exchange_pay_hours: int
    platform_call_days: int
    grace_coupon_days: int
    max_attempts: int
    no_scan_buffer_days: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a purchase: one version of the platform, compiled, and what the shop gives beyond it.

    terms: the platform's, already as kind as the shop makes them. windows, rules: the platform's own.
    """

    number: int
    starts_at: datetime
    windows: tuple[Window, ...]
    rules: tuple[Rule, ...]
    terms: Terms
    clauses: Clauses = NO_CLAUSES

    def with_clauses(self, clauses: Clauses) -> "Policy":
        """The effective policy of this platform version and a shop's clauses."""
        better = clauses.kinder_terms(asdict(self.terms))
        return replace(self, clauses=clauses, terms=replace(self.terms, **better))


@dataclass(frozen=True, slots=True)
class Fired:
    """The rule that decided a line, and the facts it saw (JSON-safe)."""

    code: str
    rule: str
    version: int
    params: dict = field(hash=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """The one thing that would change the result: evidence, quality_reason, fewer_units or whole_kit."""

    code: str
    params: dict = field(hash=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a request.

    reasons: one a line, the deciding ones first. deadline: the first to pass. who: acts next; merchant,
    support, customer or nobody.
    """

    outcome: str
    reasons: tuple[Fired, ...]
    missing: tuple[Missing, ...]
    deadline: datetime | None
    estimated: bool
    who: str

    def as_json(self) -> dict:
        return asdict(self) | {"deadline": self.deadline and self.deadline.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping) -> "Verdict":
        return cls(
            outcome=kept["outcome"],
            reasons=tuple(Fired(**fired) for fired in kept["reasons"]),
            missing=tuple(Missing(**missing) for missing in kept["missing"]),
            deadline=kept["deadline"] and datetime.fromisoformat(kept["deadline"]),
            estimated=kept["estimated"],
            who=kept["who"],
        )


def judge(facts: Facts, policy: Policy) -> Verdict:
    """The verdict of the policy on the request."""
    matched = [(line, _first_match(facts, line, policy)) for line in facts.lines]
    matched.sort(key=lambda pair: -OUTCOMES.index(pair[1].effect))
    outcome = matched[0][1].effect
    deciding = [(line, rule) for line, rule in matched if rule.effect == outcome]
    limited = [line for line in facts.lines if line.deadline]
    first = min(limited, key=lambda line: line.deadline, default=None)
    return Verdict(
        outcome=outcome,
        reasons=tuple(_fired(facts, line, rule, policy) for line, rule in matched),
        missing=tuple(missing for line, rule in deciding for missing in _missing(facts, line, rule)),
        deadline=first and first.deadline,
        estimated=bool(first and first.estimated),
        who=_who(outcome, [rule for _, rule in deciding]),
    )


def facts_row(facts: Facts, line: Line) -> dict:
    """The facts as conditions see them: one flat row a line, only numbers, words and yes or no."""
    return {
        "kind": facts.kind,
        "sent_back": facts.sent_back,
        "amount": facts.amount,
        "currency": facts.currency,
        "risk": facts.risk,
        "level": facts.level,
        "returns_lately": facts.returns_lately,
        "kept_lately": facts.kept_lately,
        "resettle": facts.resettle,
        "miscounted": facts.miscounted,
        "reason": line.reason,
        "group": line.group,
        "basis": line.basis,
        "fault": line.fault,
        "category": line.category,
        "goods_state": line.goods_state,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "units_short": line.units < line.quantity,
        "excluded": line.excluded,
        "in_window": in_window(facts, line),
        "part_of_kit": line.part_of_kit,
        "photos": line.photos,
        "videos": line.videos,
        "files": line.photos + line.videos,
        "attempts_left": line.attempts_left,
        "card": line.card,
        "sent_again": line.sent_again,
    }


def in_window(facts: Facts, line: Line) -> bool:
    return is_open(line.deadline, facts.filed_at) and line.open_units >= line.quantity


def _first_match(facts: Facts, line: Line, policy: Policy) -> Rule:
    row = facts_row(facts, line)
    for rule in policy.rules:
        if rule.matches(row) and (deciding := _eased(rule, facts, line, policy.clauses)):
            return deciding
    return NOTHING_MATCHED


def _eased(rule: Rule, facts: Facts, line: Line, clauses: Clauses) -> Rule | None:
    """The platform's rule, or what the shop makes of it: never worse. None: the shop asks for nothing here."""
    if rule.effect == "needs_evidence":
        asked = clauses.asked(rule.asks, **line.scope)
        if asked == "E0":
            return None
        return rule if asked == rule.asks else replace(rule, name="shop.evidence", asks=asked)
    if rule.effect == "review" and rule.code in LIFTED_BY_A_LIMIT:
        given = clauses.limit(facts.sent_back, **line.scope)
        if given and facts.amount <= given.limit:
            code = "quality_with_return" if facts.sent_back else "small_quality"
            return Rule(given.rule, "approve", code, rule.matches, limit=given.limit)
    if rule.effect == "approve" and line.by and rule.code == "within_window":
        return replace(rule, name=line.by)
    return rule


def _fired(facts: Facts, line: Line, rule: Rule, policy: Policy) -> Fired:
    """The trace of one line: the facts tested, and what the sentence for people needs."""
    params = facts_row(facts, line) | {
        "line_no": line.line_no,
        "units": line.units,
        "deadline": line.deadline and line.deadline.isoformat(),
        "estimated": line.estimated,
        "unsure": line.unsure,
        "filed_at": facts.filed_at.isoformat(),
        "zone": facts.zone,
        "limit": rule.limit,
        "asks": rule.asks,
    }
    if policy.clauses:
        params |= {"shop_version": policy.clauses.number, "sku": line.sku, "by": line.by}
    return Fired(rule.code, rule.name, policy.number, params)


ANY_REASON = ("no_units", "too_many_attempts")  # refused whatever the reason: another one would not help


def _missing(facts: Facts, line: Line, rule: Rule) -> list[Missing]:
    about = {"line_no": line.line_no, "zone": facts.zone, "filed_at": facts.filed_at.isoformat()}
    if rule.effect == "needs_evidence":
        return [Missing("evidence", about | {"class": rule.asks})]
    if rule.effect != "refuse":
        return []
    if rule.code == "no_units" and line.units:
        return [Missing("fewer_units", about | {"units": line.units})]
    if rule.code == "out_of_window" and line.open_units:
        return [Missing("fewer_units", about | {"units": line.open_units})]
    if rule.code == "kit_only":
        return [Missing("whole_kit", about)]
    if line.group == "NR" and rule.code not in ANY_REASON and is_open(line.quality_until, facts.filed_at):
        until = line.quality_until and line.quality_until.isoformat()
        return [Missing("quality_reason", about | {"category": line.category, "until": until})]
    return []


def _who(outcome: str, deciding: list[Rule]) -> str:
    if outcome == "needs_evidence":
        return "customer"
    if outcome == "review":
        # One line for the platform is enough: two sides never decide one request.
        return "support" if any(rule.who == "support" for rule in deciding) else "merchant"
    return "nobody"
