"""Who a shop says its buyer is."""

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
    user = _demo_user(username) if username else None
    Customer.objects.get_or_create(merchant=merchant, external_id=external_id, defaults={"name": name})
    customer = Customer.objects.select_for_update(of=("self",)).get(merchant=merchant, external_id=external_id)
    customer.name = name
    customer.phone = phone or customer.phone
    customer.email = email or customer.email
    customer.user = user or customer.user
    if points_balance is not None:
        customer.points_balance = points_balance
    customer.save()
    return customer


def _demo_user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        sentence = _("There is no account with this name.")
        raise Invalid(sentence, fields={"customer.username": sentence})
    return user
