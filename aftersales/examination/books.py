"""What must always hold about independent inspections."""

from returns_platform.kernel.books import Invariant

INVARIANTS = [
    Invariant(
        "an independent inspection is paid once, when it is reported, by the loser or by who asked",
        """
        WITH owed AS (
            SELECT 'examination:' || x.id AS reference, x.fee::bigint AS fee, x.currency, r.merchant_id,
                   'examiner:' || x.examiner_id AS account, CASE WHEN x.finding = 'for_customer'
                   OR x.asked_by_kind = 'merchant' THEN 'merchant' ELSE 'platform' END AS payer, x.payer AS said
            FROM aftersales_examination x JOIN aftersales_returnrequest r ON r.id = x.request_id
            WHERE x.reported_at IS NOT NULL AND x.fee > 0),
        posted AS (
            SELECT t.reference, e.account, e.amount, e.currency, -m.amount AS paid, m.merchant_id,
                   CASE m.account WHEN 'merchant' THEN 'merchant' ELSE 'platform' END AS payer
            FROM refunds_ledgertransaction t
            LEFT JOIN refunds_ledgerentry e ON e.transaction_id = t.id AND e.account LIKE 'examiner:%'
            LEFT JOIN refunds_ledgerentry m ON m.transaction_id = t.id
                 AND m.account IN ('merchant', 'examination_expense')
            WHERE t.kind = 'examination')
        SELECT coalesce(o.reference, p.reference) FROM owed o FULL JOIN posted p ON p.reference = o.reference
        WHERE o.reference IS NULL OR p.reference IS NULL OR o.payer <> o.said
           OR (p.account, p.amount, p.currency, p.paid, p.merchant_id, p.payer)
              IS DISTINCT FROM (o.account, o.fee, o.currency, o.fee, o.merchant_id, o.payer)
        """,
    ),
    Invariant(
        "an independent inspection is of a line of its own case, and its report is that case's",
        """
        SELECT x.id FROM aftersales_examination x JOIN aftersales_returnline l ON l.id = x.line_id
        WHERE l.request_id <> x.request_id
        UNION ALL
        SELECT x.id FROM aftersales_examination x JOIN aftersales_returnrequest r ON r.id = x.request_id
        JOIN aftersales_examination_report p ON p.examination_id = x.id
        JOIN aftersales_evidence e ON e.id = p.evidence_id WHERE e.case_ref <> r.return_no || '-R'
        """,
    ),
]
