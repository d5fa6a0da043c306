"""From a purchase line and a reason to the facts that rules judge. Pure: rows come in as small tuples."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat

from . import reasons, windows
from .rules import Line, Policy
from .windows import OffDays, Window

_ANY_TIME = ("UN", "PL")  # what was not sent has no window, and what is recalled is taken back whenever asked


@dataclass(frozen=True, slots=True)
class Arrival:
    """One outbound parcel: units of the line it carried, and when. signed_at None: no delivery scan.

    told_at: when the signature became known, of a parcel whose window had been an estimate until then.
    """

    quantity: int
    shipped_at: datetime
    signed_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Units of the line that a live or done request took from the shipped ones."""

    filed_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One shipped unit and the end of its window."""

    signed: bool
    closes_at: datetime | None
    estimated: bool = False
    unsure: bool = False


def line_facts(
    policy: Policy,
    *,
    line_no: str,
    reason: str,
    category: str,
    quantity: int,
    unit_price: int,
    units: int,
    zone: str,
    filed_at: datetime,
    off_days: OffDays,
    arrivals: tuple[Arrival, ...] = (),
    taken: tuple[Taken, ...] = (),
    confirmed_at: datetime | None = None,
    part_of_kit: bool = False,
    photos: int = 0,
    videos: int = 0,
    attempts: int = 0,
    card: str = "none",
    sku: str = "",
    sent_again: int = 0,
) -> Line:
    """The facts of one line.

    units: free for this reason (cancellable for UN.*, returnable for all else). confirmed_at: when the buyer
    confirmed at purchase that this line has no no-reason return. attempts: earlier requests not refused.
    """
    about = reasons.get(reason)
    named = {"reason": reason, "category": category, "sku": sku, "confirmed_at": confirmed_at}
    window, excluded = window_of(policy, **named)
    open_left, drawn, by = [], [], ""
    if about.group != "UN":
        counted = {"zone": zone, "off_days": off_days, "wait": about.group == "LG"}
        left = units_left(shipped_units(policy, window, arrivals, **counted), taken)
        open_left = [unit for unit in left if windows.is_open(unit.closes_at, filed_at)]
        drawn = _drawn(left, quantity, filed_at)
        if (
            window
            and window.by
            and not _enough_without_shop(
                policy, window, arrivals, taken, quantity=quantity, filed_at=filed_at, **counted
            )
        ):
            by = window.by
    ending = min((unit for unit in drawn if unit.closes_at), key=lambda unit: unit.closes_at, default=None)
    return Line(
        line_no=line_no,
        reason=reason,
        group=about.group,
        basis=about.basis,
        fault=reasons.is_fault(reason),
        category=category,
        goods_state=_goods_state(about.group, drawn),
        quantity=quantity,
        unit_price=unit_price,
        units=units,
        # What no parcel carries (a cancelled or virtual unit) has no window to miss.
        open_units=len(open_left) if drawn else quantity,
        excluded=excluded,
        deadline=ending and ending.closes_at,
        estimated=bool(ending and ending.estimated),
        unsure=bool(ending and ending.unsure),
        quality_until=quality_until(policy, category, arrivals, zone=zone, off_days=off_days, sku=sku),
        part_of_kit=part_of_kit,
        photos=photos,
        videos=videos,
        attempts_left=policy.terms.max_attempts - attempts,
        card=card,
        sku=sku,
        by=by,
        sent_again=sent_again,
    )


def _enough_without_shop(
    policy: Policy, window: Window, arrivals, taken, *, quantity: int, filed_at: datetime, **counted
) -> bool:
    """Whether so many units would be open by the platform's own window as well."""
    if window.floor is None:
        return False
    left = units_left(shipped_units(policy, window.floor, arrivals, **counted), taken)
    return sum(windows.is_open(unit.closes_at, filed_at) for unit in left) >= quantity


def window_of(
    policy: Policy, *, reason: str, category: str, confirmed_at: datetime | None, sku: str = ""
) -> tuple[Window | None, str]:
    """The window that holds for the reason, and the exclusion (then there is no window)."""
    about = reasons.get(reason)
    if about.group in _ANY_TIME:
        return None, "none"
    return basis_window(
        policy, basis=about.basis, category=category, sku=sku, reason=reason, confirmed=confirmed_at is not None
    )


def basis_window(
    policy: Policy, *, basis: str, category: str, sku: str = "", reason: str = "", confirmed: bool = False
) -> tuple[Window | None, str]:
    """As `window_of` for a basis: the platform's window, or the shop's over it."""
    own = windows.choose(policy.windows, basis=basis, category=category, reason=reason)
    if own is None:
        return None, "none"
    excluded = own.excluded if own.excluded == "law" or (own.excluded == "confirmation" and confirmed) else "none"
    given = policy.clauses.window(
        own, excluded=excluded != "none", basis=basis, category=category, sku=sku, reason=reason
    )
    if given is not None:
        return given, "none"
    return (own, "none") if excluded == "none" else (None, excluded)


def shipped_units(
    policy: Policy,
    window: Window | None,
    arrivals: tuple[Arrival, ...],
    *,
    zone: str,
    off_days: OffDays,
    wait: bool = False,
) -> list[Unit]:
    """Every unit that was sent, with the end of its window, the first to close first.

    wait: an unsigned parcel keeps its window open (reasons about delivery itself). Otherwise a parcel without
    a delivery scan counts as signed some days after it was sent, and says so. A signature that becomes known only
    when its window is over takes away nothing that was open: the estimate holds, or the day when it was told.
    """
    found = []
    for arrival in arrivals:
        unit = Unit(signed=arrival.signed_at is not None, closes_at=None)
        if window and (unit.signed or not wait):
            counted = {"zone": zone, "off_days": off_days}
            estimate = arrival.shipped_at + timedelta(days=policy.terms.no_scan_buffer_days)
            end = windows.deadline(window, arrival.signed_at or estimate, **counted)
            if arrival.told_at and not windows.is_open(end.at, arrival.told_at):
                end = windows.deadline(window, arrival.told_at if wait else estimate, **counted)
            unit = Unit(unit.signed, end.at, estimated=not unit.signed, unsure=end.unsure)
        found += repeat(unit, arrival.quantity)
    return sorted(found, key=_closing_order)


def units_left(sent: list[Unit], taken: tuple[Taken, ...]) -> list[Unit]:
    """Units still out. Each earlier request took the unit that was open then and closed first."""
    left = list(sent)
    for request in sorted(taken, key=lambda request: request.filed_at):
        for unit in _drawn(left, request.quantity, request.filed_at):
            left.remove(unit)
    return left


def quality_until(
    policy: Policy, category: str, arrivals: tuple[Arrival, ...], *, zone: str, off_days: OffDays, sku: str = ""
) -> datetime | None:
    """Until when a quality problem of the line can be reported; None = no limit."""
    window, _excluded = basis_window(policy, basis="quality", category=category, sku=sku)
    ends = [unit.closes_at for unit in shipped_units(policy, window, arrivals, zone=zone, off_days=off_days)]
    return max(ends, default=None) if all(ends) else None


def _closing_order(unit: Unit) -> tuple:
    # Units without an end close last.
    return (1,) if unit.closes_at is None else (0, unit.closes_at)


def _drawn(left: list[Unit], quantity: int, at: datetime) -> list[Unit]:
    """The units a request filed at that time takes: open ones first, the first to close first."""
    still_open = [unit for unit in left if windows.is_open(unit.closes_at, at)]
    closed = [unit for unit in left if not windows.is_open(unit.closes_at, at)]
    return list(chain(still_open, closed))[:quantity]


def _goods_state(group: str, drawn: list[Unit]) -> str:
    if group == "UN":
        return "unshipped"
    return "signed" if all(unit.signed for unit in drawn) else "shipped"
