"""What happens next without anybody asking: the way back is opened, money is promised, the case is closed.

The request's own row is the work: a nudge makes it quick, the sweep makes it certain.
"""

import logging
from datetime import datetime

from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import advancing, replacing
from aftersales.returns.services.claims import moving_with_money
from aftersales.returns.services.money import close_when_paid, promise_money
from aftersales.returns.services.steps import open_way_back
from aftersales.returns.services.tasks import open_task
from returns_platform.kernel import work
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.fsm import moving

log = logging.getLogger(__name__)


def follow_due_cases(*, now: datetime, limit: int = 50) -> int:
    """Take every due step; one poisoned case does not stop the others."""
    due = work.claim_due(ReturnRequest, now=now, limit=limit)
    for request in due:
        try:
            follow(request.pk, now=now)
        except Refused as refused:
            _try_later(request, str(refused), now=now)
        except Exception as fault:
            log.exception("case %s could not be followed", request.return_no)
            _try_later(request, repr(fault), now=now)
    return len(due)


def _try_later(request: ReturnRequest, error: str, *, now: datetime) -> None:
    with moving(ReturnRequest, request.pk, by=SYSTEM, now=now) as row:
        if not work.retry_later(row, now=now, error=error):
            open_task("case_stuck", row.return_no, request=row, data={"error": row.last_error}, now=now)


def follow(pk: int, *, now: datetime) -> None:
    """Do the step that the case's state asks for, once."""
    with moving_with_money(pk, by=SYSTEM, now=now, note="followed") as (request, held):
        work.done(request)
        request.tries = 0
        if request.state == states.APPROVED and request.is_replaced:
            replacing.take_up(request, now=now)
        elif request.state == states.SETTLING and request.is_replaced:
            replacing.make_up_for_it(request, now=now)
        if request.state == states.APPROVED and replacing.must_wait(request):
            return
        if request.state == states.APPROVED and request.goods_come_back:
            open_way_back(request, now=now)
        elif request.state == states.APPROVED:
            request.settle()
            request.wait_for("channel", None)
        if request.state == states.SETTLING:
            if deposit := replacing.asked_deposit(request):
                advancing.no_deposit(request, deposit, now=now)
            promise_money(request, held, now=now)
            close_when_paid(request, held, now=now)
