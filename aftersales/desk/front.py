"""The staff's front page: what waits, since when, what I work on and what I did last."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.desk import queries, words
from aftersales.desk.queries import Queue, Waiting
from aftersales.desk.readers import Reader
from aftersales.returns.models import ReturnRequest
from aftersales.risk import queries as credit
from refunds.matching import queries as statements
from returns_platform.kernel import ui

SOON = timedelta(hours=4)
# Where each queue of money is worked: a list of the admin with its filter.
MONEY = {
    "exceptions": ("refunds.view_refundexception", "admin:refunds_refundexception_changelist", ""),
    "mine": ("refunds.own_exception", "admin:refunds_refundexception_changelist", "?mine=yes"),
    "transfers": ("refunds.view_refundexception", "admin:refunds_refundexception_changelist", "?kind=transfer"),
    "breaks": ("refunds.view_break", "admin:refunds_break_changelist", "?closed_at__isempty=1"),
}
BATCHES = ("refunds.pay_by_hand", "admin:refunds_transferbatch_changelist", "")


def front_page(reader: Reader) -> dict:
    """`queues`, `mine` and `done` of templates/admin/index.html, as far as the reader may see them."""
    return {
        "queues": [*_cases(reader), *_credit(reader), *_money(reader), *_parcels(reader)],
        "mine": _mine(reader),
        "done": _done(reader),
    }


def _cases(reader: Reader) -> list[dict]:
    return [_entry(queue, reader) for queue in queries.QUEUES.values() if reader.may(queue.right)]


def _entry(queue: Queue, reader: Reader) -> dict:
    found = queries.waiting(queue, now=reader.now)
    hands_out = queue.handed_out and reader.works_cases
    return _row(queue.name, reverse(f"admin:aftersales_{queue.code}_changelist"), found, reader.now) | {
        "note": queue.note,
        "next_url": reverse(f"admin:aftersales_{queue.code}_next") if hands_out else "",
    }


def _row(name: str, url: str, found: Waiting, now: datetime) -> dict:
    return {"name": name, "url": url, "count": found.count, "oldest": found.oldest, "tone": _tone(found.due_at, now)}


def _tone(due_at: datetime | None, now: datetime) -> str:
    if due_at is None or due_at > now + SOON:
        return ""
    return "over" if due_at < now else "soon"


def _money(reader: Reader) -> list[dict]:
    if not any(reader.may(right) for right, _page, _filter in MONEY.values()):
        return []
    rows = []
    for queue in queries.money_queues(reader.user, reader.now):
        right, page, narrowed = MONEY[queue.code]
        if queue.code == "transfers" and reader.may(BATCHES[0]):
            right, page, narrowed = BATCHES  # who pays them works them in batches
        if reader.may(right):
            found = Waiting(queue.count, queue.oldest_at, queue.due_at)
            rows.append(_row(queue.name, reverse(page) + narrowed, found, reader.now))
    return rows


def _credit(reader: Reader) -> list[dict]:
    """Proposals about customers, and what customers answered to a measure."""
    page = reverse("admin:aftersales_measure_changelist")
    rows = []
    if reader.may("aftersales.decide_measure"):
        found = credit.waiting(credit.measures_waiting(), since="proposed_at")
        rows.append(_row(_("Measures to decide"), f"{page}?waits=person", Waiting(**found), reader.now))
    if reader.may("aftersales.answer_measure_appeal"):
        found = credit.waiting(credit.open_appeals(), since="at", due="due_at")
        rows.append(_row(_("Appeals against measures"), f"{page}?waits=appeal", Waiting(**found), reader.now))
    return rows


def _parcels(reader: Reader) -> list[dict]:
    if not reader.may("logistics.view_parcel"):
        return []
    url = reverse("admin:logistics_parcel_changelist") + "?person=yes"
    return [_row(_("Parcels with a person"), url, queries.parcels_with_a_person(), reader.now)]


def _mine(reader: Reader) -> list[dict]:
    leases = {lease.about: lease for lease in queries.leases_of(reader.user, now=reader.now)}
    rows = ReturnRequest.objects.filter(return_no__in=leases).order_by("pk")
    held = [
        {"text": row.return_no, "url": page_of(row), "note": _held(leases[row.return_no].until, reader.now)}
        for row in rows
    ]
    return [*_my_differences(reader), *held]


def _my_differences(reader: Reader) -> list[dict]:
    """Differences with the channels that are this person's to look into: wrong sums and old ones are pressing."""
    if not reader.may("refunds.change_break"):
        return []
    mine = statements.breaks_of(reader.user)
    if not mine.count:
        return []
    told = ngettext("%(n)s difference with a channel", "%(n)s differences with the channels", mine.count)
    note = _("open for %(time)s") % {"time": ui.span(reader.now - mine.oldest)}
    if mine.urgent:
        pressing = ngettext("%(n)s is pressing", "%(n)s are pressing", mine.urgent) % {"n": mine.urgent}
        note = f"{pressing}; {note}"
    url = reverse("admin:refunds_break_changelist") + "?closed_at__isempty=1&owner=me"
    return [{"text": told % {"n": mine.count}, "url": url, "note": note}]


def _held(until: datetime, now: datetime) -> str:
    return _("yours for another %(time)s") % {"time": ui.span(until - now)}


def _done(reader: Reader) -> list[dict]:
    return [
        {"text": move.row.return_no, "url": page_of(move.row), "note": _what(move, reader.now)}
        for move in queries.decided_lately(reader.user)
    ]


def _what(move, now: datetime) -> str:
    said = {"state": words.STATES[move.to_state], "when": ui.moment(move.at, now=now, style="near")}
    return _("%(state)s, %(when)s") % said


def page_of(row: ReturnRequest, queue: str = "") -> str:
    """The review page, which remembers the queue that somebody came from."""
    url = reverse("admin:aftersales_returnrequest_change", args=[row.pk])
    return f"{url}?queue={queue}" if queue else url
