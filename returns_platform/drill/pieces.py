"""Pieces of a drill, each in a process of its own: nothing of one is left for the next, whatever it did to itself."""

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from returns_platform.stack.forks import Fork, fork
from returns_platform.stack.logs import tail


def done(jobs: list[tuple[str, Callable[[], Any]]], *, at_once: int, folder: Path) -> Iterator[tuple[str, Any]]:
    """Does each named job in a fork, so many at once; gives (name, what it returned) as they end.

    A job whose process dies gives the exception Died, with the end of its output.
    """
    waiting, running = list(jobs), {}
    assert threading.active_count() == 1, "only a process with one thread is forked"
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                name, job = waiting.pop(0)
                running[name] = _start(name, job, folder)
            for name, child in list(running.items()):
                if child.poll() is not None:
                    del running[name]
                    yield name, _result(name, child, folder)
            time.sleep(0.01)
    finally:
        for child in running.values():  # somebody pressed Ctrl-C
            os.killpg(child.pid, signal.SIGKILL)


class Died(Exception):
    """A piece ended without a result."""


def _start(name: str, job: Callable[[], Any], folder: Path) -> Fork:
    def main():
        result = pickle.dumps(job())
        draft = folder / f"{name}.draft"
        draft.write_bytes(result)
        draft.rename(folder / f"{name}.result")

    return fork(main, log=folder / f"{name}.log", closing=())


def _result(name: str, child: Fork, folder: Path) -> Any:
    kept = folder / f"{name}.result"
    if child.returncode or not kept.exists():
        return Died(f"{name} ended with {child.returncode}: {tail(folder / f'{name}.log')}")
    result = pickle.loads(kept.read_bytes())
    os.unlink(kept)
    return result
