"""From a decided request to money on its way: promised under the payment's counter, followed until it arrived."""

from datetime import datetime

from aftersales.bills import stored
from aftersales.bills.bill import STORED
from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import benefits, replacing
from aftersales.returns.services.bills import settled_bill
from aftersales.returns.services.claims import Held, give_back, moving_with_money
from aftersales.returns.services.insuring import pay_insurance
from aftersales.returns.services.missing import let_go_with_the_repair
from aftersales.returns.services.promising import hold_left_s, hold_s
from aftersales.returns.services.telling import tell
from orders.purchases.services import claims
from refunds.ledger.services import return_subsidy
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from refunds.payouts import states as refund_states
from refunds.payouts.models import Refund
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.fsm import moving
from returns_platform.kernel.money import split

WITH_A_PERSON = (refund_states.HELD, refund_states.MANUAL, *refund_states.CAME_TO_NOTHING)
TOLD = {
    refund_states.ACCEPTED: "refund_accepted",
    refund_states.ARRIVED: "refund_arrived",
    refund_states.UNKNOWN: "refund_unknown",
    refund_states.MANUAL: "refund_delayed",
}


def promise_money(request: ReturnRequest, held: Held, *, now: datetime) -> None:
    """Write the authorisation and one refund per tender of the bill in force. Promised already: nothing happens."""
    if request.is_replaced and not (replacing.let_go(request, held, now=now) and request.bill.refund):
        return
    if payouts.counting_refunds(request.return_no).exists():
        return
    benefits.must_hold_still(request, now=now)
    bill = settled_bill(request, held, now=now)
    if not benefits.disable_gift_cards(request, bill, now=now):
        return
    benefits.take_earned_points(request, bill, now=now)
    if bill.refund:
        _open_refunds(request, bill, held, now=now)
    else:
        return_subsidy(request.return_no, order=request.order, amount=_platform_share(bill), at=now)
    claims.mark_refunded({line["line_id"]: line["amount"] for line in bill.lines})


def _open_refunds(request: ReturnRequest, bill: Bill, held: Held, *, now: datetime) -> None:
    terms = policies.terms_of(request)
    rule = request.decided_by.kind == "rule"
    authorisation = payout.authorise(
        case_ref=request.return_no, amount=bill.refund, currency=bill.currency, by=request.decided_by,
        rule=request.decided_by.name if rule else "", rule_version=request.policy_version if rule else None, now=now,
    )  # fmt: skip
    bonuses = split(bill.bonus, [0 if part["channel"] in STORED else part["amount"] for part in bill.tenders])
    subsidies = split(_platform_share(bill), [part["amount"] for part in bill.tenders])
    first = payouts.next_serial(request.return_no)  # above 1 where an earlier promise was taken back
    for place, part in enumerate(bill.tenders):
        payout.open_refund(
            payment=held.payments[part["payment_id"]], case_ref=request.return_no, serial=first + place,
            amount=part["amount"], authorisation=authorisation, destination=request.refund_to,
            customer=request.customer, hold_s=hold_left_s(request, now=now),
            second_person=bill.refund > terms.second_person_above, now=now,
            bonus=bonuses[place], platform_share=subsidies[place],
        )  # fmt: skip


def _platform_share(bill: Bill) -> int:
    """What the platform had paid towards the goods; a share may be a fen below 0 after withdrawals (M2a)."""
    return max(0, stored.from_body(bill.body).platform_share)


def close_when_paid(request: ReturnRequest, held: Held, *, now: datetime) -> None:
    """All refunds arrived, or there is nothing to pay: the case is complete."""
    refunds = list(payouts.counting_refunds(request.return_no))
    if any(refund.state != refund_states.ARRIVED for refund in refunds):
        _wait_for_money(request, refunds)
        return
    if request.has_open_task(benefits.CARD_SPENT):
        request.wait_for("support", None)
        return
    if request.is_replaced and replacing.wait_for_it(request, now=now):
        return
    request.complete()
    request.end(now)
    benefits.come_back(request, now=now)
    pay_insurance(request, now=now)
    if request.kind == "repair":  # the mended unit is home again, and as returnable as before
        give_back(request, held)
        let_go_with_the_repair(request, now=now)
    tell(request, "completed", now=now)


def _wait_for_money(request: ReturnRequest, refunds: list) -> None:
    who = "support" if any(refund.state in WITH_A_PERSON for refund in refunds) else "channel"
    if any(refund.awaits_choice for refund in refunds):
        who = "customer"
    promised = [refund.promised_by for refund in refunds if refund.promised_by]
    request.wait_for(who, max(promised, default=None))


def money_moved(case_ref: str, *, refund_id: int, now: datetime) -> None:
    """A refund changed its state: tell the customer what is worth telling, and close the case when all arrived."""
    found = ReturnRequest.objects.filter(return_no=case_ref).first()
    refund = payouts.refunds_of(case_ref).filter(pk=refund_id).first()
    if found is None or refund is None:
        return
    with moving_with_money(found.pk, by=SYSTEM, now=now, note="money_moved") as (request, held):
        _tell_about(request, refund, now=now)
        if request.is_completed and refund.state == refund_states.RETURNED_BY_BANK and not is_replaced(refund):
            request.pay_the_rest()
            request.ended_at = None
        if request.is_settling:
            close_when_paid(request, held, now=now)


def is_replaced(refund: Refund) -> bool:
    return Refund.objects.filter(replaces=refund).exists()


def _tell_about(request: ReturnRequest, refund: Refund, *, now: datetime) -> None:
    event, occasion = TOLD.get(refund.state), refund.number
    coupon = payouts.coupon_instead(refund)
    if refund.way_is_closed:
        event = "refund_choose_way" if refund.awaits_choice and not is_replaced(refund) else None
        occasion = f"{refund.number}:{refund.route_changes.count()}"  # again, where her choice was stopped
    elif refund.state == refund_states.MANUAL and refund.is_paid_by_hand:
        event = "refund_by_hand"
    elif refund.state == refund_states.ARRIVED and coupon:
        event = "refund_as_coupon"
    if event is None:
        return
    tell(
        request, event, occasion=occasion, now=now, refund_no=refund.number, amount=refund.amount,
        bonus=refund.bonus, channel=refund.channel, account=refund.account, coupon=coupon, problem=refund.problem,
        refund_state=refund.state, by=refund.promised_by.isoformat() if refund.promised_by else "",
        at=refund.arrived_at.isoformat() if refund.arrived_at else "",
    )  # fmt: skip


def agree_as_second(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """The second person lets a large amount go."""
    with moving(ReturnRequest, pk, by=by, now=now, note="second_agreed") as request:
        payout.agree_as_second(request.return_no, by=by, now=now, hold_s=hold_s(request))
    return request
