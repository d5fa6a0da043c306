"""The human way after a refusal, or a yes to less than was asked for: a person of the platform looks.

A refused request may be opened again. What a part of the price lacked is paid as another part of it.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.returns.models import Message, ReturnRequest
from aftersales.returns.offer_models import KeepOffer
from aftersales.returns.services.bills import bill_anew
from aftersales.returns.services.claims import Held, moving_with_money, tenders_of, units_of
from aftersales.returns.services.decisions import must_not_be_own, name_the_first
from aftersales.returns.services.tasks import close_task, open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from orders.purchases.services import claims
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

APPEAL = "appeal"
REOPENED = "reopened"


def ask_a_person(pk: int, *, text: str, by: Actor, now: datetime) -> ReturnRequest:
    """Call the platform in after a refusal, where the inspection found another reason, or less was granted than asked
    for; with words if the customer has any. Asked already: nothing changes.

    Raises WrongState when nothing of that happened, or its time is over.
    """
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        if request.has_open_task(APPEAL):
            return request
        if not can_be_appealed(request, now=now):
            raise WrongState(_("The platform cannot be called in for this request any more."), state=request.state)
        open_task(APPEAL, request.return_no, request=request, data={"by": by.name}, now=now)
        if text.strip():
            Message.objects.create(request=request, by_kind=by.kind, by_id=by.id, by_name=by.name, text=text, at=now)
        tell_the_shop(request, "appealed", now=now)
    return request


def reopen(pk: int, *, text: str, by: Actor, now: datetime) -> ReturnRequest:
    """Let a refused request be decided once more, with its units and its money, worked out anew.

    `text` closes the appeal: what was found, for colleagues. Nothing is granted by this; whoever decides it says why.
    Raises WrongState without an open appeal, Conflict where its units or money went elsewhere in the meantime.
    """
    with moving_with_money(pk, by=by, now=now, note=REOPENED) as (request, held):
        must_not_be_own(request, by)
        appeal = request.tasks.filter(kind=APPEAL, closed_at=None).first()
        if appeal is None or not can_be_reopened(request):
            raise WrongState(_("This request cannot be opened again."), state=request.state)
        _claim_again(request, held, now=now)
        _back_to_a_person(request, now=now)
        close_task(appeal.pk, note=text, by=by, now=now)
        occasion = str(request.version)
        tell(request, "in_review", occasion=occasion, now=now)
        tell_the_shop(request, "in_review", occasion=occasion, now=now)
    return request


def can_be_reopened(request: ReturnRequest) -> bool:
    """Refused, and not because an empty parcel came."""
    return request.was_refused and (request.counted_at is None or _was_inspected(request))


def _was_inspected(request: ReturnRequest) -> bool:
    return any(line.counted for line in request.lines.all())


def _claim_again(request: ReturnRequest, held: Held, *, now: datetime) -> None:
    """Others may have asked for the same units since: the bill is made for how the order stands now."""
    lines = list(request.lines.select_related("order_line"))
    for line in lines:
        row = held.lines[line.order_line_id]
        if line.quantity > (row.returnable if line.shipped else row.cancellable):
            raise claims.UnitsInUse
    request.bill = bill_anew(request, lines, now=now)
    amounts = {entry["line_id"]: entry["held"] for entry in request.bill.lines}
    for line in lines:
        line.amount = amounts.get(line.order_line_id, 0)
        line.save(update_fields=["amount"])
    claims.claim(
        held.lines, held.payments, units=units_of(request, lines), tenders=tenders_of(request), attempt=False
    )  # fmt: skip


def _back_to_a_person(request: ReturnRequest, *, now: datetime) -> None:
    if request.counted_at is None:
        request.forget_decision()
        request.reopen()
    else:
        name_the_first(request)
        request.reopen_inspected()
    request.refusal_code = request.refusal_text = ""
    request.ended_at = None
    hours = policies.terms_of(request).merchant_answer_hours
    request.wait_for("support", now + timedelta(hours=hours))


def can_be_appealed(request: ReturnRequest, *, now: datetime) -> bool:
    until = appeal_until(request)
    return until is not None and now <= until


def appeal_until(request: ReturnRequest) -> datetime | None:
    """The last moment for it: some days after what can be contested, by the policy of the purchase. None: nothing."""
    since = _contested_since(request)
    return since and since + timedelta(days=policies.terms_of(request).platform_call_days)


def _contested_since(request: ReturnRequest) -> datetime | None:
    if request.was_refused:
        return request.ended_at
    return request.reason_found_at or (request.decided_at if asked_for_more(request) else None)


def asked_for_more(request: ReturnRequest) -> int | None:
    """What was asked for, minor units, where a person granted a smaller part of it; None where nobody did.

    A part that the customer accepted, or that nobody had asked for, is no such part.
    """
    by_a_person = request.was_granted and request.decided_by_kind != "rule"
    if not by_a_person or request.kind != "refund_only":
        return None
    bills = list(Bill.objects.filter(case_ref=request.return_no).order_by("seq"))
    steps = [(before, after) for before, after in pairwise(bills) if after.reason == "part"]
    if not steps or steps[-1][1].refund >= steps[-1][0].refund:
        return None
    agreed = request.offers.filter(answer=KeepOffer.Answer.ACCEPTED).exists()
    return None if agreed else steps[-1][0].refund
