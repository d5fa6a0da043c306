"""From a decision to a promise, until it is sent: authorise, open, hold, agree, cancel."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from orders.customers.models import Customer
from orders.purchases.models import Payment
from orders.purchases.services.claims import release_payment, reserve_payment
from refunds.ledger import rules as ledger
from refunds.ledger.services import post
from refunds.payouts import queries, rules, states
from refunds.payouts.models import Authorisation, Refund
from refunds.payouts.services.moves import (
    lock_payments,
    moving_refund,
    moving_refund_and_payment,
    tell,
    wake_the_payer,
)
from returns_platform.kernel import fsm, work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, WrongState

ACCOUNTS_OF_PEOPLE = frozenset({"merchant", "support"})  # their actors' ids are keys of users


class OverAuthorised(Conflict):
    code = "over_authorised"
    default = _("That is more than was decided.")


def authorise(
    *, case_ref: str, amount: int, currency: str, by: Actor, rule: str = "", rule_version: int | None = None,
    now: datetime,
) -> Authorisation:  # fmt: skip
    """Write down why money may leave; in the transaction of the decision. amount: minor units, above zero.

    rule and rule_version: what decided, when no person did.
    """
    if not by.person and (not rule or rule_version is None):
        raise ValueError("money leaves by a person's decision or by a named version of a rule")
    return Authorisation.objects.create(
        case_ref=case_ref, amount=amount, currency=currency, rule=rule, rule_version=rule_version,
        by_kind=by.kind, by_id=by.id, by_name=by.name, at=now,
    )  # fmt: skip


def open_refund(
    *, payment: Payment, case_ref: str, serial: int, amount: int, authorisation: Authorisation,
    destination: str = Refund.Destination.ORIGINAL, customer: Customer, hold_s: int, second_person: bool,
    now: datetime, bonus: int = 0, platform_share: int = 0, replaces: Refund | None = None, by: Actor | None = None,
    account: str = "",
) -> Refund:  # fmt: skip
    """Promise money of a payment to its customer: reserved, posted, and due after the hold.

    amount, bonus, platform_share: minor units of the order's currency. bonus: on top, only to the balance.
    platform_share: the part of the platform's discount that goes back to the platform with it (T8).
    replaces: the refund that came to nothing, and `by` the person who opens this one instead. account: the bank and
    the last digits that it goes to, where the customer named one.
    Call it in the transaction of the decision. Raises RefundExceedsPayment, OverAuthorised, NotAllowed.
    """
    refund = _new_refund(
        payment=payment, case_ref=case_ref, serial=serial, amount=amount, authorisation=authorisation,
        destination=destination, customer=customer, bonus=bonus, platform_share=platform_share, replaces=replaces,
        account=account,
    )  # fmt: skip
    _must_be_sound(refund)
    with transaction.atomic():
        reserve_payment(payment.pk, amount=amount)
        _must_be_within(authorisation, amount)
        _promise(refund, hold_s=hold_s, second_person=second_person, by=by or authorisation.by, now=now)
    return refund


def cancel_refunds(case_ref: str, *, by: Actor, now: datetime) -> bool:
    """Take back every promise of a case that was not sent. False when there is none.

    Raises WrongState, and changes nothing, when one of them has been sent, whatever became of it: it is owed.
    """
    of_case = Refund.objects.filter(case_ref=case_ref, state__in=(*states.LIVE, *states.CAME_TO_NOTHING))
    with transaction.atomic():
        lock_payments(of_case)
        refunds = list(of_case.select_for_update(of=("self",)).order_by("pk"))
        if Refund.objects.filter(case_ref=case_ref, state=states.RETURNED_BY_BANK).exists():
            raise WrongState(_("The money had arrived already."), state=states.RETURNED_BY_BANK)
        for refund in refunds:
            if not refund.can_be_cancelled:
                raise WrongState(_("The refund is on its way already."), state=refund.state)
        for refund in refunds:
            _cancel(refund, by=by, now=now)
    return bool(refunds)


def agree_as_second(case_ref: str, *, by: Actor, now: datetime, hold_s: int | None = None) -> list[Refund]:
    """Another person agrees to the held refunds of a case; the undo window runs from here.

    hold_s: how long it is, where it differs from the one the refund was opened with.

    Raises NotAllowed for a program, the first person or the one who gets the money; WrongState when none waits.
    """
    with transaction.atomic():
        held = queries.held_refunds(case_ref)
        if not held:
            raise WrongState(_("No refund of this case waits for a second person."))
        for refund in held:
            must_be_another_person(by, first=refund.authorisation.by, customer=refund.customer)
        return [_agree(refund, by=by, now=now, hold_s=hold_s) for refund in held]


def _new_refund(
    *, payment: Payment, case_ref: str, serial: int, customer: Customer, destination: str, **facts
) -> Refund:
    order = payment.order
    return Refund(
        number=rules.number(case_ref, serial), case_ref=case_ref, serial=serial, payment=payment, order=order,
        merchant_id=order.merchant_id, customer=customer, currency=order.currency, destination=destination,
        channel=_channel(payment, destination), **facts,
    )  # fmt: skip


def _channel(payment: Payment, destination: str) -> str:
    paid_by = {Refund.Destination.ORIGINAL: payment.channel, Refund.Destination.BANK: states.BY_HAND}
    return paid_by.get(destination, destination)


def _must_be_sound(refund: Refund) -> None:
    """What no CHECK can say; each is a fault of the caller, not of a person."""
    authorisation = refund.authorisation
    if refund.amount <= 0 or refund.bonus < 0 or refund.platform_share < 0:
        raise Invalid(code="not_an_amount")
    if refund.destination not in Refund.Destination.values or (refund.bonus and refund.channel != "balance"):
        raise Invalid(code="not_a_destination")
    if (authorisation.case_ref, authorisation.currency) != (refund.case_ref, refund.currency):
        raise Invalid(code="not_authorised")
    if refund.customer_id != refund.order.customer_id:
        raise Invalid(code="not_their_order")
    if _is_beneficiary(authorisation.by, refund.customer):
        raise NotAllowed(_("Nobody decides about their own purchase."))


def _must_be_within(authorisation: Authorisation, amount: int) -> None:
    Authorisation.objects.select_for_update().get(pk=authorisation.pk)
    live = authorisation.refunds.filter(state__in=states.LIVE).aggregate(sum=Sum("amount"))["sum"] or 0
    if live + amount > authorisation.amount:
        raise OverAuthorised


def _promise(refund: Refund, *, hold_s: int, second_person: bool, by: Actor, now: datetime) -> None:
    refund.promised_at = now
    refund.needs_second = second_person
    refund.hold_s = hold_s
    _start_hold(refund, now=now)
    if second_person:
        refund.hold()
        work.done(refund)
    fsm.begin(refund, by=by, now=now, note="opened")
    post(
        f"{ledger.PROMISED}:{refund.number}", kind=ledger.PROMISED, entries=ledger.promised(refund.money),
        at=now, order=refund.order,
    )  # fmt: skip
    tell(refund)
    wake_the_payer()


def _start_hold(refund: Refund, *, now: datetime) -> None:
    refund.hold_until = refund.next_try_at = now + timedelta(seconds=refund.hold_s)
    refund.promised_by = queries.arrives_by(refund.channel, at=refund.hold_until, zone=refund.order.merchant.zone)


def _cancel(refund: Refund, *, by: Actor, now: datetime) -> None:
    with moving_refund_and_payment(refund.pk, by=by, now=now, note="cancelled") as locked:
        locked.cancel()
        take_promise_back(locked, now=now)


def take_promise_back(refund: Refund, *, now: datetime) -> None:
    """Nothing was paid: the payment holds its money again and the promise is reversed in the ledger."""
    work.done(refund)
    release_payment(refund.payment_id, amount=refund.amount)
    post(
        f"{ledger.CANCELLED}:{refund.number}", kind=ledger.CANCELLED, entries=ledger.cancelled(refund.money),
        at=now, order=refund.order,
    )  # fmt: skip


def must_be_another_person(by: Actor, *, first: Actor, customer: Customer) -> None:
    """Nobody agrees with themselves, and nobody to their own money. Raises NotAllowed."""
    if not by.person or by.kind == "token":
        raise NotAllowed(_("A second person has to agree."))
    if by.same_person(first) or _same_account(by, first):
        raise NotAllowed(_("You decided this yourself: somebody else has to agree."))
    if _is_beneficiary(by, customer):
        raise NotAllowed(_("Nobody decides about their own purchase."))


def _same_account(one: Actor, other: Actor) -> bool:
    """The same person signed in may act for a shop and for the platform."""
    return {one.kind, other.kind} <= ACCOUNTS_OF_PEOPLE and one.id == other.id


def _is_beneficiary(actor: Actor, customer: Customer) -> bool:
    return actor.kind in ACCOUNTS_OF_PEOPLE and customer.user_id is not None and actor.id == str(customer.user_id)


def _agree(refund: Refund, *, by: Actor, now: datetime, hold_s: int | None) -> Refund:
    Authorisation.objects.filter(pk=refund.authorisation_id, second_at=None).update(
        second_kind=by.kind, second_id=by.id, second_name=by.name, second_at=now
    )
    with moving_refund(refund.pk, by=by, now=now, note="second_person") as locked:
        locked.release()
        locked.hold_s = locked.hold_s if hold_s is None else hold_s
        _start_hold(locked, now=now)
        wake_the_payer()
    return locked
