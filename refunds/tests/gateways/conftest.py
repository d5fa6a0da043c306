"""The stand-in of WeChat Pay over real HTTP, and a shop that takes its callbacks."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from refunds.gateways.interface import RefundOrder
from refunds.gateways.wechat.gateway import WeChatGateway
from refunds.gateways.wechat.simulator import WeChatPay
from returns_platform.kernel.outbound import http
from returns_platform.kernel.stand_in import Served, serve


@dataclass
class Shop:
    """Takes callbacks at `url`, keeps them, and answers with the next of `answers`, then 204; `body` with 200."""

    url: str = ""
    body: bytes = b""
    answers: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def after(self, count: int, *, within_s: float = 10) -> list[tuple[dict[str, str], bytes]]:
        """The callbacks, once there are that many."""
        wait_until(lambda: len(self.taken) >= count, within_s=within_s)
        return self.taken


def wait_until(true: Callable[[], object], *, within_s: float = 10) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shop.taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            status = shop.answers.pop(0) if shop.answers else 200 if shop.body else 204
            self.send_response(status)
            self.end_headers()
            self.wfile.write(shop.body if status == 200 else b"")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}/refunds/wechat"
    yield shop
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wechat(tmp_path, settings) -> Iterator[Served]:
    settings.DATA_DIR = tmp_path
    with serve(WeChatPay(tmp_path)) as served:
        settings.WECHAT_BASE_URL = served.url
        yield served


@pytest.fixture
def gateway(wechat: Served) -> WeChatGateway:
    return WeChatGateway()


@pytest.fixture
def order(shop: Shop) -> RefundOrder:
    return RefundOrder(
        number="RF1",
        transaction_id="4200001",
        amount=3333,
        total=10000,
        currency="CNY",
        reason="不想要了",
        notify_url=shop.url,
        paid_at=datetime.now(UTC) - timedelta(days=1),
    )


@pytest.fixture
def next_time(wechat: Served) -> Callable[..., None]:
    """`next_time("slow", times=1, number="RF1")` asks the stand-in to behave so."""
    return lambda behaviour, times=1, **match: post(
        wechat, "/_next", {"behaviour": behaviour, "times": times, "match": match}
    )


def post(served: Served, path: str, body: object) -> dict:
    answer = http.call("POST", served.url + path, headers={}, body=json.dumps(body).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def book(served: Served) -> list[tuple[str, int, str]]:
    answer = http.call("GET", f"{served.url}/_book", headers={})
    return [(row["number"], row["amount"], row["state"]) for row in json.loads(answer.body)["refunds"]]
