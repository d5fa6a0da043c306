"""What people do about a break: give it to somebody, close it with a reason and a proof, the second person above a
limit. Nothing here changes the books, but for the orders of a refund past this platform that only a person can name:
whoever finds a fault in them uses the services that exist for it.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.accounts.models import User
from refunds.matching import queries, rules, texts
from refunds.matching.events import ASSIGNED, CLOSED, LINKED, OURS, PLACED, PROPOSED, REFUSED
from refunds.matching.models import ExternalRefund, Match
from refunds.matching.services.external import SHARED, place_external, undo_external
from refunds.matching.services.finding import note
from refunds.payouts import states
from refunds.payouts.models import Break, Refund
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere, WrongState


def assign_break(break_id: int, *, to: int, by: Actor, now: datetime) -> Break:
    """Somebody else looks into it. to: a person's key. Raises Invalid for one who may not close it."""
    with transaction.atomic():
        found = _open_one(break_id)
        if to not in queries.owners():
            raise Invalid(fields={"owner": _("Choose somebody of finance.")})
        found.owner_id = to
        found.save(update_fields=["owner"])
        name = User.objects.get(pk=to).get_username()
        note([found], ASSIGNED, by=by, now=now, text=name)
    return found


def close_break(break_id: int, *, reason: str, proof: str, by: Actor, now: datetime) -> Break:
    """Say why the two differ and what proves it. Above the limit this only proposes: a second person agrees.

    reason: a code of texts.REASONS. Raises Invalid, or WrongState when it is closed or proposed already.
    """
    _must_be_said(reason, proof)
    with transaction.atomic():
        found = _open_one(break_id)
        if found.awaits_second_person:
            raise WrongState(_("Somebody has proposed how to close this already."), state="proposed")
        found.reason, found.note = reason, proof.strip()
        if needs_second(found):
            found.proposed_at, found.proposed_by_id = now, by.id
        else:
            found.closed_at, found.closed_by = now, by.name or by.id
        found.save()
        note([found], PROPOSED if found.is_open else CLOSED, by=by, now=now, text=f"{reason}: {found.note}")
    return found


def confirm_closing(break_id: int, *, by: Actor, now: datetime) -> Break:
    """Another person has seen the proof. Raises NotAllowed for the one who proposed it."""
    with transaction.atomic():
        found = _proposed_one(break_id)
        if by.id == found.proposed_by_id:
            raise NotAllowed(_("Somebody else has to agree to this."))
        found.closed_at, found.closed_by = now, by.name or by.id
        found.save()
        note([found], CLOSED, by=by, now=now, text=found.reason)
    return found


def refuse_closing(break_id: int, *, why: str, by: Actor, now: datetime) -> Break:
    """The proof does not convince: it is open again, and its history says why."""
    if not why.strip():
        raise Invalid(fields={"why": _("Say what is missing.")})
    with transaction.atomic():
        found = _proposed_one(break_id)
        found.proposed_at, found.proposed_by_id, found.reason, found.note = None, "", "", ""
        found.save()
        note([found], REFUSED, by=by, now=now, text=why.strip())
    return found


def link_external(break_id: int, *, number: str, by: Actor, now: datetime) -> Break:
    """The payout with the unknown number was this refund of ours, which two people have settled as paid.

    The payment no longer counts it a second time: its external booking is undone, the row belongs to the refund, and
    the break is closed. Raises Invalid or Conflict when the two do not fit.
    """
    source = Break.objects.filter(pk=break_id).values_list("source", flat=True).first()
    with transaction.atomic():
        queries.hold_channel(source or "")  # before the break, as the matching does
        found = _open_one(break_id)
        external = ExternalRefund.objects.select_for_update(of=("self",), no_key=True).filter(
            channel=found.source, channel_ref=found.theirs.get("channel_ref") or found.number, undone_at=None
        ).first()  # fmt: skip
        refund = Refund.objects.filter(number=number.strip()).first()
        if (
            ExternalRefund.objects.filter(
                channel=found.source, channel_ref=found.theirs.get("channel_ref") or found.number, undone_at=None
            ).count()
            > 1
        ):
            raise Invalid(fields={"number": _("It is booked on several orders, so it was no single refund of ours.")})
        if external is None or refund is None:
            raise Invalid(fields={"number": _("No refund has this number.")})
        _must_be_that(external, refund)
        undo_external(external, now=now, refund=refund)
        Match.objects.filter(finding=found).update(result="matched", refund=refund, finding=None, at=now)
        found.closed_at, found.closed_by, found.reason = now, by.name or by.id, OURS
        found.note = refund.number
        found.save()
        note([found], LINKED, by=by, now=now, text=refund.number)
        _close_missing(refund, by=by, now=now)
    return found


def place_break(break_id: int, *, parts: Mapping[int, int], by: Actor, now: datetime) -> Break:
    """Whose money it was, of a payment that several orders share: booked on them at once, and never guessed.

    parts: {payment key: minor units}, together what the channel's row says. The break stays open until somebody says
    why it was refunded there. Raises Invalid, Conflict where it is booked already, NotThere, WrongState.
    """
    source = Break.objects.filter(pk=break_id).values_list("source", flat=True).first()
    with transaction.atomic():
        queries.hold_channel(source or "")
        found = _open_one(break_id)
        payments = {payment.pk: payment for payment in queries.shared_parts(found)}
        if found.theirs.get("booked") != SHARED or not payments:
            raise Conflict(_("This is booked already, or is no payment that several orders share."))
        chosen = {payments.get(pk): amount for pk, amount in parts.items() if amount}
        if None in chosen or any(amount < 0 or amount > payment.amount for payment, amount in chosen.items()):
            raise Invalid(fields={"parts": _("No part is more than what was paid for its order.")})
        if sum(chosen.values()) != found.theirs.get("amount"):
            raise Invalid(fields={"parts": _("Together the parts are the sum that the channel says.")})
        line = next(line for line in queries.lines_in_force(source, {_key_of(found)}) if line.kind == "refund")
        found.theirs = found.theirs | {"booked": place_external(line, source, chosen, now=now)}
        found.save(update_fields=["theirs"])
        told = ", ".join(f"{payment.order.order_no}: {amount}" for payment, amount in chosen.items())
        note([found], PLACED, by=by, now=now, text=told)
    return found


def _key_of(found: Break) -> str:
    return rules.key_of(found.theirs.get("number", ""), found.theirs.get("channel_ref", ""))


def needs_second(found: Break) -> bool:
    return found.amount > queries.second_person_above()


def _close_missing(refund: Refund, *, by: Actor, now: datetime) -> None:
    """The refund is on a bill after all, under another number."""
    missing = Break.objects.select_for_update(of=("self",), no_key=True).filter(
        source=refund.channel, kind=rules.MISSING, reference=refund.number, closed_at=None
    )
    for found in missing:
        found.closed_at, found.closed_by, found.reason, found.note = now, by.name or by.id, OURS, refund.number
        found.save()
        note([found], LINKED, by=by, now=now, text=refund.number)


def _must_be_that(external: ExternalRefund, refund: Refund) -> None:
    same = (external.payment_id, external.amount, external.currency, external.channel)
    if same != (refund.payment_id, refund.amount, refund.currency, refund.channel):
        raise Invalid(fields={"number": _("That refund is of another payment or another sum.")})
    if refund.state != states.ARRIVED:
        raise Conflict(_("Two people have to settle that refund as paid first, with this row as the proof."))
    if Match.objects.filter(refund=refund, result="matched", line__kind="refund").exists():
        raise Conflict(_("That refund is on a bill already."))


def _must_be_said(reason: str, proof: str) -> None:
    wrong = {}
    if reason not in texts.REASONS:
        wrong["reason"] = _("Choose why it is closed.")
    if len(proof.strip()) < 5:
        wrong["proof"] = _("Say what proves it: a number, a document, whom you asked.")
    if wrong:
        raise Invalid(fields=wrong)


def _open_one(break_id: int) -> Break:
    found = Break.objects.select_for_update(of=("self",), no_key=True).filter(pk=break_id).first()
    if found is None:
        raise NotThere
    if not found.is_open:
        raise WrongState(_("Somebody has closed this already."), state="closed")
    return found


def _proposed_one(break_id: int) -> Break:
    found = _open_one(break_id)
    if not found.awaits_second_person:
        raise WrongState(_("Nobody has proposed to close this."), state="open")
    return found
