"""What the doors for couriers have in common: kept first, then answered, then understood by a worker."""

import hashlib
import logging
from collections.abc import Callable

from django.http import HttpRequest

from logistics.couriers.interface import News
from logistics.couriers.services import keep_push
from returns_platform.kernel import clock
from returns_platform.kernel.errors import Malformed

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024


class TooLarge(Exception):
    """More than any courier sends."""


def body_of(request: HttpRequest) -> bytes:
    body = request.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise TooLarge
    return body


def take(
    body: bytes, *, courier: str, kind: str, unwrap: Callable[[bytes], str], read: Callable[[str], list[News]]
) -> None:
    """Kept, if it can be read at all. Raises Malformed."""
    try:
        content = unwrap(body)
        read(content)
    except (Malformed, UnicodeDecodeError) as error:
        log.warning("%s %s: cannot be read, SHA-256 %s", courier, kind, hashlib.sha256(body).hexdigest())
        raise Malformed from error
    keep_push(courier=courier, kind=kind, content=content, now=clock.now())
