"""What a bought line can still be asked for: the note beside it and the entry worded for its state."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from aftersales.policy import facts, reasons, summary, windows
from aftersales.policy.rules import Policy
from aftersales.policy.windows import OffDays
from aftersales.returns.queries import SeenLine, SeenOrder


@dataclass(frozen=True, slots=True)
class Entry:
    """A line on a page. amount: paid for its goods, minor units. action: words of the way in, "" for none."""

    name: str
    image: str
    amount: int
    quantity: int
    notes: list[str]
    action: str = ""
    href: str = ""
    is_filed: bool = False  # every unit is in a request already: the way leads there

    @property
    def note(self) -> str:
        return " · ".join([f"× {self.quantity}", *(note.rstrip(".。") for note in self.notes)])


def entries(seen: SeenOrder, *, off_days: OffDays, now: datetime) -> list[Entry]:
    return [entry(seen, line, off_days=off_days, now=now) for line in seen.lines]


def entry(seen: SeenOrder, seen_line: SeenLine, *, off_days: OffDays, now: datetime) -> Entry:
    line = seen_line.line
    action, href = _way_in(seen, seen_line, off_days=off_days, now=now)
    return Entry(
        line.title, static(seen_line.picture) if seen_line.picture else "", line.net, line.quantity,
        _notes(seen, seen_line, off_days=off_days, now=now), action, href,
        is_filed=not line.returnable and not line.cancellable,
    )  # fmt: skip


def _notes(seen: SeenOrder, seen_line: SeenLine, *, off_days: OffDays, now: datetime) -> list[str]:
    """Until when what holds; for units that are all taken already, by which request."""
    line = seen_line.line
    if not seen.order.takes_after_sale:
        return []
    if not line.returnable and not line.cancellable:
        numbers = ", ".join(dict.fromkeys(taken.request.return_no for taken in seen_line.requests))
        return [_("in %(numbers)s") % {"numbers": numbers}] if numbers else []
    line.order = seen.order  # known already
    return time_notes(seen.policy, line, seen_line.arrivals, off_days=off_days, now=now)


def time_notes(
    policy: Policy, line, arrivals: tuple[facts.Arrival, ...], *, off_days: OffDays, now: datetime
) -> list[str]:
    """Until when what holds for a line that was bought."""
    return summary.line_notes(
        policy, category=line.category, sku=line.sku, zone=line.order.merchant.zone, at=now, off_days=off_days,
        arrivals=arrivals, confirmed_at=line.no_reason_excluded_confirmed_at,
    )  # fmt: skip


def _way_in(seen: SeenOrder, seen_line: SeenLine, *, off_days: OffDays, now: datetime) -> tuple[str, str]:
    line = seen_line.line
    if not seen.order.takes_after_sale:
        return "", ""
    if line.returnable:
        return _wording(seen, seen_line, off_days=off_days, now=now), file_url(seen.order.pk, line=line.pk)
    if line.cancellable:
        return _("Cancel and refund"), file_url(seen.order.pk, line=f"{line.pk}u")
    if seen_line.requests:
        return _("See the request"), reverse("aftersales:case", args=[seen_line.requests[0].request.return_no])
    return "", ""


def _wording(seen: SeenOrder, seen_line: SeenLine, *, off_days: OffDays, now: datetime) -> str:
    if not seen_line.signed:
        return _("Delivery problem")
    about = {"zone": seen.order.merchant.zone, "off_days": off_days}
    if open_without_reason(seen.policy, seen_line.line, seen_line.arrivals, now=now, **about):
        return _("Return / after-sale")
    until = facts.quality_until(
        seen.policy, seen_line.line.category, seen_line.arrivals, sku=seen_line.line.sku, **about
    )
    return _("Report a quality problem") if windows.is_open(until, now) else _("Report a problem")


def open_without_reason(
    policy: Policy, line, arrivals: tuple[facts.Arrival, ...], *, zone: str, off_days: OffDays, now: datetime
) -> frozenset[str]:
    """The codes of NR.* for which any unit can still come back; mostly all of them or none."""
    about = {"category": line.category, "sku": line.sku, "confirmed_at": line.no_reason_excluded_confirmed_at}
    held = {code: facts.window_of(policy, reason=code, **about) for code in reasons.NO_REASONS}
    still_open = {
        window
        for window, excluded in set(held.values())
        if excluded == "none"
        for unit in facts.shipped_units(policy, window, arrivals, zone=zone, off_days=off_days)
        if windows.is_open(unit.closes_at, now)
    }
    return frozenset(code for code, (window, excluded) in held.items() if excluded == "none" and window in still_open)


def file_url(order_id: int, **answers) -> str:
    """The filing page with answers given already."""
    return f"{reverse('aftersales:file', args=[order_id])}?{urlencode(answers)}"
