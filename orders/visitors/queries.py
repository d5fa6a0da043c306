"""Reading about buyers: who is looking at a page, and which orders are theirs to see."""

from dataclasses import dataclass

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from orders.accounts.models import User
from orders.customers.models import Customer
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import NotSignedIn, NotThere

GUEST_ORDER, GUEST_UNTIL = "guest_order_id", "guest_until"  # session keys; until: POSIX seconds
LINK_SALT, LINK_LIVES_S = "orders.sign-in-link", 90 * 24 * 3600


# --- who is looking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks at a customer page: an account, a guest of one order, or nobody."""

    user: User | None = None
    guest_order_id: int | None = None

    @property
    def known(self) -> bool:
        return bool(self.user or self.guest_order_id)

    @property
    def is_guest(self) -> bool:
        return self.user is None and self.guest_order_id is not None

    def orders(self) -> QuerySet[Order]:
        """The orders this viewer may see, newest first."""
        if self.user:
            return orders_of(self.user)
        return Order.objects.filter(pk=self.guest_order_id or 0)

    def customers(self) -> QuerySet[Customer]:
        """Whom the shops of these orders know the viewer as."""
        if self.user:
            return Customer.objects.filter(user=self.user)
        return Customer.objects.filter(orders=self.guest_order_id or 0)

    def may_see(self, order: Order) -> bool:
        return self.known and self.orders().filter(pk=order.pk).exists()

    def order(self, order_id: int) -> Order:
        """One of the viewer's orders by its key; NotThere for anybody else's."""
        order = self.orders().select_related("merchant", "customer").filter(pk=order_id).first()
        if order is None:
            raise NotThere
        return order

    @property
    def actor(self) -> Actor:
        """Who acts, for the history: the account, or the guest of that order."""
        if self.user:
            return Actor("customer", str(self.user.pk), self.user.get_full_name() or self.user.get_username())
        order = Order.objects.select_related("customer").get(pk=self.guest_order_id)
        return Actor("customer", f"guest-{order.customer_id}", order.customer.name)


def viewer(request: HttpRequest) -> Viewer:
    """Who is looking. An account counts before a guest's key; a key that ran out counts for nothing."""
    if request.user.is_authenticated:
        return Viewer(user=request.user)
    order_id, until = request.session.get(GUEST_ORDER), request.session.get(GUEST_UNTIL, 0)
    if order_id and until > clock.now().timestamp():
        return Viewer(guest_order_id=order_id)
    return Viewer()


def known_viewer(request: HttpRequest) -> Viewer:
    """The viewer of a page that is somebody's own; raises NotSignedIn for nobody."""
    found = viewer(request)
    if not found.known:
        raise NotSignedIn
    return found


# --- customers --------------------------------------------------------------------------------------------


def customers_of(user: User) -> QuerySet[Customer]:
    return Customer.objects.filter(user=user)


def orders_of(user: User) -> QuerySet[Order]:
    """Every order of a person, at all shops, newest first."""
    return Order.objects.filter(customer__user=user).order_by("-placed_at", "-pk")


def orders_for_list(seen_by: Viewer) -> QuerySet[Order]:
    """Orders with all that a list shows; for `pages.keyset(..., order=("-placed_at", "-pk"))`."""
    return seen_by.orders().select_related("merchant", "customer").prefetch_related("lines", "shipments")


def reached_at(address: str) -> QuerySet[Customer]:
    """Customers a shop knows under this phone (E.164) or e-mail."""
    if not address:
        return Customer.objects.none()
    if "@" in address:
        return Customer.objects.filter(email__iexact=address)
    return Customer.objects.filter(phone=address)


def orders_matching(order_no: str, *, phone: str) -> QuerySet[Order]:
    """Orders with this number whose buyer has this phone: two shops may have used the same number."""
    if not phone:
        return Order.objects.none()
    return Order.objects.filter(order_no=order_no, customer__phone=phone).select_related("merchant").order_by("pk")


def accounts_at(address: str) -> QuerySet[User]:
    """Accounts that a code to this phone or mailbox may open.

    Never one of staff, of a shop's member, or with a second factor: a code to a phone is weaker than theirs.
    """
    theirs = Q(customers__in=reached_at(address))
    if "@" not in address:
        theirs |= Q(phone=address)
    weak = User.objects.filter(is_active=True, is_staff=False, is_superuser=False)
    return weak.filter(theirs, memberships=None, authenticator=None).distinct().order_by("pk")


# --- the link in the first notice -------------------------------------------------------------------------


def link_token(customer: Customer) -> str:
    """Names a customer in a link, unforgeably. It opens nothing by itself: a code must follow."""
    return signing.dumps(customer.pk, salt=LINK_SALT)


def customer_of_link(token: str) -> Customer:
    try:
        pk = signing.loads(token, salt=LINK_SALT, max_age=LINK_LIVES_S)
    except signing.BadSignature:
        raise NotThere(_("This link is not valid any more. Ask for a code with your phone number.")) from None
    customer = Customer.objects.select_related("merchant").filter(pk=pk).first()
    if customer is None:
        raise NotThere
    return customer
