"""What the demo page asks of the stand-ins: move a parcel, behave differently next time. Never of a real host."""

import json

from django.conf import settings
from django.utils.translation import gettext as _

from returns_platform import stack
from returns_platform.kernel.errors import Refused
from returns_platform.kernel.outbound import http

PATIENCE_S = 2


class StandInSilent(Refused):
    """The stand-in does not run, or did not do what it was asked."""

    status = 409
    code = "stand_in"


def address(name: str) -> str:
    """Where the stand-in listens; "" while it does not run."""
    return getattr(settings, f"{name.upper()}_BASE_URL", "") or stack.stand_in_urls(settings.DATA_DIR).get(name, "")


def move_parcel(courier: str, *, waybill: str, event: str) -> None:
    _ask(courier, "POST", "/_push", {"waybill": waybill, "event": event})


def queued(name: str) -> list[dict]:
    """[{behaviour, times, match}] that the stand-in will go through, the next first."""
    return _ask(name, "GET", "/_next")["queued"]


def book(name: str) -> list[dict]:
    """What the stand-in really did, the oldest first: its refunds, or its pickups."""
    return next(iter(_ask(name, "GET", "/_book").values()))


def behave_next(name: str, *, behaviour: str, times: int) -> None:
    _ask(name, "POST", "/_next", {"behaviour": behaviour, "times": times})


def behave_as_usual(name: str) -> None:
    _ask(name, "DELETE", "/_next")


def _ask(name: str, method: str, path: str, body: dict | None = None) -> dict:
    """Its answer. Raises StandInSilent with what went wrong."""
    url = address(name)
    if not url:
        raise StandInSilent(_("This stand-in does not run."))
    headers = {"Content-Type": "application/json"}
    sent = b"" if body is None else json.dumps(body).encode()
    try:
        answer = http.call(method, url.rstrip("/") + path, headers=headers, body=sent, timeout_s=PATIENCE_S)
    except http.Down as down:
        raise StandInSilent(_("The stand-in did not answer: %(error)s") % {"error": down}) from down
    if answer.status != 200:
        said = answer.body.decode(errors="replace")[:200]
        raise StandInSilent(_("The stand-in refused: %(error)s") % {"error": said})
    return json.loads(answer.body)
