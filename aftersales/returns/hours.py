"""What can be reported for some hours only, as fresh goods: how long it still is, at the top of the form."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.policy import facts, reasons, texts, windows
from aftersales.policy.windows import OffDays
from aftersales.returns.filing_form import Item

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HoursLeft:
    """A notice: heading, sentences, tone."""

    title: str
    text: str
    tone: str


def notices(asked: list[tuple[Item, str]], *, off_days: OffDays, now: datetime) -> list[HoursLeft]:
    """For each item with its reason ("" before there is one); items with the same time share one notice."""
    found: dict[datetime, Item] = {}
    for item, reason in asked:
        if until := closes_at(item, reason, off_days=off_days):
            found.setdefault(until, item)
    return [_notice(item, until, alone=len(found) == 1, now=now) for until, item in sorted(found.items(), key=_first)]


def _first(entry: tuple) -> datetime:
    return entry[0]


def closes_at(item: Item, reason: str, *, off_days: OffDays) -> datetime | None:
    """The last second of a window that is counted in hours; None for all others, and before the signature."""
    if item.flow != "signed":
        return None
    basis = reasons.get(reason).basis if reason else "quality"
    line = item.line
    window, _excluded = facts.basis_window(
        item.policy, basis=basis, category=line.category, sku=line.sku, reason=reason
    )
    if window is None or window.told.unit != "hours":
        return None
    zone = line.order.merchant.zone
    units = facts.shipped_units(item.policy, window, item.arrivals, zone=zone, off_days=off_days)
    return max((unit.closes_at for unit in units if unit.signed), default=None)


def _notice(item: Item, until: datetime, *, alone: bool, now: datetime) -> HoursLeft:
    when = {"until": texts.moment(until, item.line.order.merchant.zone), "phone": settings.HELP_PHONE}
    if windows.is_open(until, now):
        title, text = left(until - now), _("Until %(until)s.") % when
        if item.line.category == "fresh":
            text = _("Until %(until)s. Take photos now, as long as the goods look as they arrived.") % when
        tone = "late"
    else:
        title, tone = _("The time to report a problem is over"), "bad"
        text = _("It ended on %(until)s. You can file it all the same and ask a person to look, or call %(phone)s.")
        text %= when
    said = title if alone else _("%(goods)s: %(told)s") % {"goods": item.line.title, "told": title}
    return HoursLeft(said, text, tone)


def left(length: timedelta) -> str:
    """Whole hours, and minutes in the last one; never more than there is."""
    if length >= HOUR:
        hours = length // HOUR
        return ngettext("%(n)s hour left to report", "%(n)s hours left to report", hours) % {"n": hours}
    if length < MINUTE:
        return _("Less than a minute left to report")
    minutes = length // MINUTE
    return ngettext("%(n)s minute left to report", "%(n)s minutes left to report", minutes) % {"n": minutes}
