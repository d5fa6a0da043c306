"""A repair, once the goods are at the shop (S106): its fee quoted, accepted or refused; mended, or beyond it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import choosing, replacing
from aftersales.returns.services.claims import moving_with_money
from aftersales.returns.services.telling import tell_the_shop
from orders.purchases.models import MadeFor
from refunds.charges import services as charges
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Invalid, WrongState

LARGEST_FEE = 10_000_000
Why = Replacement.Why


def quote_repair(pk: int, *, fee: int, text: str, by: Actor, now: datetime) -> ReturnRequest:
    """What mending it costs the customer, minor units, and what is done for it. She accepts by paying, or refuses."""
    if not 0 < fee <= LARGEST_FEE:
        raise Invalid(fields={"fee": _("Enter what it costs, above zero.")})
    with moving_with_money(pk, by=by, now=now, note="repair_quoted") as (request, _held):
        if any(line.fault for line in request.lines.all()):
            raise Invalid(fields={"fee": _("The fault is not the customer's: mending it costs her nothing.")})
        with _at_the_shop(request, by=by, now=now, note="repair_quoted") as replacement:
            replacement.quote = text.strip()[:500]
            replacing.ask_to_pay(request, replacement, amount=fee, what=MadeFor.REPAIR, now=now)
    return request


def refuse_fee(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The customer does not want it for that: it goes back as it is, and costs nothing (T77)."""
    with moving_with_money(pk, by=by, now=now, note="fee_refused") as (request, _held):
        found = queries.live_replacement(request.return_no)
        if found is not None and found.can_be_sent and found.why == Why.FEE_REFUSED:
            return request
        if found is None or found.due_for != MadeFor.REPAIR or not found.waits_for_customer:
            raise WrongState(_("There is no fee to refuse."), state=found.state if found else "")
        send_back_unmended(request, found.pk, by=by, now=now)
    return request


def send_back_unmended(request: ReturnRequest, replacement_id: int, *, by: Actor, now: datetime) -> None:
    with replacements.moving_replacement(replacement_id, by=by, now=now, note="fee_refused") as replacement:
        charges.call_off_all(replacement.reference, by=by, now=now)
        replacement.choose_again()
        replacement.due, replacement.why = 0, Why.FEE_REFUSED
        replacements.let_go(replacement, lines=[], carried={}, by=SYSTEM, now=now)
    request.wait_for("merchant", replacement.due_at)
    tell_the_shop(request, "repair_fee_refused", occasion=replacement.reference, now=now)


def is_mended(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """It works again: the shop sends it back. A fee that was asked for is paid by then."""
    with moving_with_money(pk, by=by, now=now, note="mended") as (request, _held):
        found = queries.live_replacement(request.return_no)
        if found is not None and found.can_be_sent:
            return request
        with _at_the_shop(request, by=by, now=now, note="mended") as replacement:
            replacements.let_go(replacement, lines=[], carried={}, by=SYSTEM, now=now)
        request.wait_for("merchant", replacement.due_at)
    return request


def cannot_be_mended(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """Then the customer has her money; a fee she paid goes back."""
    with moving_with_money(pk, by=by, now=now, note="not_mendable") as (request, held):
        found = queries.live_replacement(request.return_no)
        if found is None or not found.is_being_mended or not request.is_settling:
            raise WrongState(_("It is not at the shop to be mended now."), state=found.state if found else "")
        choosing.turn_into_refund(request, held, why=Why.NOT_MENDABLE, by=by, now=now)
    return request


def _at_the_shop(request: ReturnRequest, *, by: Actor, now: datetime, note: str):
    found = queries.live_replacement(request.return_no)
    if found is None or not found.is_being_mended or not request.is_settling:
        raise WrongState(_("It is not at the shop to be mended now."), state=found.state if found else "")
    return replacements.moving_replacement(found.pk, by=by, now=now, note=note)
