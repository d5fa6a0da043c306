"""What must always hold about measures, deposits and standings, each as one query that returns no row."""

from aftersales.risk import states
from aftersales.risk.models import Measure
from aftersales.risk.rules import STRONG
from returns_platform.kernel.books import Invariant


def _names(values) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _edges() -> str:
    """As the machine declares them; a new measure comes from nowhere."""
    declared = Measure._meta.get_field("state").get_all_transitions(Measure)
    edges = {("", states.PROPOSED), *((edge.source, edge.target) for edge in declared)}
    return ", ".join(f"('{source}', '{target}')" for source, target in sorted(edges))


OVERDUE = """greatest(next_try_at, claimed_until, pg_postmaster_start_time())
             < (SELECT max(at) FROM orders_heartbeat WHERE name = 'look_at_credit') - interval '15 minutes'"""

INVARIANTS = [
    Invariant(
        "a measure's state is where its last move led, and its moves have no gap (I16, I18)",
        """
        SELECT m.id FROM aftersales_measure m
        LEFT JOIN LATERAL (
            SELECT count(*) AS moves, max(seq) AS last, (array_agg(to_state ORDER BY seq DESC))[1] AS state
            FROM aftersales_measuremove v WHERE v.row_id = m.id
        ) h ON true
        WHERE h.moves IS DISTINCT FROM m.version OR h.last IS DISTINCT FROM m.version OR h.state <> m.state
        """,
    ),
    Invariant(
        "measures move only along declared edges (I17)",
        f"""
        SELECT v.row_id, v.seq, v.from_state, v.to_state FROM aftersales_measuremove v
        WHERE (v.from_state, v.to_state) NOT IN ({_edges()})
        """,
    ),
    Invariant(
        "a measure that is or was in force was decided by a person of the platform, a strong one by two (S113, I39)",
        f"""
        SELECT id, kind FROM aftersales_measure
        WHERE from_at IS NOT NULL AND (decided_by_kind <> 'support' OR decided_by_id = '' OR decided_at IS NULL
           OR (kind IN ({_names(STRONG)}) AND (second_kind <> 'support' OR second_id = decided_by_id)))
        """,
    ),
    Invariant(
        "what judging reads of measures is what is in force",
        """
        WITH decided AS (
            SELECT customer_id, kind, until, CASE kind WHEN 'limit' THEN amount END AS amount,
                   CASE kind WHEN 'limit' THEN currency END AS currency
            FROM aftersales_measure WHERE state = 'in_force' AND until > now() AND kind <> 'watch'
        ), read AS (
            SELECT s.customer_id, told.* FROM aftersales_standing s CROSS JOIN LATERAL (VALUES
                ('review', s.reviewed_until, NULL, NULL), ('block', s.blocked_until, NULL, NULL),
                ('deposit', s.deposit_until, NULL, NULL),
                ('limit', s.limited_until, s."limit", s.limit_currency)
            ) AS told (kind, until, amount, currency) WHERE told.until > now()
        )
        (SELECT * FROM decided EXCEPT SELECT * FROM read) UNION ALL (SELECT * FROM read EXCEPT SELECT * FROM decided)
        """,
    ),
    Invariant(
        "a deposit lies here while its measure is in force, and went back in full, once, when it was over (S113)",
        """
        SELECT m.id, m.amount, d.held, d.back FROM aftersales_measure m
        LEFT JOIN LATERAL (
            SELECT coalesce(-sum(e.amount) FILTER (WHERE e.kind = 'deposit'), 0) AS held,
                   coalesce(sum(e.amount) FILTER (WHERE e.kind = 'deposit_back'), 0) AS back
            FROM refunds_walletentry e
            WHERE e.reference = 'measure-' || m.id AND e.kind IN ('deposit', 'deposit_back')
        ) d ON true
        WHERE (m.kind = 'deposit' AND m.from_at IS NOT NULL AND (
                d.held <> m.amount OR d.back <> CASE WHEN m.state = 'in_force' THEN 0 ELSE m.amount END))
           OR ((m.kind <> 'deposit' OR m.from_at IS NULL) AND (d.held <> 0 OR d.back <> 0))
        """,
    ),
    Invariant(
        "the ledger owes customers the deposits that lie here (I13)",
        """
        SELECT currency, sum(amount) FROM (
            SELECT currency, amount FROM aftersales_measure WHERE kind = 'deposit' AND state = 'in_force'
            UNION ALL
            SELECT currency, -amount FROM refunds_ledgerentry WHERE account = 'customer_deposits') both_sides
        GROUP BY currency HAVING sum(amount) <> 0
        """,
    ),
    Invariant(
        "money ahead of the bench went to a trusted customer whose units were all counted (S103, I20)",
        """
        SELECT r.return_no FROM aftersales_returnrequest r
        WHERE r.paid_ahead_at IS NOT NULL AND (
            r.counted_at IS NULL OR r.facts ->> 'level' IS DISTINCT FROM 'trusted' OR EXISTS (
                SELECT 1 FROM aftersales_returnline l WHERE l.request_id = r.id AND l.missing > 0))
        """,
    ),
    Invariant(
        "each request has its place among its customer's, and no place is missing",
        """
        SELECT customer_id, count(*), max(nth) FROM aftersales_returnrequest WHERE nth IS NOT NULL
        GROUP BY customer_id HAVING count(*) <> max(nth)
        """,
    ),
    Invariant(
        "no customer's credit is overdue (I19)",
        f"""
        SELECT customer_id, next_try_at FROM aftersales_standing
        WHERE next_try_at IS NOT NULL AND {OVERDUE}
        """,
    ),
]
