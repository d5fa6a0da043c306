"""The outside world of a lane: every installed stand-in and our own door for callbacks, over real HTTP.

What a stand-in promised for later (an arrival, a callback, its next try) happens only when the drill says so: in any
order, never, or twice.
"""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseServer
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from returns_platform.kernel import stand_in
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import StandIn
from returns_platform.kernel.stand_in.book import Job
from returns_platform.kernel.stand_in.http import Server
from returns_platform.stack import runfile
from returns_platform.stack.processes import Process

PATIENCE_S = 0.25  # how long a caller of the drill waits for an answer that never comes


class Neighbours:
    """Stand-ins as anybody reaches them: {name: URL}."""

    def __init__(self, urls: dict[str, str]):
        self.urls = urls

    @property
    def channels(self) -> list[str]:
        return [name for name in sorted(self.urls) if name in settings.GATEWAYS]

    def book(self, name: str) -> list[dict]:
        """What it really did, as it tells it itself."""
        told = json.loads(self.call(name, "GET", "/_book").body)
        return next(iter(told.values()))

    def charges(self, name: str) -> list[dict]:
        """In most lanes nobody is asked to pay."""
        return []

    def behave(self, name: str, behaviour: str, **match: str) -> None:
        """So at the next call; with `match` (number="RF1"), at the next one that fits."""
        self.post(name, "/_next", {"behaviour": behaviour, "match": match})

    def behave_well(self) -> None:
        for name in self.urls:
            self.call(name, "DELETE", "/_next")

    def post(self, name: str, path: str, body: dict) -> http.Answer:
        return self.call(name, "POST", path, json.dumps(body).encode())

    def call(self, name: str, method: str, path: str, body: bytes = b"") -> http.Answer:
        return http.call(method, self.urls[name] + path, headers={}, body=body, timeout_s=5)


class Outside(Neighbours):
    """`with Outside(folder) as outside`: served from threads of this process until the block ends."""

    def __init__(self, folder: Path, *, keys: Path):
        self.folder = folder
        shutil.copytree(keys / "keys", folder / "keys", dirs_exist_ok=True)
        self.stand_ins: dict[str, StandIn] = stand_in.installed(folder)
        for each in self.stand_ins.values():
            each.book._run("PRAGMA synchronous = OFF")  # no power fails here
        self._servers: dict[str, BaseServer] = {
            name: Server(("127.0.0.1", 0), routes=each.routes()) for name, each in self.stand_ins.items()
        }
        super().__init__({name: f"http://127.0.0.1:{server.server_port}" for name, server in self._servers.items()})
        self.kept: list[tuple[str, Job]] = []  # what was done, for who wants to do it once more
        self._door = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)

    def __enter__(self) -> "Outside":
        self._before = settings.DATA_DIR, settings.SITE_URL, http.call.__kwdefaults__["timeout_s"]
        settings.DATA_DIR, settings.SITE_URL = self.folder, f"http://127.0.0.1:{self._door.server_port}"
        http.call.__kwdefaults__["timeout_s"] = PATIENCE_S
        self._tell_where()
        self._threads = [
            threading.Thread(target=_serve, args=(server,), daemon=True)
            for server in (*self._servers.values(), self._door)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for server in (*self._servers.values(), self._door):
            server.shutdown()
        for thread in self._threads:
            thread.join()
        for server in (*self._servers.values(), self._door):
            server.server_close()
        for each in self.stand_ins.values():
            each.book.close()
        settings.DATA_DIR, settings.SITE_URL, http.call.__kwdefaults__["timeout_s"] = self._before

    def promised(self) -> list[tuple[str, Job]]:
        """What stand-ins have still to do, whenever it is due, in the order they would do it."""
        found = [(name, job) for name in sorted(self.stand_ins) for job in self._jobs(name)]
        return sorted(found, key=lambda pair: pair[1].id)

    def keep_promise(self, name: str, job: Job, *, again: bool = False) -> None:
        """Does it; `again`: and will do it another time, as after a kill between the deed and its note."""
        each = self.stand_ins[name]
        self.kept.append((name, job))
        getattr(each, job.job)(**job.args)
        if not again:
            each.book.finish_job(job)

    def pay(self, name: str, number: str, *, page: str) -> None:
        """What a customer does on the channel's page: she opens it, and presses its one button."""
        asked = urlsplit(page)
        self.call(name, "GET", f"{asked.path}?{asked.query}")
        self.call(name, "POST", f"/pay/{number}" if name == "alipay" else f"{asked.path}?{asked.query}")

    def charges(self, name: str) -> list[dict]:
        """What customers were asked for there: {number, amount, state, transaction_id}."""
        return self.stand_ins[name].book.notes("charge")

    def _jobs(self, name: str) -> Iterator[Job]:
        return self.stand_ins[name].book.due_jobs(float(2**40))

    def _tell_where(self) -> None:
        """As `up` does it: the product finds the stand-ins of its data folder in run.json."""
        runfile.write(self.folder, runfile.Run(keeper=Process.of(os.getpid()), stand_ins=self.urls))


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Standard output belongs to the drill."""


def _serve(server: BaseServer) -> None:
    try:
        server.serve_forever(0.02)
    finally:
        connection.close()
