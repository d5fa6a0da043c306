"""Refunds that do not move by themselves get an owner and a clock, and keep both until the money is there.

`keep_up` runs in the transaction of every move of a refund. What no move tells (a promise that passes, a silence that
grows, an owner who is missing) the sweep finds: `look_after_exceptions`.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.accounts.models import User
from refunds.payouts import guide, queries, states
from refunds.payouts.models import ExceptionEvent, Refund, RefundException, Transfer
from refunds.signals import exception_assigned
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, NotThere, WrongState

log = logging.getLogger(__name__)
Closed = RefundException.Closed


# --- along with every move --------------------------------------------------------------------------------


def keep_up(refund: Refund, *, by: Actor, now: datetime) -> None:
    """Open, change or close the exception of a refund that was just saved, in the same transaction."""
    kind = guide.kind_of(state=refund.state, problem=refund.problem)
    if refund.state in states.CAME_TO_NOTHING and _goes_on_by_itself(refund):
        return
    if kind:
        _open_or_change(refund, kind, by=by, now=now)
    elif refund.state == states.ARRIVED:
        _close_all_that_waited(refund, by=by, now=now)
    elif refund.state == states.CANCELLED:
        _close_open(refund, how=Closed.CANCELLED, proof=f"cancelled:{refund.number}", by=by, now=now)


def _goes_on_by_itself(refund: Refund) -> bool:
    """Another number took its place already, or is about to: money on the balance comes back only to move on."""
    return refund.pays_itself or Refund.objects.filter(replaces=refund).exists()


def _open_or_change(refund: Refund, kind: str, *, by: Actor, now: datetime) -> None:
    found = _open_of(refund)
    if found is None:
        open_exception(refund, kind, by=by, now=now)
    elif found.kind != kind:
        found.kind, found.due_at = kind, now + guide.due_after(kind)
        found.save(update_fields=["kind", "due_at"])
        _write(found, "became", note=kind, by=by, now=now)


def open_exception(refund: Refund, kind: str, *, by: Actor, now: datetime) -> RefundException:
    """Give a refund an owner and a clock. The refund is locked, and has no open exception."""
    owner = queries.next_owner(refund)
    opened = RefundException.objects.create(
        refund=refund, kind=kind, owner=owner, assigned_at=owner and now, opened_at=now,
        due_at=now + guide.due_after(kind),
    )  # fmt: skip
    _write(opened, "opened", note=kind, by=by, now=now)
    if owner:
        _tell_owner(opened)
    return opened


def _close_all_that_waited(refund: Refund, *, by: Actor, now: datetime) -> None:
    """The money is there: this number's exception, and those of every number that it took the place of."""
    how, proof = _how_it_arrived(refund)
    _close_open(refund, how=how, proof=proof, by=by, now=now)
    while refund.replaces_id:
        later, refund = refund, refund.replaces
        _close_open(refund, how=Closed.REPLACED, proof=later.number, by=by, now=now)


def _how_it_arrived(refund: Refund) -> tuple[str, str]:
    transfer = Transfer.objects.filter(refund=refund, confirmed_at__isnull=False, dropped_at=None).first()
    if transfer:
        return Closed.SETTLED, transfer.proof_no
    settled = refund.settlements.filter(confirmed_at__isnull=False, outcome="paid").last()
    if settled:
        return Closed.SETTLED, settled.proof
    return Closed.ARRIVED, refund.channel_ref or refund.number


def _close_open(refund: Refund, *, how: str, proof: str, by: Actor, now: datetime) -> None:
    found = _open_of(refund)
    if found is not None:
        found.closed_at, found.closed_how, found.proof = now, how, proof[:300]
        found.save(update_fields=["closed_at", "closed_how", "proof"])
        _write(found, "closed", note=f"{how}: {proof}", by=by, now=now)


def _open_of(refund: Refund) -> RefundException | None:
    return RefundException.objects.select_for_update(of=("self",)).filter(refund=refund, closed_at=None).first()


# --- whose it is ------------------------------------------------------------------------------------------


def hand_exception(exception_id: int, *, to: User, by: Actor, now: datetime) -> RefundException:
    """Take an exception oneself, or hand it to a colleague. Raises NotThere, WrongState, NotAllowed, Invalid."""
    with transaction.atomic():
        found = RefundException.objects.select_for_update(of=("self",)).filter(pk=exception_id).first()
        if found is None:
            raise NotThere
        if not found.is_open:
            raise WrongState(_("This is closed already."), state="closed")
        if to.pk == found.refund.customer.user_id:
            raise NotAllowed(_("Nobody looks after money of their own."))
        if not queries.may_own(to):
            raise Invalid(fields={"to": _("Choose a colleague who looks after refunds.")})
        if found.owner_id != to.pk:
            found.owner, found.assigned_at = to, now
            found.save(update_fields=["owner", "assigned_at"])
            _write(found, "taken" if by.id == str(to.pk) else "handed", note=_name(to), by=by, now=now)
            _tell_owner(found)
    return found


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()


def _write(found: RefundException, what: str, *, note: str, by: Actor, now: datetime) -> None:
    ExceptionEvent.objects.create(
        exception=found, what=what, note=note[:300], by_kind=by.kind, by_id=by.id, by_name=by.name, at=now
    )


def _tell_owner(found: RefundException) -> None:
    """After commit; a sweep above tells whoever was not told."""
    exception_id = found.pk

    def send():
        exception_assigned.send_robust(sender=RefundException, exception_id=exception_id)

    transaction.on_commit(send)


# --- what no move tells -----------------------------------------------------------------------------------


def look_after_exceptions(now: datetime, *, limit: int = 200) -> int:
    """Open what grew into an exception by waiting, and give an owner to what has none. How many were opened."""
    opened = 0
    for kind, rows in queries.waiting_too_long(now).items():
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:limit]:
            opened += _open_by_sweep(pk, kind, now=now)
    for pk in queries.without_owner().values_list("pk", flat=True)[:limit]:
        _find_owner(pk, now=now)
    return opened


def _open_by_sweep(refund_id: int, kind: str, *, now: datetime) -> bool:
    with transaction.atomic():
        refund = Refund.objects.select_for_update(of=("self",), no_key=True).get(pk=refund_id)
        still = queries.waiting_too_long(now)[kind].filter(pk=refund_id).exists()
        if not still:
            return False
        kind = guide.kind_of(state=refund.state, problem=refund.problem) or kind
        open_exception(refund, kind, by=SYSTEM, now=now)
    return True


def _find_owner(exception_id: int, *, now: datetime) -> None:
    with transaction.atomic():
        found = RefundException.objects.select_for_update(of=("self",)).get(pk=exception_id)
        owner = queries.next_owner(found.refund) if found.is_open and found.owner_id is None else None
        if owner is None:
            return
        found.owner, found.assigned_at = owner, now
        found.save(update_fields=["owner", "assigned_at"])
        _write(found, "handed", note=_name(owner), by=SYSTEM, now=now)
        _tell_owner(found)
