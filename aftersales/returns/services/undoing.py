"""A person's yes taken back, before its money leaves and while nothing has happened because of it (N12)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aftersales.notifications.queries import was_told
from aftersales.policy import queries as policies
from aftersales.returns import states
from aftersales.returns.models import ReturnMove, ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services import replacing
from aftersales.returns.services.benefits import undo_benefits
from aftersales.returns.services.bills import bill_of_announced, promised_lines
from aftersales.returns.services.claims import Held, moving_with_money
from aftersales.returns.services.decisions import name_the_first
from aftersales.returns.services.promising import hold_s
from aftersales.returns.services.telling import tell
from logistics.parcels import services as parcels
from logistics.parcels import states as parcel_states
from logistics.parcels.models import Parcel
from orders.purchases.services import claims
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from refunds.payouts import states as money
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, NotAllowed, WrongState

UNDONE = "undone"


def undo_decision(pk: int, *, by: Actor, anybodys: bool, now: datetime) -> ReturnRequest:
    """Put a request back to where it was before a person said yes. Undone already by the same: nothing changes.

    anybodys: `by` is a senior, or an owner of the shop, and may undo what a colleague decided.
    Raises WrongState, and changes nothing, once money was sent or goods moved; NotAllowed for anybody else.
    """
    with moving_with_money(pk, by=by, now=now, note=UNDONE) as (request, held):
        last = request.moves.last()
        if last.note == UNDONE and last.by.same_person(by):
            return request
        if why_not := why_not_undo(request, now=now):
            raise WrongState(why_not, state=request.state)
        if not may_undo(request, by, anybodys=anybodys):
            raise NotAllowed(_("Only who decided it, or a senior, takes a decision back."))
        before = _before_the_yes(request)
        knows = before != states.INSPECTED and was_told(request.return_no, "approved", since=request.decided_at)
        _take_money_back(request, held, by=by, now=now)
        replacing.drop(request, by=by, now=now)
        _call_parcel_off(request, by=by, now=now)
        _return_to(request, before, now=now)
        if knows:
            tell(request, "decision_undone", occasion=str(request.version), now=now)
    return request


def may_undo(request: ReturnRequest, by: Actor, *, anybodys: bool) -> bool:
    decided = request.decided_by
    return decided is not None and by.person and (anybodys or by.same_person(decided))


def why_not_undo(request: ReturnRequest, *, now: datetime) -> str:
    """Why the yes stands, in one sentence; empty while it can be taken back."""
    return why_it_stands(
        request, refunds=list(payouts.refunds_of(request.return_no)), parcel=parcel_of(request), now=now
    )


def why_it_stands(request: ReturnRequest, *, refunds: list[Refund], parcel: Parcel | None, now: datetime) -> str:
    """The same for pages, which have read the refunds and the parcel already."""
    by = request.decided_by
    if by is None or not by.person or _before_the_yes(request) is None:
        return _("There is no decision to take back.")
    live = [refund for refund in refunds if refund.state != money.CANCELLED]
    if any(not refund.can_be_cancelled for refund in live):
        return _("The money is on its way already.")
    if _goods_moved(request, parcel):
        return _("The goods are on their way already, or there.")
    if request.state not in states.UNDOABLE:
        return _("There is no decision to take back.")
    if request.offers.filter(answer="accepted").exists():
        return _("The customer accepted your offer: it stands.")
    if request.bill is not None and request.bill.reason == "part" and request.bill.seq > 1:
        return _("A part of the price took the place of what was asked for: it stands.")
    if request.is_replaced and replacing.goes_on(request):
        return _("What replaces it is paid for already, or may be sent.")
    if not live and request.goods_come_back and request.counted_at is None and now > undo_until(request):
        return _("The time to take it back is over: the customer relies on it.")
    return ""


def _goods_moved(request: ReturnRequest, parcel: Parcel | None) -> bool:
    """Since the yes; before a yes about an inspection they had moved already."""
    if _before_the_yes(request) == states.INSPECTED:
        return False
    if request.delivered_at or request.counted_at:
        return True
    sent_herself = parcel is not None and parcel.way == Parcel.Way.SELF_SHIP and bool(parcel.waybill)
    return sent_herself or (parcel is not None and parcel.state in parcel_states.LEFT)


def undo_until(request: ReturnRequest) -> datetime:
    """The window from the decision on: as long as money would be held."""
    return request.decided_at + timedelta(seconds=hold_s(request))


def money_leaves_at(refunds: list[Refund]) -> datetime | None:
    """When the last promise of a case leaves; None while a second person is waited for, or nothing is promised."""
    return max((refund.hold_until for refund in refunds if refund.state == money.PROMISED), default=None)


# --- what is taken back -----------------------------------------------------------------------------------


def _take_money_back(request: ReturnRequest, held: Held, *, by: Actor, now: datetime) -> None:
    """Every promise is cancelled, and where fewer units came the bill is as announced again."""
    if not request.is_settling or not payout.cancel_refunds(request.return_no, by=by, now=now):
        return
    claims.mark_refunded({line_id: -amount for line_id, amount in promised_lines(request).items()})
    undo_benefits(request, now=now)
    if "announced" not in request.bill.body:
        return
    try:
        with transaction.atomic():
            bill_of_announced(request, held, by=by, now=now)
    except IntegrityError as taken:
        raise Conflict(_("What the missing units would hold was promised to another request.")) from taken


def _call_parcel_off(request: ReturnRequest, *, by: Actor, now: datetime) -> None:
    parcel = parcel_of(request)
    if parcel is not None and parcel.can_be_cancelled:
        parcels.cancel_parcel(parcel.pk, by=by, now=now)


# --- back to before ---------------------------------------------------------------------------------------


def _before_the_yes(request: ReturnRequest) -> str | None:
    """The state in which a person was asked: `inspected`, or one of the undecided. None: no person said yes."""
    move = _the_yes(request)
    return move and move.from_state


def _the_yes(request: ReturnRequest) -> ReturnMove | None:
    """The last yes, where no undo came after it."""
    last = request.moves.filter(note__in=("approved", UNDONE)).last()
    return last if last is not None and last.note == "approved" else None


def _return_to(request: ReturnRequest, before: str, *, now: datetime) -> None:
    """Whoever was to decide has their whole time again: the platform where its person said yes, else the shop.

    Once: else a yes that is taken back each day would keep the customer waiting for ever.
    """
    again = request.moves.filter(note=UNDONE).exists()
    who = "support" if again or request.decided_by_kind == "support" else "merchant"
    if before == states.INSPECTED:
        name_the_first(request)
        request.ask_about_the_goods_again()
    else:
        request.forget_decision()
        request.ask_again()
    hours = policies.terms_of(request).merchant_answer_hours
    request.next_try_at = request.claimed_until = None
    request.wait_for(who, now + timedelta(hours=hours))
