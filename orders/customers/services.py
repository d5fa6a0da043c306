"""Who a shop says its buyer is."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders.accounts.models import User
from orders.customers.models import Customer
from orders.merchants.models import Merchant
from returns_platform.kernel.errors import Invalid


def keep_customer(
    merchant: Merchant, *, external_id: str, name: str, phone: str = "", email: str = "",
    username: str | None = None, points_balance: int | None = None,
) -> Customer:  # fmt: skip
    """Create or update the shop's customer; what is left out stays as known.

    `username` (demonstrations only) ties the customer to an account; raises Invalid for an unknown one.
    """
    told = {"name": name, "phone": phone, "email": email, "points_balance": points_balance}
    told["user"] = _demo_user(username) if username else None
    known = {field: value for field, value in told.items() if value not in ("", None)}
    same = {"merchant": merchant, "external_id": external_id}
    customer = Customer.objects.select_for_update(of=("self",), no_key=True).filter(**same).first()
    if customer is None:
        customer, created = Customer.objects.select_for_update(of=("self",), no_key=True).get_or_create(
            **same, defaults=known
        )
        if created:
            return customer
    if any(getattr(customer, field) != value for field, value in known.items()):
        for field, value in known.items():
            setattr(customer, field, value)
        customer.save(update_fields=list(known))
    return customer


def choose_rule_news(customers: QuerySet[Customer], *, wanted: bool) -> None:
    """Whether a buyer hears of new rules by e-mail and SMS too; about their own requests they always do."""
    customers.exclude(rule_news=wanted).update(rule_news=wanted)


def _demo_user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        sentence = _("There is no account with this name.")
        raise Invalid(sentence, fields={"customer.username": sentence})
    return user
