"""The ports of this machine: taking ours, finding free ones, asking who answers."""

import contextlib
import http.client
import os
import socket

from returns_platform.stack.folders import StackError

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("", "0.0.0.0")
PATIENCE_S = 1
NO_SWEEP = "none seen for 60 s"  # readyz says so of the sweeps when not one of the frequent ones has run


def bind() -> str:
    """Where the web process listens: on loopback unless BIND says otherwise."""
    return os.environ.get("BIND", LOOPBACK)


def listener(port: int) -> socket.socket:
    """Bound, not listening yet: the web process does that."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((bind(), port))
    except OSError as error:
        taken.close()
        raise StackError(f"Port {port} cannot be used ({error.strerror}): choose another with PORT=8001.") from None
    return taken


def address(port: int) -> str:
    return f"http://{_reachable()}:{port}"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as asked:
        asked.bind((LOOPBACK, 0))
        return asked.getsockname()[1]


def ask(path: str, *, port: int, host: str) -> str | None:
    """What our web process answers there, whatever the status; None when nobody does within a second.

    `host` is the name it believes to be called by.
    """
    connection = http.client.HTTPConnection(_reachable(), port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _reachable() -> str:
    return LOOPBACK if bind() in EVERYWHERE else bind()
