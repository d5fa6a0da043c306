"""The trace of a verdict for people who review (N3): which rule of which version, what it asks, every fact it saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import wording
from .conditions import FIELDS
from .models import RuleRow
from .rules import Policy
from .vocabulary import sentence, value_in_words

# About a person: for the platform's people who may see it, never for a shop or a customer.
ABOUT_A_PERSON = frozenset({"risk", "level", "returns_lately", "kept_lately"})


@dataclass(frozen=True, slots=True)
class Tested:
    """One fact as it was. asked: the deciding rule looked at it."""

    name: str
    value: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What decided one line. asks: what the rule wants, in words. clause: the shop's sentence, "" for none."""

    line_no: str
    rule: str
    version: int
    shop_version: int | None
    asks: str
    clause: str
    facts: tuple[Tested, ...]


def traces(verdict: Mapping, policy: Policy, *, hidden: Iterable[str] = ABOUT_A_PERSON) -> list[Trace]:
    """One trace a line, as the verdict was stored. policy: of the case. hidden: facts that the reader may not see."""
    reasons, hidden = verdict.get("reasons", []), frozenset(hidden)
    asked = conditions_of(reasons)
    return [_trace(fired, asked.get(fired["rule"], ()), policy, hidden) for fired in reasons]


def _trace(fired: Mapping, conditions: Iterable[Mapping], policy: Policy, hidden: frozenset[str]) -> Trace:
    params = fired["params"]
    looked_at = {row["field"] for row in conditions}
    shown = [row for row in conditions if row["field"] not in hidden]
    return Trace(
        line_no=params.get("line_no", ""),
        rule="" if looked_at & hidden else fired["rule"],  # its name would say what is not for the reader
        version=fired["version"],
        shop_version=params.get("shop_version"),
        asks=sentence(shown) if shown else "",
        clause=clause_of(fired, policy),
        facts=tuple(
            Tested(_first_up(str(field.label)), value_in_words(name, params), name in looked_at)
            for name, field in FIELDS.items()
            if name in params and name not in hidden
        ),
    )


def clause_of(fired: Mapping, policy: Policy) -> str:
    """The shop's clause that decided, in a sentence; "" where the platform's rule did."""
    kind, _dot, gives = fired["rule"].partition(".")
    params = fired["params"]
    if kind != "shop" or "reason" not in params:
        return ""
    about = {name: params.get(name, "") for name in ("basis", "category", "sku", "reason")}
    row = policy.clauses.best(gives, **about)
    return wording.sentence(row, currency=params.get("currency", "CNY")) if row else ""


def conditions_of(reasons: list[Mapping]) -> dict[str, list[dict]]:
    """What each deciding rule asks, by its name; a rule of a shop or of the program has no rows."""
    if not reasons:
        return {}
    names = {fired["rule"] for fired in reasons}
    rows = RuleRow.objects.filter(version__number=reasons[0]["version"], name__in=names)
    return dict(rows.values_list("name", "conditions"))


def _first_up(text: str) -> str:
    return text[0].upper() + text[1:]
