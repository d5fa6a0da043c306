"""Keep it with a part refund (N10): an offer inside what the line still holds, and the customer's own answer.

An offer stops no clock and takes nothing away: without an answer the request is decided as it was filed. What it
grants is the offering person's decision, with the same hold and the same second person as any other.
"""

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.returns import states
from aftersales.returns.models import Message, ReturnLine, ReturnRequest
from aftersales.returns.offer_models import KeepOffer
from aftersales.returns.services.bills import must_be_left
from aftersales.returns.services.decisions import must_not_be_own
from aftersales.returns.services.parts import chosen_line, grant_part
from aftersales.returns.services.telling import tell, tell_the_shop
from orders.merchants.models import Member
from orders.merchants.queries import may
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotThere, WrongState
from returns_platform.kernel.fsm import moving

OPEN_FOR = timedelta(hours=48)
MOST = 3  # then it is bargaining, and the request is to be decided


def offer_to_keep(pk: int, *, line_no: str = "", amount: int, text: str, by: Actor, now: datetime) -> KeepOffer:
    """Offer a part of one line's price for keeping the goods. The same offer again is the one that is open.

    amount: minor units. Raises Invalid, WrongState, NotAllowed.
    """
    with moving(ReturnRequest, pk, by=by, now=now) as request:
        must_not_be_own(request, by)
        if not request.takes_an_offer:
            raise WrongState(state=request.state)
        line = chosen_line(list(request.lines.select_related("order_line")), line_no)
        if known := request.offers.filter(answer="").first():
            return _the_same(known, line, amount)
        if request.offers.count() >= MOST:
            raise WrongState(_("Three offers were made already. Decide the request now."), state=request.state)
        must_be_left(request, line, amount, now=now)
        offer = KeepOffer.objects.create(
            request=request, line=line, amount=amount, currency=request.order.currency, text=text.strip(),
            by_kind=by.kind, by_id=by.id, by_name=by.name, made_at=now, due_at=_due(request, now),
        )  # fmt: skip
        facts = {"offered": amount, "offered_by": by.kind, "until": offer.due_at.isoformat()}
        tell(request, "keep_offered", occasion=str(offer.pk), now=now, **facts)
    return offer


def _the_same(known: KeepOffer, line: ReturnLine, amount: int) -> KeepOffer:
    if (known.line_id, known.amount) != (line.pk, amount):
        raise WrongState(_("An offer waits for the customer's answer already."))
    return known


def _due(request: ReturnRequest, now: datetime) -> datetime:
    """Two days, and never longer than whoever decides still has: an offer buys nobody time."""
    latest = now + OPEN_FOR
    return min(latest, request.due_at) if request.due_at and request.due_at > now else latest


def accept_offer(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The customer keeps the goods for the sum: the request is granted as the person offered it.

    Accepted already: nothing changes. Raises WrongState where it is over, or that person may not decide any more.
    """
    offer = _of(pk)
    if offer.answer == KeepOffer.Answer.ACCEPTED:
        return offer.request
    if not _may_still_decide(offer):
        raise WrongState(_("Whoever made this offer does not decide here any more. Somebody else answers you."))
    with transaction.atomic():
        request = grant_part(
            offer.request_id, line_no=offer.line.order_line.line_no, amount=offer.amount, by=offer.by, keeping=True,
            now=now,
        )  # fmt: skip
        if not _answered(offer, KeepOffer.Answer.ACCEPTED, now=now) and _of(pk).answer != KeepOffer.Answer.ACCEPTED:
            raise WrongState(_("The time for this offer is over."), state=request.state)
        tell_the_shop(request, "keep_accepted", occasion=str(pk), offered=offer.amount, now=now)
    return request


@transaction.atomic
def decline_offer(pk: int, *, text: str = "", by: Actor, now: datetime) -> None:
    """The request goes on as it was filed; words of the customer's, what she would take, are a message."""
    offer = _of(pk)
    if not _answered(offer, KeepOffer.Answer.DECLINED, now=now):
        if _of(pk).answer != KeepOffer.Answer.DECLINED:
            raise WrongState(_("The time for this offer is over."), state=offer.request.state)
        return
    if text.strip():
        Message.objects.create(
            request=offer.request, by_kind=by.kind, by_id=by.id, by_name=by.name, text=text.strip(), at=now
        )
    if offer.by_kind == "merchant":  # else the shop has nothing to decide
        tell_the_shop(offer.request, "keep_declined", occasion=str(pk), offered=offer.amount, now=now)


def lapse_offers(*, now: datetime) -> int:
    """Offers whose time is over, or whose request was decided otherwise."""
    over = KeepOffer.objects.filter(answer="")
    late = over.filter(due_at__lt=now) | over.exclude(request__state=states.IN_REVIEW)
    return KeepOffer.objects.filter(pk__in=late.values("pk"), answer="").update(
        answer=KeepOffer.Answer.LAPSED, answered_at=now
    )


def _answered(offer: KeepOffer, answer: str, *, now: datetime) -> bool:
    """Whether this was the answer: there is one, and in time."""
    still = KeepOffer.objects.filter(pk=offer.pk, answer="", due_at__gte=now)
    return bool(still.update(answer=answer, answered_at=now))


def _of(pk: int) -> KeepOffer:
    offer = KeepOffer.objects.select_related("request", "line__order_line").filter(pk=pk).first()
    if offer is None:
        raise NotThere
    return offer


def _may_still_decide(offer: KeepOffer) -> bool:
    """Who was let go since decides nothing, by an answer of the customer's either."""
    user = (
        get_user_model().objects.filter(pk=int(offer.by_id) if offer.by_id.isdigit() else 0, is_active=True).first()
    )
    if user is None:
        return False
    if offer.by_kind == "support":
        return user.has_perm("aftersales.decide_request")
    member = Member.objects.filter(user=user, merchant=offer.request.merchant_id).first()
    return member is not None and may(member, "set_amount")
