"""What must always hold about charges, each as one query that returns no row."""

from refunds.charges import states
from refunds.charges.models import Charge
from returns_platform.kernel.books import Invariant


def _edges() -> str:
    """As the machine declares them; a new one comes from nowhere."""
    declared = Charge._meta.get_field("state").get_all_transitions(Charge)
    edges = {("", states.ASKED), *((edge.source, edge.target) for edge in declared)}
    return ", ".join(f"('{source}', '{target}')" for source, target in sorted(edges))


LIVE = ", ".join(f"'{state}'" for state in states.LIVE)

INVARIANTS = [
    Invariant(
        "a charge that is paid is an order of exactly its sum, paid by its transaction, and no other is",
        """SELECT c.number, c.state FROM refunds_charge c
           LEFT JOIN orders_payment p ON p.order_id = c.paid_order_id
           LEFT JOIN orders_transaction t ON t.id = p.transaction_id
           GROUP BY c.id HAVING (c.state = 'paid') <> (c.paid_order_id IS NOT NULL)
              OR (c.state = 'paid' AND (count(p.id) <> 1 OR sum(p.amount) <> c.amount
                  OR min(t.transaction_id) <> c.transaction_id OR min(t.channel) <> c.channel))""",
    ),
    Invariant(
        "I16 a charge's moves are numbered without gaps, each begins where the last ended, up to its state",
        """SELECT c.number, m.seq FROM refunds_charge c LEFT JOIN (
             SELECT row_id, seq, from_state, to_state,
                    row_number() OVER w AS nth, lag(to_state, 1, '') OVER w AS before, lead(seq) OVER w AS later
             FROM refunds_chargemove WINDOW w AS (PARTITION BY row_id ORDER BY seq)) m ON m.row_id = c.id
           WHERE m.seq IS NULL OR m.seq <> m.nth OR m.from_state <> m.before
              OR (m.later IS NULL AND m.to_state <> c.state)""",
    ),
    Invariant(
        "I17 charges move only along declared edges",
        f"""SELECT c.number, m.seq FROM refunds_chargemove m JOIN refunds_charge c ON c.id = m.row_id
            WHERE (m.from_state, m.to_state) NOT IN ({_edges()})""",
    ),
    Invariant(
        "I18 a charge's version is the number of its moves",
        """SELECT c.number FROM refunds_charge c LEFT JOIN refunds_chargemove m ON m.row_id = c.id
           GROUP BY c.id HAVING c.version <> count(m.id)""",
    ),
    Invariant(
        "I19 every charge that is not over is due",
        f"SELECT number, state FROM refunds_charge WHERE state IN ({LIVE}) AND next_try_at IS NULL",
    ),
]
