"""Who in a shop may see and do what. One table; pages, the API and tests read it."""

from datetime import timedelta

OWNER, AGENT, WAREHOUSE, FINANCE, VIEWER = "owner", "agent", "warehouse", "finance", "viewer"
EVERYONE = frozenset({OWNER, AGENT, WAREHOUSE, FINANCE, VIEWER})

RIGHTS: dict[str, frozenset[str]] = {
    # see
    "see_orders": EVERYONE,
    "see_cases": EVERYONE,
    "see_prices": EVERYONE - {WAREHOUSE},
    "see_money": EVERYONE - {WAREHOUSE},
    "see_evidence": EVERYONE - {FINANCE},
    "see_messages": frozenset({OWNER, AGENT, VIEWER}),
    "see_notes": EVERYONE,
    "see_audit": EVERYONE,
    "see_ledger": frozenset({OWNER, FINANCE}),
    "see_figures": EVERYONE,
    "see_policy": EVERYONE,
    "see_staff": frozenset({OWNER}),
    "see_access_log": frozenset({OWNER}),
    "reveal_contact": frozenset({OWNER, AGENT}),
    # do
    "file": frozenset({OWNER, AGENT}),
    "add_message": frozenset({OWNER, AGENT, WAREHOUSE}),
    "approve": frozenset({OWNER, AGENT}),
    "reject": frozenset({OWNER, AGENT}),
    "undo": frozenset({OWNER, AGENT}),  # a decision of one's own
    "undo_any": frozenset({OWNER}),
    "ask_evidence": frozenset({OWNER, AGENT, WAREHOUSE}),
    "set_amount": frozenset({OWNER, AGENT}),
    "negotiate": frozenset({OWNER, AGENT}),
    "compensate": frozenset({OWNER, AGENT}),
    "book_pickup": frozenset({OWNER, AGENT}),
    "inspect": frozenset({WAREHOUSE}),
    "ship": frozenset({OWNER, AGENT, WAREHOUSE}),
    "dispute": frozenset({OWNER, AGENT}),
    "release_refund": frozenset({OWNER, FINANCE}),
    "settle_invoices": frozenset({OWNER, FINANCE}),
    "book_recovery": frozenset({OWNER, FINANCE}),  # what returned goods still brought
    "retry_refund": frozenset({OWNER, FINANCE}),
    "propose_route": frozenset({OWNER, FINANCE}),
    "edit_policy": frozenset({OWNER}),
    "manage_staff": frozenset({OWNER}),
    "manage_tokens": frozenset({OWNER}),
    "set_up": frozenset({OWNER}),
    "import_orders": frozenset({OWNER, AGENT}),
    "export": frozenset({OWNER}),
}

KEPT_FOR = timedelta(hours=72)  # how long the answer to an Idempotency-Key is kept
SCOPES = ("orders", "file", "decide", "warehouse")  # what a token of the API can carry


def allowed(roles: frozenset[str], right: str) -> bool:
    """Whether any of a member's roles carries the right; KeyError for a right that is not in the table."""
    return bool(RIGHTS[right] & roles)
