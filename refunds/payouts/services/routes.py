"""Another way for money whose own way is closed: chosen by the customer, or asked for by staff with a reason.

A new number is opened only once the old one is closed for good, and never for less than is owed. To her own balance
the customer's choice is enough. To a bank account a senior agrees and then finance; where the account has another
name than she, some time passes before the money may leave (B40).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from refunds.payouts import payees, queries, states
from refunds.payouts.models import Authorisation, PayeeLook, Refund, RouteChange
from refunds.payouts.payees import Payee
from refunds.payouts.services.moves import lock_payments, moving_refund_and_payment, tell
from refunds.payouts.services.promising import must_be_another_person, open_refund, take_promise_back
from returns_platform.kernel import sealing
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, Refused, WrongState
from returns_platform.kernel.fsm import record_moves

log = logging.getLogger(__name__)
Way = RouteChange.Way
# Never taken by the channel under this number: too old or too many parts were seen before it was sent, or it said no.
NOT_AT_THE_CHANNEL = ("too_old", "too_many_parts", "account_closed")
DESTINATIONS = {Way.BALANCE: Refund.Destination.BALANCE, Way.BANK_TRANSFER: Refund.Destination.BANK}


# --- asking for another way -------------------------------------------------------------------------------


def choose_way(
    refund_id: int, *, way: str, payee: Payee | None = None, bonus: int = 0, reason: str = "", by: Actor,
    now: datetime,
) -> RouteChange:  # fmt: skip
    """The customer's own choice, or what staff asks for with a reason. The newest stands until somebody has agreed.

    bonus: on top, to the balance only, minor units. Raises WrongState where no other way is open any more, Invalid,
    NotAllowed.
    """
    with moving_refund_and_payment(refund_id, by=by, now=now, note="another_way") as refund:
        _must_be_open_to(refund)
        _must_be_theirs_to_choose(way, payee, bonus=bonus, reason=reason, by=by)
        _drop_standing(refund, by=by, why="chosen anew", now=now)
        change = _write(refund, way, payee, bonus=bonus, reason=reason, by=by, now=now)
        refund.other_way = way
        if may_be_carried_out(change, refund, now=now):
            _carry_out(change, refund, by=by, now=now)
    return change


def _must_be_open_to(refund: Refund) -> None:
    if not refund.way_is_closed or Refund.objects.filter(replaces=refund).exists():
        raise WrongState(_("There is nothing to choose for this refund any more."), state=refund.state)


def _must_be_theirs_to_choose(way: str, payee: Payee | None, *, bonus: int, reason: str, by: Actor) -> None:
    if way not in Way.values or (way == Way.BANK_TRANSFER) != (payee is not None) or bonus < 0:
        raise Invalid(_("Choose where the money shall go."), fields={"way": _("Choose where the money shall go.")})
    if by.kind == "customer":
        return
    if way == Way.BALANCE:  # law: to the balance only by the customer's own choice
        raise NotAllowed(_("Only the customer herself chooses her balance."))
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why, and how you know that it is her account.")})


def _drop_standing(refund: Refund, *, by: Actor, why: str, now: datetime) -> None:
    standing = RouteChange.objects.select_for_update().filter(refund=refund, dropped_at=None).first()
    if standing is None:
        return
    if standing.first_at:
        raise WrongState(_("Somebody has agreed to the other way already."), state=refund.state)
    _drop(standing, by=by, why=why, now=now)


def _drop(change: RouteChange, *, by: Actor, why: str, now: datetime) -> None:
    change.dropped_at, change.dropped_by, change.dropped_why = now, by.name or by.id, why[:300]
    change.save(update_fields=["dropped_at", "dropped_by", "dropped_why"])


def _write(
    refund: Refund, way: str, payee: Payee | None, *, bonus: int, reason: str, by: Actor, now: datetime
) -> RouteChange:
    facts = {
        "refund": refund,
        "way": way,
        "bonus": bonus if way == Way.BALANCE else 0,
        "reason": reason.strip()[:300],
    }
    if payee:
        facts |= {
            "payee_name": payee.name, "payee_bank": payee.bank, "payee_account": sealing.seal(payee.account),
            "payee_last4": payee.last4, "name_differs": not payees.same_name(payee.name, refund.customer.name),
        }  # fmt: skip
    return RouteChange.objects.create(**facts, by_kind=by.kind, by_id=by.id, by_name=by.name, at=now)


# --- two people -------------------------------------------------------------------------------------------


def agree_first(change_id: int, *, by: Actor, now: datetime) -> RouteChange:
    """A senior has looked at it. Raises WrongState, NotAllowed. Who is a senior is asked at the door."""
    with _standing(change_id, by=by, now=now) as (change, refund):
        if change.first_at:
            raise WrongState(_("Somebody has agreed to this already."), state=refund.state)
        must_be_another_person(by, first=change.by, customer=refund.customer)
        change.first_kind, change.first_id, change.first_name, change.first_at = by.kind, by.id, by.name, now
        change.save(update_fields=["first_kind", "first_id", "first_name", "first_at"])
    return change


def agree_second(change_id: int, *, by: Actor, now: datetime) -> RouteChange:
    """Finance agrees after the senior: it is carried out once the old number is closed and the time has passed."""
    with _standing(change_id, by=by, now=now) as (change, refund):
        if change.first is None:
            raise WrongState(_("A senior agrees first."), state=refund.state)
        if change.second_at:
            raise WrongState(_("Somebody has agreed to this already."), state=refund.state)
        for earlier in (change.by, change.first):
            must_be_another_person(by, first=earlier, customer=refund.customer)
        change.second_kind, change.second_id, change.second_name, change.second_at = by.kind, by.id, by.name, now
        change.not_before = now + timedelta(seconds=settings.ROUTE_COOLING_OFF_S if change.name_differs else 0)
        change.save(update_fields=["second_kind", "second_id", "second_name", "second_at", "not_before"])
        if may_be_carried_out(change, refund, now=now):
            _carry_out(change, refund, by=by, now=now)
    return change


def stop_route(change_id: int, *, why: str, by: Actor, now: datetime) -> RouteChange:
    """Somebody has seen that it must not be; the customer may choose anew. Raises WrongState once it is done."""
    if not why.strip():
        raise Invalid(fields={"why": _("Say why. Colleagues read it.")})
    with _standing(change_id, by=by, now=now) as (change, refund):
        _drop(change, by=by, why=why.strip(), now=now)
        refund.other_way = ""
        tell(refund)
    return change


@contextmanager
def _standing(change_id: int, *, by: Actor, now: datetime) -> Iterator[tuple[RouteChange, Refund]]:
    """The change and its refund, both locked, the payment before them; refused where it stands no more."""
    refund_id = RouteChange.objects.filter(pk=change_id).values_list("refund_id", flat=True).first()
    if refund_id is None:
        raise NotThere
    with moving_refund_and_payment(refund_id, by=by, now=now, note="another_way") as refund:
        change = RouteChange.objects.select_for_update(of=("self",)).get(pk=change_id)
        if change.done_at or not change.stands:
            raise WrongState(_("This is not open any more."), state=refund.state)
        yield change, refund


# --- carrying it out --------------------------------------------------------------------------------------


def may_be_carried_out(change: RouteChange, refund: Refund, *, now: datetime) -> bool:
    """Agreed as it has to be, the time has passed, and the old number cannot pay any more."""
    cooled = change.not_before is None or change.not_before <= now
    return change.is_agreed and cooled and is_closed_for_good(refund)


def is_closed_for_good(refund: Refund) -> bool:
    if refund.state in states.CAME_TO_NOTHING:
        return True
    return refund.state == states.MANUAL and refund.problem in NOT_AT_THE_CHANNEL


def carry_out_routes(now: datetime, *, limit: int = 100) -> int:
    """What was agreed and had to wait: for the time to pass, or for the old number to be closed for good."""
    done = 0
    for pk, refund_id in queries.routes_to_carry_out(now).values_list("pk", "refund_id")[:limit]:
        try:
            done += _carry_out_one(pk, refund_id, now=now)
        except Refused:
            log.exception("another way for refund %s could not be carried out", refund_id)
    return done


def _carry_out_one(change_id: int, refund_id: int, *, now: datetime) -> bool:
    with moving_refund_and_payment(refund_id, by=SYSTEM, now=now, note="another_way") as refund:
        change = RouteChange.objects.select_for_update(of=("self",)).get(pk=change_id)
        if change.done_at or not change.stands or not may_be_carried_out(change, refund, now=now):
            return False
        _carry_out(change, refund, by=SYSTEM, now=now)
    return True


def _carry_out(change: RouteChange, refund: Refund, *, by: Actor, now: datetime) -> None:
    """The old number is closed, and another one promises the same sum the other way. All of it is locked."""
    if refund.state == states.MANUAL:
        refund.close()
        take_promise_back(refund, now=now)
        record_moves(refund, by=by, now=now, note="another_way")  # the next number is opened beside a closed one
    change.replacement = replace_refund(
        refund, destination=DESTINATIONS[change.way], bonus=change.bonus, account=change.payee, hold_s=0, by=by,
        now=now,
    )  # fmt: skip
    change.done_at = now
    change.save(update_fields=["replacement", "done_at"])
    refund.other_way = ""


def send_anew(refund_id: int, *, by: Actor, now: datetime) -> Refund:
    """Open another refund, with a new number, for one that came to nothing. Raises WrongState, Conflict.

    The same way once more: what the customer may have chosen in the meantime stands in the way.
    """
    with transaction.atomic():
        lock_payments(Refund.objects.filter(pk=refund_id))
        closed = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
        if closed.state not in states.CAME_TO_NOTHING:
            raise WrongState(_("Only a refund that came to nothing is replaced."), state=closed.state)
        if closed.other_way:
            raise WrongState(_("The customer has chosen another way."), state=closed.state)
        return replace_refund(
            closed, destination=closed.destination, bonus=closed.bonus, account="", hold_s=settings.REFUND_HOLD_S,
            by=by, now=now,
        )  # fmt: skip


def replace_refund(
    closed: Refund, *, destination: str, bonus: int, account: str, hold_s: int, by: Actor, now: datetime
) -> Refund:
    """A new number for the same sum, under the same decision. The payment is locked; so is the decision, for the
    serials of a case whose refunds of two payments are replaced at once.
    """
    if Refund.objects.filter(replaces=closed).exists():
        raise Conflict(_("It has been replaced already."), code="replaced")
    authorisation = Authorisation.objects.select_for_update().get(pk=closed.authorisation_id)
    return open_refund(
        payment=closed.payment, case_ref=closed.case_ref, serial=queries.next_serial(closed.case_ref),
        amount=closed.amount, authorisation=authorisation, destination=destination, customer=closed.customer,
        hold_s=hold_s, second_person=False, now=now, bonus=bonus, platform_share=closed.platform_share,
        replaces=closed, by=by, account=account,
    )  # fmt: skip


# --- the account's number ---------------------------------------------------------------------------------


def reveal_payee(change_id: int, *, reason: str, by: Actor, now: datetime) -> Payee:
    """The account in full, for whoever makes the transfer; who looked and why is kept. Raises Invalid, NotThere."""
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why you need it. It is kept with your name.")})
    change = RouteChange.objects.filter(pk=change_id).exclude(payee_account="").first()
    if change is None:
        raise NotThere
    PayeeLook.objects.create(
        change=change, by_id=by.id, by_name=by.name or by.id, reason=reason.strip()[:300], at=now
    )
    return Payee(change.payee_name, change.payee_bank, sealing.unseal(change.payee_account))
