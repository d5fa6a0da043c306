"""Short messages out. `SMS_SENDER` names the class; a sender takes one text for one phone, or raises NotTaken."""

import base64
import hashlib
import hmac
import json
import logging
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from returns_platform.kernel import ui
from returns_platform.kernel.outbound import http

log = logging.getLogger(__name__)


class NotTaken(Exception):
    """The message was not, or perhaps not, handed over: try again later."""


class SenderDown(NotTaken):
    """Nobody takes any message there now: the next one need not be tried at once."""


def sender():
    return import_string(settings.SMS_SENDER)()


class Console:
    """No gateway: the log says that there was a message, and only under DEBUG, on a developer's machine, which."""

    def send(self, to: str, text: str, *, language: str, reference: str, now: datetime) -> None:
        log.warning("SMS to %s (%s): %s", ui.mask_phone(to), language, text if settings.DEBUG else "not sent")


class Webhook:
    """Hands the message to the shop's own SMS gateway, signed as standardwebhooks.com describes.

    `SMS_WEBHOOK_SECRET` is base64, with or without the prefix whsec_. The receiver checks webhook-id (the same on
    every retry, so that it sends once), webhook-timestamp and webhook-signature.
    """

    def send(self, to: str, text: str, *, language: str, reference: str, now: datetime) -> None:
        body = json.dumps({"to": to, "text": text, "language": language}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **signed(reference, body, now=now)}
        try:
            answer = http.call("POST", settings.SMS_WEBHOOK_URL, headers=headers, body=body)
        except http.Down as down:
            raise SenderDown(str(down)) from down
        if answer.status == 429 or answer.status >= 500:
            raise SenderDown(f"status {answer.status}")
        if not 200 <= answer.status < 300:
            raise NotTaken(f"status {answer.status}")


def signed(reference: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """The three headers that prove who sent `body` and when."""
    stamp = str(int(now.timestamp()))
    secret = base64.b64decode(settings.SMS_WEBHOOK_SECRET.removeprefix("whsec_"))
    mac = hmac.new(secret, f"{reference}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": reference,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
