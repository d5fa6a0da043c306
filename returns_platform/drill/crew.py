"""The processes of a lane of kills: the outside world, our door, and workers, forked from one that has one thread.

They share one clock. The door's listening socket stays with the lane, as it does with `up`: while the door is started
again, callers wait.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from multiprocessing import RawValue
from pathlib import Path
from threading import Event, Thread
from wsgiref.simple_server import WSGIServer

import psutil
from django.core.wsgi import get_wsgi_application
from django.db import connections

from returns_platform.celery import app as celery
from returns_platform.drill.clock import Clock
from returns_platform.drill.deaths import Death, arm
from returns_platform.drill.outside import Quiet
from returns_platform.kernel import stand_in
from returns_platform.stack import locks, programs, runfile
from returns_platform.stack.folders import Folders
from returns_platform.stack.forks import Fork, fork
from returns_platform.stack.processes import Process

QUEUES = ["money", "courier", "default"]


class Impatient(Quiet):
    """Who connects and says nothing does not keep the others waiting: this door has one thread."""

    timeout = 1


def until(true: Callable[[], object], *, within_s: float = 60):
    """What it said, as soon as that is true. Raises TimeoutError."""
    end = time.monotonic() + within_s
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
    return found


class Crew:
    def __init__(self, folder: Path, clock: Clock):
        self.folder, self.clock = folder, clock
        self._lead = RawValue("d", 0.0)  # seconds that the shared clock is before its start's own run
        self._pid = os.getpid()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def forward(self, span: timedelta) -> None:
        self.clock.forward(span)
        self._lead.value += span.total_seconds()

    def start_outside(self) -> dict[str, str]:
        """{stand-in: URL}"""
        self.outside = self._fork("outside", self._be_the_outside)
        return until(lambda: runfile.read(self.folder).stand_ins, within_s=30)

    def start_door(self, death: Death | None = None) -> None:
        self.door = self._fork("door", lambda: self._be_the_door(death))

    def start_worker(self, seed: int, death: Death | None, *, freezes: bool = False) -> Fork:
        return self._fork(f"worker_{seed}", lambda: self._be_a_worker(death, freezes))

    def end(self, child: Fork) -> None:
        """With SIGKILL, whatever it is doing."""
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            until(lambda: child.poll() is not None)

    def has_stopped(self, child: Fork) -> bool:
        return psutil.Process(child.pid).status() == psutil.STATUS_STOPPED

    def _fork(self, name: str, main: Callable[[], None]) -> Fork:
        connections.close_all()
        until(lambda: threading.active_count() == 1)  # a call that was cut off may still be going
        return fork(main, log=self.folder / f"{name}.log", closing=())

    # --- what they are -------------------------------------------------------------------------------------

    def _be_a_worker(self, death: Death | None, freezes: bool) -> None:
        celery._after_fork()
        Thread(target=self._leave_with_the_drill, daemon=True).start()
        if death:
            arm(death, signal.SIGSTOP if freezes else signal.SIGKILL)
        os.environ["DB_STATEMENT_TIMEOUT_S"] = "30"
        programs.worker("drill", QUEUES, pool="solo", processes=1)

    def _be_the_door(self, death: Death | None) -> None:
        if death:
            arm(death, signal.SIGKILL)
        server = WSGIServer(self._listener.getsockname(), Impatient, bind_and_activate=False)
        server.socket.close()
        server.socket, server.server_name, server.server_port = self._listener, *self._listener.getsockname()
        server.setup_environ()
        server.set_app(get_wsgi_application())
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self._follow_the_clock()

    def _be_the_outside(self) -> None:
        """Stand-ins with their own threads."""
        self._listener.close()
        with ExitStack() as stack:
            served = {name: stack.enter_context(stand_in.serve(each))
                      for name, each in stand_in.installed(self.folder).items()}  # fmt: skip
            with locks.exclusive(Folders(self.folder).run_lock):
                urls = {name: each.url for name, each in served.items()}
                runfile.change(self.folder, keeper=Process.of(os.getpid()), stand_ins=urls)
            self._follow_the_clock()

    def _follow_the_clock(self) -> None:
        """The one that everybody shares, until the drill is gone."""
        moved = 0.0
        Thread(target=self._leave_with_the_drill, daemon=True).start()
        while not Event().wait(0.01):
            if (lead := self._lead.value) != moved:
                self.clock.forward(timedelta(seconds=lead - moved))
                moved = lead

    def _leave_with_the_drill(self) -> None:
        while os.getppid() == self._pid:
            time.sleep(0.2)
        os._exit(1)
