"""File locks. They end with the process that holds them, also after `kill -9`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Taken(Exception):
    """Somebody else holds the lock."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Waits until nobody else is in here."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def hold_shared(path: Path) -> int:
    """Held until `os.close` of the answer. Never unlocked: a forked child would lose its share with ours."""
    return _hold(path, fcntl.LOCK_SH)


def hold_alone(path: Path) -> int:
    """As `hold_shared`, but nobody else may hold it; raises Taken."""
    return _hold(path, fcntl.LOCK_EX)


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock, shared or alone, at this moment."""
    try:
        os.close(hold_alone(path))
    except Taken:
        return False
    return True


def _hold(path: Path, kind: int) -> int:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Taken(path.name) from None
    return descriptor


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
