"""The inspection finds another reason than the customer named (T49): who pays for the way back follows it.

The bill is worked out anew, once; a person of the shop decides before money leaves. The customer is told what was
found and what it comes to, and may call the platform in, whose person may find that she was right.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.policy import reasons
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.services.appeals import APPEAL, appeal_until
from aftersales.returns.services.bills import bill_of_reason
from aftersales.returns.services.claims import Held, moving_with_money
from aftersales.returns.services.decisions import must_not_be_own
from aftersales.returns.services.promising import promise_on_top
from aftersales.returns.services.tasks import close_task
from aftersales.returns.services.telling import tell, tell_the_shop
from refunds.payouts import queries as payouts
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, WrongState

# --- found at the bench -----------------------------------------------------------------------------------


def may_turn_out(line: ReturnLine, kind: str) -> tuple[str, ...]:
    """Reasons that an inspection may find instead: those of the same wish whose way back somebody else pays."""
    offered = reasons.offered(line.order_line.category, "signed")
    return tuple(code for code in offered if kind in reasons.get(code).kinds and reasons.is_fault(code) != line.fault)


def find_reasons(
    request: ReturnRequest, held: Held, found: Mapping[ReturnLine, str], *, text: str, by: Actor, now: datetime
) -> None:
    """Another reason for lines of a counted request, before its money was promised. Called with the case locked.

    text: what was found; the customer reads it. The same reason again changes nothing. Raises Conflict for a third.
    """
    changed = {line: code for line, code in found.items() if line.reason != code}
    if not changed:
        return
    for line, code in changed.items():
        if line.reason_filed:
            raise Conflict(_("Another reason was found for this line already."), code="reason_found_already")
        line.reason_filed, line.reason, line.fault = line.reason, code, reasons.is_fault(code)
        line.reason_found_at = now
        line.save(update_fields=["reason_filed", "reason", "fault", "reason_found_at"])
    request.__dict__.pop("reason_found_at", None)
    before = request.bill.refund
    bill_of_reason(request, held, reason="reason_found", by=by, now=now)
    tell(
        request, "reason_found", finding=text.strip(), codes=list(changed.values()), before=before,
        until=appeal_until(request).isoformat(), now=now,
    )  # fmt: skip


# --- the platform looks at it -----------------------------------------------------------------------------


def put_reasons_back(pk: int, *, text: str, by: Actor, now: datetime) -> ReturnRequest:
    """The customer's own reason counts again, and what she got too little is paid on top, decided by this person.

    `text` closes the appeal: what was found, for colleagues. Raises WrongState without an open appeal about it.
    """
    with moving_with_money(pk, by=by, now=now, note="reason_restored") as (request, held):
        must_not_be_own(request, by)
        appeal = request.tasks.filter(kind=APPEAL, closed_at=None).first()
        if appeal is None or not can_be_put_back(request):
            raise WrongState(_("The reason cannot be put back now."), state=request.state)
        for line in request.lines.filter(reason_found_at__isnull=False):
            line.reason, line.fault = line.reason_filed, reasons.is_fault(line.reason_filed)
            line.reason_found_at = None  # what was filed stays noted: nobody finds another one again
            line.save(update_fields=["reason", "fault", "reason_found_at"])
        request.__dict__.pop("reason_found_at", None)
        _pay_what_was_lacking(request, held, by=by, now=now)
        close_task(appeal.pk, note=text, by=by, now=now)
        tell(request, "reason_restored", now=now)
        tell_the_shop(request, "reason_restored", now=now)
    return request


def can_be_put_back(request: ReturnRequest) -> bool:
    return request.state not in states.UNITS_FREE and request.reason_found_at is not None


def _pay_what_was_lacking(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> None:
    before, bill = request.bill, bill_of_reason(request, held, reason="reason_restored", by=by, now=now)
    promised = request.is_completed or payouts.counting_refunds(request.return_no).exists()
    if not promised or request.is_replaced:
        return
    promise_on_top(request, before, held, by=by, now=now)
    if request.is_completed and bill.refund > before.refund:
        request.pay_the_rest()
        request.ended_at = None
        request.wait_for("channel", None)
