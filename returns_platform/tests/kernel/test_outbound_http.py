"""Calls to the outside world end in time, and say whether anything was sent."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress

import pytest
from django.db import transaction

from returns_platform.kernel.outbound import http


@contextmanager
def server(talk: Callable[[socket.socket], None]):
    """A raw server: `talk` gets each connection after one read."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                with suppress(OSError):  # the caller hung up, as it should
                    talk(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def drip(text: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return talk


def seconds_until_down(url: str, *, timeout_s: float) -> float:
    start = time.monotonic()
    with pytest.raises(http.Down) as error:
        http.call("GET", url, headers={}, timeout_s=timeout_s)
    assert not isinstance(error.value, http.NotSent)
    return time.monotonic() - start


def test_an_answer_is_status_headers_and_raw_bytes():
    text = b"HTTP/1.1 404 No\r\nX-One: 1\r\nContent-Length: 3\r\n\r\n\xff{}"
    with server(lambda c: c.sendall(text)) as url:
        answer = http.call("POST", url, headers={"X-Two": "2"}, body=b"{}")
    assert (answer.status, answer.headers["x-one"], answer.body) == (404, "1", b"\xff{}")


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900,
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 900,
        b"H" * 900,
    ],
)
def test_a_byte_at_a_time_is_cut_at_the_total_deadline(text):
    with server(drip(text)) as url:
        assert seconds_until_down(url, timeout_s=1) < 1.5


def test_silence_is_cut_at_the_deadline():
    with server(lambda c: c.recv(1)) as url:
        assert seconds_until_down(url, timeout_s=0.5) < 1


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (http.LARGEST_ANSWER + 1),
    ],
)
def test_a_broken_or_oversized_answer_leaves_the_outcome_unknown(text):
    with server(lambda c: c.sendall(text)) as url:
        seconds_until_down(url, timeout_s=5)


def test_a_refused_connection_means_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(http.NotSent):
        http.call("GET", f"http://127.0.0.1:{port}/", headers={})


def test_an_unknown_host_means_nothing_was_sent():
    with pytest.raises(http.NotSent):
        http.call("GET", "http://nowhere.invalid/", headers={})


def test_redirects_are_answers_and_not_followed():
    with server(lambda c: c.sendall(b"HTTP/1.1 302 F\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n")) as url:
        assert http.call("GET", url, headers={}).status == 302


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as url:
        assert http.call("GET", url, headers={}).status == 200


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_called():
    with pytest.raises(RuntimeError), transaction.atomic():
        http.call("GET", "http://127.0.0.1:1/", headers={})
