"""What must always hold about requests, bills and notices, each as one query that returns no row."""

from aftersales.examination import books as examination
from aftersales.inspection import books as inspection
from aftersales.replacements import books as replacements
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.risk import books as risk
from returns_platform.kernel.books import Invariant


def _names(values) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _edges() -> str:
    """As the machine declares them; a new request comes from nowhere."""
    declared = ReturnRequest._meta.get_field("state").get_all_transitions(ReturnRequest)
    edges = {("", states.SUBMITTED), *((edge.source, edge.target) for edge in declared)}
    return ", ".join(f"('{source}', '{target}')" for source, target in sorted(edges))


def _overdue(task: str) -> str:
    """Due a quarter of an hour before that sweep last ran; a database that was down counts from its start."""
    return f"""greatest(next_try_at, claimed_until, pg_postmaster_start_time())
               < (SELECT max(at) FROM orders_heartbeat WHERE name = '{task}') - interval '15 minutes'"""


PAYING = "('refund_only', 'return_refund')"
IN_USE, ENDED, LIVE = _names(states.IN_USE), _names(states.ENDED), _names(states.LIVE)

INVARIANTS = [
    *replacements.INVARIANTS,
    *inspection.INVARIANTS,
    *examination.INVARIANTS,
    *risk.INVARIANTS,
    Invariant(
        "a request's state is where its last move led, and its moves have no gap (I16, I18)",
        """
        SELECT r.return_no FROM aftersales_returnrequest r
        LEFT JOIN LATERAL (
            SELECT count(*) AS moves, max(seq) AS last, (array_agg(to_state ORDER BY seq DESC))[1] AS state
            FROM aftersales_returnmove m WHERE m.row_id = r.id
        ) h ON true
        WHERE h.moves IS DISTINCT FROM r.version OR h.last IS DISTINCT FROM r.version OR h.state <> r.state
        """,
    ),
    Invariant(
        "each move of a request starts where the one before ended (I16)",
        """
        SELECT r.return_no, m.seq FROM (
            SELECT row_id, seq, from_state, lag(to_state, 1, '') OVER (PARTITION BY row_id ORDER BY seq) AS before
            FROM aftersales_returnmove
        ) m JOIN aftersales_returnrequest r ON r.id = m.row_id WHERE m.from_state <> m.before
        """,
    ),
    Invariant(
        "requests move only along declared edges (I17)",
        f"""
        SELECT r.return_no, m.seq, m.from_state, m.to_state FROM aftersales_returnmove m
        JOIN aftersales_returnrequest r ON r.id = m.row_id WHERE (m.from_state, m.to_state) NOT IN ({_edges()})
        """,
    ),
    Invariant(
        "what was promised of an order line is within what was paid for it, or for all where a promotion has a "
        "threshold and may be settled anew (I1)",
        """
        SELECT o.order_no, l.line_no, l.claimed, l.net FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id
        WHERE l.claimed > l.net AND NOT EXISTS (
            SELECT 1 FROM orders_discount d WHERE d.order_id = o.id AND d.threshold IS NOT NULL)
        UNION ALL
        SELECT o.order_no, '', sum(l.claimed), sum(l.net) FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id GROUP BY o.id HAVING sum(l.claimed) > sum(l.net)
        """,
    ),
    Invariant(
        "what refunds carry of an order line is what the bills of its paid cases say (I1)",
        """
        SELECT o.order_no, l.line_no, l.refunded, coalesce(c.amount, 0)
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN (
            SELECT (part->>'line_id')::bigint AS line_id, sum((part->>'amount')::bigint) AS amount
            FROM aftersales_returnrequest r JOIN aftersales_bill b ON b.id = r.bill_id,
                 jsonb_array_elements(b.body->'lines') part
            WHERE (r.state = 'completed' OR (r.state = 'settling' AND EXISTS (
                SELECT 1 FROM refunds_refund f WHERE f.case_ref = r.return_no)))
            GROUP BY 1
        ) c ON c.line_id = l.id
        WHERE l.refunded <> coalesce(c.amount, 0)
        """,
    ),
    Invariant(
        "units in use on an order line are those of its live and done requests (I21)",
        f"""
        SELECT o.order_no, l.line_no FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(rl.quantity) FILTER (WHERE rl.shipped), 0) AS shipped,
                   coalesce(sum(rl.quantity) FILTER (WHERE NOT rl.shipped), 0) AS unshipped,
                   coalesce(sum(rl.amount), 0) AS amount
            FROM aftersales_returnline rl JOIN aftersales_returnrequest r ON r.id = rl.request_id
            WHERE rl.order_line_id = l.id AND r.state IN ({IN_USE}) AND r.kind <> 'resend'
              AND NOT (r.kind = 'repair' AND r.state = 'completed')
        ) u ON true
        WHERE l.shipped_in_use <> u.shipped OR l.unshipped_in_use <> u.unshipped OR l.claimed <> u.amount
        """,
    ),
    Invariant(
        "what live and done requests promise of a payment is what it holds for them, and never more than paid (I2)",
        f"""
        SELECT o.order_no, p.id FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
        LEFT JOIN LATERAL (
            SELECT coalesce(sum((t->>'amount')::bigint), 0) AS held
            FROM aftersales_returnrequest r JOIN aftersales_bill b ON b.id = r.bill_id,
                 jsonb_array_elements(b.body->'tenders' || coalesce(b.body->'carried_parts', '[]')) t
            WHERE r.order_id = p.order_id AND r.state IN ({IN_USE}) AND (t->>'payment_id')::bigint = p.id
        ) h ON true
        WHERE p.held <> h.held OR p.held > p.amount
        """,
    ),
    Invariant(
        "an offer that was accepted was granted for its sum (N10)",
        """
        SELECT r.return_no, o.amount FROM aftersales_keepoffer o
        JOIN aftersales_returnrequest r ON r.id = o.request_id
        WHERE o.answer = 'accepted' AND NOT EXISTS (
            SELECT 1 FROM aftersales_bill b
            WHERE b.case_ref = r.return_no AND b.reason = 'part' AND b.refund = o.amount)
        """,
    ),
    Invariant(
        "a bill's tenders add up to its refund (I4)",
        """
        SELECT b.case_ref, b.seq FROM aftersales_bill b
        WHERE b.refund <> (
            SELECT coalesce(sum((t->>'amount')::bigint), 0) FROM jsonb_array_elements(b.body->'tenders') t
        )
        """,
    ),
    Invariant(
        "a bill's lines, freight and deduction add up to its refund",
        """
        SELECT b.case_ref, b.seq FROM aftersales_bill b
        WHERE b.refund <> (
            SELECT coalesce(sum((l->>'amount')::bigint), 0) FROM jsonb_array_elements(b.body->'lines') l
        ) + b.freight_out - b.deducted
        """,
    ),
    Invariant(
        "refunds of a case never exceed its bill, and belong to a case that was granted (I7, I20)",
        """
        SELECT f.case_ref FROM refunds_refund f
        LEFT JOIN aftersales_returnrequest r ON r.return_no = f.case_ref
        LEFT JOIN aftersales_bill b ON b.id = r.bill_id
        WHERE f.state NOT IN ('cancelled', 'closed', 'returned_by_bank')
        GROUP BY f.case_ref, r.state, b.refund
        HAVING r.state IS NULL OR r.state NOT IN ('settling', 'completed') OR sum(f.amount) > b.refund
        """,
    ),
    Invariant(
        "what a case takes of each payment is within its bill's part of it (I4)",
        """
        SELECT f.case_ref, f.payment_id, sum(f.amount) FROM refunds_refund f
        JOIN aftersales_returnrequest r ON r.return_no = f.case_ref JOIN aftersales_bill b ON b.id = r.bill_id
        WHERE f.state NOT IN ('cancelled', 'closed', 'returned_by_bank')
        GROUP BY f.case_ref, f.payment_id, b.id
        HAVING sum(f.amount) > (
            SELECT coalesce(sum((t->>'amount')::bigint), 0) FROM jsonb_array_elements(b.body->'tenders') t
            WHERE (t->>'payment_id')::bigint = f.payment_id)
        """,
    ),
    Invariant(
        "goods that had to come back were counted and graded before money, or their shop let its time pass (I20)",
        """
        SELECT r.return_no FROM aftersales_returnrequest r
        WHERE r.kind = 'return_refund' AND r.send_back <> 'none' AND r.state IN ('settling', 'completed')
          AND r.paid_ahead_at IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM aftersales_inspection i JOIN aftersales_returnline l ON l.id = i.line_id
              WHERE l.request_id = r.id)
          AND NOT EXISTS (
              SELECT 1 FROM aftersales_returnmove m WHERE m.row_id = r.id
                AND m.note IN ('inspection_overdue', 'parcel_lost'))
        """,
    ),
    Invariant(
        "goods paid for without having arrived were lost after a courier's scan, or a person said so (T115)",
        """
        SELECT r.return_no FROM aftersales_returnmove m JOIN aftersales_returnrequest r ON r.id = m.row_id
        WHERE m.note = 'parcel_lost' AND m.to_state = 'settling' AND m.by_kind = 'system'
          AND NOT EXISTS (
              SELECT 1 FROM logistics_parcel p JOIN logistics_parcelmove s ON s.row_id = p.id
              WHERE p.leg = r.return_no AND p.kind = 'return' AND p.collected_at IS NOT NULL AND s.to_state = 'lost'
                AND (p.way = 'pickup' OR p.point_id IS NOT NULL))
        """,
    ),
    Invariant(
        "a granted case has what it leads to, its next step due, or a person (I24)",
        f"""
        SELECT r.return_no, r.state FROM aftersales_returnrequest r JOIN aftersales_bill b ON b.id = r.bill_id
        WHERE r.next_try_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM aftersales_supporttask t WHERE t.request_id = r.id)
          AND (
              (r.state = 'settling' AND r.kind IN {PAYING} AND b.refund > 0
               AND NOT EXISTS (SELECT 1 FROM refunds_refund f WHERE f.case_ref = r.return_no))
              OR (r.state = 'settling' AND r.kind NOT IN {PAYING}
               AND NOT EXISTS (SELECT 1 FROM aftersales_replacement x WHERE x.case_ref = r.return_no))
              OR (r.state = 'approved' AND r.kind <> 'refund_only' AND r.send_back <> 'none'
               AND NOT EXISTS (SELECT 1 FROM logistics_parcel p WHERE p.reference = r.return_no || '-P')
               AND NOT EXISTS (
                   SELECT 1 FROM aftersales_replacement x
                   WHERE x.case_ref = r.return_no AND x.state IN ('awaiting_payment', 'out_of_stock'))))
        """,
    ),
    Invariant(
        "no step of a case is overdue for a quarter of an hour while the sweeps run (I25)",
        f"""
        SELECT return_no, next_try_at FROM aftersales_returnrequest
        WHERE next_try_at IS NOT NULL AND {_overdue("follow_cases")}
        """,
    ),
    Invariant(
        "no photo waits to be looked at for a quarter of an hour while the sweeps run (I25)",
        f"""
        SELECT public_id, next_try_at FROM aftersales_evidence
        WHERE next_try_at IS NOT NULL AND {_overdue("look_at_evidence")}
        """,
    ),
    Invariant(
        "no photo of a waybill waits to be read for a quarter of an hour while the sweeps run (I25)",
        f"""
        SELECT public_id, next_try_at FROM aftersales_waybillphoto
        WHERE next_try_at IS NOT NULL AND {_overdue("read_waybill_photos")}
        """,
    ),
    Invariant(
        "a photo was looked at, is due, or was given up with an error (I25)",
        """
        SELECT public_id FROM aftersales_evidence
        WHERE kind = 'photo' AND looked_at IS NULL AND next_try_at IS NULL AND last_error = ''
        """,
    ),
    Invariant(
        "what says of two photos that they are one picture has the bits for it",
        """
        SELECT first_id, second_id FROM aftersales_twin t
        WHERE NOT EXISTS (SELECT 1 FROM aftersales_print p WHERE p.evidence_id = t.first_id)
           OR NOT EXISTS (SELECT 1 FROM aftersales_print p WHERE p.evidence_id = t.second_id)
        """,
    ),
    Invariant(
        "no notice is overdue for a quarter of an hour while the sweeps run (I25)",
        f"""
        SELECT key, next_try_at FROM aftersales_notice
        WHERE next_try_at IS NOT NULL AND {_overdue("send_due_notices")}
        """,
    ),
    Invariant(
        "a completed case has paid its bill",
        """
        SELECT r.return_no FROM aftersales_returnrequest r JOIN aftersales_bill b ON b.id = r.bill_id
        WHERE r.state = 'completed' AND b.refund <> (
            SELECT coalesce(sum(f.amount), 0) FROM refunds_refund f
            WHERE f.case_ref = r.return_no AND f.state = 'arrived'
        )
          -- the bank's return opens the case again, by a signal or by the sweep
          AND NOT EXISTS (
            SELECT 1 FROM refunds_refund f JOIN refunds_refundmove m ON m.row_id = f.id
            WHERE f.case_ref = r.return_no AND f.state = 'returned_by_bank' AND m.to_state = 'returned_by_bank'
              AND m.at > now() - interval '15 minutes'
              AND NOT EXISTS (SELECT 1 FROM refunds_refund n WHERE n.replaces_id = f.id)
          )
        """,
    ),
    Invariant(
        "points that a case moved are those of its bill, and none are taken by one that came to nothing (I12)",
        """
        SELECT p.case_ref FROM refunds_pointsofcase p
        LEFT JOIN aftersales_returnrequest r ON r.return_no = p.case_ref
        LEFT JOIN aftersales_bill b ON b.id = r.bill_id
        WHERE coalesce(r.state, '') NOT IN ('settling', 'completed') AND p.taken + p.shortfall <> 0
           OR r.state = 'completed' AND (
                p.back <> b.points_back
                OR p.taken + p.shortfall <> b.points_taken + coalesce((b.body->>'points_shortfall')::bigint, 0))
        """,
    ),
    Invariant(
        "a gift card is disabled by a case whose money is promised or paid, and by no other (I20)",
        """
        SELECT e.about FROM refunds_giftcardentry e
        LEFT JOIN aftersales_returnrequest r ON r.return_no = e.about
        WHERE e.kind = 'disabled' GROUP BY e.about, r.state
        HAVING sum(e.amount) <> 0 AND coalesce(r.state, '') NOT IN ('settling', 'completed')
        """,
    ),
    Invariant(
        "a decision names who or which rule made it (N3)",
        """
        SELECT return_no FROM aftersales_returnrequest
        WHERE state NOT IN ('submitted', 'in_review', 'needs_evidence', 'withdrawn', 'lapsed')
          AND (decided_by_kind = '' OR decided_at IS NULL)
        """,
    ),
    Invariant(
        "every live request has somebody to act, a due time, a due step or an open task (I19)",
        f"""
        SELECT r.return_no, r.state FROM aftersales_returnrequest r
        WHERE r.state IN ({LIVE}) AND r.due_at IS NULL AND r.next_try_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM aftersales_supporttask t WHERE t.request_id = r.id AND t.closed_at IS NULL)
          AND NOT EXISTS (
              SELECT 1 FROM refunds_refund f WHERE f.case_ref = r.return_no
              AND f.state NOT IN ('arrived', 'cancelled')
          )
          AND NOT EXISTS (
              SELECT 1 FROM logistics_parcel p WHERE p.order_id = r.order_id
              AND p.reference LIKE r.return_no || '-P%' AND p.state IN ('booked', 'collected', 'in_transit')
          )
          AND NOT EXISTS (
              SELECT 1 FROM aftersales_replacement x WHERE x.case_ref = r.return_no
              AND (x.state = 'sent' OR x.deposit_taken_at IS NOT NULL)
          )
        """,
    ),
    Invariant(
        "freight insurance paid once a policy, within its cover, for goods that came at the customer's cost (S84)",
        """
        SELECT p.policy_no, p.claimed_by FROM orders_freightpolicy p
        LEFT JOIN refunds_walletentry w ON w.kind = 'insurance' AND w.reference = p.claimed_by
        LEFT JOIN aftersales_returnrequest r ON r.return_no = p.claimed_by
        WHERE p.claimed_by <> '' AND (
            w.amount IS DISTINCT FROM p.claimed_amount OR w.order_id IS DISTINCT FROM p.order_id
            OR r.order_id IS DISTINCT FROM p.order_id OR r.delivered_at IS NULL OR p.claimed_amount > p.cover
            OR NOT EXISTS (SELECT 1 FROM aftersales_bill c
                           WHERE c.case_ref = r.return_no AND c.freight_return_payer = 'customer'))
        UNION ALL
        SELECT 'unclaimed', w.reference FROM refunds_walletentry w
        LEFT JOIN orders_freightpolicy p ON p.claimed_by = w.reference WHERE w.kind = 'insurance' AND p.id IS NULL
        UNION ALL
        SELECT 'unpaid', r.return_no FROM aftersales_returnrequest r JOIN aftersales_bill b ON b.id = r.bill_id
        JOIN orders_freightpolicy p ON p.order_id = r.order_id
        WHERE r.state = 'completed' AND r.delivered_at IS NOT NULL AND b.body ? 'insured' AND p.claimed_by = ''
          AND NOT EXISTS (SELECT 1 FROM refunds_compensation k
                          WHERE k.case_ref = r.return_no AND k.ground = 'freight' AND k.given_at IS NOT NULL)
        """,
    ),
    Invariant(
        "an ended request waits for nobody",
        f"""
        SELECT return_no FROM aftersales_returnrequest
        WHERE state IN ({ENDED}) AND (due_at IS NOT NULL OR next_try_at IS NOT NULL OR ended_at IS NULL)
        """,
    ),
    Invariant(
        "filed before the deadline unless refused or reviewed by a person (I23)",
        """
        SELECT return_no FROM aftersales_returnrequest
        WHERE outcome = 'approve' AND deadline IS NOT NULL AND filed_at >= deadline + interval '1 second'
        """,
    ),
    Invariant(
        "counted and missing units of a line are those announced, unless all were paid before anybody counted",
        """
        SELECT r.return_no FROM aftersales_returnline l JOIN aftersales_returnrequest r ON r.id = l.request_id
        WHERE l.counted IS NOT NULL AND l.counted + l.missing <> l.quantity
          AND NOT (l.counted < l.quantity AND l.missing = 0 AND EXISTS (
              SELECT 1 FROM aftersales_returnmove m
              WHERE m.row_id = r.id AND m.note = 'inspection_overdue' AND m.at <= r.counted_at))
        """,
    ),
    Invariant(
        "graded units never exceed counted ones",
        """
        SELECT l.id FROM aftersales_returnline l JOIN aftersales_inspection i ON i.line_id = l.id
        GROUP BY l.id, l.counted HAVING sum(i.quantity) > coalesce(l.counted, 0)
        """,
    ),
    Invariant(
        "a case is judged by a published policy, and by clauses of its own shop that were published (I22)",
        """
        SELECT r.return_no FROM aftersales_returnrequest r
        LEFT JOIN aftersales_policyversion p ON p.number = r.policy_version
        LEFT JOIN aftersales_clauseversion c ON c.id = r.clauses_id
        WHERE p.id IS NULL OR p.state = 'draft' OR c.merchant_id <> r.merchant_id OR c.state = 'draft'
        """,
    ),
    Invariant(
        "every notice was sent, is due, or was given up with an error (I25)",
        """
        SELECT key FROM aftersales_notice
        WHERE sent_at IS NULL AND next_try_at IS NULL AND last_error = ''
           OR sent_at IS NOT NULL AND next_try_at IS NOT NULL
           OR channel = 'inbox' AND sent_at IS NULL
        """,
    ),
    Invariant(
        "a person is told of one occasion once on each channel (I29)",
        "SELECT key FROM aftersales_notice GROUP BY key HAVING count(*) > 1",
    ),
    Invariant(
        "a notice was sent to the mailbox or phone that it was written for, or lies in an inbox",
        """
        SELECT key FROM aftersales_notice
        WHERE channel = 'email' AND address NOT LIKE '%_@_%' OR channel = 'sms' AND address NOT LIKE '+%'
           OR channel = 'inbox' AND address <> ''
        """,
    ),
    Invariant(
        "a trial of a draft is due while it runs, and says how it ended (I25)",
        """
        SELECT id FROM aftersales_trial
        WHERE (ended_at IS NULL) <> (next_try_at IS NOT NULL) OR (ended_at IS NULL) <> (ending = '')
        """,
    ),
    Invariant(
        "no trial of a draft is overdue for a quarter of an hour while the sweeps run (I25)",
        f"""
        SELECT id, next_try_at FROM aftersales_trial
        WHERE next_try_at IS NOT NULL AND {_overdue("try_drafts")}
        """,
    ),
    Invariant(
        "a trial has counted each case that it judged, and kept the rows it says",
        """
        SELECT t.id, t.judged, t.kept FROM aftersales_trial t
        WHERE t.judged <> (SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(t.tally -> 'cells'))
                          + coalesce((t.tally ->> 'unreadable')::int, 0) + coalesce((t.tally ->> 'failed')::int, 0)
           OR t.kept <> (SELECT count(*) FROM aftersales_trialcase c WHERE c.trial_id = t.id)
        """,
    ),
]
