"""What we decided about a request. The names are public (API) and frozen."""

SUBMITTED = "submitted"
IN_REVIEW = "in_review"
NEEDS_EVIDENCE = "needs_evidence"
APPROVED = "approved"
AWAITING_GOODS = "awaiting_goods"
IN_TRANSIT = "in_transit"
ARRIVED = "arrived"
INSPECTED = "inspected"
SETTLING = "settling"
COMPLETED = "completed"
REJECTED = "rejected"
WITHDRAWN = "withdrawn"
LAPSED = "lapsed"

ALL = (
    SUBMITTED, IN_REVIEW, NEEDS_EVIDENCE, APPROVED, AWAITING_GOODS, IN_TRANSIT, ARRIVED, INSPECTED, SETTLING,
    COMPLETED, REJECTED, WITHDRAWN, LAPSED,
)  # fmt: skip
UNDECIDED = (SUBMITTED, IN_REVIEW, NEEDS_EVIDENCE)
UNITS_FREE = (REJECTED, WITHDRAWN, LAPSED)  # their units and money are available again
ENDED = (COMPLETED, *UNITS_FREE)
LIVE = tuple(state for state in ALL if state not in ENDED)
IN_USE = tuple(state for state in ALL if state not in UNITS_FREE)
GOODS_ON_THE_WAY = (APPROVED, AWAITING_GOODS, IN_TRANSIT)
VAN_COMES = (APPROVED, AWAITING_GOODS)  # a courier that was asked for has not been there yet
COUNTABLE = (*GOODS_ON_THE_WAY, ARRIVED)
GRANTED = (*COUNTABLE, SETTLING, COMPLETED)  # a yes stands; in `inspected` a person is asked once more
UNDOABLE = (APPROVED, AWAITING_GOODS, SETTLING)  # a yes may be taken back, as long as nothing happened because of it
