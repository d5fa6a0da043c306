"""Short messages handed to a gateway: signed so that it can tell who sent them, once each."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from returns_platform.kernel.outbound import sms

NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
SECRET = base64.b64encode(b"a shared secret of the shop").decode()


@pytest.fixture
def gateway(settings):
    """An SMS gateway on this machine: what it got, and the status it answers."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append((dict(self.headers), body))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *args): ...

    server = HTTPServer(("127.0.0.1", 0), Door)
    server.got, server.status = [], 204
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/sms"
    settings.SMS_WEBHOOK_SECRET = f"whsec_{SECRET}"
    settings.SMS_SENDER = "returns_platform.kernel.outbound.sms.Webhook"
    yield server
    server.shutdown()
    server.server_close()


def send():
    sms.sender().send("+8613800138000", "123456 是验证码", language="zh-hans", reference="msg-1", now=NOW)


def test_a_message_is_signed_over_its_id_its_time_and_its_body(gateway):
    send()
    [(headers, body)] = gateway.got
    signed = f"msg-1.{int(NOW.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(base64.b64decode(SECRET), signed, hashlib.sha256).digest()).decode()
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == "msg-1"
    assert json.loads(body) == {"to": "+8613800138000", "text": "123456 是验证码", "language": "zh-hans"}


def test_an_error_of_the_gateway_is_not_taken(gateway):
    gateway.status = 500
    with pytest.raises(sms.NotTaken):
        send()


def test_a_gateway_that_is_away_has_not_taken_it(settings):
    settings.SMS_WEBHOOK_URL, settings.SMS_WEBHOOK_SECRET = "http://127.0.0.1:9/sms", SECRET
    with pytest.raises(sms.NotTaken):
        sms.Webhook().send("+8613800138000", "x", language="en", reference="msg-2", now=NOW)


def test_without_a_gateway_the_log_holds_neither_phone_nor_code(settings, caplog):
    settings.SMS_SENDER = "returns_platform.kernel.outbound.sms.Console"
    send()
    assert "138****8000" in caplog.text
    assert "8613800138000" not in caplog.text and "123456" not in caplog.text
