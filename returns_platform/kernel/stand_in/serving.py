"""Running a stand-in: its HTTP server and the thread that does what was promised for later."""

import fcntl
import ipaddress
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from returns_platform.kernel.stand_in.base import StandIn
from returns_platform.kernel.stand_in.book import Job
from returns_platform.kernel.stand_in.http import Server

LONGEST_NAP_S = 0.2
CALLBACKS_AT_ONCE = 8


def serve(stand_in: StandIn, *, host: str = "127.0.0.1", port: int = 0) -> "Served":
    """Starts the stand-in in threads of this process and returns at once; port 0 takes any free one.

    Refused outside the demo, and anywhere but on loopback: a stand-in believes everybody.
    """
    if not settings.DEMO:
        raise ImproperlyConfigured(f"The stand-in of {stand_in.name} runs only with DEMO=1.")
    if not ipaddress.ip_address(host).is_loopback:
        raise ImproperlyConfigured(f"The stand-in of {stand_in.name} runs only on loopback, not on {host}.")
    return Served(stand_in, host=host, port=port)


class Served:
    """A running stand-in. `url` has no trailing slash; `close()`, or leaving a `with` block, stops it."""

    def __init__(self, stand_in: StandIn, *, host: str, port: int):
        self.stand_in = stand_in
        self._lock = _sole_owner(stand_in)
        self._server = Server((host, port), routes=stand_in.routes())
        self.url = f"http://{host}:{self._server.server_port}"
        self._jobs = _Jobs(stand_in)
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._jobs.run, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Until somebody closes it."""
        for thread in self._threads:
            thread.join()

    def close(self) -> None:
        self._server.shutdown()
        self._jobs.stop()
        self.wait()
        self._server.server_close()
        self.stand_in.book.close()
        self._lock.close()

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class _Jobs:
    """Does due jobs, a few at a time: a callback that hangs must not hold up the others."""

    def __init__(self, stand_in: StandIn):
        self.stand_in = stand_in
        self._stopped = threading.Event()
        self._running: set[int] = set()

    def run(self) -> None:
        with ThreadPoolExecutor(CALLBACKS_AT_ONCE) as pool:
            while not self._stopped.wait(self._nap()):
                for job in self._due():
                    self._running.add(job.id)
                    pool.submit(self._do, job)

    def stop(self) -> None:
        self._stopped.set()

    def _due(self) -> list[Job]:
        running = set(self._running)  # before reading: what ends in between is gone from the file first
        return [job for job in self.stand_in.book.due_jobs(time.time()) if job.id not in running]

    def _nap(self) -> float:
        """Short, because a job may be added at any moment; shorter when one is about to be due."""
        due = self.stand_in.book.next_due()
        return LONGEST_NAP_S if due is None else min(max(due - time.time(), 0.02), LONGEST_NAP_S)

    def _do(self, job: Job) -> None:
        """Forgotten only when done: killed in between, it is done again after the next start."""
        try:
            getattr(self.stand_in, job.job)(**job.args)
        except Exception:
            traceback.print_exc(file=sys.stderr)
        finally:
            self.stand_in.book.finish_job(job)
            self._running.discard(job.id)


def _sole_owner(stand_in: StandIn):
    """Two servers over one book would send every callback twice. The lock dies with its process."""
    lock = open(stand_in.data_dir / "stand_ins" / f"{stand_in.name}.lock", "w")  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ImproperlyConfigured(f"The stand-in of {stand_in.name} runs already.") from None
    return lock
