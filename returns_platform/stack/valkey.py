"""The embedded Valkey. What it holds may vanish at any second; it is kept over a crash all the same."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from returns_platform.stack import binaries, processes
from returns_platform.stack.folders import Folders, StackError
from returns_platform.stack.logs import open_log, tail
from returns_platform.stack.processes import Process, Server

START_S = 15


def socket_in(sockets: Path | str) -> str:
    return str(Path(sockets) / "valkey.sock")


def start(folders: Folders, sockets: Path) -> Server:
    """Answers when it takes commands. A store that it cannot read is set aside: messages can be sent again."""
    try:
        return _start(folders, sockets)
    except StackError as error:
        aside = folders.valkey.with_name(f"valkey-{time.strftime('%Y%m%dT%H%M%S')}")
        folders.valkey.rename(aside)
        folders.make_for_servers(folders.valkey)
        print(f"{error}\nIts store is set aside in {aside}; starting with an empty one.", file=sys.stderr)
        return _start(folders, sockets)


def stop(folders: Folders, server: Process) -> None:
    processes.end([server], first=signal.SIGTERM, patience_s=5)
    end_leftovers(folders)


def end_leftovers(folders: Folders) -> None:
    processes.end(processes.working_in(folders.valkey))


def _start(folders: Folders, sockets: Path) -> Server:
    end_leftovers(folders)
    log = folders.log / "valkey.log"
    with open_log(log) as output:
        server = Server(
            [str(binaries.valkey_program(folders.user)), *_options(folders, sockets)],
            cwd="/",
            env=binaries.ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
            **folders.user.as_process,
        )
    _wait_until_ready(server, socket_in(sockets), log)
    return server


def _options(folders: Folders, sockets: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": socket_in(sockets),
        "unixsocketperm": "700",
        "dir": str(folders.valkey),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [text for name, value in options.items() for text in (f"--{name}", value)]


def _wait_until_ready(server: Server, path: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not _answers(path):
        if server.poll() is not None:
            raise StackError(f"Valkey did not start. The end of {log}:\n{tail(log)}")
        if time.monotonic() > deadline:
            processes.end([Process.of(server.pid)])
            raise StackError(f"Valkey was not ready after {START_S} s. The end of {log}:\n{tail(log)}")
        time.sleep(0.02)


def _answers(path: str) -> bool:
    """It says LOADING while it reads its store."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(path)
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
