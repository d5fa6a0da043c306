"""What must always hold about parcels, each as one query that returns no row. The numbers are those of the docs."""

from logistics.parcels import states
from logistics.parcels.models import Parcel
from returns_platform.kernel.books import Invariant


def _in(names) -> str:
    return "(" + ", ".join(f"'{name}'" for name in sorted(names)) + ")"


def _edges() -> str:
    """As the machine declares them; a new parcel comes from nowhere."""
    declared = Parcel._meta.get_field("state").get_all_transitions(Parcel)
    edges = {("", states.REQUESTED), *((edge.source, edge.target) for edge in declared)}
    return ", ".join(f"('{source}', '{target}')" for source, target in sorted(edges))


LIVE = _in(states.LIVE)
STUCK_AFTER = "interval '15 minutes'"


def _swept(task: str) -> str:
    return f"(SELECT coalesce(max(at), now()) FROM orders_heartbeat WHERE name = '{task}')"


INVARIANTS = [
    Invariant(
        "I16 a parcel's moves are numbered without gaps, each begins where the last ended, the last is its state",
        """SELECT p.reference, m.seq FROM logistics_parcel p LEFT JOIN (
             SELECT row_id, seq, from_state, to_state,
                    row_number() OVER w AS nth, lag(to_state, 1, '') OVER w AS before, lead(seq) OVER w AS later
             FROM logistics_parcelmove WINDOW w AS (PARTITION BY row_id ORDER BY seq)) m ON m.row_id = p.id
           WHERE m.seq IS NULL OR m.seq <> m.nth OR m.from_state <> m.before
              OR (m.later IS NULL AND m.to_state <> p.state)""",
    ),
    Invariant(
        "I17 parcels move only along declared edges",
        f"""SELECT p.reference, m.seq, m.from_state, m.to_state FROM logistics_parcelmove m
            JOIN logistics_parcel p ON p.id = m.row_id WHERE (m.from_state, m.to_state) NOT IN ({_edges()})""",
    ),
    Invariant(
        "I18 a parcel's version is the number of its moves",
        """SELECT p.reference FROM logistics_parcel p LEFT JOIN logistics_parcelmove m ON m.row_id = p.id
           GROUP BY p.id HAVING p.version <> count(m.id)""",
    ),
    Invariant(
        "I19 every parcel that waits for a courier is due, or with a person",
        f"""SELECT reference, state FROM logistics_parcel WHERE next_try_at IS NULL AND (
              (state = 'requested' AND way = 'pickup' AND shares_with_id IS NULL)
              OR (state IN {_in(states.UNDER_WAY)} AND problem <> 'not_followed'
                  AND (waybill <> '' OR way = 'pickup'))
              OR (cardinality(stale_numbers) > 0 AND state <> 'manual' AND problem <> 'cancel_failed'))""",
    ),
    Invariant(
        "I19 no booking is overdue for a quarter of an hour while the sweeps run",
        f"""SELECT reference, next_try_at FROM logistics_parcel
            WHERE (state = 'requested' AND shares_with_id IS NULL OR cardinality(stale_numbers) > 0)
              AND next_try_at < {_swept("logistics.book_due_parcels")} - {STUCK_AFTER}
              AND coalesce(claimed_until, next_try_at) < {_swept("logistics.book_due_parcels")}""",
    ),
    Invariant(
        "I27 every courier message is taken in, ignored for a reason, or due",
        """SELECT courier, id FROM logistics_courierpush
           WHERE (outcome = '') = (ended_at IS NOT NULL) OR (outcome = '' AND next_try_at IS NULL)
              OR (outcome = 'ignored' AND reason = '')""",
    ),
    Invariant(
        "I31 at most one live return per leg of a case",
        f"""SELECT leg, count(*) FROM logistics_parcel WHERE kind = 'return' AND state IN {LIVE}
            GROUP BY leg HAVING count(*) > 1""",
    ),
    Invariant(
        "I31 a waybill belongs to one live parcel",
        f"""SELECT courier, waybill FROM logistics_parcel
            WHERE waybill <> '' AND state IN {LIVE} AND shares_with_id IS NULL
            GROUP BY courier, waybill HAVING count(*) > 1""",
    ),
    Invariant(
        "I31 a booked parcel has a waybill or waits for its courier's, and no cancelled one waits for a van",
        """SELECT reference, state FROM logistics_parcel
           WHERE (state = 'booked' AND waybill = '' AND (way <> 'pickup' OR next_try_at IS NULL))
              OR (state = 'cancelled' AND waybill <> '' AND number = ANY(stale_numbers) AND next_try_at IS NULL
                  AND problem <> 'cancel_failed')""",
    ),
    Invariant(
        "a delivered parcel says when, and only what scans or the shop say is delivered",
        """SELECT p.reference FROM logistics_parcel p
           WHERE (p.state = 'delivered') <> (p.delivered_at IS NOT NULL)
              OR (p.by_word AND p.state <> 'delivered')
              OR (p.state = 'delivered' AND NOT p.by_word AND NOT EXISTS (
                   SELECT 1 FROM logistics_trackingevent e WHERE e.parcel_id = p.id AND e.stage = 'delivered'))""",
    ),
    Invariant(
        "I31 a pickup's number was given to one courier, the one that is asked about it",
        """SELECT p.reference, o.courier FROM logistics_courierorder o JOIN logistics_parcel p ON p.number = o.number
           WHERE o.parcel_id <> p.id OR (p.way = 'pickup' AND o.courier <> p.asked_courier)""",
    ),
    Invariant(
        "I31 nobody who refused for good has the van that comes",
        """SELECT p.reference FROM logistics_courierorder o JOIN logistics_parcel p ON p.number = o.number
           WHERE o.outcome = 'refused' AND p.way = 'pickup' AND p.state = 'booked'""",
    ),
    Invariant(
        "one parcel for two returns was declared, by one customer at one shop, under one waybill",
        """SELECT p.reference FROM logistics_parcel p JOIN logistics_parcel o ON o.id = p.shares_with_id
           JOIN orders_order a ON a.id = p.order_id JOIN orders_order b ON b.id = o.order_id
           WHERE a.customer_id <> b.customer_id OR p.merchant_id <> o.merchant_id OR o.shares_with_id IS NOT NULL
              OR p.leg = o.leg OR (p.waybill = '' AND p.way <> 'pickup')""",
    ),
    Invariant(
        "I31 who rides along waits as its van does: one slot, one waybill, one address, no van of its own",
        f"""SELECT p.reference, p.state, o.state FROM logistics_parcel p
            JOIN logistics_parcel o ON o.id = p.shares_with_id
            WHERE p.way = 'pickup' AND p.kind = 'return' AND p.state IN {_in((*states.NOT_COLLECTED, states.FAILED))}
              AND (o.way <> 'pickup' OR o.kind <> 'return' OR p.sender <> o.sender OR p.receiver <> o.receiver
                   OR (p.slot_from, p.slot_to) IS DISTINCT FROM (o.slot_from, o.slot_to)
                   OR (o.state NOT IN {_in(states.LEFT)} AND p.state <> o.state)
                   OR (o.state IN {_in(states.LEFT)} AND p.state <> 'booked')
                   OR (p.state = 'booked' AND (p.courier, p.waybill) <> (o.courier, o.waybill))
                   OR EXISTS (SELECT 1 FROM logistics_courierorder c WHERE c.number = p.number))""",
    ),
    Invariant(
        "a parcel is of its order's shop",
        """SELECT p.reference FROM logistics_parcel p JOIN orders_order o ON o.id = p.order_id
           WHERE p.merchant_id <> o.merchant_id""",
    ),
]
