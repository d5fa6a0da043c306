"""Insurance of an order's way back: kept as it was bought, claimed once."""

from datetime import datetime

from django.utils.translation import gettext as _

from orders.purchases.forms import InsuranceIn
from orders.purchases.models import FreightPolicy, Order
from returns_platform.kernel.errors import Conflict


def keep_policy(order: Order, told: InsuranceIn | None, *, now: datetime) -> None:
    """Of a locked order. Bought with it, so told before the first after-sale; once told it stays the same."""
    if told is None:
        return
    facts = told.model_dump()
    kept = FreightPolicy.objects.filter(order=order).first()
    if kept is not None:
        if any(getattr(kept, name) != value for name, value in facts.items()):
            _refuse(_("Another insurance was reported for this order: %(number)s.") % {"number": kept.policy_no})
        return
    if order.has_after_sale:
        _refuse(_("An after-sale exists: it is too late to insure the way back."))
    named = FreightPolicy.objects.filter(
        merchant_id=order.merchant_id, insurer=told.insurer, policy_no=told.policy_no
    ).exists()  # fmt: skip
    if named:
        _refuse(_("This policy belongs to another order."))
    FreightPolicy.objects.create(order=order, merchant_id=order.merchant_id, told_at=now, **facts)


def _refuse(sentence: str) -> None:
    raise Conflict(sentence, code="order_frozen", fields={"insurance": sentence})


def claim_cover(order_id: int, *, case_ref: str, amount: int, now: datetime) -> bool:
    """The insurance of a locked order pays for this return. False: it has paid already, or there is none."""
    open_one = FreightPolicy.objects.filter(order=order_id, claimed_by="")
    return open_one.update(claimed_by=case_ref, claimed_amount=amount, claimed_at=now) == 1
