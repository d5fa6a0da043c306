"""Keeps the parts of the product alive: what dies is started again, what cannot live stops everything."""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from returns_platform.stack import processes
from returns_platform.stack.folders import StackError
from returns_platform.stack.logs import say
from returns_platform.stack.processes import Process

LOOK_EVERY_S = 0.1
LONGEST_PAUSE_S = 30
TOO_MANY_DEATHS = 5
WITHIN_S = 60
FAREWELL_S = 6


class Child(Protocol):
    """A `Popen` or a `Fork`."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...


class Part:
    """One process and how to start it again. `adopted` is one that runs already and is not our child."""

    def __init__(self, name: str, start: Callable[[], Child], *, adopted: Process | None = None):
        self.name = name
        self.process = adopted
        self.due_at = 0.0
        self._start = start
        self._child: Child | None = None
        self._deaths: deque[float] = deque(maxlen=TOO_MANY_DEATHS)
        self._pause_s = 1
        self._started_at = time.monotonic()

    @property
    def alive(self) -> bool:
        if self._child:
            return self._child.poll() is None  # also reaps it
        return bool(self.process and self.process.alive)

    @property
    def age_s(self) -> float:
        """For how long it has been running; 0 while it does not."""
        return time.monotonic() - self._started_at if self.process else 0

    def end(self) -> None:
        """It does not work any more: the next look finds it dead and starts it again."""
        if self.process:
            processes.kill_session(self.process.pid)

    def start(self) -> None:
        self._started_at = time.monotonic()
        self.take(self._start())

    def take(self, child: Child) -> None:
        self._child = child
        self.process = Process.of(child.pid)

    def start_or_count(self, now: float) -> None:
        try:
            self.start()
        except (StackError, OSError) as error:
            self.count_death(now, str(error))

    def bury(self, now: float) -> None:
        """It died: end what it left in its session, and start it again after a pause that doubles."""
        processes.kill_session(self.process.pid)
        self.count_death(now, f"ended ({_how(self._child)})")

    def count_death(self, now: float, reason: str) -> None:
        if now - self._started_at > WITHIN_S:
            self._pause_s = 1
        self.process = self._child = None
        self._deaths.append(now)
        if len(self._deaths) == TOO_MANY_DEATHS and now - self._deaths[0] < WITHIN_S:
            raise StackError(f"{self.name} {reason}, {TOO_MANY_DEATHS} times within a minute: everything stops.")
        say(f"{self.name} {reason}; again in {self._pause_s} s")
        self.due_at = now + self._pause_s
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)


class Supervisor:
    """`changed` is called after each start and death, `tick` about every second."""

    def __init__(self, parts: list[Part], *, changed: Callable[[], None], tick: Callable[[], None]):
        self.parts = parts
        self._changed = changed
        self._tick = tick
        self._asked_to_stop = threading.Event()

    def run(self) -> None:
        """Until somebody asks to stop; raises StackError when a part cannot live."""
        next_tick = 0.0
        while not self._asked_to_stop.wait(LOOK_EVERY_S):
            now = time.monotonic()
            changed = [part for part in self.parts if self._look_at(part, now)]
            if changed:
                self._changed()
            if now >= next_tick:
                self._tick()
                next_tick = now + 1

    def stop_at_signals(self) -> None:
        """SIGHUP too: the terminal was closed. Asked a second time, nothing is waited for any more."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)

    @property
    def asked_to_stop(self) -> bool:
        return self._asked_to_stop.is_set()

    def ask_to_stop(self, number=None, frame=None) -> None:
        if self.asked_to_stop:
            processes.send([part.process for part in self.parts if part.process], signal.SIGKILL)
        self._asked_to_stop.set()

    def _look_at(self, part: Part, now: float) -> bool:
        if part.process and not part.alive:
            part.bury(now)
            return True
        if not part.process and now >= part.due_at:
            part.start_or_count(now)
            return True
        return False


def stop_programs(parts: list[Part]) -> None:
    processes.end_sessions([part.process for part in parts if part.process], patience_s=FAREWELL_S)


def _how(child: Child | None) -> str:
    if child is None or child.returncode is None:
        return "it was not our child"
    if child.returncode < 0:
        return signal.Signals(-child.returncode).name
    return f"exit code {child.returncode}"
