"""What people are told about. A code stays stable: add codes, never rename them."""

CUSTOMER = (
    # the decision
    "in_review",
    "evidence_asked",
    "approved",
    "keep_offered",
    "decision_undone",
    "refused",
    "withdrawn",
    "lapsed",
    # the goods
    "reminder",
    "pickup_booked",
    "pickup_failed",
    "collected",
    "delivered",
    "counted",
    "wrong_goods",
    "reason_found",
    "reason_restored",
    "parcel_late",
    "parcel_lost",
    "parcel_with_a_person",
    "examination_asked",
    "examination_found",
    "examination_off",
    # what replaces the goods
    "out_of_stock",
    "in_stock_again",
    "pay_first",
    "pay_over",
    "money_instead",
    "replacement_sent",
    "replacement_lost",
    "replacement_delivered",
    "deposit_taken",
    "paid_back",
    # the money
    "refund_accepted",
    "refund_unknown",
    "refund_delayed",
    "refund_choose_way",
    "way_chosen",
    "refund_by_hand",
    "refund_arrived",
    "refund_as_coupon",
    "completed",
    "compensated",
    "insurance_paid",
    # the talk
    "message",
    # the rules; about no request
    "policy_new",
    # the customer's credit; these are about no request and lead to a page of their own
    "credit_decided",
    "credit_deposit",
    "credit_deposit_back",
    "credit_lifted",
    "credit_answered",
)
OF_CREDIT = "credit_"

SHOP = (
    "in_review",
    "evidence_added",
    "granted_by_silence",
    "appealed",
    "reason_restored",
    "keep_accepted",
    "keep_declined",
    "delivered",
    "examination_asked",
    "examination_found",
    "examination_off",
    "reminder",
    "withdrawn",
    "to_send",
    "out_of_stock",
    "money_instead",
    "repair_fee_refused",
    "parcel_refused",
    "point_waits",
    "inspection_waits",
    "message",
)

STAFF = ("exception_assigned", "money_waits", "wrong_sum")

# Everybody may choose to hear of these in the inbox only; all others are about a request of their own.
MAY_BE_TURNED_OFF = frozenset({"policy_new"})

# Said by SMS a moment before: by the last refund that arrived.
# What is given for trouble is read where the customer looks, and never pushed at them.
WITHOUT_SMS = frozenset({"completed", "compensated", "insurance_paid"})
