"""Work whose calls may hang, done in threads beside the worker's own: it waits a little and goes on.

A courier or a channel that does not answer for ten seconds must hold up neither the others nor the worker's other
queues.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cached_property
from threading import BoundedSemaphore

from django.db import connection

log = logging.getLogger(__name__)


class Aside:
    """`at_once` threads of one process; a call waits for them `wait_s` at most."""

    def __init__(self, name: str, *, at_once: int = 8, wait_s: float = 2.0):
        self.name, self.at_once, self.wait_s = name, at_once, wait_s
        self._free = BoundedSemaphore(at_once)

    def work_off(self, step: Callable[[], object], *, wanted: int) -> None:
        """Let `wanted` threads, as far as they are free, repeat `step` until it finds nothing to do."""
        free = (None for _ in range(min(wanted, self.at_once)) if self._free.acquire(blocking=False))
        wait([self._threads.submit(self._repeat, step) for _ in free], timeout=self.wait_s)

    def settle(self) -> None:
        """Wait for every thread: tests do."""
        for _ in range(self.at_once):
            self._free.acquire()
        self._free.release(self.at_once)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """Made at the first use, which is in the process that works and not in the one it was forked from."""
        return ThreadPoolExecutor(self.at_once, thread_name_prefix=self.name)

    def _repeat(self, step: Callable[[], object]) -> None:
        try:
            while step():
                pass
        except Exception:
            log.exception("a %s thread stopped; the next sweep goes on", self.name)
        finally:
            connection.close()
            self._free.release()
