"""What a person decides about a request: yes, no, or show me more."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from aftersales.policy import queries as policies
from aftersales.policy.reasons import EVIDENCE, REJECTIONS
from aftersales.returns import states
from aftersales.returns.models import Message, ReturnRequest
from aftersales.returns.services import replacing
from aftersales.returns.services.claims import give_back, moving_with_money
from aftersales.returns.services.refusing import must_be_so
from aftersales.returns.services.steps import follow_soon, send_to_centre, start_way_back
from aftersales.returns.services.telling import tell
from returns_platform.kernel.actors import SYSTEM, Actor, rule
from returns_platform.kernel.errors import Invalid, NotAllowed, WrongState
from returns_platform.kernel.fsm import moving

SHOP = ("merchant", "token")
MOST_ASKED = 3  # then it is put off


def approve_return(pk: int, *, by: Actor, now: datetime, less: bool = False) -> ReturnRequest:
    """Grant the request, or confirm the money after a doubtful inspection. Approved already: nothing changes.

    less: than was asked for, and the customer has not agreed; so she is told whom she can call.
    """
    with moving(ReturnRequest, pk, by=by, now=now, note="approved") as request:
        if request.was_granted:
            return request
        must_not_be_own(request, by)
        if request.needs_a_sum:
            raise Invalid(fields={"amount": _("Say how much of the price is paid back.")})
        request.decide(by, now)
        if request.state == states.INSPECTED:
            confirm_money(request, now=now)
        else:
            grant(request, less=less, now=now)
    return request


def grant(request: ReturnRequest, *, now: datetime, less: bool = False) -> None:
    """Move a request that is decided in the customer's favour; what follows is due at once."""
    request.approve()
    send_to_centre(request)
    start_way_back(request, now=now)
    follow_soon(request, now=now)
    tell(request, "approved", less=less, now=now)


def confirm_money(request: ReturnRequest, *, now: datetime) -> None:
    """The inspection holds: the amount may leave."""
    request.settle()
    request.wait_for("channel", None)
    follow_soon(request, now=now)


def refuse_return(pk: int, *, code: str, text: str, by: Actor, now: datetime) -> ReturnRequest:
    """Refuse with a rejection code and words the customer reads; units and money are free again.

    Raises Invalid for a ground that the purchase contradicts, where a person gives it.
    """
    rejection = REJECTIONS.get(code)
    if rejection is None:
        raise Invalid(fields={"code": _("Choose one of the reasons for a refusal.")})
    if not text.strip():
        raise Invalid(fields={"text": _("Say in one or two sentences what you found. The customer reads it.")})
    with moving_with_money(pk, by=by, now=now, note="refused", data={"code": code}) as (request, held):
        if request.state == states.REJECTED and (request.refusal_code, request.refusal_text) == (code, text):
            return request
        must_not_be_own(request, by)
        request.decide(by, now)
        request.refusal_code, request.refusal_text = code, text
        request.reject()
        if by.kind != "token":  # a program gives any ground of the list: the shop's own system may know more
            must_be_so(request, code)
        request.end(now)
        replacing.drop(request, by=by, now=now)
        give_back(request, held)
        tell(request, "refused", now=now)
    return request


def ask_for_evidence(pk: int, *, text: str, classes: list[str], by: Actor, now: datetime) -> ReturnRequest:
    """Ask the customer for more; the merchant's clock stops while they look for it, and is whole again afterwards.

    Raises Invalid also where a shop asked as often as it may.
    """
    unknown = [name for name in classes if name not in EVIDENCE]
    if unknown:
        raise Invalid(fields={"classes": _("Not a class of evidence: %(name)s.") % {"name": unknown[0]}})
    if not text.strip() and not classes:
        raise Invalid(fields={"text": _("Say what the customer should show you.")})
    with moving(ReturnRequest, pk, by=by, now=now, note="evidence_asked") as request:
        if request.state == states.NEEDS_EVIDENCE and (request.asked_text, request.asked_classes) == (text, classes):
            return request
        if not request.evidence_can_be_asked:
            raise WrongState(state=request.state)
        if by.kind in SHOP and _asked_for(request) >= MOST_ASKED:
            raise Invalid(fields={"text": _("More was asked for three times already. Decide the request now.")})
        request.ask_evidence()
        request.asked_text, request.asked_classes = text, classes
        hours = policies.terms_of(request).evidence_hours
        request.wait_for("customer", now + timedelta(hours=hours))
        if text.strip():
            Message.objects.create(request=request, by_kind=by.kind, by_id=by.id, by_name=by.name, text=text, at=now)
        tell(request, "evidence_asked", occasion=str(request.version), now=now)
    return request


def _asked_for(request: ReturnRequest) -> int:
    """How often the shop has asked for more."""
    return request.moves.filter(note="evidence_asked", by_kind__in=SHOP).count()


def must_not_be_own(request: ReturnRequest, by: Actor) -> None:
    """Nobody decides about their own purchase (B123)."""
    if by.kind in ("merchant", "support") and by.id and by.id == str(request.customer.user_id or ""):
        raise NotAllowed(_("This is your own purchase. Somebody else must decide."))


def name_the_first(request: ReturnRequest) -> None:
    """After an inspection two decisions stand. The second is open again; that goods may come back is left."""
    move = request.moves.filter(to_state=states.APPROVED).last()
    first = move.by if move.by != SYSTEM else rule("platform.merchant_silence", request.policy_version)
    request.decide(first, move.at)
