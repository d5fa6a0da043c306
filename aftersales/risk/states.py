"""What became of a measure about a customer. A person decides each; two decide the strong ones."""

PROPOSED = "proposed"
AWAITING_SECOND = "awaiting_second"
OFFERED = "offered"
IN_FORCE = "in_force"
DECLINED = "declined"
ENDED = "ended"
LIFTED = "lifted"

ALL = (PROPOSED, AWAITING_SECOND, OFFERED, IN_FORCE, DECLINED, ENDED, LIFTED)
WAITING = (PROPOSED, AWAITING_SECOND)  # for the platform's people
LIVE = (PROPOSED, AWAITING_SECOND, OFFERED, IN_FORCE)
OVER = (DECLINED, ENDED, LIFTED)
