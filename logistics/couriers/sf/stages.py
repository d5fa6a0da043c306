"""SF's operation codes in our vocabulary.

Published meanings for 30, 31, 33, 36, 44, 50, 70, 80, 99, 123, 130, 204, 607, 648, 3036 and 8000; the grouping of the
others is our own reading of SF's list. SF has no code of its own for a refusal at the door or for a loss: the
remark says so.
"""

from logistics.couriers import stages

_CODES = {
    stages.PICKED_UP: "50 51 54 43 46 129 188 607 655 700 701 950",
    stages.IN_TRANSIT: "30 31 302 304 3036 36 10 11 105 106 570 571 606",
    stages.OUT_FOR_DELIVERY: "44 204 47 123 630 634 880",
    stages.READY_FOR_PICKUP: "125 130 678 642 657",
    stages.DELIVERED: "80 8000 128 658 679 935 97",
    stages.DELIVERY_FAILED: "33 70 72 870 131 934",
    stages.ON_HOLD: "34 66 77 833 17 18 621",
    stages.RETURN_TO_SENDER: "99 648 631 660 215",
}
STAGES = {code: stage for stage, codes in _CODES.items() for code in codes.split()}

SENDER_CANCELLED = ("70", "46")  # operation code and reason code


def stage(op_code: str) -> str:
    return STAGES.get(op_code, stages.UNKNOWN)


def incident(op_code: str, remark: str) -> str:
    if stage(op_code) != stages.DELIVERY_FAILED:
        return ""
    if "遗失" in remark or "丢失" in remark:
        return stages.LOST
    return stages.REFUSED if "拒收" in remark else ""


# Codes of the pickup before it is collected (partly from a table that is not SF's own). Problems: Parcel.Problem.
ORDER_PROBLEMS = {
    "04-40002": "phone", "04-40021": "phone", "04-40004": "unreachable", "04-40022": "unreachable",
    "04-40027": "weather", "04-40028": "traffic", "04-40031": "goods",
}  # fmt: skip
ORDER_CALLED_OFF = frozenset({"04-40014", "04-40015"})
