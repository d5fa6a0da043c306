"""Money on top of what a case was promised before: units that were found, or an exchange that became a refund."""

from datetime import datetime, timedelta

from django.conf import settings

from aftersales.bills import stored
from aftersales.bills.bill import STORED
from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import benefits
from aftersales.returns.services.claims import Held
from orders.purchases.services import claims
from refunds.ledger.services import return_subsidy
from refunds.payouts import queries as payouts
from refunds.payouts import services as payout
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.money import split


def promise_on_top(request: ReturnRequest, before: Bill, held: Held, *, by: Actor, now: datetime) -> None:
    """What the bill in force pays beyond the one before, decided by `by`: one refund per tender."""
    bill = request.bill
    benefits.disable_found_cards(request, bill, now=now)
    benefits.take_earned_points(request, bill, now=now)
    if bill.refund > before.refund:
        _open_refunds(request, before, bill, held, by=by, now=now)
    else:
        return_subsidy(request.return_no, order=request.order, amount=_subsidy(before, bill), at=now)
    paid = {line["line_id"]: line["amount"] for line in before.lines}
    claims.mark_refunded({line["line_id"]: line["amount"] - paid.get(line["line_id"], 0) for line in bill.lines})


def _open_refunds(request: ReturnRequest, before: Bill, bill: Bill, held: Held, *, by: Actor, now: datetime) -> None:
    """One refund per tender for what comes on top, under the decision of the person who found the units."""
    promised = {part["payment_id"]: part["amount"] for part in before.tenders}
    parts = [(part, part["amount"] - promised.get(part["payment_id"], 0)) for part in bill.tenders]
    parts = [(part, amount) for part, amount in parts if amount]
    first = payouts.next_serial(request.return_no)
    authorisation = payout.authorise(
        case_ref=request.return_no, amount=bill.refund - before.refund, currency=bill.currency, by=by, now=now
    )
    bonuses = split(bill.bonus - before.bonus, [0 if part["channel"] in STORED else amount for part, amount in parts])
    subsidies = split(_subsidy(before, bill), [amount for _part, amount in parts])
    for step, (part, amount) in enumerate(parts):
        payout.open_refund(
            payment=held.payments[part["payment_id"]], case_ref=request.return_no, serial=first + step,
            amount=amount, authorisation=authorisation, destination=request.refund_to, customer=request.customer,
            hold_s=hold_s(request), now=now, bonus=bonuses[step], platform_share=subsidies[step],
            second_person=bill.refund > policies.terms_of(request).second_person_above,
        )  # fmt: skip


def _subsidy(before: Bill, bill: Bill) -> int:
    """What the platform had paid towards the units that come on top."""
    return max(0, stored.from_body(bill.body).platform_share - stored.from_body(before.body).platform_share)


def hold_s(request: ReturnRequest) -> int:
    """How long a promise waits before it is sent, in which it can be undone."""
    held_for = policies.terms_of(request).hold_s
    return settings.REFUND_HOLD_S if held_for is None else held_for


def hold_left_s(request: ReturnRequest, *, now: datetime) -> int:
    """The undo window runs from a person's decision; what the rules decided alone is not held."""
    if not request.decided_by.person:
        return 0
    until = request.decided_at + timedelta(seconds=hold_s(request))
    return max(0, round((until - now).total_seconds()))
