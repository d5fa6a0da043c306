"""Finding the running servers, or starting them for as long as this process runs.

Every process that uses them holds a shared lock on `in-use.lock`. The last to leave stops what a command started;
what `up` keeps is left alone. Starting and stopping happen under `run.lock`.
"""

import atexit
import os
import shutil
import threading
import time
from pathlib import Path

from returns_platform.stack import locks, postgres, runfile, valkey
from returns_platform.stack.folders import Folders, StackError
from returns_platform.stack.processes import Process, Server
from returns_platform.stack.runfile import Run

SOCKETS_VARIABLE = "STACK_SOCKETS"  # set by `up` for its children: they connect, find nothing and start nothing
UP_BRINGS_IT_BACK_S = 15

_leases: dict[Path, int] = {}  # data folder -> our share of its in-use.lock
_started: list[Server] = []
_one_thread = threading.Lock()


def postgres_sockets(data: Path, *, durable: bool = True) -> str:
    """The folder of the database's socket, for `host=`. Not durable is for tests: faster, lost with the power."""
    return _sockets("postgres", data, durable)


def valkey_socket(data: Path) -> str:
    return valkey.socket_in(_sockets("valkey", data))


def _sockets(name: str, data: Path, durable: bool = True) -> str:
    if kept := os.environ.get(SOCKETS_VARIABLE):
        return kept
    with _one_thread:
        return _found(name, data) or _found_or_started(name, data, durable)


def _found(name: str, data: Path) -> str:
    """Only with a share in hand: without it the servers could be stopped under us."""
    if data not in _leases:
        return ""
    run = runfile.read(data)
    return run.sockets if getattr(run, name) else ""


def _found_or_started(name: str, data: Path, durable: bool) -> str:
    folders = Folders(data)
    folders.make()
    with locks.exclusive(folders.run_lock):
        take_share(folders)
        run = runfile.read(data)
        if not getattr(run, name) and not run.keeper:
            start(name, folders, durable=durable)
            run = runfile.read(data)
    return run.sockets if getattr(run, name) else _brought_back_by_up(name, data)


def _brought_back_by_up(name: str, data: Path) -> str:
    deadline = time.monotonic() + UP_BRINGS_IT_BACK_S
    while time.monotonic() < deadline:
        if sockets := _found(name, data):
            return sockets
        time.sleep(0.1)
    raise StackError(f"`up` runs over {data} but without {name}: look into {data / 'log'}.")


def start(name: str, folders: Folders, *, durable: bool = True) -> Server:
    """Starts `postgres` or `valkey`, waits until it answers and writes it down. The caller holds the run lock."""
    server = launch(name, folders, durable=durable)
    if name == "postgres":
        postgres.wait_until_ready(folders, server)
    return server


def launch(name: str, folders: Folders, *, durable: bool = True) -> Server:
    """As `start`, without waiting for the database, which may have much to replay after a crash."""
    _reap()
    sockets = folders.socket_folder(before=runfile.read(folders.data).sockets)
    if name == "postgres":
        postgres.make_cluster(folders, durable=durable)
        server = postgres.launch(folders, sockets, durable=durable)
    else:
        server = valkey.start(folders, sockets)
    _started.append(server)
    runfile.change(folders.data, sockets=str(sockets), **{name: Process.of(server.pid)})
    return server


def stop(folders: Folders, run: Run) -> None:
    """Stops the servers of this run and forgets it. The caller holds the run lock."""
    if run.valkey:
        valkey.stop(folders, run.valkey)
    if run.postgres:
        postgres.stop(folders, run.postgres)
    _reap()
    if run.sockets and Path(run.sockets) != folders.run:
        shutil.rmtree(run.sockets, ignore_errors=True)
    runfile.remove(folders.data)


def leave(data: Path) -> None:
    """Gives our share back; the last one out stops what no `up` keeps."""
    if data not in _leases:
        return
    folders = Folders(data)
    with locks.exclusive(folders.run_lock):
        os.close(_leases.pop(data))
        run = runfile.read(data)
        if not run.keeper and locks.is_free(folders.in_use_lock):
            stop(folders, run)


def take_share(folders: Folders) -> None:
    if folders.data not in _leases:
        _leases[folders.data] = locks.hold_shared(folders.in_use_lock)


def _reap() -> None:
    _started[:] = [server for server in _started if server.poll() is None]


@atexit.register
def _leave_all() -> None:
    for data in list(_leases):
        leave(data)


def _start_without_share() -> None:
    """A forked child takes a share of its own: it may outlive its parent."""
    for descriptor in _leases.values():
        os.close(descriptor)
    _leases.clear()


os.register_at_fork(after_in_child=_start_without_share)
