"""What must always hold about bills, breaks and refunds past this platform; gathered by refunds/books.py."""

from refunds.matching import rules
from returns_platform.kernel.books import Invariant

SWEPT = "(SELECT max(at) FROM orders_heartbeat WHERE name = 'refunds.follow_statements')"
MARGIN = "interval '30 minutes'"
IN_FORCE = """refunds_statementline l JOIN refunds_statementday d ON d.file_id = l.file_id"""
ZONES = (
    "CASE r.channel "
    + " ".join(f"WHEN '{channel}' THEN '{zone}'" for channel, (zone, _hour) in sorted(rules.CALENDARS.items()))
    + f" ELSE '{rules.OTHERS[0]}' END"
)

INVARIANTS = [
    Invariant(
        "I11 every row of a matched bill belongs to one refund, to a break, or needs neither",
        f"""SELECT d.channel, d.day, l.line FROM {IN_FORCE} LEFT JOIN refunds_match m ON m.line_id = l.id
            WHERE d.matched_at IS NOT NULL AND (
                m.line_id IS NULL
                OR (l.kind = 'other') <> (m.result = 'aside')
                OR (m.result = 'matched' AND m.refund_id IS NULL)
                OR (m.result = 'break' AND m.finding_id IS NULL))""",
    ),
    Invariant(
        "I11 a matched row says what its refund says, and one refund has one payout on the bills",
        f"""SELECT d.channel, d.day, l.line, r.number FROM {IN_FORCE} JOIN refunds_match m ON m.line_id = l.id
            JOIN refunds_refund r ON r.id = m.refund_id
            WHERE m.result = 'matched' AND d.matched_at IS NOT NULL AND (
                (l.amount, l.currency, l.channel) <> (r.amount, r.currency, r.channel)
                OR (l.kind = 'refund' AND r.state NOT IN ('arrived', 'returned_by_bank', 'closed', 'cancelled')))
            UNION ALL
            SELECT d.channel, min(d.day), count(*), r.number FROM {IN_FORCE}
            JOIN refunds_match m ON m.line_id = l.id JOIN refunds_refund r ON r.id = m.refund_id
            WHERE m.result = 'matched' AND l.kind = 'refund' AND d.matched_at IS NOT NULL
            GROUP BY d.channel, r.number HAVING count(*) > 1""",
    ),
    Invariant(
        "I11 every success older than two days is on a bill where the bills of its days are in, or has a break",
        f"""SELECT r.number FROM refunds_refund r
            WHERE r.state = 'arrived' AND r.arrived_at < {SWEPT} - interval '2 days' - {MARGIN}
              AND r.arrived_at > {SWEPT} - interval '92 days'
              AND (SELECT count(*) FROM refunds_statementday d WHERE d.channel = r.channel
                   AND d.day BETWEEN (r.arrived_at AT TIME ZONE {ZONES})::date - 1
                                 AND (r.arrived_at AT TIME ZONE {ZONES})::date + 1
                   AND d.file_id IS NOT NULL AND d.matched_at < {SWEPT} - {MARGIN}) = 3
              AND NOT EXISTS (SELECT 1 FROM refunds_match m JOIN {IN_FORCE} ON l.id = m.line_id
                              WHERE m.refund_id = r.id AND l.kind = 'refund')
              AND NOT EXISTS (SELECT 1 FROM refunds_break b WHERE b.kind = '{rules.MISSING}'
                              AND b.source = r.channel AND b.reference = r.number)""",
    ),
    Invariant(
        "I11 a bill's rows and sums are those that were read",
        """SELECT f.id, f.rows, count(l.id) FROM refunds_statementfile f
           LEFT JOIN refunds_statementline l ON l.file_id = f.id
           GROUP BY f.id HAVING f.rows <> count(l.id)
           UNION ALL
           SELECT l.file_id, sum(l.amount), (f.sums->l.currency->>l.kind)::bigint FROM refunds_statementline l
           JOIN refunds_statementfile f ON f.id = l.file_id GROUP BY l.file_id, f.sums, l.currency, l.kind
           HAVING sum(l.amount) IS DISTINCT FROM (f.sums->l.currency->>l.kind)::bigint""",
    ),
    Invariant(
        "every open break has an age, and an owner where there is somebody to own it",
        f"""SELECT b.id, b.kind FROM refunds_break b
            WHERE b.closed_at IS NULL AND b.owner_id IS NULL AND b.opened_at < {SWEPT} - {MARGIN}
              AND EXISTS (
                SELECT 1 FROM orders_user u JOIN orders_user_groups g ON g.user_id = u.id
                JOIN auth_group_permissions gp ON gp.group_id = g.group_id
                JOIN auth_permission p ON p.id = gp.permission_id AND p.codename = 'change_break'
                WHERE u.is_active AND u.is_staff AND NOT u.is_superuser)""",
    ),
    Invariant(
        "a closed break says why, and has its history",
        """SELECT b.id, b.kind FROM refunds_break b WHERE b.closed_at IS NOT NULL AND (
             b.reason = '' OR (b.reason <> 'agreed' AND (b.note = '' OR b.closed_by = ''))
             OR NOT EXISTS (SELECT 1 FROM refunds_breakevent e WHERE e.found_id = b.id))""",
    ),
    Invariant(
        "what was closed by two people was closed by two",
        """SELECT b.id FROM refunds_break b
           WHERE b.proposed_at IS NOT NULL AND b.closed_at IS NOT NULL AND EXISTS (
             SELECT 1 FROM refunds_breakevent e WHERE e.found_id = b.id AND e.what = 'closed'
               AND e.by_id = b.proposed_by_id AND e.at = b.closed_at)""",
    ),
    Invariant(
        "what a payment has given back past this platform is the sum of those refunds that it held",
        """SELECT p.id, p.external, coalesce(sum(x.amount), 0) FROM orders_payment p
           LEFT JOIN refunds_externalrefund x ON x.payment_id = p.id AND x.reserved AND x.undone_at IS NULL
           GROUP BY p.id HAVING p.external <> coalesce(sum(x.amount), 0)""",
    ),
    Invariant(
        "every refund past this platform is posted once, and reversed once where it was undone",
        """SELECT coalesce(x.id::text, t.reference) FROM (
             SELECT id, amount, undone_at IS NOT NULL AS undone FROM refunds_externalrefund) x
           FULL OUTER JOIN (
             SELECT split_part(t.reference, ':', 2)::bigint AS id, min(t.reference) AS reference,
                    -sum(e.amount) FILTER (WHERE e.account = 'merchant' AND t.kind = 'external') AS posted,
                    sum(e.amount) FILTER (WHERE e.account = 'merchant' AND t.kind = 'external_undone') AS undone
             FROM refunds_ledgertransaction t JOIN refunds_ledgerentry e ON e.transaction_id = t.id
             WHERE t.kind IN ('external', 'external_undone') GROUP BY 1) t ON t.id = x.id
           WHERE x.id IS NULL OR t.id IS NULL OR t.posted IS DISTINCT FROM x.amount
              OR (x.undone AND t.undone IS DISTINCT FROM x.amount) OR (NOT x.undone AND t.undone IS NOT NULL)""",
    ),
    Invariant(
        "I19 no day of a channel waits for half an hour while the sweeps run",
        """SELECT channel, day FROM refunds_statementday
           WHERE greatest(next_try_at, claimed_until, pg_postmaster_start_time())
                 < (SELECT max(at) FROM orders_heartbeat WHERE name = 'refunds.match_statements')
                   - interval '30 minutes' AND next_try_at IS NOT NULL""",
    ),
]
