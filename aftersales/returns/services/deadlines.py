"""Silence has a published outcome: what happens when the acting party's time is over."""

import logging
from datetime import datetime, timedelta

from aftersales.policy import queries as policies
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.advancing import take_deposit
from aftersales.returns.services.decisions import grant
from aftersales.returns.services.goods import refund_uninspected
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from aftersales.returns.services.waiting import follow_replacement, replacement_waiting
from aftersales.returns.services.withdrawal import let_lapse
from returns_platform.kernel.actors import SYSTEM, rule
from returns_platform.kernel.fsm import moving

log = logging.getLogger(__name__)
REMIND_BEFORE = timedelta(days=2)
PATIENCE = timedelta(hours=24)


def sweep_deadlines(*, now: datetime, limit: int = 500) -> int:
    """Apply the outcome of every deadline that passed, and send the reminders that are due."""
    over = ReturnRequest.objects.filter(due_at__lt=now).exclude(state__in=states.ENDED)
    found = list(over.order_by("due_at").values_list("pk", "state", "waits_for")[:limit])
    for pk, state, waits_for in found:
        try:
            _time_is_over(pk, state, waits_for, now=now)
        except Exception:
            log.exception("the deadline of case %s could not be applied", pk)
    for pk in _to_remind(now)[:limit]:
        _remind(pk, now=now)
    return len(found)


def _time_is_over(pk: int, state: str, waits_for: str, *, now: datetime) -> None:
    if state == states.NEEDS_EVIDENCE:
        let_lapse(pk, now=now)
    elif state == states.IN_REVIEW and waits_for == "merchant":
        grant_by_silence(pk, now=now)
    elif waits_for == "customer" and (waiting := replacement_waiting(pk)):
        follow_replacement(waiting, now=now)
    elif state == states.AWAITING_GOODS and take_deposit(pk, now=now):
        return
    elif state == states.AWAITING_GOODS:
        let_lapse(pk, now=now)
    elif state == states.ARRIVED and waits_for == "merchant":
        _nobody_counted_or_inspected(pk, now=now)
    elif state == states.SETTLING and waits_for == "merchant":  # what replaces the goods was not sent
        _hand_to_support(pk, "replacement_overdue", now=now)
    else:
        _hand_to_support(pk, f"overdue_{state}", now=now)


def grant_by_silence(pk: int, *, now: datetime) -> None:
    """The shop did not answer in its time: the request is granted, as announced to both."""
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="granted_by_silence") as request:
        if request.state != states.IN_REVIEW or request.waits_for != "merchant" or request.due_at >= now:
            return
        if request.needs_a_sum:  # silence names no sum
            hours = policies.terms_of(request).merchant_answer_hours
            request.wait_for("support", now + timedelta(hours=hours))
            return
        request.decide(rule("platform.merchant_silence", request.policy_version), now)
        grant(request, now=now)
        tell_the_shop(request, "granted_by_silence", now=now)


def _nobody_counted_or_inspected(pk: int, *, now: datetime) -> None:
    """No count in 48 h: a reminder, then a task for support. A week after delivery: refund as approved."""
    request = ReturnRequest.objects.get(pk=pk)
    days = policies.terms_of(request).inspection_days
    if now > request.delivered_at + timedelta(days=days):
        refund_uninspected(pk, now=now)
    elif request.reminded_at is None:
        _remind(pk, now=now)
    elif now > request.reminded_at + PATIENCE:
        _hand_to_support(pk, "overdue_count", now=now)


def _hand_to_support(pk: int, kind: str, *, now: datetime) -> None:
    request = ReturnRequest.objects.get(pk=pk)
    open_task(kind, request.return_no, request=request, now=now)


def _to_remind(now: datetime) -> list[int]:
    """Customers who have not sent the goods, two days before their time is over (T107)."""
    waiting = ReturnRequest.objects.filter(
        state__in=(states.APPROVED, states.AWAITING_GOODS), waits_for="customer", reminded_at=None,
        due_at__gt=now, due_at__lte=now + REMIND_BEFORE,
    )  # fmt: skip
    return list(waiting.values_list("pk", flat=True))


def _remind(pk: int, *, now: datetime) -> None:
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="reminded") as request:
        request.reminded_at = now
        remind = tell_the_shop if request.waits_for == "merchant" else tell
        remind(request, "reminder", now=now)
