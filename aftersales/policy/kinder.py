"""Whether a shop's clause is at least as kind as the platform, said in a sentence for the field that is not.

The figures are compared with the platform's version that is in force; what becomes of the comparison when the
platform becomes kinder needs no check, because a clause counts only as far as it is kinder (clauses.py).
"""

from dataclasses import asdict
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns_platform.kernel import ui

from . import windows
from .clauses import COURIER_CAP, FAULTS, TIMES, Clause, asks_less
from .law import MOST
from .reasons import EVIDENCE, REASONS
from .rules import OUTCOMES, Facts, Line, Policy, judge

# What a reason of each kind of clause must be about.
_BASES = {
    "open": ("no_reason",),
    "freight": ("no_reason",),
    "keep": FAULTS,
    "send_back": FAULTS,
    "evidence": FAULTS,
}
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def objections(row: Clause, policy: Policy, *, currency: str = "CNY") -> dict[str, str]:
    """{field: what is wrong with it}, empty where the clause can be kept. policy: the platform's own."""
    wrong = _about_the_reason(row)
    if wrong:
        return wrong
    check = {
        "window": _longer, "open": _opened, "keep": _limit, "send_back": _limit, "freight": _nothing,
        "evidence": _less, "no_deduction": _nothing, "time": _sooner_or_later, "courier": _cap,
    }[row.gives]  # fmt: skip
    return check(row, policy, currency)


def _about_the_reason(row: Clause) -> dict[str, str]:
    if not row.reason:
        return {}
    reason = REASONS.get(row.reason)
    if reason is None:
        return {"reason": _("There is no such reason.")}
    fits = (row.basis,) if row.basis else _BASES.get(row.gives, (reason.basis,))
    if reason.basis not in fits or reason.group == "UN":
        return {"reason": _("This reason does not go with what the clause is for.")}
    return {}


def _nothing(_row: Clause, _policy: Policy, _currency: str) -> dict[str, str]:
    return {}


def _longer(row: Clause, policy: Policy, _currency: str) -> dict[str, str]:
    own = windows.choose(policy.windows, basis=row.basis, category=row.category, reason=row.reason)
    if own is None:
        return {"length": _("The platform sets no time limit here, so there is nothing to lengthen.")}
    if own.excluded == "law":
        return {"category": _("These goods are excluded from no-reason returns. Choose the clause that opens them.")}
    if too_much := _too_long(row):
        return too_much
    if row.unit == "hours" and own.unit == "days":
        return {"unit": _("The platform counts this in days, to the end of the last day. Choose days.")}
    given = windows.Window(row.basis, length=row.length, unit=row.unit)
    if given.least_hours < own.least_hours:
        return {"length": _("The platform already gives %(length)s. Give at least as much.") % {"length": _told(own)}}
    return {}


def _opened(row: Clause, policy: Policy, _currency: str) -> dict[str, str]:
    if not (row.category or row.sku):
        return {"category": _("Choose the kind of goods or name one product.")}
    own = windows.choose(policy.windows, basis="no_reason", category=row.category, reason=row.reason)
    if row.category and (own is None or own.excluded == "none"):
        return {"category": _("These goods are not excluded. Choose the clause for more time.")}
    return _too_long(row)


def _too_long(row: Clause) -> dict[str, str]:
    most = MOST[row.unit]
    if 1 <= row.length <= most:
        return {}
    words = {"hours": _("From 1 to %(most)s hours."), "days": _("From 1 to %(most)s days.")}
    return {"length": words[row.unit] % {"most": most}}


def _limit(row: Clause, policy: Policy, currency: str) -> dict[str, str]:
    bases = (row.basis,) if row.basis else FAULTS
    own = max(approved_up_to(policy, row, basis) for basis in bases)
    if row.limit < own:
        told = {"sum": ui.money(own, currency)}
        return {"limit": _("The platform already refunds up to %(sum)s at once. Write at least that.") % told}
    most = policy.terms.second_person_above
    if row.limit > most:
        told = {"sum": ui.money(most, currency)}
        return {"limit": _("Above %(sum)s two people decide. Write at most that.") % told}
    if any(_approves(policy, row, basis, row.limit + 1) for basis in bases):
        return {"limit": _("The platform already refunds more than that at once.")}
    return {}


def approved_up_to(policy: Policy, row: Clause, basis: str) -> int:
    """Up to which amount the platform itself approves faulty goods at once; 0 for none. Found by asking its rules."""
    limits = sorted({rule.limit for rule in policy.rules if rule.limit is not None}, reverse=True)
    return next((limit for limit in limits if _approves(policy, row, basis, limit)), 0)


def _approves(policy: Policy, row: Clause, basis: str, amount: int) -> bool:
    reason = row.reason or next(code for code, one in REASONS.items() if one.basis == basis and one.group != "FR")
    asked = plain_case(
        reason, category=row.category, sent_back=row.gives == "send_back", amount=amount, photos=9, videos=1
    )
    return judge(asked, policy).outcome == OUTCOMES[0]


def plain_case(
    reason: str, *, category: str, sent_back: bool, amount: int, sku: str = "", photos: int = 0, videos: int = 0
) -> Facts:
    """One faulty unit of that price, in time, of a customer of whom nothing is known."""
    about = REASONS[reason]
    line = Line(
        line_no="1", reason=reason, group=about.group, basis=about.basis, fault=True, category=category, sku=sku,
        goods_state="signed", quantity=1, unit_price=amount, units=1, open_units=1, photos=photos, videos=videos,
    )  # fmt: skip
    kind = "return_refund" if sent_back else "refund_only"
    return Facts(kind, sent_back, amount, "CNY", _ANY_TIME, "UTC", lines=(line,))


def _less(row: Clause, _policy: Policy, _currency: str) -> dict[str, str]:
    if not row.reason:
        return {}
    asked = REASONS[row.reason].evidence
    if asked == "E0":
        return {"reason": _("For this reason nothing is asked for anyway.")}
    if not asks_less(row.evidence, asked):
        things = "; ".join(str(thing) for thing in EVIDENCE[asked].asks)
        return {"evidence": _("That is not less than the platform asks for: %(things)s.") % {"things": things}}
    return {}


def _sooner_or_later(row: Clause, policy: Policy, _currency: str) -> dict[str, str]:
    name, unit, kinder = TIMES[row.term]
    if row.length < 1 or row.length > MOST[unit]:
        return _too_long(Clause("time", length=row.length, unit=unit))
    own = asdict(policy.terms)[name]
    if kinder(row.length, own) == row.length:
        return {}
    told = {"length": _told(windows.Window("", length=own, unit=unit))}
    if kinder is max:
        return {"length": _("The platform already gives %(length)s. Give at least as much.") % told}
    return {"length": _("The platform already asks for %(length)s. Promise no more than that.") % told}


def _cap(row: Clause, policy: Policy, currency: str) -> dict[str, str]:
    own = asdict(policy.terms)[COURIER_CAP]
    if row.limit < own:
        told = {"sum": ui.money(own, currency)}
        return {"limit": _("The platform already repays up to %(sum)s. Write at least that.") % told}
    if row.limit > policy.terms.second_person_above:
        told = {"sum": ui.money(policy.terms.second_person_above, currency)}
        return {"limit": _("Above %(sum)s two people decide. Write at most that.") % told}
    return {}


def _told(window: windows.Window) -> str:
    if window.unit == "hours":
        return ngettext("%(count)s hour", "%(count)s hours", window.length) % {"count": window.length}
    return ngettext("%(count)s day", "%(count)s days", window.length) % {"count": window.length}
