"""What goes in and out of a stand-in over HTTP, and a server that can also answer badly."""

import json
import re
import select
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LARGEST_BODY = 1_000_000
LONGEST_SILENCE_S = 60

AT_ONCE, NEVER, BYTE_BY_BYTE, DROPPED = "at_once", "never", "byte_by_byte", "dropped"


class BadInput(Exception):
    """The caller sent something that cannot be used; answered as 400 (or `status`) with the reason."""

    def __init__(self, message: str, *, status: int = 400):
        super().__init__(message)
        self.message, self.status = message, status


@dataclass(frozen=True)
class Request:
    """`target` is path and query exactly as sent (what signatures cover); `headers` ignores case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """The body as one JSON object, or BadInput."""
        try:
            value = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise BadInput("The body is not JSON.") from None
        if not isinstance(value, dict):
            raise BadInput("The body is not a JSON object.")
        return value

    def form(self) -> dict[str, str]:
        """The body as `application/x-www-form-urlencoded`, or BadInput."""
        try:
            pairs = parse_qsl(self.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
        except ValueError:
            raise BadInput("The body is not a form.") from None
        return dict(pairs)


@dataclass(frozen=True)
class Reply:
    """`manner` says how it travels: at once, never, a byte a second, or the connection dropped instead."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: str = AT_ONCE

    @classmethod
    def json(cls, status: int, value: Any, headers: Mapping[str, str] | None = None) -> "Reply":
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


@dataclass(frozen=True)
class Route:
    """`pattern` is a regular expression for the whole path; its named groups become keyword arguments."""

    method: str
    pattern: str
    answer: Callable[..., Reply]

    def match(self, path: str) -> re.Match | None:
        return re.fullmatch(self.pattern, path)


def answer(request: Request, *, routes: list[Route]) -> Reply:
    try:
        return _dispatch(request, routes)
    except BadInput as error:
        return Reply.json(error.status, {"error": "bad_input", "message": error.message})
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return Reply.json(500, {"error": "stand_in_failed", "message": "The stand-in failed."})


def _dispatch(request: Request, routes: list[Route]) -> Reply:
    matches = [(route, match) for route in routes if (match := route.match(request.path))]
    if not matches:
        return Reply.json(404, {"error": "no_such_path", "message": request.path})
    for route, match in matches:
        if route.method == request.method:
            return route.answer(request, **{name: unquote(text) for name, text in match.groupdict().items()})
    return Reply.json(405, {"error": "method_not_allowed", "message": request.method})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], *, routes: list[Route]):
        self.routes = routes
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is an everyday thing here, not worth a trace."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Server

    def handle_any(self) -> None:
        self.close_connection = True
        try:
            request = Request(self.command, self.path, self.headers, self._read_body())
        except BadInput as error:
            reply = Reply.json(error.status, {"error": "bad_input", "message": error.message})
        else:
            reply = answer(request, routes=self.server.routes)
        self._send(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, *args: Any) -> None:
        """Standard output belongs to the commands; a line per request helps nobody."""

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"\d{1,9}", length, re.ASCII):
            raise BadInput("The body needs a Content-Length.")
        if int(length) > LARGEST_BODY:
            raise BadInput("The body is over 1 MB.", status=413)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise BadInput("The body ended early.")
        return body

    def _send(self, reply: Reply) -> None:
        if reply.manner == DROPPED:
            return self._drop()
        if reply.manner == NEVER:
            return self._stay_silent()
        self.send_response(reply.status)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if reply.manner == BYTE_BY_BYTE:
            return self._drip(reply.body)
        self.wfile.write(reply.body)

    def _drip(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(1)

    def _stay_silent(self) -> None:
        select.select([self.connection], [], [], LONGEST_SILENCE_S)  # readable = the caller hung up

    def _drop(self) -> None:
        """Reset instead of an orderly close, as a crashing front end does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _no_constant(name: str) -> None:
    raise ValueError(name)
