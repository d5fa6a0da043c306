"""Two people who have proof say what became of a refund: the only way out besides the channel's own word."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from refunds.payouts import states
from refunds.payouts.models import Refund, Settlement
from refunds.payouts.services.moves import moving_refund, moving_refund_and_payment
from refunds.payouts.services.moving_back import return_to_balance
from refunds.payouts.services.promising import must_be_another_person, take_promise_back
from refunds.payouts.services.words import post_arrival, undo_arrival
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState

Outcome = Settlement.Outcome


def propose_settlement(refund_id: int, *, outcome: str, proof: str, by: Actor, now: datetime) -> Settlement:
    """Say with proof what became of a refund. Moves nothing yet.

    outcome: `paid` or `not_paid` of a manual or unknown one, `returned` of one that had arrived (T100). Raises
    Invalid and WrongState, also for money on a balance or a card, or given as a coupon: no bank ever had it.
    """
    if outcome not in Outcome.values or not proof.strip():
        raise Invalid(_("Say what became of it and what proves it."), fields={"proof": _("This is needed.")})
    with moving_refund(refund_id, by=by, now=now) as refund:
        must_be_possible(refund, outcome)
        Settlement.objects.filter(refund=refund, confirmed_at=None, dropped_at=None).update(dropped_at=now)
        return Settlement.objects.create(
            refund=refund, outcome=outcome, proof=proof, by_kind=by.kind, by_id=by.id, by_name=by.name, at=now
        )


def must_be_possible(refund: Refund, outcome: str) -> None:
    """Raises WrongState where this cannot have become of it."""
    if outcome == Outcome.RETURNED:
        if refund.pays_itself:
            raise WrongState(_("This money never went to a bank: the customer holds it here."), state=refund.state)
        if refund.state != states.ARRIVED:
            raise WrongState(_("It has not arrived, so no bank can have sent it back."), state=refund.state)
    elif refund.state not in (states.MANUAL, states.UNKNOWN):
        raise WrongState(_("This refund does not need a person."), state=refund.state)
    elif outcome == Outcome.PAID and refund.is_paid_by_hand:
        raise WrongState(_("A person pays this one: enter the transfer."), state=refund.state)


def confirm_settlement(settlement_id: int, *, by: Actor, now: datetime) -> Refund:
    """Another person has seen the proof: the refund is arrived, or closed or sent back and its money free again."""
    refund_id = Settlement.objects.values_list("refund_id", flat=True).get(pk=settlement_id)
    with moving_refund_and_payment(
        refund_id, by=by, now=now, note="two_people", data={"settlement": settlement_id}
    ) as refund:
        settlement = Settlement.objects.select_for_update().get(pk=settlement_id)
        if settlement.confirmed_at or settlement.dropped_at:
            raise WrongState(_("This proposal is not open any more."), state=refund.state)
        must_be_another_person(by, first=settlement.by, customer=refund.customer)
        must_be_possible(refund, settlement.outcome)
        settlement.second_kind, settlement.second_id, settlement.second_name = by.kind, by.id, by.name
        settlement.confirmed_at = now
        settlement.save()
        _settle(refund, outcome=settlement.outcome, now=now)
    return refund


def _settle(refund: Refund, *, outcome: str, now: datetime) -> None:
    if outcome == Outcome.RETURNED:
        undo_arrival(refund, now=now)
        return
    if outcome == Outcome.NOT_PAID:
        refund.close()
        take_promise_back(refund, now=now)
        return_to_balance(refund, now=now)
        return
    refund.arrive()
    refund.arrived_at = now
    work.done(refund)
    post_arrival(refund, now=now)
