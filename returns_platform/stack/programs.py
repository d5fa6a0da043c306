"""The product's own processes: how each is called, and with what environment."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from returns_platform.stack.logs import follow
from returns_platform.stack.servers import SOCKETS_VARIABLE

WEB_PROCESSES = 2
WEB_THREADS = 4
WEB_STATEMENT_S = 5
WORKER_STATEMENT_S = 30


def web(listener: socket.socket) -> list[str]:
    """The listening socket stays with `up`: while the web process is started again, callers wait, none is refused."""
    return [
        *_module("gunicorn"),
        "returns_platform.wsgi",
        f"--bind=fd://{listener.fileno()}",
        f"--workers={os.environ.get('WEB_PROCESSES', WEB_PROCESSES)}",
        f"--threads={WEB_THREADS}",
        "--preload",
        "--timeout=30",
        "--graceful-timeout=5",
        "--no-control-socket",
        "--log-level=warning",
    ]


def worker(name: str, queues: list[str], *, processes: int) -> list[str]:
    return [
        *_celery("worker"),
        f"--hostname={name}@%h",
        f"--queues={','.join(queues)}",
        f"--concurrency={processes}",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]


def beat(data: Path) -> list[str]:
    return [*_celery("beat"), f"--schedule={data / 'beat'}", "--pidfile="]


def manage(*arguments: str) -> list[str]:
    return [*_module("django"), *arguments]


def environment(*, data: Path, port: int, sockets: str, statement_s: int) -> dict[str, str]:
    """As ours, and what the children need to find the servers, which are `up`'s to start."""
    additions = {
        "DATA_DIR": str(data),
        "PORT": str(port),
        "DB_STATEMENT_TIMEOUT_S": str(statement_s),
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **additions, **({SOCKETS_VARIABLE: sockets} if sockets else {})}


def spawn(name: str, command: list[str], *, env: dict[str, str], log: Path, pass_fds: tuple[int, ...] = ()):
    """In a session of its own: a Ctrl-C at the terminal reaches `up` alone, which ends the others in order."""
    child = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
    )
    threading.Thread(target=follow, args=(name, child.stdout, log), daemon=True).start()
    return child


def _celery(what: str) -> list[str]:
    """Celery warns at length when it runs as root. Its messages are JSON, which is what that warning is about."""
    quiet = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet"]
    return [*quiet, "--app=returns_platform", what, "--loglevel=WARNING"]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]
