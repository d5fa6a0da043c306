"""What must always hold about graded goods and their stock, each as one query that returns no row."""

from aftersales.inspection.rules import NEVER_SOLD_AGAIN, SOLD_AGAIN, TO_PROCESS
from returns_platform.kernel.books import Invariant


def _names(values) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


SOLD, NEVER, OPEN = _names(SOLD_AGAIN), _names(NEVER_SOLD_AGAIN), _names(TO_PROCESS)
# Every result of the bench, first grades and what went on later, with the reference of its stock.
GRADED = "r.return_no || '.' || l.id || '.' || i.grade || coalesce('-' || i.unit, '')"
RESULTS = f"""
    SELECT r.merchant_id, {GRADED} || ':restocked' AS reference, i.grade, i.disposition, i.shelved,
           i.quantity, coalesce(nullif(i.sku, ''), o.sku) AS sku, i.at
    FROM aftersales_inspection i JOIN aftersales_returnline l ON l.id = i.line_id
    JOIN aftersales_returnrequest r ON r.id = l.request_id JOIN orders_orderline o ON o.id = l.order_line_id
    UNION ALL
    SELECT r.merchant_id, {GRADED} || '.' || m.seq || ':restocked', i.grade, m.disposition, m.shelved, m.quantity,
           coalesce(nullif(m.sku, ''), o.sku), m.at
    FROM aftersales_movedon m JOIN aftersales_inspection i ON i.id = m.inspection_id
    JOIN aftersales_returnline l ON l.id = i.line_id
    JOIN aftersales_returnrequest r ON r.id = l.request_id JOIN orders_orderline o ON o.id = l.order_line_id
"""

# What each return centre is owed: its fee for a parcel that it counted, and for the units that it graded.
OWED = """
    SELECT DISTINCT ON (1) 'centre_fee:' || coalesce(o.leg, r.return_no) || ':parcel' AS reference,
           'centre:' || c.code AS account, j.fee_parcel::bigint AS fee, j.currency, r.merchant_id
    FROM aftersales_count n JOIN aftersales_returnline l ON l.id = n.line_id
    JOIN aftersales_returnrequest r ON r.id = l.request_id
    LEFT JOIN orders_joining j ON j.id = r.joining_id LEFT JOIN orders_centre c ON c.id = j.centre_id
    LEFT JOIN logistics_parcel p ON p.leg = r.return_no AND p.kind = 'return' AND p.shares_with_id IS NOT NULL
    LEFT JOIN logistics_parcel o ON o.id = p.shares_with_id
    WHERE n.by_kind = 'centre' AND j.fee_parcel IS DISTINCT FROM 0 ORDER BY 1, n.at
"""
# A further box of a case: who counted it is not kept, so its fee may be there or not, once and as agreed.
OWED_BOXES = """
    SELECT DISTINCT t.reference, 'centre:' || c.code, j.fee_parcel::bigint, j.currency, r.merchant_id
    FROM logistics_parcel p LEFT JOIN logistics_parcel o ON o.id = p.shares_with_id
    JOIN aftersales_returnrequest r ON r.return_no = split_part(p.leg, '.', 1)
    JOIN orders_joining j ON j.id = r.joining_id JOIN orders_centre c ON c.id = j.centre_id
    JOIN refunds_ledgertransaction t ON t.reference = 'centre_fee:' || coalesce(o.leg, p.leg) || ':parcel'
    WHERE p.leg LIKE '%.%' AND p.kind = 'return' AND p.by_word
"""
OWED_UNITS = f"""
    SELECT 'centre_fee:' || {GRADED}, 'centre:' || c.code, j.fee_unit::bigint * i.quantity, j.currency, r.merchant_id
    FROM aftersales_inspection i JOIN aftersales_returnline l ON l.id = i.line_id
    JOIN aftersales_returnrequest r ON r.id = l.request_id
    LEFT JOIN orders_joining j ON j.id = r.joining_id LEFT JOIN orders_centre c ON c.id = j.centre_id
    WHERE i.by_kind = 'centre' AND j.fee_unit IS DISTINCT FROM 0
"""

INVARIANTS = [
    Invariant(
        "a return centre's fee is posted once for each parcel it counted and each unit it graded, as agreed",
        f"""
        WITH owed AS ((SELECT * FROM ({OWED}) parcels) UNION ALL ({OWED_BOXES}) UNION ALL ({OWED_UNITS})),
        posted AS (
            SELECT t.reference, e.account, e.amount, e.currency, e.merchant_id, -m.amount AS paid, m.merchant_id AS by
            FROM refunds_ledgertransaction t
            LEFT JOIN refunds_ledgerentry e ON e.transaction_id = t.id AND e.account LIKE 'centre:%'
            LEFT JOIN refunds_ledgerentry m ON m.transaction_id = t.id AND m.account = 'merchant'
            WHERE t.kind = 'centre_fee')
        SELECT coalesce(o.reference, p.reference), o.fee, p.amount FROM owed o
        FULL JOIN posted p ON p.reference = o.reference
        WHERE o.reference IS NULL OR p.reference IS NULL
           OR (p.account, p.amount, p.currency, p.merchant_id, p.paid, p.by)
              IS DISTINCT FROM (o.account, o.fee, o.currency, o.merchant_id, o.fee, o.merchant_id)
        """,
    ),
    Invariant(
        "goods go to a return centre that their shop had joined, and none that are to be mended",
        """
        SELECT r.return_no FROM aftersales_returnrequest r LEFT JOIN orders_joining j ON j.id = r.joining_id
        WHERE r.joining_id IS NOT NULL AND (j.id IS NULL OR j.merchant_id <> r.merchant_id OR r.kind = 'repair')
        """,
    ),
    Invariant(
        "stock that came back is the graded units that are sold again, each counted once (T118, T119)",
        f"""
        WITH results AS ({RESULTS}),
        back AS (
            SELECT m.reference, s.merchant_id, s.sku, m.available, m.reserved FROM orders_stockmovement m
            JOIN orders_stock s ON s.id = m.stock_id WHERE m.kind = 'restocked')
        SELECT coalesce(b.reference, x.reference), x.quantity, b.available
        FROM (SELECT * FROM results WHERE shelved) x FULL JOIN back b ON b.reference = x.reference
        WHERE b.reference IS NULL OR x.reference IS NULL OR b.available <> x.quantity OR b.reserved <> 0
           OR b.sku <> x.sku OR b.merchant_id <> x.merchant_id
           OR x.disposition NOT IN ({SOLD}) OR x.grade IN ({NEVER})
        """,
    ),
    Invariant(
        "graded units that are sold again are in the stock of a shop that counts the article here (T118)",
        f"""
        SELECT x.reference FROM ({RESULTS}) x JOIN orders_stock s ON s.merchant_id = x.merchant_id AND s.sku = x.sku
        WHERE NOT x.shelved AND x.disposition IN ({SOLD}) AND x.grade NOT IN ({NEVER})
          AND (SELECT min(m.at) FROM orders_stockmovement m WHERE m.stock_id = s.id) < x.at - interval '1 minute'
        """,
    ),
    Invariant(
        "graded units go on in order, from where they are, and only from where goods wait to be processed",
        f"""
        SELECT m.inspection_id, m.seq FROM (
            SELECT m.*, row_number() OVER w AS nth FROM aftersales_movedon m WINDOW w AS (
                PARTITION BY inspection_id ORDER BY seq)) m
        WHERE m.seq <> m.nth OR m.way_from NOT IN ({OPEN}) OR m.disposition = m.way_from
        UNION ALL
        SELECT gone.inspection_id, 0 FROM (
            SELECT inspection_id, way_from, sum(quantity) AS units FROM aftersales_movedon GROUP BY 1, 2) gone
        JOIN aftersales_inspection i ON i.id = gone.inspection_id
        WHERE gone.units > (CASE WHEN i.disposition = gone.way_from THEN i.quantity ELSE 0 END) + (
            SELECT coalesce(sum(m.quantity), 0) FROM aftersales_movedon m
            WHERE m.inspection_id = gone.inspection_id AND m.disposition = gone.way_from)
        """,
    ),
    Invariant(
        "what returned goods brought is booked for no more units than went that way, in the order's currency (N14)",
        """
        SELECT b.inspection_id, b.way FROM (
            SELECT inspection_id, way, estimated, sum(quantity) AS units, min(currency) AS low, max(currency) AS high
            FROM aftersales_recovery GROUP BY 1, 2, 3) b
        JOIN aftersales_inspection i ON i.id = b.inspection_id JOIN aftersales_returnline l ON l.id = i.line_id
        JOIN aftersales_returnrequest r ON r.id = l.request_id JOIN orders_order o ON o.id = r.order_id
        WHERE b.low <> o.currency OR b.high <> o.currency
           OR b.units > (CASE WHEN i.disposition = b.way THEN i.quantity ELSE 0 END) + (
                SELECT coalesce(sum(m.quantity), 0) FROM aftersales_movedon m
                WHERE m.inspection_id = i.id AND m.disposition = b.way)
        """,
    ),
]
