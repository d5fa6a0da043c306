"""What a person does about money that does not move by itself. Who may is asked at the door."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from refunds.payouts import queries, states
from refunds.payouts.models import Break, Refund
from refunds.payouts.services.moves import lock_payments, moving_refund, wake_the_payer
from refunds.payouts.services.promising import open_refund
from refunds.payouts.services.words import FROZEN_BY
from returns_platform.kernel import work
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, WrongState

ONLY_ASK = FROZEN_BY | {"account_abnormal", "vanished"}  # the channel may hold or have paid the money


def retry(refund_id: int, *, by: Actor, now: datetime) -> Refund:
    """Send a refund that is with a person once more, with the same number. Raises WrongState."""
    with moving_refund(refund_id, by=by, now=now, note="retry") as refund:
        if refund.problem in ONLY_ASK or refund.state == states.UNKNOWN:
            raise WrongState(_("The channel has to be asked first."), state=refund.state)
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
        if refund.state not in (states.MANUAL, states.UNKNOWN, states.ACCEPTED) or refund.pays_itself:
            raise WrongState(_("There is nothing to ask the channel."), state=refund.state)
        work.due_again(refund, at=now)
        wake_the_payer()
    return refund


def send_anew(refund_id: int, *, by: Actor, now: datetime) -> Refund:
    """Open another refund, with a new number, for one that the channel has closed. Raises WrongState, Conflict."""
    with transaction.atomic():
        lock_payments(Refund.objects.filter(pk=refund_id))
        closed = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
        if closed.state not in (states.CLOSED, states.RETURNED_BY_BANK):
            raise WrongState(_("Only a refund that came to nothing is replaced."), state=closed.state)
        of_case = Refund.objects.filter(case_ref=closed.case_ref)
        if of_case.filter(replaces=closed).exists():
            raise Conflict(_("It has been replaced already."), code="replaced")
        return open_refund(
            payment=closed.payment, case_ref=closed.case_ref, serial=queries.next_serial(closed.case_ref),
            amount=closed.amount, authorisation=closed.authorisation, destination=closed.destination,
            customer=closed.customer, hold_s=settings.REFUND_HOLD_S, second_person=False, now=now,
            bonus=closed.bonus, platform_share=closed.platform_share, replaces=closed, by=by,
        )  # fmt: skip


def close_break(break_id: int, *, by: Actor, note: str, now: datetime) -> Break:
    """A person has found out why the two differ, and says so. Raises WrongState when it is closed."""
    with transaction.atomic():
        found = Break.objects.select_for_update().get(pk=break_id)
        if found.closed_at:
            raise WrongState(_("Somebody has closed this already."), state="closed")
        found.closed_at, found.closed_by, found.note = now, by.name or by.id, note
        found.save()
    return found
