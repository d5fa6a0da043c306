"""Calls to the outside world: one total deadline, no surprises.

A library's timeout counts each wait for the network anew, so a server that sends a byte a second holds a
caller for hours. Here the whole exchange (name, connection, sending, reading) ends at one deadline.
"""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import requests
import urllib3
from django.db import connections
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

LARGEST_ANSWER = 1_000_000


class Down(Exception):
    """No usable answer: whether the call took effect is unknown."""


class NotSent(Down):
    """No connection came about: nothing was sent."""


@dataclass(frozen=True)
class Answer:
    """`headers` ignores case; `body` is the bytes as sent, which is what signatures cover."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def call(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", timeout_s: float = 10,
    largest: int = LARGEST_ANSWER,
) -> Answer:  # fmt: skip
    """One HTTP exchange: any answer, or Down. No redirects, no retries, no proxies from the environment.

    largest: bytes of an answer beyond which it is Down; a file may be larger than an answer.
    Raises RuntimeError inside a database transaction: a row must never stay locked while a stranger thinks.
    """
    must_be_outside_transactions()
    exchange = _Exchange(method, url, headers, body, timeout_s, largest)
    thread = threading.Thread(target=exchange.run, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        exchange.cut()
        raise Down(f"no whole answer within {timeout_s} s")
    if exchange.error:
        raise exchange.error
    return exchange.answer


def must_be_outside_transactions() -> None:
    """A test's own transaction does not count, as for Django's durable blocks."""
    for connection in connections.all(initialized_only=True):
        if any(not block._from_testcase for block in connection.atomic_blocks):
            raise RuntimeError("A call to the outside world inside a database transaction.")


class _Exchange:
    """The exchange in a thread of its own, because looking up a name cannot be interrupted."""

    def __init__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float, largest: int
    ):
        self.request = requests.Request(method, url, {"Accept-Encoding": "identity", **headers}, data=body)
        self.timeout_s, self.largest = timeout_s, largest
        self.answer: Answer | None = None
        self.error: Down | None = None
        self._sockets: list[socket.socket] = []
        self._cut = False
        self._lock = threading.Lock()

    def run(self) -> None:
        try:
            self.answer = self._run()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self.error = NotSent(str(error)) if _never_connected(error) else Down(str(error))
        finally:
            with self._lock:
                for sock in self._sockets:
                    sock.close()

    def cut(self) -> None:
        """Ends the exchange wherever it is; a connection that comes about later is not used."""
        with self._lock:
            self._cut = True
            for sock in self._sockets:
                with suppress(OSError):  # it may have ended by itself just now
                    sock.shutdown(socket.SHUT_RDWR)

    def watch(self, sock: socket.socket) -> None:
        """A second handle on the socket, which stays ours when TLS takes the first over."""
        with self._lock:
            if self._cut:
                sock.close()
                raise TimeoutError("the deadline passed while connecting")
            self._sockets.append(sock.dup())

    def _run(self) -> Answer:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", _Adapter(self))
            session.mount("https://", _Adapter(self))
            with session.send(
                session.prepare_request(self.request),
                stream=True,
                allow_redirects=False,
                timeout=self.timeout_s,
            ) as response:
                return Answer(response.status_code, response.headers, _read(response, self.largest))


class _Adapter(HTTPAdapter):
    """Tells the exchange of every socket it opens."""

    def __init__(self, exchange: _Exchange):
        self.exchange = exchange
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        base = HTTPSConnection if pool.scheme == "https" else HTTPConnection
        pool.ConnectionCls = type("Watched", (base,), {"_new_conn": self._opening(base)})
        return pool

    def _opening(self, base: type[HTTPConnection]):
        def _new_conn(connection: HTTPConnection) -> socket.socket:
            sock = base._new_conn(connection)
            self.exchange.watch(sock)
            return sock

        return _new_conn


def _read(response: requests.Response, largest: int) -> bytes:
    body = bytearray()
    while piece := response.raw.read(65_536, decode_content=True):
        body += piece
        if len(body) > largest:
            raise ValueError(f"the answer is over {largest:,} bytes")
    return bytes(body)


def _never_connected(error: BaseException) -> bool:
    """requests wraps the cause in `args[0].reason`."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))
