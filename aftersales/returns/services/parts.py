"""A part of a line's price is paid and the goods stay: price protection, a difference, goodwill (M3, T20).

It is a request like any other, with a bill, a decision, an undo window and refunds; it takes no units, and lowers
what later returns of the line come to.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aftersales.policy import queries as policies
from aftersales.policy.reasons import is_fault
from aftersales.returns import numbers
from aftersales.returns.models import ReturnLine, ReturnRequest
from aftersales.returns.services.bills import bill_of_part, money_terms
from aftersales.returns.services.claims import give_back, moving_with_money, tenders_of, units_of
from aftersales.returns.services.decisions import approve_return, must_not_be_own
from aftersales.returns.services.intake import ONE_PER_FORM, FormUsedElsewhere
from orders.purchases.models import Order, OrderLine, Payment
from orders.purchases.services import claims
from returns_platform.kernel.actors import Actor, rule
from returns_platform.kernel.errors import Invalid, NotThere, WrongState
from returns_platform.kernel.fsm import begin

REASONS = ("SV.PRICE_DIFF", "SV.INVOICE", "OT.OTHER")  # what a person may pay a part for, unasked
NOT_NEEDED = "platform.not_needed"


def pay_part(
    order_id: int, *, line_no: str, amount: int, reason: str, text: str, form_token: str, by: Actor, now: datetime
) -> ReturnRequest:
    """Pay a part of a line's price without being asked. The same form again gives the same request.

    amount: minor units. text: why, read by the customer. Raises Invalid, NotThere, NotAllowed, Conflict.
    """
    said = {"line_no": line_no, "amount": amount, "reason": reason, "text": text, "form_token": form_token}
    try:
        return _pay(order_id, **said, by=by, now=now)
    except IntegrityError as clash:
        if ONE_PER_FORM not in str(clash):
            raise
        raise FormUsedElsewhere from clash


@transaction.atomic
def _pay(
    order_id: int, *, line_no: str, amount: int, reason: str, text: str, form_token: str, by: Actor, now: datetime
) -> ReturnRequest:
    payments, lines = claims.lock_for_claim(order_id)
    order = Order.objects.select_related("merchant", "customer").filter(pk=order_id).first()
    if order is None:
        raise NotThere
    if known := ReturnRequest.objects.filter(order=order, form_token=form_token).first():
        return known
    line = next((line for line in lines if line.line_no == line_no), None)
    _must_be_sound(order, line, reason=reason, text=text)
    request = _file(order, line, amount=amount, reason=reason, text=text, form_token=form_token, by=by, now=now)
    must_not_be_own(request, by)
    _claim(request, payments, lines)
    return approve_return(request.pk, by=by, now=now)


@transaction.atomic
def pay_back_the_rest(order_id: int, *, amount: int, form_token: str, now: datetime) -> ReturnRequest:
    """Of what was paid for a request, what it does not need: an order of one line, and nobody has to ask for it.

    amount: minor units. The same token again gives the same request.
    """
    payments, lines = claims.lock_for_claim(order_id)
    order = Order.objects.select_related("merchant", "customer").get(pk=order_id)
    if known := ReturnRequest.objects.filter(order=order, form_token=form_token).first():
        return known
    by = rule(NOT_NEEDED, policies.in_force(order.placed_at, order.merchant_id).number)
    request = _file(order, lines[0], amount=amount, reason=REASONS[0], text="", form_token=form_token, by=by, now=now)
    _claim(request, payments, lines)
    return approve_return(request.pk, by=by, now=now)


def _claim(request: ReturnRequest, payments: list[Payment], lines: list[OrderLine]) -> None:
    claims.claim(
        {line.pk: line for line in lines}, {payment.pk: payment for payment in payments},
        units=units_of(request, request.lines.all()), tenders=tenders_of(request), attempt=True,
    )  # fmt: skip


def _must_be_sound(order: Order, line: OrderLine | None, *, reason: str, text: str) -> None:
    wrong = {}
    if not order.takes_after_sale:
        raise WrongState(_("This order is not paid or was cancelled, so there is nothing to return."))
    if line is None:
        wrong["line_no"] = _("This line is not part of the order.")
    if reason not in REASONS:
        wrong["reason"] = _("Choose what it is for.")
    if not text.strip():
        wrong["text"] = _("Say why. The customer reads it.")
    if wrong:
        raise Invalid(fields=wrong)


def _file(
    order: Order, line: OrderLine, *, amount: int, reason: str, text: str, form_token: str, by: Actor, now: datetime
) -> ReturnRequest:
    policy, merchant = policies.in_force(order.placed_at, order.merchant_id), order.merchant
    return_no = numbers.next_return_no(now, zone=merchant.zone)
    bill = bill_of_part(
        order.pk, case_ref=return_no, line_no=line.line_no, amount=amount, terms=money_terms(policy.terms), by=by,
        now=now,
    )  # fmt: skip
    request = ReturnRequest(
        return_no=return_no, order=order, merchant=merchant, customer=order.customer, kind="refund_only",
        note=text.strip(), form_token=form_token, filed_by_kind=by.kind, filed_by_name=by.name, outcome="review",
        verdict={"outcome": "review", "reasons": [], "missing": [], "deadline": None, "estimated": False,
                 "who": _who(by), "lines": [{"title": line.title, "quantity": 0}]},
        facts={}, policy_version=policy.number, clauses_id=policy.clauses.key, bill=bill, filed_at=now,
    )  # fmt: skip
    request.send_to_review()
    request.wait_for(_who(by), now)
    begin(request, by=by, now=now, note="filed")
    ReturnLine.objects.create(
        request=request, order_line=line, quantity=0, part=True, shipped=line.shipped > 0, reason=reason,
        fault=is_fault(reason), amount=bill.refund,
    )  # fmt: skip
    return request


def _who(by: Actor) -> str:
    return "support" if by.kind == "support" else "merchant"


@transaction.atomic
def grant_part(
    pk: int, *, line_no: str = "", amount: int, by: Actor, now: datetime, keeping: bool = False
) -> ReturnRequest:
    """Grant a request for money with a part of one line's price: the units go free, and the goods stay.

    line_no: where several lines were asked for, the one that the sum is for. keeping: the customer agreed to keep
    goods that were to come back. Granted already with the same sum: nothing changes. Raises Invalid, WrongState,
    NotAllowed, Conflict.
    """
    with moving_with_money(pk, by=by, now=now, note="part_set", data={"amount": amount}) as (request, held):
        lines = list(request.lines.select_related("order_line"))
        if request.was_granted and any(line.part for line in lines) and request.bill.refund == amount:
            return request
        must_not_be_own(request, by)
        if not (request.takes_an_offer if keeping else request.takes_a_part):
            raise WrongState(state=request.state)
        request.keep_the_goods()
        chosen = chosen_line(lines, line_no)
        bill = bill_of_part(
            request.order_id, case_ref=request.return_no, line_no=chosen.order_line.line_no, amount=amount,
            terms=money_terms(policies.terms_of(request)), refund_to=request.refund_to, without=pk,
            held=chosen.amount, before=request.bill, by=by, now=now,
        )  # fmt: skip
        give_back(request, held)
        less = not keeping and bill.refund < request.bill.refund
        request.bill = bill
        for line in lines:
            line.quantity, line.part, line.amount = 0, True, amount if line is chosen else 0
            line.save(update_fields=["quantity", "part", "amount"])
        claims.claim(
            held.lines, held.payments, units=units_of(request, lines), tenders=tenders_of(request), attempt=False
        )
    return approve_return(pk, by=by, less=less, now=now)


def chosen_line(lines: list[ReturnLine], line_no: str) -> ReturnLine:
    found = [line for line in lines if line.order_line.line_no == line_no or (not line_no and len(lines) == 1)]
    if len(found) != 1:
        raise Invalid(fields={"line_no": _("Choose the item that the sum is for.")})
    return found[0]
