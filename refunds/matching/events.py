"""What happens to a break, as codes of its history."""

FOUND, AGAIN, ASSIGNED, HURRY, GONE = "found", "again", "assigned", "hurry", "gone"
CLOSED, PROPOSED, REFUSED, LINKED, PLACED = "closed", "proposed", "refused", "linked", "placed"

AGREED = "agreed"  # the reason of what was closed because the difference is gone, by nobody
OURS = "ours"  # it was one of our refunds
