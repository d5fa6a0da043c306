"""Breaks are opened, taken up again, and closed by themselves once the two sides say the same. In bulk: a bill has
ten thousand rows.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from refunds.matching import queries, rules
from refunds.matching.events import AGAIN, AGREED, ASSIGNED, FOUND, GONE, HURRY
from refunds.payouts.models import Break, BreakEvent
from returns_platform.kernel.actors import SYSTEM, Actor

Key = tuple[str, str]  # kind and reference, within one source


def record(findings: Iterable[Break], *, now: datetime) -> dict[Key, Break]:
    """The breaks of these findings, all of one source: new ones with their owner, old ones as they stand.

    One that a person closed stays closed; one that was closed because it was gone, and is back, is open again.
    Constant in queries.
    """
    wanted = {(found.kind, found.reference): found for found in findings}
    if not wanted:
        return {}
    source = next(iter(wanted.values())).source
    references = {reference for _kind, reference in wanted}
    kept = {
        (found.kind, found.reference): found
        for found in Break.objects.select_for_update(of=("self",), no_key=True)
        .filter(source=source, reference__in=references)
        .order_by("pk")
        if (found.kind, found.reference) in wanted
    }
    new = [found for key, found in wanted.items() if key not in kept]
    _open(new, now=now)
    _keep_up(kept, wanted)
    _take_up_again([found for found in kept.values() if found.reason == AGREED and not found.is_open], now=now)
    return kept | {(found.kind, found.reference): found for found in new}


def _open(new: list[Break], *, now: datetime) -> None:
    for found in new:
        found.opened_at = now
    _give_out(new)
    for found in new:
        if found.kind in rules.WRONG_SUMS and found.owner_id:
            found.alerted_at = now
    Break.objects.bulk_create(new)
    note(new, FOUND, by=SYSTEM, now=now)


def _keep_up(kept: dict[Key, Break], wanted: dict[Key, Break]) -> None:
    """An open break shows what a corrected bill says now."""
    stale = [
        found for key, found in kept.items()
        if found.is_open and (found.amount, found.theirs) != (wanted[key].amount, wanted[key].theirs)
    ]  # fmt: skip
    for found in stale:
        now_said = wanted[found.kind, found.reference]
        found.amount, found.currency, found.theirs = now_said.amount, now_said.currency, now_said.theirs
    Break.objects.bulk_update(stale, ["amount", "currency", "theirs"])


def _take_up_again(back: list[Break], *, now: datetime) -> None:
    for found in back:
        found.closed_at, found.closed_by, found.reason, found.note = None, "", "", ""
    Break.objects.bulk_update(back, ["closed_at", "closed_by", "reason", "note"])
    note(back, AGAIN, by=SYSTEM, now=now)


def close_settled(gone: QuerySet[Break], *, now: datetime) -> None:
    """What no longer differs needs nobody: closed by the system, with its own reason."""
    found = list(gone.filter(closed_at=None).select_for_update(of=("self",), no_key=True).order_by("pk"))
    for each in found:
        each.closed_at, each.reason = now, AGREED
        each.proposed_at, each.proposed_by_id = None, ""
    Break.objects.bulk_update(found, ["closed_at", "reason", "proposed_at", "proposed_by_id"])
    note(found, GONE, by=SYSTEM, now=now)


# --- owners -----------------------------------------------------------------------------------------------


def assign_owners(*, now: datetime) -> int:
    """Everything that is open gets a person, by who has the fewest; and wrong sums and old ones say so to them."""
    with transaction.atomic():
        free = Break.objects.filter(closed_at=None, owner=None).order_by("opened_at", "pk")
        without = list(free.select_for_update(of=("self",), skip_locked=True)[:1000])
        _give_out(without)
        given = [found for found in without if found.owner_id]
        Break.objects.bulk_update(given, ["owner"])
        note(given, ASSIGNED, by=SYSTEM, now=now)
    return len(given)


def hurry(*, now: datetime) -> int:
    """Tell the owners of what is overdue, and of wrong sums, once."""
    with transaction.atomic():
        late = queries.overdue_breaks(now) | Break.objects.filter(closed_at=None, kind__in=rules.WRONG_SUMS)
        waiting = late.filter(alerted_at=None, owner__isnull=False).order_by("pk")
        urgent = list(waiting.select_for_update(of=("self",), skip_locked=True)[:1000])
        for found in urgent:
            found.alerted_at = now
        Break.objects.bulk_update(urgent, ["alerted_at"])
        note(urgent, HURRY, by=SYSTEM, now=now)
    return len(urgent)


def _give_out(breaks: list[Break]) -> None:
    without = [found for found in breaks if not found.owner_id]
    for found, person in zip(without, rules.owners(queries.owners() if without else {}, len(without)), strict=False):
        found.owner_id = person


# --- history ----------------------------------------------------------------------------------------------


def note(breaks: Iterable[Break], what: str, *, by: Actor, now: datetime, text: str = "") -> None:
    """Write down what happened, to all of them at once."""
    BreakEvent.objects.bulk_create(
        BreakEvent(found=found, what=what, by_kind=by.kind, by_id=by.id, by_name=by.name, note=text[:600], at=now)
        for found in breaks
    )
