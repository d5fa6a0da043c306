"""Up to which sums the rules approve faulty goods at once, and what has to be shown first: told before a purchase.

Found by asking the rules plain cases, whatever they look like, so that what is told is what is judged.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from .clauses import FAULTS, NO_CLAUSES, Clause
from .kinder import approved_up_to, plain_case
from .reasons import REASONS, offered
from .rules import Policy, judge

_KINDS = {"keep": "refund_only", "send_back": "return_refund"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is asked for before anybody decides. evidence: its class. above: only for dearer units, minor units."""

    reasons: tuple[str, ...]
    evidence: str
    above: int = 0


@lru_cache(maxsize=512)
def at_once(policy: Policy, *, category: str, sku: str = "") -> tuple[Clause, ...]:
    """The platform's own limits as rows, which are told like a shop's; none where the shop has a row of its own."""
    alone = replace(policy, clauses=NO_CLAUSES)
    return tuple(chain.from_iterable(_limits(policy, alone, gives, category, sku) for gives in _KINDS))


def _limits(policy: Policy, alone: Policy, gives: str, category: str, sku: str) -> list[Clause]:
    rows = []
    for basis in FAULTS:
        asked = any(_KINDS[gives] in REASONS[code].kinds for code in _faults(category, basis))
        own = policy.clauses.best(gives, basis=basis, category=category, sku=sku, reason="")
        if asked and own is None:
            row = Clause(gives, basis, category)
            rows.append(replace(row, limit=approved_up_to(alone, row, basis)))
    rows = [row for row in rows if row.limit]
    alike = len(rows) == len(FAULTS) and len({row.limit for row in rows}) == 1
    return [replace(rows[0], basis="")] if alike else rows


@lru_cache(maxsize=512)
def to_show(policy: Policy, *, category: str, sku: str = "") -> tuple[Shown, ...]:
    """What each reason has to be shown with; what the shop does without is left out."""
    dear = sorted({rule.above for rule in policy.rules if rule.above is not None})
    found: dict[tuple[str, int], list[str]] = {}
    for code in chain.from_iterable(_faults(category, basis) for basis in FAULTS):
        known = ""
        for above in (0, *dear):
            asked = _asked(policy, code, category, sku, price=above + 1)
            if asked and asked != known:
                found.setdefault((asked, above), []).append(code)
            known = asked
    return tuple(Shown(tuple(codes), evidence, above) for (evidence, above), codes in found.items())


def _asked(policy: Policy, code: str, category: str, sku: str, *, price: int) -> str:
    """The class of evidence without which nobody decides, "" for none."""
    case = plain_case(
        code, category=category, sku=sku, sent_back="return_refund" in REASONS[code].kinds, amount=price
    )
    verdict = judge(case, policy)
    return verdict.missing[0].params["class"] if verdict.outcome == "needs_evidence" else ""


def _faults(category: str, basis: str) -> list[str]:
    return [code for code in offered(category, "signed") if REASONS[code].basis == basis]
