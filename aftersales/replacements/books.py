"""What must always hold about what replaces goods, each as one query that returns no row."""

from aftersales.replacements import states
from aftersales.replacements.models import Replacement
from returns_platform.kernel.books import Invariant


def _names(values) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _edges() -> str:
    """As the machine declares them; a new one comes from nowhere."""
    declared = Replacement._meta.get_field("state").get_all_transitions(Replacement)
    edges = {("", states.RESERVED), *((edge.source, edge.target) for edge in declared)}
    return ", ".join(f"('{source}', '{target}')" for source, target in sorted(edges))


NOTHING, HOLDS = _names(states.NOTHING), _names(states.HOLDS_STOCK)
SWEPT = "(SELECT max(at) FROM orders_heartbeat WHERE name = 'follow_replacements')"

INVARIANTS = [
    Invariant(
        "I14 a unit is refunded or replaced, not both: a refund replaces nothing, what came to nothing sends nothing",
        f"""SELECT x.reference, r.kind, r.state FROM aftersales_replacement x
            JOIN aftersales_returnrequest r ON r.return_no = x.case_ref
            WHERE x.state NOT IN ({NOTHING})
              AND (r.kind IN ('refund_only', 'return_refund') OR r.state IN ('rejected', 'withdrawn', 'lapsed'))
            UNION ALL
            SELECT x.reference, '', o.state FROM aftersales_replacement x JOIN orders_order o ON o.id = x.new_order_id
            WHERE x.state IN ({NOTHING}) AND o.state <> 'cancelled' AND x.why <> 'cancelled'""",
    ),
    Invariant(
        "I14 an exchange pays back its difference and no more, a repair or a resend nothing",
        """SELECT f.case_ref, r.kind, sum(f.amount) FROM refunds_refund f
           JOIN aftersales_returnrequest r ON r.return_no = f.case_ref JOIN aftersales_bill b ON b.id = r.bill_id
           WHERE f.state NOT IN ('cancelled', 'closed', 'returned_by_bank')
             AND r.kind IN ('exchange', 'repair', 'resend')
           GROUP BY f.case_ref, r.kind, b.id
           HAVING r.kind <> 'exchange' OR sum(f.amount) + (
             SELECT coalesce(sum((l->>'carried')::bigint), 0) FROM jsonb_array_elements(b.body->'lines') l
           ) > (SELECT coalesce(sum((l->>'held')::bigint), 0) FROM jsonb_array_elements(b.body->'lines') l)""",
    ),
    Invariant(
        "I14 the order of an exchange is paid by what its bill carries along and what was paid on top",
        f"""SELECT x.reference, b.body->'carried_parts' FROM aftersales_replacement x
            JOIN aftersales_returnrequest r ON r.return_no = x.case_ref JOIN aftersales_bill b ON b.id = r.bill_id
            WHERE x.new_order_id IS NOT NULL AND x.state NOT IN ({NOTHING}) AND (
              SELECT coalesce(sum(p.amount), 0) FROM orders_payment p WHERE p.order_id = x.new_order_id
            ) <> x.paid + (
              SELECT coalesce(sum((part->>'amount')::bigint), 0)
              FROM jsonb_array_elements(b.body->'carried_parts') part)""",
    ),
    Invariant(
        "I14 a completed request for a replacement has had it, or chose to close without it",
        """SELECT r.return_no, r.kind FROM aftersales_returnrequest r
           WHERE r.kind IN ('exchange', 'repair', 'resend') AND r.state = 'completed' AND NOT EXISTS (
             SELECT 1 FROM aftersales_replacement x
             WHERE x.case_ref = r.return_no AND (x.state = 'delivered' OR x.why = 'cancelled'))
           UNION ALL
           SELECT x.reference, o.order_no FROM aftersales_replacement x
           JOIN orders_order o ON o.id = x.new_order_id JOIN orders_orderline l ON l.order_id = o.id
           WHERE x.why = 'cancelled' AND l.unshipped_in_use + l.shipped_in_use <> l.quantity""",
    ),
    Invariant(
        "stock reserved is what replacements keep of it, and only those that may still be sent keep any",
        f"""SELECT s.sku, s.reserved FROM orders_stock s
            WHERE s.reserved <> (
              SELECT coalesce(sum(l.held), 0) FROM aftersales_replacementline l
              JOIN aftersales_replacement x ON x.id = l.replacement_id
              WHERE x.merchant_id = s.merchant_id AND l.sku = s.sku AND x.state IN ({HOLDS}))
            UNION ALL
            SELECT x.reference, l.held FROM aftersales_replacementline l
            JOIN aftersales_replacement x ON x.id = l.replacement_id WHERE l.held > 0 AND x.state NOT IN ({HOLDS})""",
    ),
    Invariant(
        "I16 a replacement's moves are numbered without gaps, each begins where the last ended, up to its state",
        """SELECT p.reference, m.seq FROM aftersales_replacement p LEFT JOIN (
             SELECT row_id, seq, from_state, to_state,
                    row_number() OVER w AS nth, lag(to_state, 1, '') OVER w AS before, lead(seq) OVER w AS later
             FROM aftersales_replacementmove WINDOW w AS (PARTITION BY row_id ORDER BY seq)) m ON m.row_id = p.id
           WHERE m.seq IS NULL OR m.seq <> m.nth OR m.from_state <> m.before
              OR (m.later IS NULL AND m.to_state <> p.state)""",
    ),
    Invariant(
        "I17 replacements move only along declared edges",
        f"""SELECT p.reference, m.seq, m.from_state, m.to_state FROM aftersales_replacementmove m
            JOIN aftersales_replacement p ON p.id = m.row_id WHERE (m.from_state, m.to_state) NOT IN ({_edges()})""",
    ),
    Invariant(
        "I18 a replacement's version is the number of its moves",
        """SELECT p.reference FROM aftersales_replacement p LEFT JOIN aftersales_replacementmove m ON m.row_id = p.id
           GROUP BY p.id HAVING p.version <> count(m.id)""",
    ),
    Invariant(
        "I19 a replacement that waits for the customer is looked at again, and an ended one waits for nobody",
        """SELECT reference, state FROM aftersales_replacement
           WHERE (state IN ('awaiting_payment', 'out_of_stock') AND (due_at IS NULL OR next_try_at IS NULL))
              OR (state IN ('delivered', 'converted', 'cancelled') AND (due_at IS NOT NULL OR ended_at IS NULL))""",
    ),
    Invariant(
        "I25 no replacement is overdue for a quarter of an hour while the sweeps run",
        f"""SELECT reference, next_try_at FROM aftersales_replacement
            WHERE next_try_at IS NOT NULL
              AND greatest(next_try_at, claimed_until, pg_postmaster_start_time())
                  < {SWEPT} - interval '15 minutes'""",
    ),
]
