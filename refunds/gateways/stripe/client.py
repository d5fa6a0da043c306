"""Calls to Stripe, and what its answers mean. Our own HTTP client: one deadline for all calls of a conversation."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from refunds.gateways.interface import GatewayDown, GatewayRefused, Hurdle
from refunds.gateways.reading import Unreadable, json_object, text
from refunds.gateways.stripe.keys import Account
from returns_platform.kernel.outbound import http

VERSION = "2026-10-28.endive"
WITHIN_S = 10
FILES = "https://files.stripe.com"

# What the codes mean: what stands in the way, and whether the same number may go again.
HURDLES: dict[str, tuple[Hurdle, bool]] = {
    "rate_limit": ("rate", True),
    "lock_timeout": ("rate", True),
    "balance_insufficient": ("funds", True),
    "livemode_mismatch": ("setup", True),
    "resource_missing": ("payment", False),
    "charge_already_refunded": ("rule", False),
    "charge_disputed": ("rule", False),
    "refund_disputed_payment": ("rule", False),
    "charge_not_refundable": ("rule", False),
    "amount_too_large": ("rule", False),
    "amount_too_small": ("rule", False),
    "payment_intent_unexpected_state": ("rule", False),
}
HURDLES_OF_STATUS: dict[int, tuple[Hurdle, bool]] = {
    401: ("setup", True),
    402: ("account", False),
    403: ("setup", True),
    429: ("rate", True),
}


class KeySpent(Exception):
    """Stripe repeats an error that it kept under this idempotency key: the key brings nothing else any more."""

    def __init__(self, error: GatewayDown | GatewayRefused):
        super().__init__(str(error))
        self.error = error


class Client:
    """One conversation. The methods return the JSON object of a 200, or raise GatewayDown or GatewayRefused."""

    def __init__(self, account: Account):
        self.account = account
        self._began: float | None = None

    def post(self, path: str, form: Mapping[str, str], *, key: str) -> dict[str, Any]:
        """Raises KeySpent as well."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key}
        answer = self._exchange("POST", self.account.base_url + path, headers, urlencode(form).encode())
        try:
            return _object(answer)
        except (GatewayDown, GatewayRefused) as error:
            if answer.headers.get("Idempotent-Replayed", "").lower() == "true":
                raise KeySpent(error) from error
            raise

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return _object(self._exchange("GET", f"{self.account.base_url}{path}?{urlencode(query)}", {}))

    def download(self, url: str) -> bytes:
        """A file that Stripe has made for us. Our key goes to Stripe alone, whatever address an answer names."""
        if not any(_same_host(url, ours) for ours in (self.account.base_url, FILES)):
            raise GatewayDown("a file at an address that is not Stripe's")
        answer = self._exchange("GET", url, {})
        if answer.status != 200:
            raise _trouble(answer)
        return answer.body

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> http.Answer:
        if not self.account.base_url:
            raise GatewayDown("no address: the stand-in does not run", nothing_sent=True)
        first = self._began is None
        self._began = self._began or time.monotonic()
        try:
            return http.call(
                method, url, headers=self._headers() | dict(headers), body=body, **self._time_left(first)
            )
        except http.Down as error:
            raise GatewayDown(str(error), nothing_sent=first and isinstance(error, http.NotSent)) from error

    def _time_left(self, first: bool) -> dict[str, float]:
        if first:
            return {}
        left = WITHIN_S - (time.monotonic() - self._began)
        if left <= 0:
            raise GatewayDown(f"not done within {WITHIN_S} s")
        return {"timeout_s": left}

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.account.secret_key}",
            "Accept": "application/json",
            "Stripe-Version": VERSION,
            "User-Agent": "returns-platform",
        }


def _object(answer: http.Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise _trouble(answer)
    try:
        return json_object(answer.body)
    except Unreadable as error:
        raise GatewayDown(f"answer: {error}") from None


def _trouble(answer: http.Answer) -> GatewayDown | GatewayRefused:
    """4xx: it was not done. 409 tells of another call under the same key, whose end nobody knows yet."""
    if not 400 <= answer.status < 500 or answer.status == 409:
        return GatewayDown(f"answer {answer.status}")
    try:
        error = json_object(answer.body).get("error")
        if not isinstance(error, dict):
            raise Unreadable("no error is named")
        code = text(error, "code") if error.get("code") else text(error, "type")
        message = str(error.get("message") or "")[:500]
    except Unreadable as unread:
        return GatewayDown(f"answer {answer.status}: {unread}")
    hurdle, retry = HURDLES.get(code) or HURDLES_OF_STATUS.get(answer.status, ("other", False))
    # `false` asks for no retry within seconds; ours come after minutes, so that only `true` changes anything.
    retry = retry or answer.headers.get("Stripe-Should-Retry", "").lower() == "true"
    return GatewayRefused(code, message, retry=retry, hurdle=hurdle, status=answer.status)


def _same_host(url: str, other: str) -> bool:
    one, two = urlsplit(url), urlsplit(other)
    return (one.scheme, one.netloc) == (two.scheme, two.netloc)
