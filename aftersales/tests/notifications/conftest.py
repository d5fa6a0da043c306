"""A customer to tell, and the outside world that letters and SMS go to: a gateway and a mail server on loopback."""

import base64
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aftersales.notifications.services import tell_customer
from aftersales.tests.notifications.samples import NOW, params
from orders.customers.models import Customer
from orders.tests import samples


@pytest.fixture
def customer(db) -> Customer:
    shop = samples.shop("style")
    reached = {"phone": "+8613800138000", "email": "ann@example.com", "language": "en"}
    return Customer.objects.create(merchant=shop, external_id="c-1", name="安小雨", **reached)


@pytest.fixture
def tell(customer):
    """Tell the customer: `tell("approved")`."""

    def tell(event="approved", *, case_ref="RT26112200004217", occasion="", now=NOW, **changes):
        facts = params(return_no=case_ref) | changes
        tell_customer(customer, case_ref=case_ref, event=event, params=facts, now=now, occasion=occasion)

    return tell


@pytest.fixture
def outside(settings):
    """Not a demonstration: messages really leave."""
    settings.DEMO = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return settings


class Gateway(ThreadingHTTPServer):
    """Takes SMS. `status` is its answer; `taken` holds what it answered well, `ids` every webhook-id it saw."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Door)
        self.status, self.ids, self.taken = 204, [], []


class Door(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.ids.append(self.headers["webhook-id"])
        if self.server.status < 300:
            self.server.taken.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args): ...


@pytest.fixture
def gateway(outside):
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    outside.SMS_SENDER = "returns_platform.kernel.outbound.sms.Webhook"
    outside.SMS_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/sms"
    outside.SMS_WEBHOOK_SECRET = base64.b64encode(b"a secret shared with the gateway").decode()
    yield server
    server.shutdown()
    server.server_close()


class PostOffice(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP to take letters. `to_rcpt` is its answer to an address: 250 takes it, 450 greylists."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.to_rcpt, self.letters = "250 ok", []


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 post office")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.take_letter()
            elif word == b"QUIT":
                return self.say("221 bye")
            else:
                self.say(self.server.to_rcpt if word == b"RCPT" else "250 ok")
        return None

    def take_letter(self):
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.letters.append(b"".join(lines))
        self.say("250 taken")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def post_office(outside):
    server = PostOffice()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    outside.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    outside.EMAIL_HOST, outside.EMAIL_PORT = server.server_address
    yield server
    server.shutdown()
    server.server_close()
