"""JD's trace in our vocabulary.

The titles are those of JD's older tracking interface, which its customers still see; the numbers of states are known
from public clients only. A trace with an unknown state keeps its words and moves nothing.
"""

from logistics.couriers import stages

_STATES = {
    stages.PICKED_UP: "30 200 490",  # 揽收
    stages.IN_TRANSIT: "40 50 60 70 80 90",  # 分拣中心、站点
    stages.OUT_FOR_DELIVERY: "110",  # 配送员收货
    stages.READY_FOR_PICKUP: "120",  # 自提点
    stages.DELIVERED: "150",  # 妥投
    stages.DELIVERY_FAILED: "160 500",  # 拒收、遗失
    stages.ON_HOLD: "130 140",  # 再投、滞留
    stages.RETURN_TO_SENDER: "180",  # 逆向
}
STAGES = {state: stage for stage, states in _STATES.items() for state in states.split()}
REFUSED, LOST = "160", "500"

# What became of a pickup before it is collected. Problems: Parcel.Problem.
ASSIGNED, CALLED_OFF, NOT_COLLECTED = "20", "10", "25"
ORDER_PROBLEMS = {NOT_COLLECTED: "unreachable"}

# statusCode of an order: everything from here on was collected, or never will be.
STATUS_CANCELLED = "-1"
STATUS_COLLECTED = 30


def stage(state: str) -> str:
    return STAGES.get(state, stages.UNKNOWN)


def incident(state: str) -> str:
    return {REFUSED: stages.REFUSED, LOST: stages.LOST}.get(state, "")
