"""Filing a request: one transaction, judged at once, the same from the page and from the API."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aftersales.bills.models import Bill
from aftersales.evidence.services import attach, look_at
from aftersales.policy.rules import Policy
from aftersales.returns import numbers
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.queries import Purchase, purchase_of
from aftersales.returns.services.bills import keep_bill
from aftersales.returns.services.claims import tenders_of, units_of
from aftersales.returns.services.decisions import grant
from aftersales.returns.services.judging import Judged, as_stored, judge, must_be_a_sensible_time, with_slot
from aftersales.returns.services.telling import tell, tell_the_shop
from aftersales.returns.services.wishes import Wish
from orders.customers.models import Customer
from orders.purchases.models import Order
from orders.purchases.services import claims
from returns_platform.kernel.actors import Actor, rule
from returns_platform.kernel.errors import Conflict
from returns_platform.kernel.fsm import begin

ONE_AFTER_THE_OTHER = "one_case_after_the_other"
ONE_PER_FORM = "one_case_per_form_token"
TURNS = 20  # others may still slip in who have not met anybody yet


class FormUsedElsewhere(Conflict):
    """A form of one order sent for another one."""

    code = "form_used"
    default = _("This form was used for another order already. Open it anew on the page of this order.")


@dataclass(frozen=True, slots=True)
class Filed:
    """A request with what was written for it, so that the answer to its filing reads nothing back."""

    request: ReturnRequest
    lines: list[ReturnLine]


def quote(orders: QuerySet[Order], wish: Wish, *, now: datetime, as_of: datetime | None = None) -> Judged:
    """What filing this would answer, for the one order that is found. Changes nothing.

    `as_of` replaces the clock and nothing else. Raises NotThere without an order.
    """
    bought = purchase_of(orders, lock=False)
    if as_of is not None:
        must_be_a_sensible_time(bought, as_of, now=now)
    at = as_of or now
    wish = with_slot(wish, bought.order.merchant, now=at)
    photos, videos = look_at(wish.evidence, bought.order)
    return judge(bought, wish, photos=photos, videos=videos, now=at)


def submit_return(order_id: int, wish: Wish, *, by: Actor, now: datetime) -> ReturnRequest:
    """File a request and judge it. The same form token again gives the same request (T79).

    Raises Invalid for what cannot be judged, FormUsedElsewhere; a refusal by the rules is a filed, rejected request.
    """
    if wish.form_token and (known := _filed_with(order_id, wish.form_token)):
        return known
    try:
        return file_return(Order.objects.filter(pk=order_id), wish, by=by, now=now).request
    except IntegrityError as clash:
        if ONE_PER_FORM not in str(clash):
            raise
        if known := _filed_with(order_id, wish.form_token):
            return known
        raise FormUsedElsewhere from clash


def _filed_with(order_id: int, token: str) -> ReturnRequest | None:
    return ReturnRequest.objects.filter(order_id=order_id, form_token=token).first()


def file_return(orders: QuerySet[Order], wish: Wish, *, by: Actor, now: datetime) -> Filed:
    """File a request for the one order that is found, without a form's token; NotThere without an order.

    Each request is judged knowing all earlier ones of its customer: of two at once the second is judged anew.
    """
    try:
        return _file(orders, wish, by=by, now=now)
    except IntegrityError as clash:
        if ONE_AFTER_THE_OTHER not in str(clash):
            raise
    return _file_in_turn(orders, wish, by=by, now=now)


def _file_in_turn(orders: QuerySet[Order], wish: Wish, *, by: Actor, now: datetime) -> Filed:
    for left in reversed(range(TURNS)):
        try:
            with transaction.atomic():
                # Before the order, as when a shop reports one: whoever waits here sees what the one before wrote.
                Customer.objects.select_for_update(no_key=True).filter(orders__in=orders).first()
                return _file(orders, wish, by=by, now=now)
        except IntegrityError as clash:
            if ONE_AFTER_THE_OTHER not in str(clash) or not left:
                raise


@transaction.atomic
def _file(orders: QuerySet[Order], wish: Wish, *, by: Actor, now: datetime) -> Filed:
    bought = purchase_of(orders, lock=True)
    wish = with_slot(wish, bought.order.merchant, now=now)
    return_no = numbers.next_return_no(now, zone=bought.order.merchant.zone)
    photos, videos = attach(wish.evidence, bought.order, case_ref=return_no)
    judged = judge(bought, wish, photos=photos, videos=videos, now=now)
    bill = None if judged.refused else keep_bill(
        judged.body, case_ref=return_no, order_id=bought.order.pk, arrives_by=judged.arrives_by, by=by, now=now
    )  # fmt: skip
    request = _request_row(bought, wish, judged, bill, return_no=return_no, by=by, now=now)
    lines = _line_rows(request, judged)
    if not judged.refused:
        _claim(bought, request, lines)
    _decide(request, judged, by=by, now=now)
    return Filed(request, ReturnLine.objects.bulk_create(lines))


def _request_row(
    bought: Purchase, wish: Wish, judged: Judged, bill: Bill | None, *, return_no: str, by: Actor, now: datetime
) -> ReturnRequest:
    order = bought.order
    verdict = judged.verdict.as_json()
    verdict["lines"] = [{"title": entry.line.title, "quantity": entry.quantity} for entry in judged.takings]
    return ReturnRequest(
        return_no=return_no, order=order, merchant=order.merchant, customer=order.customer, kind=wish.kind,
        send_back=wish.send_back, refund_to=wish.refund_to, refund_to_agreed_at=wish.refund_to_agreed_at,
        note=wish.note, slot_from=wish.slot_from, slot_to=wish.slot_to,
        slot_chosen=wish.slot_from is not None and wish.slot_chosen, form_token=wish.form_token, device=wish.device,
        filed_by_kind=by.kind, filed_by_name=by.name, outcome=judged.verdict.outcome, verdict=verdict,
        facts=as_stored(judged.facts), policy_version=judged.policy.number,
        clauses_id=judged.policy.clauses.key, deadline=judged.verdict.deadline,
        credit=judged.credit.as_json(), nth=bought.nth, kept=judged.kept, bill=bill, filed_at=now,
    )  # fmt: skip


def _claim(bought: Purchase, request: ReturnRequest, lines: list[ReturnLine]) -> None:
    touched = {line.order_line_id: line.order_line for line in lines}
    payments = {payment.pk: payment for payment in bought.payments}
    claims.claim(touched, payments, units=units_of(request, lines), tenders=tenders_of(request), attempt=True)


def _decide(request: ReturnRequest, judged: Judged, *, by: Actor, now: datetime) -> None:
    """Bring the new request into the state its verdict asks for, insert it and tell people."""
    policy, outcome = judged.policy, judged.verdict.outcome
    if outcome == "refuse":
        request.decide(_rule(judged), now)
        request.reject()
        request.end(now)
    elif outcome == "needs_evidence":
        request.ask_evidence()
        request.wait_for("customer", now + timedelta(hours=policy.terms.evidence_hours))
    elif outcome == "review":
        request.send_to_review()
        wait_for_reviewer(request, judged.verdict.who, policy, now=now)
    else:
        request.decide(_rule(judged), now)
        grant(request, now=now)
    begin(request, by=by, now=now, note="filed", then_by=_rule(judged))
    events = {"review": "in_review", "needs_evidence": "evidence_asked", "refuse": "refused"}
    if event := events.get(outcome):  # an approval is told by `grant`
        tell(request, event, now=now)
    if outcome == "review":
        tell_the_shop(request, "in_review", now=now)


def _rule(judged: Judged) -> Actor:
    fired = judged.verdict.reasons[0]
    return rule(fired.rule, fired.version)


def wait_for_reviewer(request: ReturnRequest, who: str, policy: Policy, *, now: datetime) -> None:
    request.wait_for(who, now + timedelta(hours=policy.terms.merchant_answer_hours))


def _line_rows(request: ReturnRequest, judged: Judged) -> list[ReturnLine]:
    held = {line.line_no: line.held for line in judged.bill.lines}
    return [
        ReturnLine(
            request=request, order_line=entry.line, quantity=entry.quantity, shipped=entry.shipped,
            reason=entry.reason.code, fault=entry.fault, exchange_sku=entry.exchange_sku,
            amount=0 if judged.refused else held[entry.line.line_no],
        )
        for entry in judged.takings
    ]  # fmt: skip
