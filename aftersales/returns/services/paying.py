"""What a customer pays for a request: asked for by a page of the channel, taken for its purpose, or given back."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements import states as replacing_states
from aftersales.replacements.models import Replacement
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import advancing, choosing, replacing
from aftersales.returns.services.claims import Held, moving_with_money
from aftersales.returns.services.intake import submit_return
from aftersales.returns.services.parts import pay_back_the_rest
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell
from aftersales.returns.services.wishes import Wish, WishLine
from orders.purchases.models import MadeFor
from refunds.charges import services as charges
from refunds.charges import states as charge_states
from refunds.charges.models import Charge
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.fsm import moving

log = logging.getLogger(__name__)

TITLES = {
    MadeFor.DIFFERENCE: gettext_lazy("Difference of exchange %(number)s"),
    MadeFor.REPAIR: gettext_lazy("Repair %(number)s"),
    MadeFor.DEPOSIT: gettext_lazy("Deposit for exchange %(number)s"),
}


# --- she pays ---------------------------------------------------------------------------------------------


def start_payment(pk: int, *, channel: str, by: Actor, now: datetime) -> Charge:
    """Have a page opened on which what is due now can be paid. Again with the same channel: the same page."""
    with moving(ReturnRequest, pk, by=by, now=now, note="pays") as request:
        replacement = queries.live_replacement(request.return_no)
        if replacement is None or not replacement.can_be_paid:
            raise WrongState(_("There is nothing to pay now."), state=replacement.state if replacement else "")
        with translation.override("zh-hans"):
            title = str(TITLES[replacement.due_for]) % {"number": request.return_no}
        return charges.want_payment(
            about=replacement.reference, case_ref=request.return_no, order=request.order,
            made_for=replacement.due_for, channel=channel, amount=replacement.due, title=title,
            until=replacement.due_at, by=by, now=now,
        )  # fmt: skip


# --- the channel says it is paid --------------------------------------------------------------------------


def charge_moved(charge: Charge, *, now: datetime) -> None:
    """News of a charge, as often as it comes: what was paid lets the request go on."""
    found = ReturnRequest.objects.filter(return_no=charge.case_ref).first()
    if charge.state == charge_states.FROZEN:
        open_task("charge_frozen", charge.number, request=found, order=charge.order, now=now)
    if found is None or not charge.is_paid or charge.use:
        return
    with moving_with_money(found.pk, by=SYSTEM, now=now, note="paid") as (request, held):
        charge = Charge.objects.get(pk=charge.pk)
        replacement = queries.live_replacement(request.return_no)
        if not charge.use and replacement is not None and _is_for(charge, replacement):
            charges.mark_used(charge.pk, use=Charge.Use.TAKEN, now=now)
            _is_paid(request, held, replacement.pk, charge, now=now)


def _is_for(charge: Charge, replacement: Replacement) -> bool:
    asked = (replacement.reference, replacement.due_for, replacement.due)
    waits = replacement.state == replacing_states.AWAITING_PAYMENT
    return waits and (charge.about, charge.made_for, charge.amount) == asked


def _is_paid(request: ReturnRequest, held: Held, replacement_id: int, charge: Charge, *, now: datetime) -> None:
    """Both locked. Paid after its time was over, when nothing was kept for her: kept again, if it is still there."""
    with replacements.moving_replacement(replacement_id, by=SYSTEM, now=now, note="paid") as replacement:
        replacement.take_payment()
        replacement.due = 0
        if charge.made_for == MadeFor.DIFFERENCE:
            replacement.paid += charge.amount
        replacement.wait_until(None)
        exchange = replacement.kind == Replacement.Kind.EXCHANGE
        if exchange and not replacements.hold_stock(replacement, by=SYSTEM, now=now):
            replacements.ran_out(replacement, by=SYSTEM, now=now)
        if charge.made_for == MadeFor.DEPOSIT and not replacement.is_out_of_stock:
            advancing.deposit_is_paid(request, held, replacement, now=now)
            return
        replacing.go_on(request, replacement, now=now)
        choosing.nothing_holds_it_up(request, replacement, now=now)


# --- what is not needed goes back -------------------------------------------------------------------------


def follow_charges(*, now: datetime, limit: int = 50) -> int:
    """What lost signals would have told, and money that is not needed any more: sent back, once each."""
    _each(Charge.objects.filter(state=charge_states.PAID, use="").order_by("pk")[:limit], charge_moved, now=now)
    back = _each(_not_needed()[:limit], give_back, now=now)
    in_part = _each(_needed_in_part()[:limit], give_rest_back, now=now)
    _each(_deposits_for_some()[:limit], give_deposit_back_in_part, now=now)
    return back + in_part


def _each(charges: Iterable[Charge], step: Callable[..., object], *, now: datetime) -> int:
    """How many took the step; one that cannot stops no other."""
    done = 0
    for charge in charges:
        try:
            step(charge, now=now)
            done += 1
        except Exception:
            log.exception("charge %s could not be followed", charge.number)
    return done


def _not_needed() -> QuerySet[Charge]:
    """Nobody waited for it, or what it was paid for came to nothing; a deposit, once the old goods are there.

    What went along to a new order that the customer cancelled came back with that one.
    """
    nothing = Replacement.objects.filter(state__in=replacing_states.NOTHING, new_order=None).values("reference")
    back = Replacement.objects.filter(goods_back_at__isnull=False).values("reference")
    for_nothing = Q(use="") | Q(about__in=nothing) | Q(made_for=MadeFor.DEPOSIT, about__in=back)
    paid = Charge.objects.filter(for_nothing, state=charge_states.PAID)
    return paid.exclude(use=Charge.Use.BACK).order_by("pk")


def _needed_in_part() -> QuerySet[Charge]:
    """The new order was made for fewer units than were paid for: of the difference a part went along, or nothing."""
    made = Replacement.objects.filter(new_order__isnull=False).values("reference")
    taken = Charge.objects.filter(state=charge_states.PAID, use=Charge.Use.TAKEN, made_for=MadeFor.DIFFERENCE)
    paid = "paid_order__payments__"
    gone = F(f"{paid}carried") + F(f"{paid}held") + F(f"{paid}external")
    return taken.filter(**{"about__in": made, f"{paid}amount__gt": gone}).order_by("pk")


def _deposits_for_some() -> QuerySet[Charge]:
    """Of the old goods some are there and some are not; nothing of the deposit went back yet."""
    counted = ReturnRequest.objects.filter(counted_at__isnull=False, state__in=(states.SETTLING, states.COMPLETED))
    lacking = counted.filter(lines__missing__gt=0).values("return_no")
    ahead = Replacement.objects.filter(advance=True, goods_back_at=None, case_ref__in=lacking).values("reference")
    left = Charge.objects.filter(state=charge_states.PAID, use=Charge.Use.TAKEN, made_for=MadeFor.DEPOSIT)
    return left.filter(about__in=ahead, paid_order__payments__held=0).order_by("pk")


def give_deposit_back_in_part(charge: Charge, *, now: datetime) -> None:
    """For the units that came; the others' part waits for them. Nothing where none of them came."""
    request = ReturnRequest.objects.get(return_no=charge.case_ref)
    rest = min(_left_of(charge), charge.amount - advancing.deposit_for_missing(request))
    if rest > 0:
        _give_back_in_part(charge, rest, now=now)


def give_rest_back(charge: Charge, *, now: datetime) -> ReturnRequest:
    """A part of what the payment's order comes to; all of it goes back where nothing of it went along."""
    rest = _left_of(charge)
    if rest == charge.amount:
        return give_back(charge, now=now)
    return _give_back_in_part(charge, rest, now=now)


def _left_of(charge: Charge) -> int:
    """What of its payment went nowhere yet."""
    paid = charge.paid_order.payments.get()
    return paid.amount - paid.carried - paid.held - paid.external


def _give_back_in_part(charge: Charge, amount: int, *, now: datetime) -> ReturnRequest:
    filed = pay_back_the_rest(charge.paid_order_id, amount=amount, form_token=f"rest-{charge.number}", now=now)
    _tell_of_it(charge, amount=amount, occasion=f"rest-{charge.number}", now=now)
    return filed


def give_back(charge: Charge, *, now: datetime) -> ReturnRequest:
    """Through an ordinary request about the order that the payment became: judged, authorised, paid, followed."""
    wish = Wish(
        kind="refund_only", lines=(WishLine("1", 1, "UN.NOT_SHIPPED"),), form_token=f"back-{charge.number}",
        pays_back=True,
    )  # fmt: skip
    filed = submit_return(charge.paid_order_id, wish, by=SYSTEM, now=now)
    charges.mark_used(charge.pk, use=Charge.Use.BACK, now=now)
    _tell_of_it(charge, amount=filed.bill.refund if filed.bill else 0, occasion=charge.number, now=now)
    return filed


def _tell_of_it(charge: Charge, *, amount: int, occasion: str, now: datetime) -> None:
    about = ReturnRequest.objects.filter(return_no=charge.case_ref).first()
    if about is not None:
        tell(about, "paid_back", occasion=occasion, due=amount, now=now)
