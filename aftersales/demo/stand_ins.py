"""What the page of behaviours shows of each stand-in: what waits in its queue, and what it did last."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from aftersales.demo import behaviours, outside
from aftersales.demo.behaviours import Group
from returns_platform.kernel import ui

LAST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """A behaviour in the queue. only: which calls it is for, in the stand-in's own words; empty: any."""

    said: str
    times: int
    only: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """silent: why nothing is known of it, empty while it runs. heads, rows: the end of its book, newest first."""

    code: str
    name: str
    silent: str
    groups: list[Group]
    waiting: list[Waiting]
    heads: list[ui.Head]
    rows: list[list[str]]


def all_of_them(*, now: datetime) -> list[StandIn]:
    return [_stand_in(name, now=now) for name in settings.STAND_INS]


def _stand_in(name: str, *, now: datetime) -> StandIn:
    silent, waiting, book = "", [], []
    try:
        waiting = [_waiting(each) for each in outside.queued(name)]
        book = outside.book(name)[: -LAST_ROWS - 1 : -1]
    except outside.StandInSilent as error:
        silent = str(error.message)
    heads = [ui.Head(_("Number")), ui.Head(_("What")), ui.Head(_("State")), ui.Head(_("When"))]
    return StandIn(
        name, behaviours.stand_in_name(name), silent, behaviours.groups(name), waiting, heads,
        [_row(each, now=now) for each in book],
    )  # fmt: skip


def _waiting(queued: dict) -> Waiting:
    only = ", ".join(f"{name} {value}" for name, value in queued["match"].items())
    return Waiting(behaviours.said(queued["behaviour"]), queued["times"], only)


def _row(row: dict, *, now: datetime) -> list[str]:
    """A refund of a channel, or a pickup of a courier."""
    what = row["waybill"] if "waybill" in row else ui.money(row["amount"], row["currency"])
    at = datetime.fromisoformat(row.get("applied_at") or row["booked_at"])
    return [row["number"], what, behaviours.state(row["state"]), ui.moment(at, now=now)]
