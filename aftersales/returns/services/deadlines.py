"""Silence has a published outcome: what happens when the acting party's time is over, and who hears of it before.

What is told to people stands in `aftersales.returns.clocks`, made of the same figures.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from aftersales.policy import queries as policies
from aftersales.replacements import queries as replacements
from aftersales.returns import states, times
from aftersales.returns.models import ReturnRequest
from aftersales.returns.queries import parcel_of
from aftersales.returns.services import replacing, road
from aftersales.returns.services.advancing import take_deposit
from aftersales.returns.services.decisions import grant
from aftersales.returns.services.goods import refund_uninspected
from aftersales.returns.services.offering import lapse_offers
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell, tell_the_shop
from aftersales.returns.services.waiting import follow_replacement, replacement_waiting
from aftersales.returns.services.withdrawal import let_lapse
from orders.purchases.models import MadeFor
from returns_platform.kernel.actors import SYSTEM, rule
from returns_platform.kernel.fsm import moving

log = logging.getLogger(__name__)
NOT_HANDED_OVER = (states.APPROVED, states.AWAITING_GOODS)


def sweep_deadlines(*, now: datetime, limit: int = 500) -> int:
    """Apply the outcome of every deadline that passed, and send the reminders that are due."""
    over = ReturnRequest.objects.filter(due_at__lt=now).exclude(state__in=states.ENDED)
    # In no order: what is with a person stays overdue, and as many of those as a sweep takes would shut out the rest.
    found = list(over.order_by("?").values_list("pk", "state", "waits_for")[:limit])
    for pk, state, waits_for in found:
        try:
            _time_is_over(pk, state, waits_for, now=now)
        except Exception:
            log.exception("the deadline of case %s could not be applied", pk)
    for pk in _to_remind(now)[:limit]:
        try:
            _remind(pk, now=now)
        except Exception:
            log.exception("nobody could be reminded about case %s", pk)
    lapse_offers(now=now)
    return len(found)


# --- the time is over -------------------------------------------------------------------------------------


def _time_is_over(pk: int, state: str, waits_for: str, *, now: datetime) -> None:
    if state == states.NEEDS_EVIDENCE:
        let_lapse(pk, now=now)
    elif state == states.IN_REVIEW and waits_for == "merchant":
        grant_by_silence(pk, now=now)
    elif waits_for == "customer" and (waiting := replacement_waiting(pk)):
        follow_replacement(waiting, now=now)
    elif state in NOT_HANDED_OVER and waits_for == "courier":
        road.nobody_came(pk, now=now)
    elif state in NOT_HANDED_OVER and take_deposit(pk, now=now):
        return
    elif state == states.AWAITING_GOODS or _nobody_came_for_it(pk, state):
        let_lapse(pk, now=now)
    elif state == states.IN_TRANSIT and waits_for == "courier":
        road.late_on_the_road(pk, now=now)
    elif state == states.ARRIVED and waits_for == "merchant":
        _nobody_counted_or_inspected(pk, now=now)
    elif state == states.SETTLING and waits_for == "merchant":  # what replaces the goods was not sent
        _hand_to_support(pk, "replacement_overdue", now=now)
    elif state == states.SETTLING and waits_for == "courier":  # it was sent, and is not there
        _ask_after_replacement(pk, now=now)
    else:
        _hand_to_support(pk, f"overdue_{state}", now=now)


def _nobody_came_for_it(pk: int, state: str) -> bool:
    """No courier could be booked, and she took no other way. Else `approved` waits for an address of the shop's."""
    waiting = ReturnRequest.objects.filter(pk=pk, waits_for="customer", pickup_failed_at__isnull=False)
    return state == states.APPROVED and waiting.exists()


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
    elif now > request.reminded_at + times.COUNT_PATIENCE:
        _hand_to_support(pk, "overdue_count", now=now)


def _ask_after_replacement(pk: int, *, now: datetime) -> None:
    """A person asks the courier, as often as that time passes."""
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="late_on_the_road") as request:
        if request.waits_for == "courier" and request.due_at < now:
            open_task("replacement_late", request.return_no, request=request, now=now)
            road.is_on_the_road(request, now=now)


def _hand_to_support(pk: int, kind: str, *, now: datetime) -> None:
    request = ReturnRequest.objects.get(pk=pk)
    open_task(kind, request.return_no, request=request, now=now)


# --- before it is over ------------------------------------------------------------------------------------

# Who acts, in which states, how long before they hear of it once more.
REMINDERS = (
    ("customer", NOT_HANDED_OVER, times.REMIND_SENDER),
    ("customer", (states.NEEDS_EVIDENCE,), times.REMIND_CUSTOMER),
    ("customer", (states.SETTLING,), times.REMIND_CUSTOMER),
    ("merchant", (states.IN_REVIEW, states.INSPECTED), times.REMIND_SHOP),
    ("merchant", (states.SETTLING, states.IN_TRANSIT), times.REMIND_SENDING),
)


def _to_remind(now: datetime) -> list[int]:
    """Everybody whose time is nearly over and who has not heard of it (T107)."""
    near = Q(pk=None)
    for who, at, before in REMINDERS:
        near |= Q(waits_for=who, state__in=at, due_at__lte=now + before)
    counted = Q(waits_for="merchant", state=states.ARRIVED, counted_at__isnull=False)
    near |= counted & Q(due_at__lte=now + times.REMIND_BENCH)
    waiting = ReturnRequest.objects.filter(near, due_at__gt=now, reminded_at=None)
    return list(waiting.order_by("due_at").values_list("pk", flat=True))


def _remind(pk: int, *, now: datetime) -> None:
    with moving(ReturnRequest, pk, by=SYSTEM, now=now, note="reminded") as request:
        swap = replacements.live_replacement(request.return_no) if request.is_replaced else None
        if swap is not None and swap.waits_for_customer and request.waits_for == "customer":
            if now + times.REMIND_CUSTOMER < request.due_at:
                return  # what is to be paid is remembered later than what is to be sent
            _remind_of_choice(request, swap, now=now)
        elif request.waits_for == "merchant":
            _remind_the_shop(request, swap, now=now)
        elif request.state == states.NEEDS_EVIDENCE:
            tell(request, "evidence_asked", occasion="reminder", now=now)
        elif request.state in NOT_HANDED_OVER:
            tell(request, "reminder", now=now)
        request.reminded_at = now


def _remind_of_choice(request: ReturnRequest, swap, *, now: datetime) -> None:
    """The same words as when it was asked for, with the time that is left. A deposit is her own wish: nothing."""
    if swap.due_for == MadeFor.DEPOSIT and not swap.is_out_of_stock:
        return
    event = "out_of_stock" if swap.is_out_of_stock else "pay_first" if swap.can_be_paid else "pay_over"
    tell(
        request, event, occasion=f"reminder:{swap.reference}:{swap.version}", due=swap.due, what=swap.due_for,
        wanted=replacing.wanted_names(swap), quote=swap.quote, now=now,
    )  # fmt: skip


def _remind_the_shop(request: ReturnRequest, swap, *, now: datetime) -> None:
    event = {
        states.IN_REVIEW: "in_review", states.INSPECTED: "inspection_waits", states.SETTLING: "to_send",
        states.IN_TRANSIT: "point_waits" if _is_at_a_point(request) else "parcel_refused",
    }.get(request.state, "reminder")  # fmt: skip
    wanted = replacing.wanted_names(swap) if swap is not None else []
    tell_the_shop(request, event, occasion=f"reminder:{request.version}", wanted=wanted, now=now)


def _is_at_a_point(request: ReturnRequest) -> bool:
    parcel = parcel_of(request)
    return parcel is not None and parcel.waits_to_be_sent_on
