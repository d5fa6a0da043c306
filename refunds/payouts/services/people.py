"""What a person does about money that does not move by itself. Who may is asked at the door."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from refunds.payouts import states
from refunds.payouts.models import Refund
from refunds.payouts.services.moves import moving_refund, wake_the_payer
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import WrongState


def retry(refund_id: int, *, by: Actor, now: datetime) -> Refund:
    """Send a refund that is with a person once more, with the same number. Raises WrongState."""
    with moving_refund(refund_id, by=by, now=now, note="retry") as refund:
        if refund.is_paid_by_hand:
            raise WrongState(_("A person pays this one: enter the transfer."), state=refund.state)
        if refund.problem in states.ONLY_ASK or refund.state in (states.UNKNOWN, states.ACCEPTED):
            raise WrongState(_("The channel has to be asked first."), state=refund.state)
        if refund.other_way:
            raise WrongState(_("The customer has chosen another way."), state=refund.state)
        refund.tries = 0
        if refund.state in (states.PROMISED, states.SENDING):
            refund.problem = ""  # it had only run out of tries
        else:
            refund.send()
        work.due_again(refund, at=now)
        wake_the_payer()
    return refund


def ask_again(refund_id: int, *, by: Actor, now: datetime) -> Refund:
    """Ask the channel now what became of a refund: its answer, compared with ours, decides. Raises WrongState."""
    with moving_refund(refund_id, by=by, now=now) as refund:
        if refund.state not in (states.MANUAL, states.UNKNOWN, states.ACCEPTED) or not refund.can_be_asked_about:
            raise WrongState(_("There is nothing to ask the channel."), state=refund.state)
        work.due_again(refund, at=now)
        wake_the_payer()
    return refund
