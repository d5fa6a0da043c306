"""Kuaidi100's states in our vocabulary, and its names of companies in ours."""

from logistics.couriers import stages

# Ours: theirs.
COMPANIES = {
    "sf": "shunfeng", "jd": "jd", "yto": "yuantong", "zto": "zhongtong", "sto": "shentong", "yunda": "yunda",
    "jt": "jtexpress", "ems": "ems", "post": "youzhengguonei", "debon": "debangkuaidi",
}  # fmt: skip
CARRIERS = {theirs: ours for ours, theirs in COMPANIES.items()}
# Companies that answer only with the end of a phone number.
ASK_FOR_PHONE = frozenset({"shunfeng", "zhongtong"})

_CODES = {
    stages.PENDING: "101 102",
    stages.PICKED_UP: "1 103",
    stages.IN_TRANSIT: "0 1001 1002 1003 7 8 10 11 12",
    stages.OUT_FOR_DELIVERY: "5",
    stages.READY_FOR_PICKUP: "501",
    stages.DELIVERED: "3 301 302 303 304",
    stages.DELIVERY_FAILED: "2 203 204 14",
    stages.ON_HOLD: "13 201 202 205 206 207 208 209",
    stages.RETURN_TO_SENDER: "4 6",
    stages.CANCELLED: "401 210",
}
STAGES = {code: stage for stage, codes in _CODES.items() for code in codes.split()}
_WORDS = {  # `status`, where an account has no codes
    "揽收": "1", "在途": "0", "派件": "5", "签收": "3", "退回": "6", "退签": "4", "拒签": "14", "疑难": "2",
    "转投": "7",
}  # fmt: skip
REFUSED = frozenset({"203", "14"})

# Of a pickup. Problems: Parcel.Problem.
ORDER_CALLED_OFF = frozenset({"9", "99", "610"})  # by its sender, by the company, or never placed


def code_of(row: dict) -> str:
    """The code of one line of a route, however the account gets it."""
    return str(row.get("statusCode") or _WORDS.get(str(row.get("status") or ""), "") or "")


def stage(code: str) -> str:
    return STAGES.get(code, stages.UNKNOWN)


def incident(code: str, words: str) -> str:
    if code in REFUSED:
        return stages.REFUSED
    lost = stage(code) == stages.DELIVERY_FAILED and ("遗失" in words or "丢失" in words)
    return stages.LOST if lost else ""
