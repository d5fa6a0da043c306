"""What a draft would have answered to a case of the past. Pure: a case comes in as it was stored.

A case keeps the facts it was judged from. Three of them are the policy's own doing: the windows, the exclusions, and
how many requests are left. Where the draft says those differently they are made anew from what never changes, the
parcels, the signatures and the earlier requests. That they can be made anew is proven case by case: under the policy
that judged it, the same making must give what was stored. Where it does not (a parcel was corrected since), the
stored facts stand and the case is counted as such.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime

from aftersales.policy import facts as making
from aftersales.policy.facts import Arrival, Taken
from aftersales.policy.rules import Facts, Line, Policy, Verdict, judge
from aftersales.policy.windows import OffDays

# From the best for the customer to the worst; "a person looks" told apart by who that is.
ANSWERS = ("approve", "shop", "platform", "needs_evidence", "refuse")
REFUNDS = ("refund_only", "return_refund")
_OF_WINDOWS = ("goods_state", "open_units", "excluded", "deadline", "estimated", "unsure", "quality_until", "by")
_TIMES = ("deadline", "quality_until")


class OlderShape(ValueError):
    """The stored facts lack what rules ask today."""


@dataclass(frozen=True, slots=True)
class Answer:
    """name: one of ANSWERS. rule: the one that decided, "" where none is known."""

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Past:
    """A judged case. own: the policy it was judged by. send_back: as on the request. unstored: facts that rules know
    today and that were not stored then; they have their usual value.
    """

    before: Answer
    facts: Facts
    own: Policy
    send_back: str
    unstored: frozenset[str] = frozenset()

    @property
    def is_refund(self) -> bool:
        return self.facts.kind in REFUNDS


@dataclass(frozen=True, slots=True)
class Sent:
    """What is frozen about a line of a case: the product, what was sent and signed for, what was asked for before."""

    sku: str = ""
    arrivals: tuple[Arrival, ...] = ()
    taken: tuple[Taken, ...] = ()
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One case under both. Amounts in minor units of `currency`, 0 where nothing is refunded.

    exact: the facts are those of the draft; else the stored ones of windows stood in. guessed: a rule asks for a fact
    that was not stored then. freight_…: what the shop pays to bring the goods back.
    """

    before: Answer
    after: Answer
    currency: str
    amount_before: int = 0
    amount_after: int = 0
    freight_before: int = 0
    freight_after: int = 0
    exact: bool = True
    guessed: bool = False

    @property
    def is_changed(self) -> bool:
        return self.before.name != self.after.name


# --- reading what was stored ------------------------------------------------------------------------------


def read_facts(kept: Mapping, reasons: list[Mapping]) -> Facts:
    """The facts as last judged: those of the filing, with the photos and videos that the verdict saw.

    Facts that rules no longer know are left out; a fact without a default that is not there is an OlderShape.
    """
    try:
        seen = {fired["params"]["line_no"]: fired["params"] for fired in reasons}
        lines = tuple(_line(line, seen.get(line["line_no"], {})) for line in kept["lines"])
        if not lines:
            raise OlderShape("no line")
        facts = _made(Facts, kept | {"lines": lines, "filed_at": datetime.fromisoformat(kept["filed_at"])})
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise OlderShape(str(wrong)) from wrong
    if type(facts.amount) is not int or type(facts.currency) is not str:
        raise OlderShape("no sum")
    return facts


def unstored(kept: Mapping) -> frozenset[str]:
    """Facts with a usual value that were not stored with a case. kept: what `read_facts` could read."""
    of_request = {one.name for one in fields(Facts)} - set(kept)
    of_lines = {one.name for line in kept["lines"] for one in fields(Line) if one.name not in line}
    return frozenset(of_request | of_lines)


def _line(kept: Mapping, seen: Mapping) -> Line:
    times = {name: datetime.fromisoformat(kept[name]) for name in _TIMES if kept.get(name)}
    shown = {name: seen[name] for name in ("photos", "videos") if name in seen}
    return _made(Line, kept | times | shown)


def _made(shape, kept: Mapping):
    missing = [field.name for field in fields(shape) if field.default is MISSING and field.name not in kept]
    if missing:
        raise OlderShape(", ".join(missing))
    return shape(**{field.name: kept[field.name] for field in fields(shape) if field.name in kept})


def answer_of(outcome: str, who: str, rule: str) -> Answer:
    if outcome == "review":
        return Answer("platform" if who == "support" else "shop", rule)
    return Answer(outcome, rule)


def answer_to(verdict: Verdict) -> Answer:
    return answer_of(verdict.outcome, verdict.who, verdict.reasons[0].rule)


# --- judging it by the draft ------------------------------------------------------------------------------


def windows_differ(draft: Policy, own: Policy) -> bool:
    """Whether facts about time must be made anew."""
    return _time_rows(draft) != _time_rows(own)


def _time_rows(policy: Policy) -> tuple:
    given = {replace(row, row=None) for row in policy.clauses.rows if row.gives in ("window", "open")}
    return set(policy.windows), given, policy.terms.no_scan_buffer_days


def compare(
    past: Past, draft: Policy, sent: Mapping[str, Sent], off_days: OffDays, asked: frozenset[str] = frozenset()
) -> Compared:
    """Both answers. sent: by line number, read only where `windows_differ`. asked: facts the draft's rules ask."""
    past = _with_products(past, sent)
    lines, exact = _lines_under(draft, past, sent, off_days)
    amount = _amount_under(draft, past)
    after = answer_to(judge(replace(past.facts, lines=lines, amount=amount), draft))
    return Compared(
        before=past.before,
        after=after,
        currency=past.facts.currency,
        amount_before=past.facts.amount if past.is_refund else 0,
        amount_after=amount if past.is_refund else 0,
        freight_before=_shops_freight(past, past.own),
        freight_after=_shops_freight(past, draft),
        exact=exact,
        guessed=bool(past.unstored & asked),
    )


def _with_products(past: Past, sent: Mapping[str, Sent]) -> Past:
    """Facts that were stored before shops could name a product in a clause say none."""
    named = tuple(
        line if line.sku or line.line_no not in sent else replace(line, sku=sent[line.line_no].sku)
        for line in past.facts.lines
    )
    return replace(past, facts=replace(past.facts, lines=named))


def _lines_under(
    draft: Policy, past: Past, sent: Mapping[str, Sent], off_days: OffDays
) -> tuple[tuple[Line, ...], bool]:
    more = draft.terms.max_attempts - past.own.terms.max_attempts
    lines = tuple(replace(line, attempts_left=line.attempts_left + more) for line in past.facts.lines)
    if not windows_differ(draft, past.own):
        return lines, True
    made = [_about_time(line, past, draft, sent.get(line.line_no), off_days) for line in lines]
    if not all(known is not None for known in made):
        return lines, False
    return tuple(replace(line, **known) for line, known in zip(lines, made, strict=True)), True


def _about_time(line: Line, past: Past, draft: Policy, sent: Sent | None, off_days: OffDays) -> dict | None:
    """The line's facts of windows under the draft; None where its own policy gives others than stored."""
    if sent is None or _time_facts(past.own, line, past, sent, off_days) != _of_windows(line):
        return None
    return _time_facts(draft, line, past, sent, off_days)


def _time_facts(policy: Policy, line: Line, past: Past, sent: Sent, off_days: OffDays) -> dict:
    return _of_windows(
        making.line_facts(
            policy,
            line_no=line.line_no,
            reason=line.reason,
            category=line.category,
            quantity=line.quantity,
            unit_price=line.unit_price,
            units=line.units,
            zone=past.facts.zone,
            filed_at=past.facts.filed_at,
            off_days=off_days,
            arrivals=sent.arrivals,
            taken=sent.taken,
            confirmed_at=sent.confirmed_at,
            sku=sent.sku,
        )
    )


def _of_windows(line: Line) -> dict:
    return {name: getattr(line, name) for name in _OF_WINDOWS}


def _amount_under(draft: Policy, past: Past) -> int:
    """The amount, where only a courier that the customer pays is taken off it in another way."""
    amount = past.facts.amount
    if not past.is_refund or past.send_back != "pickup":
        return amount
    if _deducts_pickup(past.own, past) and amount:  # nothing left: all that can be said is that it was no more
        amount += past.own.terms.return_freight_cost
    return max(0, amount - draft.terms.return_freight_cost) if _deducts_pickup(draft, past) else amount


def _deducts_pickup(policy: Policy, past: Past) -> bool:
    return policy.terms.deduct_pickup and not _shop_pays(policy, past)


def _shops_freight(past: Past, policy: Policy) -> int:
    """Who carries it to a point herself pays nobody."""
    travels = past.send_back in ("pickup", "self_ship")
    return policy.terms.return_freight_cost if travels and _shop_pays(policy, past) else 0


def _shop_pays(policy: Policy, past: Past) -> bool:
    """For a fault (M6), or by a clause of its own; one line is enough."""
    return any(line.fault or policy.clauses.bears_freight(**line.scope) for line in past.facts.lines)


# --- counting ---------------------------------------------------------------------------------------------


def empty_tally() -> dict:
    """What a trial counts, as JSON. cells: {"approve>refuse": cases}. money, freight: approved at once."""
    return {
        "cells": {},
        "money": {"before": {}, "after": {}},
        "freight": {"before": {}, "after": {}},
        "other_rule": 0,
        "stored_time": 0,
        "guessed": 0,
        "unreadable": 0,
        "failed": 0,
    }


def count(tally: dict, found: Compared) -> None:
    cell = f"{found.before.name}>{found.after.name}"
    tally["cells"][cell] = tally["cells"].get(cell, 0) + 1
    tally["other_rule"] += not found.is_changed and found.before.rule != found.after.rule
    tally["stored_time"] += not found.exact
    tally["guessed"] = tally.get("guessed", 0) + found.guessed
    for side, answer in (("before", found.before), ("after", found.after)):
        if answer.name == "approve":
            _add(tally["money"][side], found.currency, getattr(found, f"amount_{side}"))
            _add(tally["freight"][side], found.currency, getattr(found, f"freight_{side}"))


def _add(sums: dict, currency: str, amount: int) -> None:
    if amount:
        sums[currency] = sums.get(currency, 0) + amount
