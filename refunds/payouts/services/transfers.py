"""Bank transfers by hand: one person pays outside and enters the bank's number, another one has seen it leave."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from refunds.payouts import states
from refunds.payouts.models import Refund, RouteChange, Transfer
from refunds.payouts.services.batches import take_off_sheets
from refunds.payouts.services.moves import moving_refund
from refunds.payouts.services.promising import must_be_another_person
from refunds.payouts.services.words import post_arrival
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotThere, WrongState

LEAST_LETTERS = 6  # of a bank's number


class ProofUsed(Conflict):
    code = "proof_used"
    default = _("This number is entered at another refund already.")


def enter_transfer(refund_id: int, *, proof_no: str, by: Actor, now: datetime, with_photo: bool = False) -> Transfer:
    """The money was transferred under this number of the bank: accepted, and waiting for another person.

    with_photo: the bank's slip was photographed, which a sum above the limit needs. The same number at the same
    refund again changes nothing. Raises Invalid, WrongState, ProofUsed, NotAllowed.
    """
    proof_no = "".join(proof_no.split()).upper()
    if not LEAST_LETTERS <= len(proof_no) <= 64 or not proof_no.isascii():
        raise Invalid(fields={"proof_no": _("Enter the bank's number of the transfer: 6 to 64 letters and digits.")})
    with moving_refund(refund_id, by=by, now=now, note="transferred", data={"proof_no": proof_no}) as refund:
        known = Transfer.objects.filter(refund=refund, dropped_at=None).first()
        if known and known.proof_no == proof_no:
            return known
        if refund.state != states.MANUAL or not refund.is_paid_by_hand:
            raise WrongState(_("This refund does not wait for a transfer."), state=refund.state)
        _must_not_have_asked_for_it(refund, by)
        if refund.amount > settings.TRANSFER_LIMIT and not with_photo:
            raise Invalid(fields={"photo": _("A sum like this needs a photo of the bank's slip.")})
        entered = _insert(refund, proof_no, by=by, now=now)
        refund.accept()
        refund.accepted_at = refund.asked_at = now
        refund.channel_ref = proof_no
        work.done(refund)
    return entered


def _must_not_have_asked_for_it(refund: Refund, by: Actor) -> None:
    """Nobody both asks for another way and pays it, and nobody pays themselves."""
    change = RouteChange.objects.filter(replacement=refund).first()
    must_be_another_person(by, first=change.by if change else Actor("system"), customer=refund.customer)


def _insert(refund: Refund, proof_no: str, *, by: Actor, now: datetime) -> Transfer:
    try:
        with transaction.atomic():
            return Transfer.objects.create(
                refund=refund, proof_no=proof_no, by_kind=by.kind, by_id=by.id, by_name=by.name, at=now
            )
    except IntegrityError as taken:
        raise ProofUsed(fields={"proof_no": ProofUsed.default}) from taken


def confirm_transfer(transfer_id: int, *, by: Actor, now: datetime) -> Refund:
    """Another person has seen it on the bank's statement: arrived, and posted. Raises WrongState, NotAllowed."""
    with moving_refund(_refund_of(transfer_id), by=by, now=now, note="transfer_seen") as refund:
        entered = _locked(transfer_id, refund)
        must_be_another_person(by, first=entered.by, customer=refund.customer)
        entered.second_kind, entered.second_id, entered.second_name = by.kind, by.id, by.name
        entered.confirmed_at = now
        entered.save(update_fields=["second_kind", "second_id", "second_name", "confirmed_at"])
        refund.arrive()
        refund.arrived_at = now
        post_arrival(refund, now=now)
    return refund


def drop_transfer(transfer_id: int, *, why: str, by: Actor, now: datetime) -> Refund:
    """It is not on the statement, or was entered at the wrong refund: it waits for a transfer again."""
    if not why.strip():
        raise Invalid(fields={"why": _("Say why. Colleagues read it.")})
    with moving_refund(_refund_of(transfer_id), by=by, now=now, note="transfer_dropped") as refund:
        entered = _locked(transfer_id, refund)
        entered.dropped_at, entered.dropped_by, entered.dropped_why = now, by.name or by.id, why.strip()[:300]
        entered.save(update_fields=["dropped_at", "dropped_by", "dropped_why"])
        take_off_sheets(refund, why=why, by=by, now=now)
        refund.hand_over("transfer")
        refund.accepted_at, refund.channel_ref = None, ""
    return refund


def _refund_of(transfer_id: int) -> int:
    refund_id = Transfer.objects.filter(pk=transfer_id).values_list("refund_id", flat=True).first()
    if refund_id is None:
        raise NotThere
    return refund_id


def _locked(transfer_id: int, refund: Refund) -> Transfer:
    entered = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer_id)
    if entered.confirmed_at or entered.dropped_at or refund.state != states.ACCEPTED:
        raise WrongState(_("This transfer is not open any more."), state=refund.state)
    return entered
