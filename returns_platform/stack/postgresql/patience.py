"""Cuts the line to a database that has stopped answering.

The server ends long statements itself; a frozen server cannot. Then only closing the socket frees the thread that
waits for it. One thread of the process looks once a second at who has waited too long.
"""

import contextlib
import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator

LOOK_EVERY_S = 0.5

_waiting: dict["Line", float] = {}  # until when each may wait
_one_thread = threading.Lock()
_watcher: threading.Thread | None = None


class Line:
    """The socket of one connection. Its descriptor is our own, so that it never names somebody else's socket."""

    def __init__(self, connection):
        self._descriptor = os.dup(connection.fileno())
        weakref.finalize(connection, os.close, self._descriptor)

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Whatever waits for the database within this block fails after so many seconds."""
        _watch()
        _waiting[self] = time.monotonic() + seconds
        try:
            yield
        finally:
            _waiting.pop(self, None)

    def cut(self) -> None:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._descriptor)) as line:
            line.shutdown(socket.SHUT_RDWR)


def _watch() -> None:
    global _watcher
    if _watcher:
        return
    with _one_thread:
        if not _watcher:
            _watcher = threading.Thread(target=_cut_who_waits_too_long, daemon=True, name="database patience")
            _watcher.start()


def _cut_who_waits_too_long() -> None:
    while True:
        time.sleep(LOOK_EVERY_S)
        now = time.monotonic()
        for line, until in list(_waiting.items()):
            if until < now:
                line.cut()


def _forget() -> None:
    """A forked child has no threads but the one that forked."""
    global _watcher
    _watcher = None
    _waiting.clear()


os.register_at_fork(after_in_child=_forget)
