"""The policy in short plain sentences: for one line on an order page, for one category before purchase."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import windows
from .facts import Arrival, basis_window, quality_until, shipped_units, window_of
from .reasons import REASONS, offered
from .rules import Policy
from .texts import moment
from .windows import OffDays, Window

_NO_REASON = "NR.NO_LONGER_WANT"


def line_notes(
    policy: Policy,
    *,
    category: str,
    zone: str,
    at: datetime,
    off_days: OffDays,
    arrivals: tuple[Arrival, ...] = (),
    confirmed_at: datetime | None = None,
    sku: str = "",
) -> list[str]:
    """What holds for one bought line now, the nearest right first; one or two sentences."""
    if not arrivals:
        return [_("Not sent yet: you can cancel it and get your money back.")]
    if not any(arrival.signed_at for arrival in arrivals):
        return category_notes(policy, category=category, confirmed_at=confirmed_at, sku=sku)
    named = {"category": category, "sku": sku}
    window, _excluded = window_of(policy, reason=_NO_REASON, confirmed_at=confirmed_at, **named)
    units = shipped_units(policy, window, arrivals, zone=zone, off_days=off_days) if window else []
    quality = _quality_note(
        quality_until(policy, category, arrivals, zone=zone, off_days=off_days, sku=sku), zone, at
    )
    if not window:
        return [_("Cannot be returned without a reason."), quality]
    last = max((unit.closes_at for unit in units if unit.closes_at), default=None)
    until = {"until": moment(last, zone, this_year=at.year)}
    if windows.is_open(last, at):
        return [_("No-reason returns until %(until)s.") % until]
    return [_("No-reason returns ended on %(until)s.") % until, quality]


def category_notes(
    policy: Policy, *, category: str, confirmed_at: datetime | None = None, sku: str = ""
) -> list[str]:
    """What holds for a category, counted from delivery: for pages before the purchase and before delivery."""
    named = {"category": category, "sku": sku}
    window, excluded = basis_window(policy, basis="no_reason", confirmed=confirmed_at is not None, **named)
    agreed, _excluded = basis_window(policy, basis="no_reason", confirmed=True, **named)
    notes = [_no_reason_note(window, excluded, agreed)]
    quality, _excluded = basis_window(policy, basis="quality", **named)
    if quality:
        notes.append(_("Quality problems: %(length)s.") % {"length": _length(quality)})
    faults, _excluded = basis_window(policy, basis="fulfilment", **named)
    if faults:
        notes.append(_("Wrong, missing or damaged goods: %(length)s.") % {"length": _length(faults)})
    return notes


def single_reasons(
    policy: Policy, *, category: str, confirmed_at: datetime | None = None, sku: str = ""
) -> list[str]:
    """The reasons that have a time of their own: what is told for all of their kind does not hold for them."""
    named = {"category": category, "sku": sku, "confirmed": confirmed_at is not None}
    found = []
    for code in offered(category, "signed"):
        reason = REASONS[code]
        own, _excluded = basis_window(policy, basis=reason.basis, reason=code, **named)
        usual, _excluded = basis_window(policy, basis=reason.basis, **named)
        if own and not (usual and _length(own) == _length(usual)):
            found.append(single_reason(code, own))
    return found


def single_reason(code: str, window: Window) -> str:
    return _("“%(reason)s”: %(length)s.") % {"reason": REASONS[code].text, "length": _length(window)}


def _no_reason_note(window: Window | None, excluded: str, agreed: Window | None) -> str:
    """agreed: the window of a buyer who confirmed that there is none, where the shop opens it all the same."""
    if excluded != "none":
        return _("Cannot be returned without a reason.")
    if window is None:
        return _("No-reason returns at any time.")
    length = {"length": _length(window)}
    if window.excluded == "confirmation" and agreed and _length(agreed) != length["length"]:
        told = _("No-reason returns: %(length)s; where you agree otherwise when you buy it, %(less)s.")
        return told % (length | {"less": _length(agreed)})
    if window.excluded == "confirmation" and not agreed:
        return _("No-reason returns: %(length)s, unless you agree otherwise when you buy it.") % length
    return _("No-reason returns: %(length)s.") % length


def _quality_note(until: datetime | None, zone: str, at: datetime) -> str:
    if until is None:
        return _("Quality problems can be reported at any time.")
    when = {"until": moment(until, zone, this_year=at.year)}
    if windows.is_open(until, at):
        return _("Quality problems until %(until)s.") % when
    return _("Quality problems could be reported until %(until)s.") % when


def _length(window: Window) -> str:
    return length(window.told.length, window.told.unit)


def length(count: int, unit: str) -> str:
    """A window's length as people say it. unit: hours or days."""
    if unit == "hours":
        words = ngettext("within %(count)s hour of delivery", "within %(count)s hours of delivery", count)
    else:
        words = ngettext("within %(count)s day of delivery", "within %(count)s days of delivery", count)
    return words % {"count": count}
