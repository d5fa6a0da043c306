"""The cockpit of refunds that do not move by themselves: the list by clock, and one of them with its steps (N7)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aftersales.desk.readers import Reader, name_of
from aftersales.evidence.services import slips_of
from aftersales.returns import presenting
from aftersales.returns.headlines import Headline, Teller
from aftersales.returns.models import ReturnRequest
from aftersales.returns.names import sentences
from aftersales.returns.queries import cases_of
from refunds.payouts import guide
from refunds.payouts import queries as payouts
from refunds.payouts import states as money
from refunds.payouts import texts as refund_texts
from refunds.payouts.models import ExceptionEvent, Refund, RefundException, RouteChange, Settlement, Transfer
from returns_platform.kernel import ui
from returns_platform.kernel.actors import Actor

PAGE = "admin:refunds_refundexception_changelist"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. kind: a code of payouts.guide or empty; mine: only the reader's own."""

    kind: str = ""
    mine: bool = False


def rows_of(reader: Reader, asked: Asked) -> QuerySet[RefundException]:
    rows = payouts.open_exceptions().select_related("refund__merchant", "owner")
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    return rows.filter(owner=reader.user) if asked.mine else rows


def head(reader: Reader) -> str:
    """9 open, ¥3,412.40. Oldest 2 days 4 hours. Every one has an owner."""
    found = payouts.open_exceptions().aggregate(count=Count("pk"), oldest=Min("opened_at"))
    if not found["count"]:
        return _("Nothing waits for a person.")
    sums = payouts.open_exceptions().order_by("refund__currency").values_list("refund__currency")
    told = ", ".join(ui.money(amount, currency) for currency, amount in sums.annotate(Sum("refund__amount")))
    nobodys = payouts.open_exceptions().filter(owner=None).count()
    said = {"count": found["count"], "sums": told, "age": ui.span(reader.now - found["oldest"])}
    first = _("%(count)s open, %(sums)s. Oldest %(age)s.") % said
    if nobodys:
        return sentences(first, ngettext("%(n)s has no owner.", "%(n)s have no owner.", nobodys) % {"n": nobodys})
    return sentences(first, _("Every one has an owner."))


def counters(asked: Asked) -> list[ui.Counter]:
    """All, and each kind that there is, the most urgent kinds first."""
    found = dict(payouts.open_exceptions().order_by("kind").values_list("kind").annotate(Count("pk")))
    url = reverse(PAGE)
    all_of_them = ui.Counter(sum(found.values()), _("All open"), url, current=not asked.kind)
    return [all_of_them] + [
        ui.Counter(
            found[code], str(kind.name), f"{url}?kind={code}", "bad" if kind.hours <= 4 else "",
            current=code == asked.kind,
        )
        for code, kind in guide.KINDS.items()
        if code in found
    ]  # fmt: skip


def line(found: RefundException, *, now: datetime, picked: bool) -> dict:
    """A row of the list."""
    refund = found.refund
    return {
        "number": refund.number,
        "href": reverse("admin:refunds_refundexception_change", args=[found.pk]),
        "channel": refund_texts.where(refund.channel, refund.account if refund.is_paid_by_hand else ""),
        "happened": str(guide.KINDS[found.kind].happened),
        "more": _also(refund),
        "amount": refund.amount,
        "currency": refund.currency,
        "owner": name_of(found.owner) if found.owner else _("nobody yet"),
        "clock": ui.clock(found.due_at, now=now),
        "picked": picked,
    }


def _also(refund: Refund) -> str:
    if refund.other_way:
        return _("The customer has chosen another way.")
    if refund.awaits_choice:
        return _("The customer has the link to choose another way.")
    return ""


# --- one of them ------------------------------------------------------------------------------------------


def panel(found: RefundException, reader: Reader) -> dict:
    """Its rail, its steps, what must not be done, what the customer reads, what happened, and what can be done."""
    refund, kind = found.refund, guide.KINDS[found.kind]
    request = ReturnRequest.objects.filter(return_no=refund.case_ref).select_related(
        "order", "merchant", "customer", "bill"
    ).first()  # fmt: skip
    change, transfer = payouts.standing_route(refund), _standing_transfer(refund)
    settlement = refund.settlements.filter(confirmed_at=None, dropped_at=None).last()
    facts = _facts(found, change, settlement, transfer)
    return {
        "found": found,
        "refund": refund,
        "case": request,
        "zone": refund.merchant.zone,
        "name": str(kind.name),
        "happened": str(kind.happened),
        "problem": refund_texts.problem_for_staff(refund.problem),
        "never": str(kind.never),
        "asks_first": guide.ASK in kind.steps,
        "clock": ui.clock(found.due_at, now=reader.now),
        "owner": name_of(found.owner) if found.owner else "",
        "truths": presenting.truths(
            None, [refund], zone=refund.merchant.zone, sent_on=reader.now.date(), by=None, now=reader.now
        ),
        "steps": _steps(found.kind, facts) if found.is_open else [],
        "answers": refund.attempts.exclude(code="").order_by("-seq")[:3],
        "customer_reads": _customer_reads(request, reader),
        "events": [ui.Event(event.at, _told(event)) for event in found.events.all()],
        "change": change and _route(change),
        "transfer": transfer,
        "slips": presenting.own_photos(slips_of(transfer.pk)) if transfer else [],
        "limit": settings.TRANSFER_LIMIT,
        "settlement": settlement,
        "colleagues": payouts.people_for_exceptions().exclude(pk=found.owner_id or 0),
        "can": _can(found, change, settlement, transfer, reader) if found.is_open else {},
        "case_url": reverse("admin:aftersales_returnrequest_change", args=[request.pk]) if request else "",
        "refund_url": reverse("admin:refunds_refund_change", args=[refund.pk]),
        "pay_to": refund.account or _("The account that the payment came from: %(number)s")
        % {"number": refund.payment.transaction.transaction_id},
        "change_to_reveal": payee_of(refund),
    }  # fmt: skip


def _steps(kind: str, facts: guide.Facts) -> list[dict]:
    return [
        {"name": str(step.name), "note": str(step.note), "at": at} for step, at in guide.steps_of(kind, facts)
    ]  # fmt: skip


def _standing_transfer(refund: Refund) -> Transfer | None:
    return refund.transfers.filter(dropped_at=None, confirmed_at=None).first()


def payee_of(refund: Refund) -> RouteChange | None:
    """The account that the customer named and this refund goes to, or is to go to."""
    change = RouteChange.objects.filter(replacement=refund).first() or payouts.standing_route(refund)
    return change if change and change.payee_last4 else None


def _facts(
    found: RefundException, change: RouteChange | None, settlement: Settlement | None, transfer: Transfer | None
) -> guide.Facts:
    refund = found.refund
    asked = refund.attempts.filter(kind="query", at__gte=found.opened_at).exclude(outcome="")
    settled = refund.settlements.filter(confirmed_at__isnull=False).exists()
    return guide.Facts(
        asked=asked.exists(),
        sent_again=refund.state in (money.SENDING, money.ACCEPTED, money.UNKNOWN),
        proposed=settlement is not None or settled,
        settled=settled,
        chosen=bool(refund.other_way),
        agreed_first=bool(change and change.first_at),
        agreed=bool(change and change.is_agreed),
        cooled=bool(change and (change.not_before is None or change.not_before <= found.opened_at)),
        closed=refund.state in money.CAME_TO_NOTHING,
        replaced=Refund.objects.filter(replaces=refund).exists(),
        transferred=transfer is not None,
    )


def _customer_reads(request: ReturnRequest | None, reader: Reader) -> Headline | None:
    if request is None:
        return None
    return Teller(cases_of([request])[0], now=reader.now).headline()


def _told(event: ExceptionEvent) -> str:
    who = event.by_name or {"channel": _("The channel"), "system": _("The platform")}.get(event.by_kind, event.by_id)
    kind = guide.KINDS.get(event.note)
    said = {
        "opened": _("Opened: %(what)s"),
        "became": _("Became: %(what)s"),
        "taken": _("%(who)s took it"),
        "handed": _("%(who)s gave it to %(what)s"),
        "closed": _("Closed. Proof: %(what)s"),
    }.get(event.what, event.what)
    return said % {"who": who, "what": kind.name if kind else event.note}


def _route(change: RouteChange) -> dict:
    return {
        "change": change,
        "way": refund_texts.channel(change.way),
        "by_customer": change.by_kind == "customer",
        "waits_for": _waits_for(change),
    }


def _waits_for(change: RouteChange) -> str:
    if change.way == RouteChange.Way.BALANCE:
        return _("Nobody: her own choice is enough. It is paid once the old number is closed.")
    if change.first_at is None:
        return _("A senior agrees first.")
    if change.second_at is None:
        return _("Finance agrees second.")
    return _("It is promised once the old number is closed and the time has passed.")


# --- what can be done -------------------------------------------------------------------------------------


def _can(
    found: RefundException, change: RouteChange | None, settlement: Settlement | None, transfer: Transfer | None,
    reader: Reader,
) -> dict[str, bool]:  # fmt: skip
    """By name of the act: whether this reader may do it now. A service asks all of it once more."""
    refund, may = found.refund, reader.may
    by_hand = refund.is_paid_by_hand
    manual, stuck = refund.state == money.MANUAL, refund.state in (money.MANUAL, money.UNKNOWN)
    return {
        "take": may("refunds.own_exception") and found.owner_id != reader.user.pk,
        "hand": may("refunds.hand_exception"),
        "ask": may("refunds.retry_refund") and refund.can_be_asked_about
        and refund.state in (money.MANUAL, money.UNKNOWN, money.ACCEPTED),
        "again": may("refunds.retry_refund") and manual and refund.may_be_sent_again and not refund.way_is_closed,
        "anew": may("refunds.retry_refund") and refund.state in money.CAME_TO_NOTHING and not refund.other_way
        and not by_hand,
        "propose": may("refunds.propose_settlement") and stuck,
        "confirm": bool(settlement) and may("refunds.confirm_settlement") and not _same(settlement.by, reader),
        "route": may("refunds.propose_route") and refund.awaits_choice,
        "first": bool(change) and may("refunds.confirm_route_first") and not change.first_at
        and change.way == RouteChange.Way.BANK_TRANSFER,
        "second": bool(change) and may("refunds.confirm_route_second") and bool(change.first_at)
        and not change.second_at,
        "stop": bool(change) and change.done_at is None and may("refunds.veto_route"),
        "transfer": may("refunds.pay_by_hand") and by_hand and manual,
        "seen": bool(transfer) and may("refunds.pay_by_hand") and not _same(transfer.by, reader),
        "unseen": bool(transfer) and may("refunds.pay_by_hand"),
        "reveal": may("refunds.reveal_payee") and payee_of(refund) is not None,
    }  # fmt: skip


def _same(actor: Actor, reader: Reader) -> bool:
    return actor.kind == "support" and actor.id == str(reader.user.pk)
