"""Who in a return centre may see and do what. Nothing about money is decided there."""

MANAGER, INSPECTOR, RECEIVER = "manager", "inspector", "receiver"
EVERYONE = frozenset({MANAGER, INSPECTOR, RECEIVER})

RIGHTS: dict[str, frozenset[str]] = {
    "see_bench": EVERYONE,
    "count": frozenset({INSPECTOR, RECEIVER}),
    "inspect": frozenset({INSPECTOR}),
    "see_fees": frozenset({MANAGER}),
    "manage_staff": frozenset({MANAGER}),
}


def allowed(roles: frozenset[str], right: str) -> bool:
    """Whether any of a member's roles carries the right; KeyError for a right that is not in the table."""
    return bool(RIGHTS[right] & roles)
