"""Transfers by hand in batches: picked, on one sheet for the bank, and on no other until they are taken off it."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from refunds.payouts import queries, states
from refunds.payouts.models import BatchedTransfer, PayeeLook, Refund, TransferBatch
from refunds.payouts.payees import Payee
from returns_platform.kernel import sealing
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotThere

MOST = 200  # rows of one sheet


@transaction.atomic
def make_batch(refund_ids: Iterable[int], *, by: Actor, now: datetime) -> TransferBatch:
    """Put refunds that wait for a transfer on a new sheet. One that cannot be on it refuses the whole.

    Raises Invalid where nothing is picked or a sum is above the limit, Conflict where somebody was faster.
    """
    wanted = sorted(set(refund_ids))
    if not wanted or len(wanted) > MOST:
        raise Invalid(_("Pick 1 to %(most)s transfers.") % {"most": MOST})
    rows = list(Refund.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk"))
    payees = queries.payees_of(rows)
    for refund in rows:
        _must_fit(refund, known=refund.pk in payees)
    if len(rows) != len(wanted):
        raise NotThere
    batch = TransferBatch.objects.create(by_kind=by.kind, by_id=by.id, by_name=by.name, at=now)
    try:
        with transaction.atomic():
            BatchedTransfer.objects.bulk_create(BatchedTransfer(batch=batch, refund=refund) for refund in rows)
    except IntegrityError as clash:
        raise Conflict(_("One of these is on another sheet already. Nothing was done.")) from clash
    return batch


def _must_fit(refund: Refund, *, known: bool) -> None:
    about = {"number": refund.number}
    if refund.state != states.MANUAL or not refund.is_paid_by_hand:
        raise Conflict(_("%(number)s does not wait for a transfer any more. Nothing was done.") % about)
    if refund.amount > settings.TRANSFER_LIMIT:
        raise Invalid(_("%(number)s is above the limit of one transfer: it is made and proved alone.") % about)
    if not known:
        raise Invalid(_("The customer named no account for %(number)s.") % about)


def read_sheet(batch: TransferBatch, *, by: Actor, now: datetime) -> list[tuple[Refund, Payee]]:
    """What the bank needs of every row that still waits; that somebody read the accounts is kept."""
    rows = [row.refund for row in queries.rows_of(batch) if row.refund.state == states.MANUAL]
    changes = queries.payees_of(rows)
    PayeeLook.objects.bulk_create(
        PayeeLook(
            change=change, by_id=by.id, by_name=by.name or by.id, reason=f"batch {batch.pk}", at=now
        )
        for change in changes.values()
    )  # fmt: skip
    return [
        (row, Payee(change.payee_name, change.payee_bank, sealing.unseal(change.payee_account)))
        for row in rows
        if (change := changes.get(row.pk))
    ]


@transaction.atomic
def take_off(row_id: int, *, why: str, by: Actor, now: datetime) -> BatchedTransfer:
    """The bank did not take it: it waits for another sheet. Raises Invalid, NotThere, Conflict once it is entered."""
    if not why.strip():
        raise Invalid(fields={"why": _("Say why. Colleagues read it.")})
    row = BatchedTransfer.objects.filter(pk=row_id, taken_off_at=None).select_related("refund").first()
    if row is None:
        raise NotThere
    refund = Refund.objects.select_for_update(of=("self",), no_key=True).get(pk=row.refund_id)
    if refund.state != states.MANUAL:
        raise Conflict(_("This transfer was entered already."))
    take_off_sheets(refund, why=why, by=by, now=now)
    return row


def take_off_sheets(refund: Refund, *, why: str, by: Actor, now: datetime) -> None:
    """A locked refund may be put on another sheet."""
    BatchedTransfer.objects.filter(refund=refund, taken_off_at=None).update(
        taken_off_at=now, taken_off_by=by.name or by.id, taken_off_why=why.strip()[:300]
    )
