"""Compensation: something for trouble, never mixed into a refund, with postings of its own (S95, S102)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from orders.purchases.models import Order
from refunds.wallet import rules
from refunds.wallet.models import Compensation
from refunds.wallet.services.balance import credit
from refunds.wallet.services.coupons import issue_coupon
from refunds.wallet.services.points import compensate_points
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, WrongState

What = Compensation.What


class CompensatedAlready(Conflict):
    code = "compensated"
    default = _("This was compensated already. Nothing was given twice.")


def compensate(
    order: Order, *, case_ref: str, ground: str, what: str, amount: int, payer: str, reason: str, by: Actor,
    now: datetime, rule: str = "", rule_version: int | None = None, asked_for: bool = False,
) -> Compensation:  # fmt: skip
    """Give a customer something for trouble, once per case and ground (I15).

    what: balance, coupon (amount in minor units) or points. payer: merchant or platform. rule, rule_version: what
    decided, when no person did; rules give at most what one person may. Above the limit, or where the customer only
    asks for it (asked_for), it waits until another person agrees. Raises CompensatedAlready, Invalid, NotAllowed.
    """
    if not by.person and (not rule or rule_version is None):
        raise ValueError("compensation is given by a person's decision or by a named version of a rule")
    _must_be_sound(order, amount=amount, what=what, payer=payer, reason=reason, by=by, rule=rule)
    facts = {"what": what, "amount": amount, "payer": payer, "reason": reason, "at": now}
    second = asked_for or rules.needs_second(amount, points=what == What.POINTS)
    try:
        with transaction.atomic():
            row = Compensation.objects.create(
                case_ref=case_ref, ground=ground, order=order, customer=order.customer, currency=order.currency,
                rule=rule, rule_version=rule_version, by_kind=by.kind, by_id=by.id, by_name=by.name,
                needs_second=second, given_at=None if second else now, **facts,
            )  # fmt: skip
            if not second:
                _give(row, now=now)
    except IntegrityError as clash:
        if "compensated_once" not in str(clash):
            raise
        raise CompensatedAlready from clash
    return row


def agree(pk: int, *, by: Actor, now: datetime) -> Compensation:
    """Another person agrees to a compensation above the limit: it is given. Raises WrongState, NotAllowed."""
    with transaction.atomic():
        row = _waiting(pk)
        must_be_another(row, by)
        row.second_kind, row.second_id, row.second_name, row.given_at = by.kind, by.id, by.name, now
        row.save()
        _give(row, now=now)
    return row


def decline(pk: int, *, by: Actor, now: datetime) -> Compensation:
    """It is not given; whoever asked may take it back as well. The ground is free again. Raises WrongState."""
    with transaction.atomic():
        row = _waiting(pk)
        row.declined_at = now
        if not by.same_person(row.by):
            row.second_kind, row.second_id, row.second_name = by.kind, by.id, by.name
        row.save()
    return row


def must_be_another(row: Compensation, by: Actor) -> None:
    """Nobody agrees with themselves, under whichever hat, and nobody to what they get themselves."""
    if not by.person or by.kind == "token":
        raise NotAllowed(_("A second person has to agree."))
    if by.id == row.by_id and by.kind in PEOPLE_WITH_ACCOUNTS:
        raise NotAllowed(_("You decided this yourself: somebody else has to agree."))
    _must_not_be_own(row.order, by)


PEOPLE_WITH_ACCOUNTS = frozenset({"merchant", "support"})


def _waiting(pk: int) -> Compensation:
    row = Compensation.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotThere
    if not row.waits:
        state = "given" if row.given_at else "declined"
        raise WrongState(_("Somebody has decided about this already."), state=state)
    return row


def _must_be_sound(order: Order, *, amount: int, what: str, payer: str, reason: str, by: Actor, rule: str) -> None:
    if what not in What.values or payer not in rules.PAYERS:
        raise Invalid(code="not_a_compensation")
    if amount <= 0:
        raise Invalid(fields={"amount": _("Enter an amount above 0.")})
    if rule and rules.needs_second(amount, points=what == What.POINTS):
        raise ValueError("a rule gives no more than one person may")
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why. Colleagues and the customer read it.")})
    _must_not_be_own(order, by)


def _must_not_be_own(order: Order, by: Actor) -> None:
    if by.kind in PEOPLE_WITH_ACCOUNTS and by.id and by.id == str(order.customer.user_id or ""):
        raise NotAllowed(_("This is your own purchase. Somebody else must decide."))


def _give(row: Compensation, *, now: datetime) -> None:
    gift = {"amount": row.amount, "reference": row.reference, "order": row.order, "now": now}
    if row.what == What.POINTS:
        compensate_points(row.customer, case_ref=row.case_ref, **gift)
        return
    give = credit if row.what == What.BALANCE else issue_coupon
    give(
        row.customer, kind=rules.COMPENSATION, currency=row.currency, account=rules.PAYERS[row.payer], **gift
    )  # fmt: skip
