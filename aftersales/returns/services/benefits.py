"""What else a return moves beside money: points and coupons (M7). Hooked into a case's promise, its end, its undoing.

Points earned are taken when money is promised, because a shortfall may be deducted from it. What was used comes back
when the money has arrived, so that it never has to be taken away again.
"""

from datetime import datetime

from aftersales.bills.models import Bill
from aftersales.policy import queries as policies
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.tasks import open_task
from orders.purchases.models import OrderLine
from refunds.wallet import queries
from refunds.wallet import services as wallet

CARD_SPENT = "gift_card_spent"  # the task of a person


def must_hold_still(request: ReturnRequest, *, now: datetime) -> None:
    """The points that the bill is about to look at stay as they are until the transaction ends."""
    if request.order.points_earned:
        wallet.lock_points(request.customer, now=now)


def disable_gift_cards(request: ReturnRequest, bill: Bill, *, now: datetime) -> bool:
    """Goods that are gift cards themselves are disabled first, and only then paid back (T65).

    False where something of them was spent since the approval: a person is asked once. Their yes, the closed
    task, lets spent ones come back too.
    """
    asked = request.tasks.filter(kind=CARD_SPENT).exists()
    try:
        _disable(request, bill, spent_too=asked, now=now)
    except wallet.CardsNotFree:
        open_task(CARD_SPENT, request.return_no, request=request, now=now)
        return False
    return True


def disable_found_cards(request: ReturnRequest, bill: Bill, *, now: datetime) -> None:
    """Cards among units that were missing and came later: disabled before their money is promised.

    Raises CardsNotFree where one was spent; the person who found them releases them then.
    """
    _disable(request, bill, spent_too=request.tasks.filter(kind=CARD_SPENT).exists(), now=now)


def _disable(request: ReturnRequest, bill: Bill, *, spent_too: bool, now: datetime) -> None:
    for line, quantity in _cards_that_come_back(request, bill):
        wallet.disable_cards(line, quantity=quantity, case_ref=request.return_no, spent_too=spent_too, now=now)


def _cards_that_come_back(request: ReturnRequest, bill: Bill) -> list[tuple[OrderLine, int]]:
    units = {line["line_id"]: line["quantity"] for line in bill.lines}
    lines = OrderLine.objects.filter(pk__in=units).exclude(gift_cards=[]).select_related("order__merchant")
    return [(line, units[line.pk]) for line in lines.order_by("pk")]


def take_earned_points(request: ReturnRequest, bill: Bill, *, now: datetime) -> None:
    """As far as the customer still has them; what is lacking is recorded (T56)."""
    earned = bill.points_taken + bill.body.get("points_shortfall", 0)
    if earned:
        wallet.take_points(request.customer, case_ref=request.return_no, order=request.order, earned=earned, now=now)


def come_back(request: ReturnRequest, *, now: datetime) -> None:
    """The money has arrived: used points come back by units (T55), coupons with the whole order (T11, T16, T58)."""
    bill = request.bill
    if bill.points_back:
        wallet.give_points_back(
            request.customer, case_ref=request.return_no, order=request.order, used=bill.points_back, now=now
        )
    if bill.body.get("coupon_back"):
        terms = policies.terms_of(request)
        wallet.give_coupons_back(
            request.order, case_ref=request.return_no, expired=terms.expired_coupon, days=terms.grace_coupon_days,
            now=now,
        )  # fmt: skip


def undo_benefits(request: ReturnRequest, *, now: datetime) -> None:
    """The promise was taken back before any money left: what was taken with it is given back."""
    wallet.enable_cards(request.return_no, now=now)
    case = queries.points_of_case(request.return_no)
    if case is not None and (case.taken or case.shortfall):
        wallet.take_points(request.customer, case_ref=request.return_no, order=request.order, earned=0, now=now)
