"""One way to change a replacement: lock, move, save, and tell the request above after commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from aftersales.replacements.models import Replacement
from aftersales.replacements.signals import tell_replacement_moved
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.fsm import moving


@contextmanager
def moving_replacement(
    pk: int, *, by: Actor, now: datetime, note: str = "", data: dict | None = None
) -> Iterator[Replacement]:
    """As `moving`; where it moved, the news is told after commit."""
    with moving(Replacement, pk, by=by, now=now, note=note, data=data) as replacement:
        version = replacement.version
        yield replacement
    if replacement.version != version:
        tell_replacement_moved(pk)
