"""The new one before the old one is back (T74): for trusted customers, against a deposit of the old one's worth.

Paid, the new one goes at once. The old goods come in their time: the deposit goes back. They do not: the deposit is
taken, once, and goes back all the same if they come later.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from aftersales.credit import queries as credit
from aftersales.credit.rules import TRUSTED
from aftersales.policy import queries as policies
from aftersales.replacements import queries
from aftersales.replacements import services as replacements
from aftersales.replacements.models import Replacement
from aftersales.returns import states
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services import replacing
from aftersales.returns.services.claims import Held, moving_with_money
from aftersales.returns.services.steps import follow_soon, start_way_back
from aftersales.returns.services.tasks import open_task
from aftersales.returns.services.telling import tell
from orders.purchases.models import MadeFor
from refunds.charges import services as charges
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import WrongState

NOT_HANDED_OVER = (states.APPROVED, states.AWAITING_GOODS)


def may_go_ahead(request: ReturnRequest, replacement: Replacement, *, now: datetime) -> bool:
    """An exchange whose new goods are kept and paid, whose old ones are still to come, of somebody who is trusted."""
    open_to_it = replacement.kind == Replacement.Kind.EXCHANGE and replacement.can_be_chosen_again
    coming = request.goods_come_back and request.state in NOT_HANDED_OVER
    if not open_to_it or not coming or replacement.due_for == MadeFor.DEPOSIT:
        return False
    return credit.known(request.customer, now=now).level == TRUSTED


def want_ahead(pk: int, *, by: Actor, now: datetime) -> ReturnRequest:
    """She leaves a deposit, and the new one is sent at once. Without it the exchange goes on as usual."""
    with moving_with_money(pk, by=by, now=now, note="wants_ahead") as (request, _held):
        found = queries.live_replacement(request.return_no)
        if found is None or not may_go_ahead(request, found, now=now):
            raise WrongState(_("The new one cannot be sent first."), state=found.state if found else "")
        with replacements.moving_replacement(found.pk, by=by, now=now, note="wants_ahead") as replacement:
            replacing.ask_to_pay(request, replacement, amount=deposit_for(request), what=MadeFor.DEPOSIT, now=now)
    return request


def deposit_for(request: ReturnRequest) -> int:
    """What was paid for the old units, minor units."""
    return sum(line["held"] for line in request.bill.lines)


def deposit_is_paid(request: ReturnRequest, held: Held, replacement: Replacement, *, now: datetime) -> None:
    """All locked: the new one goes at once, and the old goods have their term from now."""
    start_way_back(request, now=now)
    replacement.advance, replacement.goods_due_at = True, request.due_at
    replacing.may_go(request, held, replacement, now=now)


def no_deposit(request: ReturnRequest, replacement_id: int, *, now: datetime) -> None:
    """It was not left in time, or the goods came first: the exchange goes on as usual."""
    with replacements.moving_replacement(replacement_id, by=SYSTEM, now=now, note="no_deposit") as replacement:
        charges.call_off_all(replacement.reference, by=SYSTEM, now=now)
        replacement.choose_again()
        replacement.due = 0
        replacement.wait_until(None)
    if request.state in NOT_HANDED_OVER:
        start_way_back(request, now=now)


def take_deposit(pk: int, *, now: datetime) -> bool:
    """The term is over and the old goods are not on their way: what was left for them is taken. False without one.

    While the shop owes the new one she has her term anew, and a person asks the shop.
    """
    with moving_with_money(pk, by=SYSTEM, now=now, note="deposit_taken") as (request, _held):
        if request.state not in NOT_HANDED_OVER or not queries.went_ahead(request.return_no):
            return False
        if replacing.is_owed(queries.replacement_of(request.return_no)):
            open_task("replacement_overdue", request.return_no, request=request, now=now)
            request.wait_for("customer", now + timedelta(days=policies.terms_of(request).customer_send_days))
            return True
        request.wait_for("nobody", None)
        _take(request, amount=deposit_for(request), now=now)
    return True


def take_deposit_for_missing(request: ReturnRequest, *, now: datetime) -> None:
    """Some of the old goods did not come, or none: what was left for those is taken. The case is locked."""
    _take(request, amount=deposit_for_missing(request), now=now)
    if request.state == states.ARRIVED and not any(line.counted for line in request.lines.all()):
        request.settle()  # there is nothing to inspect
        request.wait_for("channel", None)
        follow_soon(request, now=now)


def deposit_for_missing(request: ReturnRequest) -> int:
    """As much of it as the units that have not come, minor units; a fen that cannot be split is theirs."""
    missing = {line.order_line_id: (line.missing, line.quantity) for line in request.lines.all()}
    parts = ((line["held"], *missing[line["line_id"]]) for line in request.bill.lines)
    return sum(-(-held * units // of) for held, units, of in parts)


def _take(request: ReturnRequest, *, amount: int, now: datetime) -> None:
    found = queries.replacement_of(request.return_no)
    with replacements.moving_replacement(found.pk, by=SYSTEM, now=now, note="deposit_taken") as replacement:
        if replacement.deposit_taken_at is None:
            replacement.deposit_taken_at = now
            tell(request, "deposit_taken", occasion=replacement.reference, due=amount, now=now)
