"""Units that were announced and did not come: a person finds them, or they are the customer's again."""

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales.replacements.queries import went_ahead
from aftersales.returns import states
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.services import advancing, benefits, replacing
from aftersales.returns.services.bills import bill_of_counted, bill_of_found
from aftersales.returns.services.claims import Held, give_back, moving_with_money, units_of
from aftersales.returns.services.decisions import must_not_be_own
from aftersales.returns.services.goods import wait_for_inspection
from aftersales.returns.services.promising import promise_on_top
from aftersales.returns.services.tasks import close_found, open_task
from aftersales.returns.services.telling import tell
from orders.purchases.services import claims
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState


def pay_missing(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The missing units were found. Before money was promised they count as come; after, the rest is promised.

    Raises WrongState when none is missing, or the new goods of an exchange were made ready for the others; Conflict
    where the rules would give less than was promised.
    """
    with moving_with_money(pk, by=by, now=now, note="missing_found") as (request, held):
        lines = _missing(request)
        must_not_be_own(request, by)
        if _was_replaced(request):
            raise WrongState(
                _("The others were replaced already. Release these and file them anew."), state=request.state
            )
        for line in lines:
            line.counted, line.missing = line.quantity, 0
            line.save(update_fields=["counted", "missing"])
        if request.state == states.ARRIVED:
            wait_for_inspection(request)
        if _was_promised(request):
            _promise_the_rest(request, held, by=by, now=now)
        replacing.missing_are_back(request, now=now)
    return request


def found_in_box(request: ReturnRequest, held: Held, came: dict[int, int], *, by: Actor, now: datetime) -> None:
    """Missing units that came in a later box: {return line id: units}. Called by the bench, with the case locked.

    Once money was promised all of them are paid together; where some still lack, or the others were replaced, a
    person decides about the rest.
    """
    lines = [line for line in _missing(request) if came.get(line.pk)]
    lacking = {line.pk: line.missing for line in request.lines.all() if line.missing}
    if _was_replaced(request) or (_was_promised(request) and came != lacking):
        open_task("units_missing", request.return_no, request=request, data={"in_a_box": sum(came.values())}, now=now)
        return
    for line in lines:
        line.counted, line.missing = line.counted + came[line.pk], line.missing - came[line.pk]
        line.save(update_fields=["counted", "missing"])
    if request.state == states.ARRIVED:
        wait_for_inspection(request)
    if _was_promised(request):
        request.box_counted_at = now
        _promise_the_rest(request, held, by=by, now=now)
    if lacking == came:
        replacing.missing_are_back(request, now=now)


def release_missing(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The missing units are not paid: the request lets go of them. When none came at all, it is closed.

    Where the new ones went ahead, the deposit is taken for them instead. Raises WrongState when none is missing.
    """
    with moving_with_money(pk, by=by, now=now, note="missing_released") as (request, held):
        lines = _missing(request)
        must_not_be_own(request, by)
        if went_ahead(request.return_no):
            advancing.take_deposit_for_missing(request, now=now)
            return request
        if request.state == states.ARRIVED and not any(line.counted for line in request.lines.all()):
            _close_empty(request, held, by=by, now=now)
            return request
        amounts = {line["line_id"]: line["held"] for line in bill_of_counted(request, held, by=by, now=now).lines}
        for line in lines:
            _let_go(request, line, held, keeps=amounts.get(line.order_line_id, 0))
    return request


def _missing(request: ReturnRequest) -> list[ReturnLine]:
    lines = [line for line in request.lines.all() if line.missing]
    if not lines or request.state in states.UNITS_FREE:
        raise WrongState(_("No unit of this request is missing."), state=request.state)
    return lines


def _was_promised(request: ReturnRequest) -> bool:
    """Money was worked out for fewer units than announced."""
    return "announced" in request.bill.body


def _was_replaced(request: ReturnRequest) -> bool:
    """The new order was made for the units that came, and one order is all that an exchange makes. Or those that
    came were mended, and go home in one parcel.
    """
    if request.kind == "repair":
        return replacing.goes_on(request)
    return request.is_replaced and _was_promised(request)


def let_go_with_the_repair(request: ReturnRequest, *, now: datetime) -> None:
    """What was mended is home, and everything free again; so are units that never came to be mended."""
    for line in request.lines.filter(missing__gt=0):
        line.let_go += line.missing
        line.quantity, line.missing = line.counted, 0
        line.save(update_fields=["quantity", "let_go", "missing"])
    close_found(request.return_no, note=gettext("The repair is over. They are the customer's again."), now=now)


# --- found ------------------------------------------------------------------------------------------------


def _promise_the_rest(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> None:
    benefits.must_hold_still(request, now=now)
    before, bill = request.bill, bill_of_found(request, held, by=by, now=now)
    promise_on_top(request, before, held, by=by, now=now)
    if request.is_completed and bill.refund == before.refund:
        benefits.come_back(request, now=now)
    if request.is_completed and bill.refund > before.refund:
        request.pay_the_rest()
        request.ended_at = None
        request.wait_for("channel", None)


# --- released ---------------------------------------------------------------------------------------------


def _let_go(request: ReturnRequest, line: ReturnLine, held: Held, *, keeps: int) -> None:
    """The line's missing units, with their money beyond what the units that came hold, are free again."""
    gone = ReturnLine(
        order_line_id=line.order_line_id, quantity=line.missing, shipped=line.shipped, amount=line.amount - keeps
    )
    claims.unclaim(held.lines, held.payments, units=units_of(request, [gone]), tenders=())
    line.let_go += line.missing
    line.quantity, line.amount, line.missing = line.counted, keeps, 0
    line.save(update_fields=["quantity", "let_go", "amount", "missing"])


def _close_empty(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> None:
    request.decide(by, now)
    request.refusal_code = "R_NOT_RETURNED"
    request.close_empty()
    request.end(now)
    replacing.drop(request, by=by, now=now)
    give_back(request, held)
    tell(request, "refused", now=now)
