"""What the staff's pages about bills and differences show: rows become shapes for the templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from orders.accounts.models import User
from refunds.matching import queries, rules, texts
from refunds.matching.models import StatementDay
from refunds.matching.queries import Totals
from refunds.payouts import texts as payouts
from refunds.payouts.models import Break
from returns_platform.kernel import ui


@dataclass(frozen=True, slots=True)
class Side:
    """One fact as our books and as the bill have it; differs: the two are not the same."""

    name: str
    ours: str
    theirs: str
    differs: bool


def sums(found: Mapping[str, int] | None) -> str:
    """¥12.00, or several currencies beside each other."""
    return ", ".join(ui.money(amount, currency) for currency, amount in sorted((found or {}).items())) or "–"


def channel_name(code: str) -> str:
    return str(payouts.CHANNELS.get(code, code))


def sides(found: Break) -> list[Side]:
    """Ours beside theirs, fact by fact; what only one side names is shown too."""
    ours, theirs = found.ours or {}, found.theirs or {}
    names = {
        "number": _("Number"), "transaction_id": _("Payment"), "amount": _("Amount"), "currency": _("Currency"),
        "state": _("State"), "on": _("Day"), "channel": _("Channel"), "channel_ref": _("The channel's number"),
        "kind": _("What the row is"),
    }  # fmt: skip
    compared = {"number", "transaction_id", "amount", "currency", "on"}
    rows = []
    for name, label in names.items():
        mine, other = _said(name, ours), _said(name, theirs)
        if mine or other:
            differs = name in compared and bool(mine and other) and mine != other
            rows.append(Side(label, mine or "–", other or "–", differs))
    return rows


def _said(name: str, facts: Mapping) -> str:
    value = facts.get(name)
    if value in (None, ""):
        return ""
    if name == "amount":
        return ui.money(value, facts.get("currency") or "")
    if name == "channel":
        return channel_name(value)
    if name == "kind":
        return str(texts.ROWS.get(value, value))
    return str(value)


def break_page(found: Break, *, user, now: datetime) -> dict:
    """The context of one difference's page."""
    said = texts.kind(found.kind)
    may = user.has_perm("refunds.change_break")
    mine = found.awaits_second_person and found.proposed_by_id == str(user.pk)
    return {
        "found": found, "said": said, "sides": sides(found), "channel": channel_name(found.source),
        "booked": texts.booked((found.theirs or {}).get("booked", "")), "reason": texts.reason(found.reason),
        "note": found.note, "lines": queries.lines_of(found)[:20],
        "overdue": found.is_open and found.opened_at <= now - rules.OVERDUE_AFTER,
        "events": [
            {"at": event.at, "what": texts.event(event.what), "by": event.by_name, "note": event.note}
            for event in found.events.all()
        ],
        "may": may and found.is_open, "may_confirm": may and found.awaits_second_person and not mine, "mine": mine,
        "needs_second": found.amount > queries.second_person_above(),
        "reasons": list(texts.REASONS.items()),
        "people": [(person.pk, person.get_username()) for person in _people()],
        "refund_url": _refund_url(found.refund_id),
        "could_be": queries.could_be(found)[:5] if found.kind in rules.BOOKED and found.is_open else [],
        "shared": _shared(found) if may and found.is_open else [],
        "linkable": found.kind in rules.BOOKED and found.is_open and may,
    }  # fmt: skip


def _shared(found: Break) -> list[dict]:
    """The orders among which a person says whose money it was; empty where it is booked, or of one order."""
    if found.theirs.get("booked") != "shared":
        return []
    return [
        {"payment": payment, "left": payment.amount - payment.reserved, "currency": found.currency}
        for payment in queries.shared_parts(found)
    ]


def _people():
    return User.objects.filter(pk__in=queries.owners()).order_by("username")


def _refund_url(refund_id: int | None) -> str:
    return reverse("admin:refunds_refund_change", args=[refund_id]) if refund_id else ""


def day_state(day: StatementDay, *, now: datetime) -> tuple[str, str]:
    """(words, tone) of what has become of a day's bill."""
    if day.file_id and day.matched_at:
        return _("matched"), "good"
    if day.file_id:
        return _("being matched"), "now"
    if day.due_from <= now - rules.LATE_AFTER:
        return _("late"), "bad"
    return _("not there yet"), ""


def day_figures(totals: Totals) -> list[dict]:
    """Our three truths of the day beside what the bill says."""
    return [
        {"name": _("Asked"), "value": sums(totals.asked)},
        {"name": _("Accepted"), "value": sums(totals.accepted)},
        {"name": _("Arrived"), "value": sums(totals.arrived)},
        {"name": _("On the bill"), "value": sums(totals.on_bill)},
        {"name": _("Not matched"), "value": sums(totals.unmatched), "tone": "over" if totals.unmatched else ""},
    ]


def day_rows(day: StatementDay, *, shown: int = 200) -> list[dict]:
    """The rows of the bill in force; what differs comes first."""
    rows = []
    for match in queries.first_of(day)[:shown]:
        line = match.line
        rows.append(
            {
                "line": line.line, "number": line.number or line.channel_ref or "–", "kind": texts.ROWS[line.kind],
                "amount": ui.money(line.amount, line.currency), "at": line.at,
                "result": str(texts.RESULTS[match.result]), "finding": match.finding,
                "said": texts.kind(match.finding.kind).name if match.finding else "",
                "refund_url": _refund_url(match.refund_id),
            }
        )  # fmt: skip
    return rows


def preview_facts(preview, channel: str) -> dict:
    """What an import would bring, in words."""
    return {
        "rows": preview.rows, "matched": preview.matched, "again": preview.again, "revision": preview.revision,
        "sums": [
            {"kind": texts.ROWS[kind], "amount": ui.money(amount, currency)}
            for currency, kinds in sorted(preview.sums.items())
            for kind, amount in sorted(kinds.items())
        ],
        "kinds": [{"name": texts.kind(kind).name, "count": count} for kind, count in sorted(preview.kinds.items())],
    }  # fmt: skip
