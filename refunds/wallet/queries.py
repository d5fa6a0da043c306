"""Reading what customers have stored: for judging a request, for pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from orders.customers.models import Customer
from orders.merchants.models import Merchant
from orders.purchases import states as order_states
from orders.purchases.models import Order, OrderLine, Payment
from refunds.wallet import rules
from refunds.wallet.models import (
    Compensation,
    GiftCard,
    GiftCardEntry,
    PointsAccount,
    PointsEntry,
    PointsOfCase,
    ReturnedCoupon,
    StoreCoupon,
    Wallet,
    WalletEntry,
)
from returns_platform.kernel.errors import NotThere

# --- the balance ------------------------------------------------------------------------------------------


def wallet_of(customer: Customer, *, currency: str = "") -> Wallet | None:
    """The customer's balance, in the shop's currency where none is named."""
    return Wallet.objects.filter(customer=customer, currency=currency or customer.merchant.currency).first()


def wallet_entries(customer: Customer, *, order: Order | None = None) -> QuerySet[WalletEntry]:
    """Every change of a customer's balances, newest first; `order`: only what is about it."""
    return _about(WalletEntry.objects.filter(wallet__customer=customer).select_related("wallet", "order"), order)


def bonus_on(wallet: Wallet) -> int:
    """What came on top of refunds to the balance and was not taken back, as far as it is still there."""
    rows = wallet.entries.filter(kind__in=(rules.BONUS, rules.BONUS_BACK))
    return min(rows.aggregate(sum=Sum("amount"))["sum"] or 0, wallet.balance)


def store_coupons(customer: Customer, *, order: Order | None = None) -> QuerySet[StoreCoupon]:
    found = StoreCoupon.objects.filter(customer=customer).order_by("-issued_at", "-pk")
    return found if order is None else found.filter(order=order)


def returned_coupons(customer: Customer, *, order: Order | None = None) -> QuerySet[ReturnedCoupon]:
    return _about(ReturnedCoupon.objects.filter(customer=customer), order)


def points_account(customer: Customer) -> PointsAccount | None:
    return PointsAccount.objects.filter(customer=customer).first()


def points_entries(customer: Customer, *, order: Order | None = None) -> QuerySet[PointsEntry]:
    return _about(PointsEntry.objects.filter(account__customer=customer), order)


def _about(found: QuerySet, order: Order | None) -> QuerySet:
    found = found.order_by("-at", "-pk")
    return found if order is None else found.filter(order=order)


# --- orders that were paid with a balance -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Used:
    """A payment with a balance whose entries do not say what the shop says.

    amount: what the balance has to have paid. spent: entered of it; had: of that brought in by the shop. Minor units.
    paid_at: None where the payment is not the balance's any more.
    """

    payment_id: int
    order_id: int
    paid_at: datetime | None
    amount: int
    spent: int
    had: int

    @property
    def about(self) -> str:
        return f"payment {self.payment_id}"


OPEN = "(" + ", ".join(f"'{state}'" for state in sorted(order_states.OPEN_FOR_AFTER_SALE)) + ")"
# What balances have to have paid for orders, beside what is entered. A cancelled order gives back what no refund of
# its payment holds. A payment that was dropped, or went to another customer, leaves its entries alone on one side.
USES = f"""
    SELECT customer_id, currency, payment_id, coalesce(due.order_id, entered.order_id) AS order_id, due.paid_at,
           due.told_at, coalesce(due.is_open, false) AS is_open, coalesce(due.amount, 0) AS amount,
           coalesce(entered.spent, 0) AS spent, coalesce(entered.had, 0) AS had
    FROM (SELECT o.customer_id, o.currency, p.id AS payment_id, p.order_id, p.paid_at, o.updated_at AS told_at,
                 o.state IN {OPEN} AS is_open,
                 CASE WHEN o.state IN {OPEN} THEN p.amount ELSE greatest(p.held, p.reserved) END AS amount
          FROM orders_payment p JOIN orders_order o ON o.id = p.order_id
          WHERE p.channel = 'balance' AND p.carried_from_id IS NULL {{due}}) due
    FULL JOIN
         (SELECT w.customer_id, w.currency, split_part(e.about, ' ', 2)::bigint AS payment_id,
                 min(e.order_id) AS order_id, -sum(e.amount) FILTER (WHERE e.kind = '{rules.SPENT}') AS spent,
                 sum(e.amount) FILTER (WHERE e.kind = '{rules.HAD}') AS had
          FROM refunds_walletentry e JOIN refunds_wallet w ON w.id = e.wallet_id
          WHERE e.about <> '' {{entered}} GROUP BY 1, 2, 3) entered
    USING (customer_id, currency, payment_id)"""
EVERYBODYS_USES = USES.format(due="", entered="")
ONES_USES = USES.format(
    due="AND o.customer_id = %(customer)s AND o.currency = %(currency)s",
    entered="AND w.customer_id = %(customer)s AND w.currency = %(currency)s",
)


def uses_to_enter(customer: Customer, currency: str) -> list[Used]:
    """Of one balance: what is given back first, then in the order of paying."""
    names = Used.__slots__
    told = f"SELECT {', '.join(names)} FROM ({ONES_USES}) uses WHERE amount <> spent"
    with connection.cursor() as cursor:
        cursor.execute(told, {"customer": customer.pk, "currency": currency})
        found = [Used(**dict(zip(names, row, strict=True))) for row in cursor]
    return sorted(found, key=lambda used: (used.amount > used.spent, used.paid_at or LONG_AGO, used.payment_id))


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def balances_with_uses_to_enter(*, limit: int) -> list[tuple[Customer, str]]:
    """The balances that lag behind what shops said, whatever became of the news."""
    told = f"SELECT DISTINCT customer_id, currency FROM ({EVERYBODYS_USES}) uses WHERE amount <> spent LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(told, [limit])
        rows = cursor.fetchall()
    people = Customer.objects.select_related("merchant").in_bulk({customer_id for customer_id, _currency in rows})
    return [(people[customer_id], currency) for customer_id, currency in rows]


def balances_of_order(order_id: int) -> list[tuple[Customer, str]]:
    """Whose balances an order is paid with, and those it was entered on before."""
    order = Order.objects.select_related("customer__merchant").filter(pk=order_id).first()
    if order is None:
        return []
    found = {(order.customer_id, order.currency): order.customer}
    booked = Wallet.objects.filter(entries__order=order, entries__about__gt="")
    for wallet in booked.select_related("customer__merchant").distinct():
        found.setdefault((wallet.customer_id, wallet.currency), wallet.customer)
    return [(customer, currency) for (_pk, currency), customer in found.items()]


def lay_there(wallet: Wallet, *, since: datetime | None) -> int:
    """What a balance has held ever since that moment: money that came later has not paid what was paid then."""
    at = (since or LONG_AGO) + rules.CLOCKS_DIFFER
    before = wallet.entries.filter(at__lte=at).order_by("-pk").values_list("balance_after", flat=True).first() or 0
    lowest = wallet.entries.filter(at__gt=at).aggregate(lowest=Min("balance_after"))["lowest"]
    return min(before, wallet.balance if lowest is None else min(lowest, wallet.balance))


@dataclass(frozen=True, slots=True)
class Short:
    """A payment of which a shop brought some in, after money of that balance had been moved to the bank."""

    reference: str
    order_no: str
    currency: str
    spent: int
    had: int
    moved: int


def brought_in_after_moving() -> list[Short]:
    earlier = WalletEntry.objects.filter(wallet=OuterRef("wallet"), kind=rules.MOVED, pk__lt=OuterRef("pk"))
    late = WalletEntry.objects.filter(kind=rules.HAD, amount__gt=0).filter(Exists(earlier))
    return [found for about, wallet in set(late.values_list("about", "wallet")) if (found := _short(about, wallet))]


def _short(about: str, wallet: int) -> Short | None:
    """None where the shop took back all that it had brought in."""
    entries = WalletEntry.objects.filter(wallet=wallet)
    use = entries.filter(about=about).aggregate(
        had=Sum("amount", filter=Q(kind=rules.HAD)), spent=Sum("amount", filter=Q(kind=rules.SPENT))
    )
    if not use["had"]:
        return None
    moved = entries.filter(kind=rules.MOVED).aggregate(sum=Sum("amount"))["sum"]
    order_no, currency = entries.filter(about=about).values_list("order__order_no", "wallet__currency")[0]
    return Short(f"{wallet} {about}", order_no, currency, spent=-use["spent"], had=use["had"], moved=-moved)


# --- points -----------------------------------------------------------------------------------------------


def points_balance(customer: Customer, *, case_ref: str = "") -> int | None:
    """How many points the customer has, what a case took of them counted in; None where the shop never told."""
    account = PointsAccount.objects.filter(customer=customer).first()
    taken = PointsOfCase.objects.filter(case_ref=case_ref).values_list("taken", flat=True).first() or 0
    if account is None or customer.points_balance != account.told:
        return customer.points_balance
    return None if account.told is None else account.balance + taken


def points_of_case(case_ref: str) -> PointsOfCase | None:
    return PointsOfCase.objects.filter(case_ref=case_ref).first()


# --- coupons, compensation --------------------------------------------------------------------------------


def coupons_of_case(case_ref: str) -> QuerySet[ReturnedCoupon]:
    """The coupons that came back with the case, and those that had expired and did not."""
    return ReturnedCoupon.objects.filter(case_ref=case_ref)


def compensations_of(case_ref: str) -> QuerySet[Compensation]:
    """What was given beside the refund, and what waits for a second person."""
    return Compensation.objects.filter(case_ref=case_ref, declined_at=None).order_by("at", "pk")


# --- gift cards -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unheard:
    """What a shop's orders say about a card and its entries do not yet. amount: signed, of the card's currency."""

    kind: str
    about: str
    amount: int
    order_id: int


def unheard(merchant_id: int, code: str, card: GiftCard | None, *, currency: str) -> Iterator[Unheard]:
    """Sales of the card and payments with it. What the shop said of it later says these already."""
    entered = _entered(card)
    since = card and card.told_at
    for line in _sold_as(merchant_id, code, currency):
        about = f"line {line.pk}"
        if about in entered or not since or line.order.placed_at > since:
            yield from _difference(rules.SOLD, about, line.unit_price, entered, line.order_id)
    for payment in _paid_with(merchant_id, code, currency):
        about = f"payment {payment.pk}"
        if about in entered or not since or payment.paid_at > since:
            yield from _difference(rules.SPENT, about, -payment.amount, entered, payment.order_id)


def _entered(card: GiftCard | None) -> dict[str, int]:
    if card is None:
        return {}
    rows = card.entries.filter(kind__in=(rules.SOLD, rules.SPENT)).values("about").annotate(sum=Sum("amount"))
    return {row["about"]: row["sum"] for row in rows}


def _difference(kind: str, about: str, target: int, entered: dict[str, int], order_id: int) -> Iterator[Unheard]:
    if difference := target - entered.get(about, 0):
        yield Unheard(kind, about, difference, order_id)


def _sold_as(merchant_id: int, code: str, currency: str):
    sold = OrderLine.objects.exclude(gift_cards=[]).filter(gift_cards__contains=[code])
    return sold.filter(**_of_paid_orders(merchant_id, currency)).select_related("order").order_by("pk")


def _paid_with(merchant_id: int, code: str, currency: str):
    named = Q(gift_card=code) & ~Q(gift_card="")
    called = Q(gift_card="", channel="gift_card", transaction__channel="gift_card", transaction__transaction_id=code)
    paid = Payment.objects.filter(
        named | called, amount__gt=0, carried_from=None, **_of_paid_orders(merchant_id, currency)
    )
    return paid.order_by("pk")


def _of_paid_orders(merchant_id: int, currency: str) -> dict:
    open_states = order_states.OPEN_FOR_AFTER_SALE
    return {"order__merchant_id": merchant_id, "order__currency": currency, "order__state__in": open_states}


@dataclass(frozen=True, slots=True)
class Cards:
    """Of a line's gift cards: how many hold all that they were sold for, and how many were returned."""

    unspent: int
    returned: int


def cards_of(line: OrderLine, *, merchant_id: int, currency: str) -> Cards:
    known = {card.code: card for card in GiftCard.objects.filter(merchant_id=merchant_id, code__in=line.gift_cards)}
    held = [
        left_on(merchant_id, code, known.get(code), currency=currency)
        for code in line.gift_cards
        if code not in known or known[code].takes_money
    ]
    returned = sum(card.disabled_at is not None for card in known.values())
    return Cards(held.count(line.unit_price), returned)


def card_as_known(merchant: Merchant, code: str) -> dict:
    """The card as the API tells it; NotThere where nothing is known of it. Changes nothing."""
    card = GiftCard.objects.filter(merchant=merchant, code=code).first()
    currency = card.currency if card else merchant.currency
    if card is None and not any(unheard(merchant.pk, code, None, currency=currency)):
        raise NotThere
    left = left_on(merchant.pk, code, card, currency=currency)
    return {"code": code, "state": card.state if card else "active", "currency": currency, "left": left}


def left_on(merchant_id: int, code: str, card: GiftCard | None, *, currency: str) -> int:
    """What a card holds by all that is known, whether it was entered or not."""
    left = card.balance if card else 0
    for news in unheard(merchant_id, code, card, currency=currency):
        left = max(0, left + news.amount)
    return left


def disabled_for(case_ref: str) -> dict[int, int]:
    """{card id: minor units} of the cards that a case disabled and that are disabled still."""
    rows = GiftCardEntry.objects.filter(kind=rules.DISABLED, about=case_ref).values("card_id")
    return {row["card_id"]: -row["sum"] for row in rows.annotate(sum=Sum("amount")) if row["sum"]}
