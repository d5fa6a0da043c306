"""How shops and rules answered, counted from requests and their moves in one statement."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from aftersales.fairness.rules import FEWEST_SHOPS, Answers, together
from aftersales.policy.clause_models import ClauseVersion
from aftersales.returns import states
from aftersales.returns.services.appeals import APPEAL, REOPENED
from orders.merchants.models import Merchant

SILENCE = "granted_by_silence"
_GRANTED = (*states.GRANTED, states.INSPECTED)  # after an inspection a person is asked once more, about the money
# A case that nobody asked for is no answer: what a shop pays of its own accord. Nor is it a refusal where a yes came
# to nothing, because the goods went back to the customer or never were in the parcel. A question is no answer either,
# and a yes that was taken back is none: the last one counts.
_COUNTED = """
WITH cases AS (
    SELECT r.id, r.merchant_id, r.policy_version, r.clauses_id, r.state, r.return_no, r.kind,
           r.decided_by_kind, b.refund, b.currency
    FROM aftersales_returnrequest r LEFT JOIN aftersales_bill b ON b.id = r.bill_id
    WHERE r.filed_at >= %(since)s AND r.filed_at < %(until)s AND r.nth IS NOT NULL {shop}
), moved AS (
    SELECT m.row_id,
           bool_or(m.to_state = 'rejected' AND m.from_state <> ALL(%(goods_travel)s)) AS ever_refused,
           (array_agg(m.from_state ORDER BY m.seq DESC) FILTER (WHERE m.to_state = 'rejected'))[1] AS refused_from,
           bool_or(m.note = %(reopened)s) AS reopened,
           bool_or(m.note = %(silence)s) AS silent,
           min(m.at) FILTER (WHERE m.to_state = 'in_review') AS asked_at,
           max(m.at) FILTER (
               WHERE m.from_state = 'in_review' AND m.to_state <> 'needs_evidence'
               AND m.by_kind IN ('merchant', 'token')
           ) AS answered_at
    FROM aftersales_returnmove m JOIN cases c ON c.id = m.row_id GROUP BY m.row_id
), told AS (
    SELECT c.*, m.*, c.state = ANY(%(granted)s) AS granted,
           c.state = 'rejected' AND m.refused_from <> ALL(%(goods_travel)s) AS refused,
           EXISTS (
               SELECT 1 FROM aftersales_supporttask t WHERE t.request_id = c.id AND t.kind = %(appeal)s
           ) AS appealed, c.state = ANY(%(granted)s) AND EXISTS (
               SELECT 1 FROM aftersales_bill p JOIN aftersales_bill a ON a.case_ref = p.case_ref AND a.seq = p.seq - 1
               WHERE p.case_ref = c.return_no AND p.reason = 'part' AND p.refund < a.refund
           ) AND NOT EXISTS (
               SELECT 1 FROM aftersales_keepoffer o WHERE o.request_id = c.id AND o.answer = 'accepted'
           ) AS in_part
    FROM cases c JOIN moved m ON m.row_id = c.id
), sums AS (
    SELECT merchant_id, policy_version, clauses_id, jsonb_object_agg(currency, refund) AS money
    FROM (
        SELECT merchant_id, policy_version, clauses_id, currency, sum(refund) AS refund FROM told
        WHERE granted AND refund > 0 GROUP BY merchant_id, policy_version, clauses_id, currency
    ) paid GROUP BY merchant_id, policy_version, clauses_id
)
SELECT t.merchant_id, t.policy_version, t.clauses_id, grouping(t.merchant_id) AS all_of_them,
       count(*), count(*) FILTER (WHERE granted), count(*) FILTER (WHERE refused),
       count(*) FILTER (WHERE refused AND decided_by_kind = 'rule'), count(*) FILTER (WHERE ever_refused),
       count(*) FILTER (WHERE ever_refused AND appealed),
       count(*) FILTER (WHERE ever_refused AND reopened AND granted),
       count(*) FILTER (WHERE answered_at IS NOT NULL OR silent), count(*) FILTER (WHERE silent),
       count(*) FILTER (WHERE in_part),
       (SELECT money FROM sums s WHERE s.merchant_id = t.merchant_id AND s.policy_version = t.policy_version
        AND s.clauses_id IS NOT DISTINCT FROM t.clauses_id),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - asked_at))
           FILTER (WHERE answered_at IS NOT NULL)
FROM told t GROUP BY GROUPING SETS ((t.merchant_id, t.policy_version, t.clauses_id), ())
"""


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one shop under one version of the platform's policy and one of its own clauses (None: none)."""

    merchant: Merchant
    version: int
    clauses: int | None
    answers: Answers


@dataclass(frozen=True, slots=True)
class Counted:
    """everybody: all groups together; None where it may not be told."""

    groups: list[Group]
    everybody: Answers | None


def answers(*, since: datetime, until: datetime) -> Counted:
    """Every shop's, for the platform."""
    return _counted(since=since, until=until)


def answers_of(merchant: Merchant, *, since: datetime, until: datetime) -> Counted:
    """One shop's own, beside all shops together where there are enough of them to hide in."""
    own = _counted(since=since, until=until, merchant=merchant)
    every = _counted(since=since, until=until)
    shops = {group.merchant.pk for group in every.groups}
    return Counted(own.groups, every.everybody if len(shops) >= FEWEST_SHOPS else None)


def _counted(*, since: datetime, until: datetime, merchant: Merchant | None = None) -> Counted:
    named = {
        "since": since, "until": until, "shop": merchant and merchant.pk, "granted": list(_GRANTED),
        "goods_travel": [states.IN_TRANSIT, states.ARRIVED],
        "reopened": REOPENED, "silence": SILENCE, "appeal": APPEAL,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(shop="AND r.merchant_id = %(shop)s" if merchant else ""), named)
        rows = cursor.fetchall()
    merchants = Merchant.objects.in_bulk({row[0] for row in rows if row[0]})
    numbers = dict(
        ClauseVersion.objects.filter(pk__in={row[2] for row in rows if row[2]}).values_list("pk", "number")
    )
    groups = [
        Group(merchants[row[0]], row[1], numbers.get(row[2]), _answers(row)) for row in rows if row[0] is not None
    ]
    groups.sort(key=lambda group: (-group.answers.cases, group.merchant.pk, -group.version, -(group.clauses or 0)))
    median = next((row[-1] for row in rows if row[0] is None), None)
    everybody = together((group.answers for group in groups), answer_s=median) if groups else None
    return Counted(groups, everybody)


def _answers(row: tuple) -> Answers:
    counts, (money, median) = row[4:14], row[14:]
    return Answers(*counts, money=_by_currency(money), answer_s=median)


def _by_currency(money) -> dict[str, int]:
    found = json.loads(money) if isinstance(money, str) else money or {}
    return {currency: int(amount) for currency, amount in found.items()}
