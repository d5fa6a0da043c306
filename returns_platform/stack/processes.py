"""Processes by what cannot be mistaken: the pid together with its start time, or the working directory."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

LINUX = Path("/proc/self/stat").exists()


@dataclass(frozen=True)
class Process:
    """A pid alone may belong to somebody else by now; a pid with its start time does not."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        return start_time(self.pid) == self.started

    @classmethod
    def of(cls, pid: int) -> "Process":
        return cls(pid, start_time(pid))


class Server(subprocess.Popen):
    """A server may outlive who started it: to let go of a running one is no mistake here."""

    def __del__(self):
        self.poll()


def start_time(pid: int) -> str:
    """When the process started, as text to compare; empty when there is none, or only its zombie."""
    try:
        return _linux_start_time(pid) if LINUX else _other_start_time(pid)
    except (OSError, psutil.Error):
        return ""


def _linux_start_time(pid: int) -> str:
    # Ticks since boot: unlike a time of day they do not move when somebody sets the clock.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    state, ticks = fields[0], fields[19]
    return "" if state in "ZX" else f"{_boot_id()}/{ticks}"


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _other_start_time(pid: int) -> str:
    process = psutil.Process(pid)
    return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())


def working_in(folder: Path) -> list[Process]:
    """The processes whose working directory is this folder, except those with a terminal: people look round."""
    wanted = os.path.realpath(folder)
    return [Process.of(process.pid) for process in psutil.process_iter() if _works_in(process, wanted)]


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd() == folder and process.terminal() is None
    except (psutil.Error, OSError):
        return False


def end(processes: list[Process], *, first: int = signal.SIGTERM, patience_s: float = 2) -> None:
    """Ask each to leave with the signal `first`; after `patience_s` seconds end it. Returns when all are gone."""
    send(processes, first)
    if not wait_until_gone(processes, patience_s):
        send(processes, signal.SIGKILL)
        wait_until_gone(processes, 5)


def send(processes: list[Process], number: int) -> None:
    for process in processes:
        if process.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)


def end_sessions(leaders: list[Process], *, patience_s: float) -> None:
    """End processes that lead a session of their own, and whatever they left behind in it."""
    send(leaders, signal.SIGTERM)
    wait_until_gone(leaders, patience_s)
    for leader in leaders:
        kill_session(leader.pid)


def kill_session(leader_pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader_pid, signal.SIGKILL)


def wait_until_gone(processes: list[Process], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(process.alive for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
