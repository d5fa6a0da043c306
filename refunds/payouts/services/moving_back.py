"""Money that a customer took to the balance goes to the way that was paid with after all: once, while unspent.

The refund to the balance comes back as if a bank had returned it, and a new one with a new number takes its place.
Where its channel gives that one up, the money and its bonus return to the balance.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orders.purchases.services.claims import release_payment
from refunds.ledger import rules as ledger
from refunds.ledger.services import post
from refunds.payouts import queries
from refunds.payouts.models import Refund
from refunds.payouts.services.moves import lock_payments, moving_refund
from refunds.payouts.services.promising import authorise, open_refund
from refunds.wallet import rules as wallet
from refunds.wallet.services import NotEnough, debit, take_in_orders
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Conflict, WrongState


def move_to_original(refund_id: int, *, by: Actor, now: datetime) -> Refund:
    """Take a refund off the balance again, with its bonus, and promise it to the way that was paid with.

    The balance is debited first, under its CHECK: what is spent cannot move. by: whose wish it is, and so its
    authorisation. Raises WrongState when it was moved or cannot be, Conflict when it is spent.
    """
    with transaction.atomic():
        lock_payments(Refund.objects.filter(pk=refund_id))
        with moving_refund(refund_id, by=by, now=now, note="moved_to_original") as refund:
            if not queries.movable(refund, now=now):
                raise WrongState(_("This cannot go back to the way you paid any more."), state=refund.state)
            _take_off_the_balance(refund, now=now)
            refund.come_back()
            release_payment(refund.payment_id, amount=refund.amount)
        return _promise_anew(
            refund, destination=Refund.Destination.ORIGINAL, authorised_by=by, bonus=0, by=by, now=now
        )


def return_to_balance(refund: Refund, *, now: datetime) -> None:
    """The channel gave up, for good, a locked refund that had left the balance: it goes back there."""
    moved = queries.left_the_balance(refund)
    if moved is None or refund.destination != Refund.Destination.ORIGINAL:
        return
    _promise_anew(
        refund, destination=Refund.Destination.BALANCE, authorised_by=refund.authorisation.by, bonus=moved.bonus,
        by=refund.authorisation.by, now=now,
    )  # fmt: skip


def _take_off_the_balance(refund: Refund, *, now: datetime) -> None:
    take_in_orders(refund.customer, currency=refund.currency, now=now)
    about = {"reference": refund.number, "currency": refund.currency, "order": refund.order, "now": now}
    try:
        debit(refund.customer, amount=refund.amount, kind=wallet.MOVED, **about)
        if refund.bonus:
            debit(refund.customer, amount=refund.bonus, kind=wallet.BONUS_BACK, **about)
    except NotEnough as spent:
        raise Conflict(_("Something of it is spent already, so it stays on the balance."), code="spent") from spent
    entries = ledger.returned(refund.money, at=ledger.CUSTOMER_WALLET)
    post(f"{ledger.RETURNED}:{refund.number}", kind=ledger.RETURNED, entries=entries, at=now, order=refund.order)


def _promise_anew(
    refund: Refund, *, destination: str, authorised_by: Actor, bonus: int, by: Actor, now: datetime
) -> Refund:
    authorisation = authorise(
        case_ref=refund.case_ref, amount=refund.amount, currency=refund.currency, by=authorised_by, now=now
    )
    return open_refund(
        payment=refund.payment, case_ref=refund.case_ref, serial=queries.next_serial(refund.case_ref),
        amount=refund.amount, authorisation=authorisation, destination=destination, customer=refund.customer,
        hold_s=0, second_person=False, bonus=bonus, platform_share=refund.platform_share, replaces=refund, by=by,
        now=now,
    )  # fmt: skip
