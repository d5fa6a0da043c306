"""Reading for trials: the draft as it stands, the next cases, and what is frozen about their lines."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from aftersales.policy import queries as policies
from aftersales.policy.clause_models import ClauseVersion
from aftersales.policy.clauses import Clauses
from aftersales.policy.facts import Taken
from aftersales.policy.models import PolicyVersion
from aftersales.policy.rules import Policy, Terms
from aftersales.replay.models import Trial, TrialCase
from aftersales.replay.rules import Sent
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.queries import arrivals_of
from orders.purchases.models import ShipmentItem

# A filing is committed long before: until then a case with a smaller key may still appear.
LONGEST_FILING = timedelta(minutes=10)
_WINDOW = ("basis", "category", "reason", "length", "unit", "excluded")
_RULE = ("priority", "name", "effect", "code", "who", "asks", "conditions")
_CLAUSE = ("gives", "basis", "category", "sku", "reason", "length", "unit", "limit", "evidence", "term")
_COMPILED_KEPT = 8


# --- the draft --------------------------------------------------------------------------------------------


DraftRow = PolicyVersion | ClauseVersion


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft ready to judge. asked: facts that its conditions name. made: what it makes of each policy that it
    meets, kept for the next case.
    """

    compiled: Policy | Clauses
    asked: frozenset[str]
    made: dict[tuple[int, int | None], Policy] = field(default_factory=dict)

    def over(self, own: Policy) -> Policy:
        """The policy of a case with the draft in the place of its like: a shop's clauses stay under a draft of the
        platform, the platform's version under a draft of a shop.
        """
        key = own.number, own.clauses.key
        if key not in self.made:
            self.made[key] = self._over(own)
        return self.made[key]

    def _over(self, own: Policy) -> Policy:
        if isinstance(self.compiled, Policy):
            return self.compiled.with_clauses(own.clauses)
        return policies.by_number(own.number).with_clauses(self.compiled)


def draft_row(trial: Trial) -> DraftRow | None:
    """What is tried, with its rows; None once it is deleted."""
    if trial.version_id:
        return PolicyVersion.objects.filter(pk=trial.version_id).prefetch_related("windows", "rules").first()
    return ClauseVersion.objects.filter(pk=trial.clauses_id).prefetch_related("rows").first()


def digest(row: DraftRow) -> str:
    """Names the content of a draft: two with the same answer to everything have the same digest."""
    return sha256(json.dumps(_content(row), sort_keys=True).encode()).hexdigest()


def _content(row: DraftRow) -> dict:
    if isinstance(row, ClauseVersion):
        return {"clauses": sorted([str(getattr(one, name)) for name in _CLAUSE] for one in row.rows.all())}
    return {
        "terms": {field.name: getattr(row, field.name) for field in fields(Terms)},
        "windows": sorted([str(getattr(one, name)) for name in _WINDOW] for one in row.windows.all()),
        "rules": [[getattr(one, name) for name in _RULE] for one in row.rules.all()],
    }


_kept: dict[tuple[str, int, str], Draft] = {}


def compiled(row: DraftRow, content: str) -> Draft:
    """The draft ready to judge, kept for the next chunk. Raises Invalid for a rule that cannot be read."""
    key = type(row).__name__, row.pk, content
    if key not in _kept:
        if len(_kept) >= _COMPILED_KEPT:
            _kept.clear()
        _kept[key] = Draft(compile_row(row), _asked(row))
    return _kept[key]


def _asked(row: DraftRow) -> frozenset[str]:
    rules = () if isinstance(row, ClauseVersion) else row.rules.all()
    return frozenset(condition["field"] for rule in rules for condition in rule.conditions)


def compile_row(row: DraftRow) -> Policy | Clauses:
    is_shops = isinstance(row, ClauseVersion)
    return policies.compiled_clauses(row) if is_shops else policies.compiled_version(row)


# --- the cases --------------------------------------------------------------------------------------------


def cases_in(
    *, merchant_id: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[ReturnRequest]:
    """Those that were judged: what a shop pays unasked no policy answers."""
    found = ReturnRequest.objects.filter(nth__isnull=False)
    if merchant_id:
        found = found.filter(merchant_id=merchant_id)
    if since:
        found = found.filter(filed_at__gte=since)
    return found.filter(filed_at__lt=until) if until else found


@dataclass(frozen=True, slots=True)
class Stored:
    """A case as it lies in the database."""

    pk: int
    kind: str
    send_back: str
    outcome: str
    verdict: dict
    facts: dict
    policy_version: int
    clauses_id: int | None


_STORED = tuple(field.name for field in fields(Stored))


def next_cases(trial: Trial, *, limit: int) -> list[Stored]:
    """What follows the last one done, by key: no statement is held open, so any worker can go on from there."""
    found = cases_in(merchant_id=trial.merchant_id, since=trial.since, until=trial.until).filter(pk__gt=trial.after)
    if trial.is_live:
        found = found.exclude(Exists(TrialCase.objects.filter(trial=trial, request=OuterRef("pk"))))
    else:
        found = found.filter(pk__lte=trial.upto)
    return [Stored(*row) for row in found.order_by("pk").values_list(*_STORED)[:limit]]


def last_settled_key(after: int, *, now: datetime) -> int:
    """No case with a key up to this one can still appear."""
    older = ReturnRequest.objects.filter(pk__gt=after, filed_at__lt=now - LONGEST_FILING)
    return older.aggregate(last=Max("pk"))["last"] or after


def sent_of(case_ids: Iterable[int]) -> dict[int, dict[str, Sent]]:
    """{case: {line number: what is frozen about it}}, three queries for any number of cases."""
    lines = list(ReturnLine.objects.filter(request__in=case_ids).select_related("order_line", "request"))
    order_lines = {line.order_line_id for line in lines}
    parcels = defaultdict(list)
    for item in ShipmentItem.objects.filter(line__in=order_lines).select_related("shipment"):
        parcels[item.line_id].append(item)
    asked = defaultdict(list)
    for other in ReturnLine.objects.filter(order_line__in=order_lines, shipped=True).select_related("request"):
        asked[other.order_line_id].append(other)
    found = defaultdict(dict)
    for line in lines:
        found[line.request_id][line.order_line.line_no] = _sent(line, parcels, asked)
    return found


def _sent(line: ReturnLine, parcels: dict, asked: dict) -> Sent:
    """As it was when the case was filed: later signatures and requests do not count."""
    filed_at, confirmed_at = line.request.filed_at, line.order_line.no_reason_excluded_confirmed_at
    if not line.shipped:
        return Sent(line.order_line.sku, confirmed_at=confirmed_at)
    arrivals = tuple(
        arrival if arrival.signed_at is None or arrival.signed_at <= filed_at else _unsigned(arrival)
        for arrival in arrivals_of(parcels[line.order_line_id])
        if arrival.shipped_at <= filed_at
    )
    taken = tuple(
        Taken(other.request.filed_at, other.quantity)
        for other in asked[line.order_line_id]
        if _held_units(other.request, filed_at) and other.request_id < line.request_id
    )
    return Sent(line.order_line.sku, arrivals, taken, confirmed_at)


def _unsigned(arrival):
    return type(arrival)(arrival.quantity, arrival.shipped_at)


def _held_units(request: ReturnRequest, at: datetime) -> bool:
    """Whether a request had units in use at that time."""
    if request.kind == "resend":
        return False
    over = request.state in states.UNITS_FREE or (request.kind == "repair" and request.is_completed)
    return not over or request.ended_at is None or request.ended_at > at


# --- pages ------------------------------------------------------------------------------------------------


def trials_of(row: DraftRow) -> QuerySet[Trial]:
    of = {"clauses": row} if isinstance(row, ClauseVersion) else {"version": row}
    return Trial.objects.filter(**of).select_related("merchant", "version", "clauses")


def last_replay(row: DraftRow) -> Trial | None:
    """The newest trial on past cases that came to its end."""
    return trials_of(row).filter(kind=Trial.Kind.PAST, ending=Trial.Ending.DONE).first()


def changed_cases(trial: Trial, *, before: str = "", after: str = "") -> QuerySet[TrialCase]:
    """The cases with another answer, or with none at all where `after` is "none"."""
    found = TrialCase.objects.filter(trial=trial).select_related("request", "request__merchant")
    if before:
        found = found.filter(before=before)
    if after:
        return found.filter(after="" if after == "none" else after)
    return found


def with_another_answer(rows: QuerySet[TrialCase]) -> QuerySet[TrialCase]:
    return rows.exclude(before=F("after"))
