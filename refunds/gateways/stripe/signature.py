"""Is a message really Stripe's? An HMAC over the time and the raw bytes, under a secret that only we two know."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from refunds.gateways.interface import NotAuthentic

CLOCKS_MAY_DIFFER_S = 300


def verify(headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime) -> None:
    """Raises NotAuthentic unless Stripe signed exactly these bytes, at most five minutes from `now`.

    While a secret is rolled a message carries a signature for each; one that fits one of ours is enough. Other
    schemes than v1 prove nothing.
    """
    sent = {name.lower(): text for name, text in headers.items()}
    stamp, signatures = _parts(sent.get("stripe-signature", ""))
    if abs(now.timestamp() - int(stamp)) > CLOCKS_MAY_DIFFER_S:
        raise NotAuthentic("signed at another time")
    right = [sign(body, secret=secret, stamp=stamp) for secret in secrets]
    fits = [hmac.compare_digest(ours, theirs) for ours in right for theirs in signatures]
    if not any(fits):
        raise NotAuthentic("the signature is wrong")


def sign(body: bytes, *, secret: str, stamp: str) -> bytes:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest().encode()


def _parts(header: str) -> tuple[str, list[bytes]]:
    """The time, and the signatures under v1; as bytes, because any bytes can be compared in constant time."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in pairs if name == "t"]
    signatures = [value.encode() for name, value in pairs if name == "v1"]
    if not signatures:
        raise NotAuthentic("not signed")
    if len(stamps) != 1 or not re.fullmatch(r"\d{1,12}", stamps[0], re.ASCII):
        raise NotAuthentic("no time in the signature")
    return stamps[0], signatures
