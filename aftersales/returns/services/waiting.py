"""Replacements that wait: stock is looked for again, and silence has a published outcome.

| what is waited for | outcome of silence |
|---|---|
| a payment, its hours (48) are over | stock is free again; she has her money or closes it, as long once more (T68) |
| a deposit for the new one to go first | the exchange goes on as usual (T74) |
| the fee of a repair, as long | it is sent back as it is, and costs nothing (T77) |
| then, or stock that did not come in a week | with the goods still hers it is closed, else she has her money |
"""

import logging
from datetime import datetime, timedelta

from aftersales.policy import queries as policies
from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.replacements.services.stock import free_stock
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import advancing, choosing, mending, replacing
from aftersales.returns.services.claims import moving_with_money
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell
from aftersales.returns.services.withdrawal import close_by_silence
from orders.purchases.models import MadeFor
from refunds.charges import services as charges
from returns_platform.kernel import work
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.fsm import moving

log = logging.getLogger(__name__)
Why = Replacement.Why


def follow_due_replacements(*, now: datetime, limit: int = 20) -> int:
    """Look at every replacement whose time has come; one that cannot be followed does not stop the others."""
    due = work.claim_due(Replacement, now=now, limit=limit)
    for claimed in due:
        try:
            follow_replacement(claimed.case_ref, now=now)
        except Exception as fault:
            log.exception("replacement %s could not be followed", claimed)
            _try_later(claimed, repr(fault), now=now)
    return len(due)


def _try_later(claimed: Replacement, error: str, *, now: datetime) -> None:
    with moving(Replacement, claimed.pk, by=SYSTEM, now=now) as row:
        if not work.retry_later(row, now=now, error=error):
            open_task("replacement_stuck", row.reference, order=row.order, data={"error": row.last_error}, now=now)


def follow_replacement(case_ref: str, *, now: datetime) -> None:
    """Do what the replacement of this request waits for, as far as it can be done now."""
    pk = ReturnRequest.objects.filter(return_no=case_ref).values_list("pk", flat=True).first()
    with moving_with_money(pk, by=SYSTEM, now=now, note="time_over") as (request, held):
        found = queries.live_replacement(case_ref)
        if found is None:
            return
        if not found.waits_for_customer or now <= found.due_at:
            _look_again(request, found, now=now)
        elif found.due_for == MadeFor.DEPOSIT and not found.is_out_of_stock:
            advancing.no_deposit(request, found.pk, now=now)
        elif found.due_for == MadeFor.REPAIR:
            mending.send_back_unmended(request, found.pk, by=SYSTEM, now=now)
        elif found.can_be_paid:
            _offer_money_or_end(request, found, now=now)
        elif goods_are_hers(request):
            close_by_silence(request, held, now=now)
        else:
            choosing.turn_into_refund(request, held, why=found.why or Why.UNPAID, by=SYSTEM, now=now)


def replacement_waiting(pk: int) -> str:
    """The request's number, where what replaces its goods waits for the customer."""
    case_ref = ReturnRequest.objects.filter(pk=pk).values_list("return_no", flat=True).first()
    found = queries.live_replacement(case_ref) if case_ref else None
    return case_ref if found is not None and found.waits_for_customer else ""


def goods_are_hers(request: ReturnRequest) -> bool:
    """The old goods have not been handed over yet."""
    return request.state in (states.APPROVED, states.AWAITING_GOODS)


def _look_again(request: ReturnRequest, found: Replacement, *, now: datetime) -> None:
    """Before its time is over: stock may have come in."""
    with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="looked_at") as replacement:
        if not replacement.is_out_of_stock:
            work.due_again(replacement, at=replacement.due_at if replacement.waits_for_customer else None)
        elif not replacements.hold_stock(replacement, by=SYSTEM, now=now):
            work.due_again(replacement, at=min(replacement.due_at, now + replacing.LOOK_AGAIN))
        else:
            replacement.reserve()
            replacement.wait_until(None)
            wanted = replacing.wanted_names(replacement)
            tell(request, "in_stock_again", occasion=str(replacement.version), wanted=wanted, now=now)
            replacing.go_on(request, replacement, now=now)
            choosing.nothing_holds_it_up(request, replacement, now=now)


def _offer_money_or_end(request: ReturnRequest, found: Replacement, *, now: datetime) -> None:
    """Nothing is kept for her any longer; what she is asked now has the same hours."""
    hours = policies.terms_of(request).exchange_pay_hours
    with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="unpaid") as replacement:
        free_stock(replacement, by=SYSTEM, now=now)
        charges.call_off_all(replacement.reference, by=SYSTEM, now=now)
        replacement.offered_at, replacement.why = now, Why.UNPAID
        replacement.wait_until(now + timedelta(hours=hours))
    request.wait_for("customer", replacement.due_at)
    tell(
        request, "pay_over", occasion=str(replacement.version), due=replacement.due,
        wanted=replacing.wanted_names(replacement), now=now,
    )  # fmt: skip
