"""Store credit that is issued, and an order's own coupons that come back."""

import secrets
from datetime import datetime

from django.db import transaction

from orders.customers.models import Customer
from orders.purchases.models import Discount, Order
from refunds.ledger import rules as ledger
from refunds.ledger.rules import Entry
from refunds.ledger.services import post
from refunds.wallet import rules
from refunds.wallet.models import ReturnedCoupon, StoreCoupon

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another when read aloud


def issue_coupon(
    customer: Customer, *, amount: int, kind: str, reference: str, now: datetime, currency: str = "",
    expires_at: datetime | None = None, order=None, account: str = "",
) -> StoreCoupon:  # fmt: skip
    """Give store credit as a coupon of its own, and the posting that gives it; once per kind and reference.

    account: gives it, where that is not the kind's own. A refund never expires: it is the customer's money.
    """
    currency = currency or customer.merchant.currency
    facts = {"customer": customer, "amount": amount, "currency": currency, "issued_at": now, "expires_at": expires_at}
    with transaction.atomic():
        coupon, new = StoreCoupon.objects.get_or_create(
            kind=kind, reference=reference, defaults={**facts, "code": _code(), "order": order}
        )
        if new:
            source = rules.SOURCES[kind]
            _post(coupon, source, account or source.account, merchant_id=customer.merchant_id)
    return coupon


def give_coupons_back(order: Order, *, case_ref: str, expired: str, days: int, now: datetime) -> list[ReturnedCoupon]:
    """Every coupon that the order was paid with comes back, each once however often it is asked.

    expired: what the policy does with one that is not valid any more (rules.EXTEND, REISSUE, FORFEIT), for
    `days` days (T11, T58).
    """
    coupons = [discount for discount in order.discounts.all() if discount.is_coupon and discount.amount]
    back = [_back(order, discount, case_ref=case_ref, expired=expired, days=days, now=now) for discount in coupons]
    ReturnedCoupon.objects.bulk_create(back, ignore_conflicts=True)
    return list(order.returned_coupons.all())


def _back(order: Order, discount: Discount, *, case_ref: str, expired: str, days: int, now: datetime):
    found = rules.coupon_back(discount.valid_until, expired=expired, days=days, zone=order.merchant.zone, now=now)
    return ReturnedCoupon(
        order=order, customer_id=order.customer_id, case_ref=case_ref, position=discount.position, way=found.way,
        name=discount.name, source=discount.source, amount=discount.amount, currency=order.currency,
        code=_code() if found.way == ReturnedCoupon.Way.REISSUED else discount.coupon,
        valid_until=found.valid_until, at=now,
    )  # fmt: skip


def _post(coupon: StoreCoupon, source: rules.Source, account: str, *, merchant_id: int) -> None:
    entries = [
        Entry(account, -coupon.amount, coupon.currency, merchant_id),
        Entry(ledger.STORE_COUPONS, coupon.amount, coupon.currency, merchant_id),
    ]
    reference = f"{source.posting}:{coupon.reference}"
    post(reference, kind=source.posting, entries=entries, at=coupon.issued_at, order=coupon.order)


def _code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
