"""Moving a row through its machine: lock, move, save, write the history row. One way for every machine.

A machine's model declares `state = FSMField(protected=True)` and transition methods that change this row's
own fields and nothing else. Its history is a concrete `Move` with `row = ForeignKey(..., related_name="moves")`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import models, transaction
from django_fsm import TransitionNotAllowed
from django_fsm.signals import post_transition

from returns_platform.kernel.actors import KINDS, Actor
from returns_platform.kernel.errors import NotThere, WrongState


class Machine(models.Model):
    """A row with a state. `version` counts its moves, so a lost update cannot hide (I18)."""

    version = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Move(models.Model):
    """One change of state: who, when, from where to where, and why. Never edited."""

    seq = models.PositiveIntegerField()
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    by_kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    by_id = models.CharField(max_length=100, blank=True)
    by_name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=100, blank=True)  # a stable code; the page renders it
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ("seq",)

    @property
    def by(self) -> Actor:
        return Actor(self.by_kind, self.by_id, self.by_name)


@contextmanager
def moving(
    model: type[Machine], pk, *, by: Actor, now: datetime, note: str = "", data: dict | None = None
) -> Iterator[Machine]:
    """Lock the row, let the caller call its transitions, save it and write one Move per transition.

    Raises NotThere without such a row, WrongState when a transition is refused.
    Work that follows belongs into the same block, so that both are committed or neither.
    """
    with transaction.atomic():
        # NO KEY: rows elsewhere that point at this one may be written meanwhile. A full lock deadlocks with them.
        row = model.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
        if row is None:
            raise NotThere
        row._moved = []
        try:
            yield row
        except TransitionNotAllowed as refused:
            raise WrongState(state=row.state) from refused
        record_moves(row, by=by, now=now, note=note, data=data)


def record_moves(row: Machine, *, by: Actor, now: datetime, note: str = "", data: dict | None = None) -> None:
    """Save a locked row and write the history of the transitions called on it since it was loaded."""
    moved, row._moved = row.__dict__.get("_moved", []), []
    seq = row.version
    row.version += len(moved)
    row.save()
    history = move_model(type(row))
    history.objects.bulk_create(
        history(
            row=row, seq=seq + step, from_state=source, to_state=target, by_kind=by.kind, by_id=by.id,
            by_name=by.name, note=note, data=data or {}, at=now,
        )
        for step, (source, target) in enumerate(moved, start=1)
    )  # fmt: skip


def begin(
    row: Machine, *, by: Actor, now: datetime, note: str = "", data: dict | None = None, then_by: Actor | None = None
) -> Machine:
    """Insert a new row and write the Move into its initial state.

    Transitions called on it before are written too, as moves of `then_by` where somebody else made them.
    They stay on the row as `first_moves`, so that who tells of it at once need not read them back.
    """
    moved = row.__dict__.get("_moved", [])
    initial = moved[0][0] if moved else row.state
    row._moved, row.version = [], 1 + len(moved)
    row.save(force_insert=True)
    history = move_model(type(row))
    steps = [("", initial, by), *((source, target, then_by or by) for source, target in moved)]
    row.first_moves = history.objects.bulk_create(
        history(
            row=row, seq=seq, from_state=source, to_state=target, by_kind=actor.kind, by_id=actor.id,
            by_name=actor.name, note=note if seq == 1 else "", data=data or {}, at=now,
        )
        for seq, (source, target, actor) in enumerate(steps, start=1)
    )  # fmt: skip
    return row


def reload(row: Machine) -> Machine:
    """`refresh_from_db` leaves a protected state stale without a word: forget the value first."""
    row.__dict__.pop("state", None)
    row.refresh_from_db()
    return row


def move_model(model: type[Machine]) -> type[Move]:
    return model._meta.get_field("moves").related_model


def _remember(sender, instance, name, source, target, **kwargs) -> None:
    if isinstance(instance, Machine):
        instance.__dict__.setdefault("_moved", []).append((str(source), str(target)))


post_transition.connect(_remember, dispatch_uid="kernel.fsm.remember")
