"""Where the drill kills a worker: named moments in the real code, reached by stepping between two of its lines.

The product knows nothing of them. In a worker of the drill one function is wrapped, and the process kills itself
with SIGKILL before or after it: nothing is flushed, no `finally` runs, no lock is given back by hand.
"""

import os
import signal
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Death:
    """A moment. where: "module:function" as its caller finds it. after: when it has returned, else before it begins.

    stage: what has to be due for a worker to come by.
    """

    name: str
    stage: str
    where: str
    after: bool


PAYING, NEWS = "refunds.payouts.services.paying", "refunds.payouts.services.news"
TELLING = "refunds.payouts.services.moves:refund_moved.send_robust"
FOLLOWING, BOOKING = "aftersales.returns.services.following", "logistics.parcels.services.booking"

DEATHS = (
    # Money: claimed, asked, answered, told.
    Death("claimed, nothing asked yet", "money", f"{PAYING}:prepare", after=False),
    Death("the question is kept, the call not made", "money", f"{PAYING}:ask", after=False),
    Death("the channel has answered, nothing is kept", "money", f"{PAYING}:ask", after=True),
    Death("the answer is written, not committed", "money", f"{PAYING}:_follow", after=True),
    Death("the answer is committed, the case not told", "money", TELLING, after=False),
    Death("the case is told", "money", TELLING, after=True),
    Death("the step is done, the message not acknowledged", "money", "refunds.tasks:payers.work_off", after=True),
    # Callbacks: claimed, applied, committed.
    Death("a callback is claimed", "news", f"{NEWS}:_take_in", after=False),
    Death("a callback is applied, not committed", "news", f"{NEWS}:_apply", after=True),
    Death("a callback is taken in", "news", f"{NEWS}:_take_in", after=True),
    # The case: claimed, in its step, money promised, committed.
    Death("a case is claimed", "case", f"{FOLLOWING}:follow", after=False),
    Death("money is promised, not committed", "case", f"{FOLLOWING}:promise_money", after=True),
    Death("a case was followed", "case", f"{FOLLOWING}:follow", after=True),
    # Between the commit and the message that wakes the next worker.
    Death("committed, nobody woken", "case", "returns_platform.kernel.nudge:current_app.send_task", after=False),
    # The courier.
    Death("a parcel is claimed, the courier not asked", "parcel", f"{BOOKING}:_ask_courier", after=False),
    Death("the courier is booked, nothing is kept", "parcel", f"{BOOKING}:_ask_courier", after=True),
)  # fmt: skip


def arm(death: Death) -> None:
    """This process dies there, the first time it comes by."""
    owner, name = found(death)
    real = getattr(owner, name)

    @wraps(real)
    def deadly(*args, **kwargs):
        if not death.after:
            _die()
        real(*args, **kwargs)
        _die()

    setattr(owner, name, deadly)


def found(death: Death) -> tuple[Any, str]:
    """What holds the function, and its name there."""
    module, _, path = death.where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    return owner, name


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
