"""What the customer answers to a measure: an appeal, for a person who had no part in it; a deposit, or not."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.risk.models import Measure, MeasureAppeal
from aftersales.risk.services import measures
from aftersales.risk.services.measures import follow, lift, tell
from refunds.wallet.rules import DEPOSIT
from refunds.wallet.services import balance as wallet
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, NotAllowed, NotThere, WrongState
from returns_platform.kernel.fsm import moving

ANSWERED_WITHIN = timedelta(days=3)


def appeal(pk: int, *, text: str, by: Actor, now: datetime) -> MeasureAppeal:
    """The customer says why it is not so. While one is open another is the same; a measure can be appealed anew."""
    if not text.strip():
        raise Invalid(fields={"text": _("Tell us in a few words what is not right.")})
    with moving(Measure, pk, by=by, now=now) as measure:
        if not measure.is_told:
            raise WrongState(_("This is over already."), state=measure.state)
        open_one = measure.appeals.filter(answered_at=None).first()
        return open_one or MeasureAppeal.objects.create(
            measure=measure, text=text.strip(), at=now, due_at=now + ANSWERED_WITHIN
        )


@transaction.atomic
def answer_appeal(pk: int, *, outcome: str, answer: str, by: Actor, now: datetime) -> MeasureAppeal:
    """A person answers, with words for the customer. Raises NotAllowed for whoever had a part in the decision."""
    if outcome not in MeasureAppeal.Outcome.values:
        raise Invalid(fields={"outcome": _("Say whether it stands or is lifted.")})
    if not answer.strip():
        raise Invalid(fields={"answer": _("Write to the customer what you found.")})
    found = MeasureAppeal.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotThere
    if found.answered_at:
        raise WrongState(_("%(who)s has answered this already.") % {"who": found.answered_by_name}, state="answered")
    if found.measure.was_decided_by(by):
        raise NotAllowed(_("You had a part in this decision. Somebody else must answer."))
    found.outcome, found.answer, found.answered_at = outcome, answer.strip(), now
    found.answered_by_id, found.answered_by_name = by.id, by.name
    found.save()
    if outcome == MeasureAppeal.Outcome.LIFTED and found.measure.is_told:
        lift(found.measure_id, why=answer, by=by, now=now)
    else:  # it stands, or was over before somebody answered
        tell(found.measure, "credit_answered", occasion=f"appeal:{found.pk}", now=now)
    return found


# --- deposits ---------------------------------------------------------------------------------------------


def agree_to_deposit(pk: int, *, by: Actor, now: datetime) -> Measure:
    """The customer leaves the deposit, from the balance; limits rest while it lies here. Raises NotEnough."""
    with moving(Measure, pk, by=by, now=now, note="deposit_left") as measure:
        if measure.is_deposit and measure.is_in_force:
            return measure
        _must_be_offered(measure, now=now)
        wallet.debit(
            measure.customer, amount=measure.amount, kind=DEPOSIT, reference=measures.deposit_ref(measure),
            currency=measure.currency, now=now,
        )  # fmt: skip
        measure.start()
        measure.from_at, measure.until = now, now + timedelta(days=measure.days)
        follow(measure, now=now)
    return measure


def refuse_deposit(pk: int, *, by: Actor, now: datetime) -> Measure:
    """The customer does not want it. Nothing else changes."""
    with moving(Measure, pk, by=by, now=now, note="deposit_refused") as measure:
        _must_be_offered(measure, now=now)
        measure.decline()
        measure.ended_at = now
    return measure


def _must_be_offered(measure: Measure, *, now: datetime) -> None:
    if not measure.is_offered or measure.until <= now:
        raise WrongState(_("This offer is over."), state=measure.state)
