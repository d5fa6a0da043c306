"""Points: what was earned with returned goods is taken, what was used for them comes back; once per case (M7)."""

from datetime import datetime

from django.db import transaction

from orders.customers.models import Customer
from orders.purchases.models import Order
from refunds.wallet import rules
from refunds.wallet.models import PointsAccount, PointsEntry, PointsOfCase


def lock_points(customer: Customer, *, now: datetime) -> PointsAccount:
    """The customer's account, with the number that the shop told last, and nobody else's until this transaction
    ends."""
    PointsAccount.objects.get_or_create(customer=customer)
    account = PointsAccount.objects.select_for_update().get(customer=customer)
    told = customer.points_balance
    if told is not None and told != account.told:
        difference, account.told = told - account.balance, told
        account.save(update_fields=["told"])
        if difference:
            _enter(account, difference, kind=rules.TOLD, now=now)
    return account


def take_points(customer: Customer, *, case_ref: str, order: Order, earned: int, now: datetime) -> PointsOfCase:
    """Bring what a case took of earned points to `earned`, as far as the customer still has them.

    What is lacking is recorded and never makes the balance negative (T56). The same again changes nothing; 0 gives
    back what was taken.
    """
    with transaction.atomic():
        account, case = _locked(customer, case_ref=case_ref, order=order, now=now)
        change = rules.taking(
            earned, taken=case.taken, shortfall=case.shortfall, balance=account.balance,
            known=account.told is not None,
        )  # fmt: skip
        about = {"case_ref": case_ref, "order": order, "now": now}
        _enter(account, change.assumed, kind=rules.ASSUMED, **about)
        _enter(account, -change.taken, kind=rules.TAKEN, **about)
        case.taken += change.taken
        case.shortfall += change.shortfall
        case.save(update_fields=["taken", "shortfall"])
    return case


def give_points_back(customer: Customer, *, case_ref: str, order: Order, used: int, now: datetime) -> PointsOfCase:
    """Bring what a case gave back of used points up to `used` (T55); never down: the case's money has arrived."""
    with transaction.atomic():
        account, case = _locked(customer, case_ref=case_ref, order=order, now=now)
        more = max(0, used - case.back)
        _enter(account, more, kind=rules.BACK, case_ref=case_ref, order=order, now=now)
        case.back += more
        case.save(update_fields=["back"])
    return case


def compensate_points(
    customer: Customer, *, amount: int, reference: str, case_ref: str, order, now: datetime
) -> None:
    """Give points for trouble, once per reference."""
    with transaction.atomic():
        account = lock_points(customer, now=now)
        if not PointsEntry.objects.filter(kind=rules.COMPENSATION, reference=reference).exists():
            about = {"case_ref": case_ref, "order": order, "now": now}
            _enter(account, amount, kind=rules.COMPENSATION, reference=reference, **about)


def _locked(customer: Customer, *, case_ref: str, order: Order, now: datetime) -> tuple[PointsAccount, PointsOfCase]:
    account = lock_points(customer, now=now)
    case, _new = PointsOfCase.objects.get_or_create(case_ref=case_ref, defaults={"account": account, "order": order})
    return account, case


def _enter(
    account: PointsAccount, amount: int, *, kind: str, now: datetime, case_ref: str = "", order: Order | None = None,
    reference: str = "",
) -> None:  # fmt: skip
    """One entry on a locked account; nothing for 0."""
    if not amount:
        return
    account.balance += amount
    account.save(update_fields=["balance"])
    about = case_ref or f"customer {account.customer_id}"
    before = PointsEntry.objects.filter(account=account, kind=kind, reference__startswith=f"{about}#").count()
    PointsEntry.objects.create(
        account=account, kind=kind, reference=reference or f"{about}#{before + 1}", amount=amount,
        balance_after=account.balance, order=order, case_ref=case_ref, at=now,
    )  # fmt: skip
