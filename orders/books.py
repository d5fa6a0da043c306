"""What must always hold about orders, each as one query that returns no row."""

from orders.purchases import states
from returns_platform.kernel.books import Invariant

EDGES = ", ".join(f"('{source}', '{target}')" for source, target in sorted({*states.EDGES, ("", states.PLACED)}))
SWEPT = "(SELECT max(at) FROM orders_heartbeat WHERE name = 'orders.send_due_codes')"
LINES = "SELECT order_id, {} FROM orders_orderline GROUP BY order_id"

INVARIANTS: list[Invariant] = [
    # --- money, frozen by M1 ---
    Invariant(
        "a discount is shared out over lines to the last minor unit",
        """SELECT o.order_no, d.name, d.amount FROM orders_discount d JOIN orders_order o ON o.id = d.order_id
           WHERE d.amount <> (SELECT coalesce(sum(l.discount_shares[d.position + 1]), 0)
                              FROM orders_orderline l WHERE l.order_id = d.order_id)""",
    ),
    Invariant(
        "a line's shares by source are those of its discounts",
        """SELECT o.order_no, l.line_no FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           LEFT JOIN LATERAL (
             SELECT sum(l.discount_shares[d.position + 1]) FILTER (WHERE d.source = 'shop') AS shop,
                    sum(l.discount_shares[d.position + 1]) FILTER (WHERE d.source = 'platform') AS platform
             FROM orders_discount d WHERE d.order_id = l.order_id) s ON true
           WHERE (l.share_shop, l.share_platform) <> (coalesce(s.shop, 0), coalesce(s.platform, 0))""",
    ),
    Invariant(
        "a line's net is its price less its own discount and its shares, never below zero",
        """SELECT o.order_no, l.line_no, l.net FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           WHERE l.net < 0 OR l.net <> l.unit_price * l.quantity - l.line_discount
                                       - l.share_shop - l.share_platform - l.share_points""",
    ),
    Invariant(
        "points and freight are shared out over lines to the last unit",
        f"""SELECT o.order_no FROM orders_order o JOIN ({
            LINES.format(
                "sum(share_points) AS amount, sum(share_freight) AS freight, sum(points_used) AS used, "
                "sum(points_earned) AS earned"
            )
        }) l ON l.order_id = o.id
            WHERE (l.amount, l.used, l.earned) <> (o.points_amount, o.points_used, o.points_earned)
               OR l.freight <> o.freight_charged - o.freight_discount""",
    ),
    Invariant(
        "what was paid for an order is what its lines and freight come to; unpaid and cancelled ones may hold less",
        f"""SELECT o.order_no, o.state, l.net + o.freight_charged - o.freight_discount AS due, coalesce(p.paid, 0)
            FROM orders_order o JOIN ({LINES.format("sum(net) AS net")}) l ON l.order_id = o.id
            LEFT JOIN (SELECT order_id, sum(amount) AS paid FROM orders_payment GROUP BY order_id) p
              ON p.order_id = o.id
            WHERE coalesce(p.paid, 0) > l.net + o.freight_charged - o.freight_discount
               OR (o.state NOT IN ('placed', 'cancelled')
                   AND coalesce(p.paid, 0) <> l.net + o.freight_charged - o.freight_discount)""",
    ),
    Invariant(
        "what lines were promised is within what was paid for the order",
        f"""SELECT o.order_no, l.claimed FROM orders_order o
            JOIN ({LINES.format("sum(claimed) AS claimed")}) l ON l.order_id = o.id
            WHERE l.claimed > (SELECT coalesce(sum(p.amount), 0) FROM orders_payment p WHERE p.order_id = o.id)""",
    ),
    Invariant(
        "a transaction's parts add up to what it has given, within its total, in one currency and channel",
        """SELECT t.channel, t.transaction_id FROM orders_transaction t
           LEFT JOIN orders_payment p ON p.transaction_id = t.id AND p.carried_from_id IS NULL
           LEFT JOIN orders_order o ON o.id = p.order_id
           GROUP BY t.id HAVING t.allotted <> coalesce(sum(p.amount), 0) OR t.allotted > t.total
              OR (t.total IS NULL AND count(DISTINCT p.order_id) > 1)
              OR bool_or(o.currency <> t.currency OR p.channel <> t.channel)""",
    ),
    Invariant(
        "what a payment has carried along is what the orders of exchanges were paid with, each of them whole",
        """SELECT p.id, p.carried FROM orders_payment p LEFT JOIN orders_payment n ON n.carried_from_id = p.id
           GROUP BY p.id HAVING p.carried <> coalesce(sum(n.amount), 0)
              OR bool_or(n.transaction_id <> p.transaction_id OR n.channel <> p.channel OR n.paid_at <> p.paid_at)
           UNION ALL
           SELECT p.id, p.amount FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
           WHERE (o.made_for = 'replacement') <> (p.carried_from_id IS NOT NULL)""",
    ),
    # --- return centres ---
    Invariant(
        "a shop's return centre is the one that it has joined and not left",
        """SELECT m.code, j.id FROM orders_merchant m
           FULL JOIN (SELECT * FROM orders_joining WHERE left_at IS NULL) j ON j.id = m.joining_id
           WHERE m.id IS NULL OR (m.joining_id IS NOT NULL AND (j.id IS NULL OR j.merchant_id <> m.id))""",
    ),
    # --- stock ---
    Invariant(
        "stock is the sum of its movements, and never below zero",
        """SELECT s.sku, s.available, s.reserved FROM orders_stock s
           LEFT JOIN orders_stockmovement m ON m.stock_id = s.id
           GROUP BY s.id HAVING s.available <> coalesce(sum(m.available), 0)
              OR s.reserved <> coalesce(sum(m.reserved), 0) OR s.available < 0 OR s.reserved < 0""",
    ),
    # --- units and parcels ---
    Invariant(
        "I21 units shipped are those of the parcels, and no more than were bought",
        """SELECT o.order_no, l.line_no, l.shipped FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           LEFT JOIN orders_shipmentitem i ON i.line_id = l.id
           GROUP BY o.id, l.id HAVING l.shipped <> coalesce(sum(i.quantity), 0) OR l.shipped > l.quantity""",
    ),
    Invariant(
        "a parcel holds lines of its own order only",
        """SELECT s.parcel_no, l.line_no FROM orders_shipmentitem i JOIN orders_shipment s ON s.id = i.shipment_id
           JOIN orders_orderline l ON l.id = i.line_id WHERE l.order_id <> s.order_id""",
    ),
    Invariant(
        "a parcel's window counts from the latest signature ever reported for it",
        """SELECT s.id, s.parcel_no FROM orders_shipment s LEFT JOIN orders_signature g ON g.shipment_id = s.id
           GROUP BY s.id HAVING s.window_from IS DISTINCT FROM max(g.signed_at)
              OR (s.signed_at IS NOT NULL AND NOT bool_or(g.signed_at = s.signed_at))""",
    ),
    Invariant(
        "an order's customer is a customer of its shop",
        """SELECT o.order_no FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id
           WHERE c.merchant_id <> o.merchant_id""",
    ),
    # --- history ---
    Invariant(
        "I16 an order's moves are numbered without gaps, each begins where the last ended, the last is its state",
        """SELECT o.order_no, m.seq FROM orders_order o LEFT JOIN (
             SELECT row_id, seq, from_state, to_state,
                    row_number() OVER w AS nth, lag(to_state, 1, '') OVER w AS before, lead(seq) OVER w AS later
             FROM orders_ordermove WINDOW w AS (PARTITION BY row_id ORDER BY seq)) m ON m.row_id = o.id
           WHERE m.seq IS NULL OR m.seq <> m.nth OR m.from_state <> m.before
              OR (m.later IS NULL AND m.to_state <> o.state)""",
    ),
    Invariant(
        "I17 orders move only along declared edges",
        f"""SELECT o.order_no, m.seq, m.from_state, m.to_state FROM orders_ordermove m
            JOIN orders_order o ON o.id = m.row_id WHERE (m.from_state, m.to_state) NOT IN ({EDGES})""",
    ),
    Invariant(
        "I18 an order's version is the number of its moves",
        """SELECT o.order_no FROM orders_order o LEFT JOIN orders_ordermove m ON m.row_id = o.id
           GROUP BY o.id HAVING o.version <> count(m.id)""",
    ),
    # --- doors ---
    Invariant(
        "I25 no one-time code waits for a quarter of an hour while the sweeps run",
        f"""SELECT id, next_try_at FROM orders_onetimecode
            WHERE next_try_at < {SWEPT} - interval '15 minutes' AND coalesce(claimed_until, next_try_at) < {SWEPT}""",
    ),
]
