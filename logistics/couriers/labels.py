"""A label as couriers give it: a PDF behind an address, fetched at once, and believed only if it is one."""

from urllib.parse import urlsplit

from logistics.couriers.interface import CourierDown
from returns_platform.kernel.outbound import http

LARGEST = 5_000_000


def fetch(url: str, *, asked: str, domain: str, headers: dict[str, str] | None = None) -> bytes:
    """asked: the address that named this one. Its own host, or one of the courier's domain over HTTPS; else Down."""
    there, ours = urlsplit(url), urlsplit(asked)
    same = (there.scheme, there.netloc) == (ours.scheme, ours.netloc)
    own = there.scheme == "https" and (there.hostname or "").endswith(f".{domain}")
    if not (same or own):
        raise CourierDown("a label at an address that is not the courier's")
    try:
        answer = http.call("GET", url, headers=headers or {}, largest=LARGEST)
    except http.Down as error:
        raise CourierDown(str(error)) from error
    if answer.status != 200 or not answer.body.startswith(b"%PDF-"):
        raise CourierDown(f"a label that is no PDF: HTTP {answer.status}")
    return answer.body
