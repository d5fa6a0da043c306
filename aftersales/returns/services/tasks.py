"""Work for a person of the platform: opened once, closed with a note."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales.returns.models import ReturnRequest, SupportTask
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Invalid, NotThere, WrongState

DUE_AFTER = timedelta(hours=24)


def open_task(
    kind: str, reference: str, *, now: datetime, request: ReturnRequest | None = None, order=None,
    data: dict | None = None,
) -> None:  # fmt: skip
    """Open a task unless one of its kind is open for the same thing."""
    task = SupportTask(
        kind=kind, reference=reference, request=request, order=order or (request and request.order),
        data=data or {}, opened_at=now, due_at=now + DUE_AFTER,
    )  # fmt: skip
    SupportTask.objects.bulk_create([task], ignore_conflicts=True)


def close_found(reference: str, *, note: str, by: Actor = SYSTEM, now: datetime) -> None:
    """Nobody has to look for the missing units any more. note: why, for colleagues."""
    open_one = SupportTask.objects.filter(kind="units_missing", reference=reference, closed_at=None)
    open_one.update(closed_at=now, closed_by=by.name, closing_note=note)


@transaction.atomic
def close_task(pk: int, *, note: str, by: Actor, now: datetime) -> SupportTask:
    """Close a task with the words that explain what was done."""
    if not note.strip():
        raise Invalid(fields={"note": _("Say what was done.")})
    task = SupportTask.objects.select_for_update().filter(pk=pk).first()
    if task is None:
        raise NotThere
    if task.closed_at:
        told = _("%(who)s has closed this task already: %(note)s")
        raise WrongState(told % {"who": task.closed_by, "note": task.closing_note}, state="closed")
    task.closed_at, task.closed_by, task.closing_note = now, by.name, note
    task.save()
    return task
