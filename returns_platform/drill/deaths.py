"""Where the drill kills or freezes: named moments in the real code, reached by stepping between two of its lines.

The product knows nothing of them. In a process of the drill one function is wrapped, and the process kills itself
with SIGKILL before or after it: nothing is flushed, no `finally` runs, no lock is given back by hand. Or it stops
with SIGSTOP, and goes on long after somebody else has taken its work over.
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

    stage: what has to be due for a worker to come by. free: nothing is locked there, so that a worker can freeze.
    """

    name: str
    stage: str
    where: str
    after: bool
    free: bool = False


PAYING, NEWS = "refunds.payouts.services.paying", "refunds.payouts.services.news"
TELLING = "refunds.payouts.services.moves:refund_moved.send_robust"
ROUTES, PAPERS = "refunds.payouts.services.routes", "refunds.documents.services"
BILLS, RED_LETTERS = "refunds.matching.services.days", "aftersales.returns.services.news"
FOLLOWING, BOOKING = "aftersales.returns.services.following", "logistics.parcels.services.booking"

DEATHS = (
    # Money: claimed, asked, answered, told.
    Death("claimed, nothing asked yet", "money", f"{PAYING}:prepare", after=False, free=True),
    Death("the question is kept, the call not made", "money", f"{PAYING}:ask", after=False, free=True),
    Death("the channel has answered, nothing is kept", "money", f"{PAYING}:ask", after=True, free=True),
    Death("the answer is written, not committed", "money", f"{PAYING}:_follow", after=True),
    Death("the answer is committed, the case not told", "money", TELLING, after=False, free=True),
    Death("the case is told", "money", TELLING, after=True),
    Death("the step is done, the message not acknowledged", "money", "refunds.tasks:payers.work_off", after=True),
    # Callbacks: claimed, applied, committed.
    Death("a callback is claimed", "news", f"{NEWS}:_take_in", after=False, free=True),
    Death("a callback is applied, not committed", "news", f"{NEWS}:_apply", after=True),
    Death("a callback is taken in", "news", f"{NEWS}:_take_in", after=True),
    # The case: claimed, in its step, money promised, committed.
    Death("a case is claimed", "case", f"{FOLLOWING}:follow", after=False, free=True),
    Death("money is promised, not committed", "case", f"{FOLLOWING}:promise_money", after=True),
    Death("a case was followed", "case", f"{FOLLOWING}:follow", after=True),
    # Between the commit and the message that wakes the next worker.
    Death("committed, nobody woken", "case", "returns_platform.kernel.nudge:current_app.send_task", after=False),
    # The courier.
    Death("a parcel is claimed, the courier not asked", "parcel", f"{BOOKING}:_ask_courier", after=False, free=True),
    Death("the courier is booked, nothing is kept", "parcel", f"{BOOKING}:_ask_courier", after=True, free=True),
    # Another way, papers, bills.
    Death("another way is opened, not committed", "route", f"{ROUTES}:_carry_out", after=True),
    Death("another way is carried out", "route", f"{ROUTES}:_carry_out_one", after=True),
    Death("a voucher is numbered, not written", "paper", f"{PAPERS}:rules.voucher_number", after=True),
    Death("a voucher is written, no red letter asked for", "paper", f"{RED_LETTERS}:ask_for_red_letter", after=False),
    Death("a red letter is asked for", "paper", f"{RED_LETTERS}:ask_for_red_letter", after=True),
    Death("a bill is fetched, nothing is kept", "bill", f"{BILLS}:import_statement", after=False, free=True),
    Death("a bill is kept, not matched", "bill", f"{BILLS}:match_day", after=False, free=True),
    Death("a bill is matched, and not noted", "bill", f"{BILLS}:match_day", after=True, free=True),
)  # fmt: skip

# Of the door, in the middle of a request.
DOORS = (
    Death("a request is filed, not committed", "file", "aftersales.returns.api:file_return", after=True),
    Death("the answer is made, not sent", "file", "django.core.handlers.wsgi:WSGIHandler.get_response", after=True),
    Death("a callback is kept, not answered", "call", "refunds.payouts.views:keep_delivery", after=True),
)


def arm(death: Death, how: signal.Signals) -> None:
    """This process dies there, or freezes, the first time it comes by."""
    owner, name = found(death)
    real, armed = getattr(owner, name), [how]

    def strike() -> None:
        if armed:
            os.kill(os.getpid(), armed.pop())

    @wraps(real)
    def deadly(*args, **kwargs):
        if not death.after:
            strike()
        result = real(*args, **kwargs)
        if death.after:
            strike()
        return result

    setattr(owner, name, deadly)


def found(death: Death) -> tuple[Any, str]:
    """What holds the function, and its name there."""
    module, _, path = death.where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    return owner, name
