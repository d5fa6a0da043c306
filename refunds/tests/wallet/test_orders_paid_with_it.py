"""Orders that were paid with the balance take it off the balance, once, whoever told it when."""

import random
from datetime import timedelta

import pytest

from orders.customers.models import Customer
from orders.purchases.models import Order
from orders.tests import samples
from refunds.ledger.models import LedgerEntry
from refunds.tests.books import violations
from refunds.tests.payouts.conftest import NOW
from refunds.tests.payouts.test_races import at_once
from refunds.wallet.models import Wallet, WalletEntry
from refunds.wallet.services import credit, take_in_all_orders, take_in_order
from returns_platform.kernel.errors import Refused

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def books_hold(request):
    yield
    assert wrong_balances() == []


def wrong_balances() -> list[str]:
    """Credits of these tests are given without the decision that the books ask for elsewhere."""
    return [line for line in violations() if "I15" not in line]


@pytest.fixture
def shop(db):
    return samples.shop()


def paid(shop, amount, number="B1", *, at=LATER, **changes) -> Order:
    """An order paid with the balance, as its shop reports it."""
    facts = {
        "lines": [samples.line(quantity=1, unit_price=amount)],
        "payments": [samples.payment(amount, f"BAL-{number}", channel="balance", paid_at=at.isoformat())],
    }
    order = samples.put(shop, number, **facts | changes)
    take_in_order(order.pk, now=LATER)
    return order


def had(customer, amount, *, at=NOW) -> None:
    credit(customer, amount=amount, kind="compensation", reference=f"RT1:{amount}:{at}", now=at)


def ann(shop) -> Customer:
    return samples.put(shop, "A1").customer


def balance() -> int:
    return Wallet.objects.get().balance


def kinds() -> list[tuple]:
    return list(WalletEntry.objects.order_by("pk").values_list("kind", "amount"))


def test_the_balance_pays_once_however_often_it_is_told(shop):
    had(ann(shop), 10000)
    order = paid(shop, 6000)
    for _again in range(3):
        take_in_order(order.pk, now=LATER)
        take_in_all_orders(now=LATER)

    assert (balance(), kinds()) == (4000, [("compensation", 10000), ("spent", -6000)])
    posted = LedgerEntry.objects.filter(transaction__kind="spent").values_list("account", "amount")
    assert dict(posted) == {"customer_wallet": -6000, "merchant": 6000}


def test_what_the_balance_lacked_the_shop_brings_in(shop):
    had(ann(shop), 2500)
    paid(shop, 6000)

    assert (balance(), kinds()[1:]) == (0, [("had", 3500), ("spent", -6000)])
    posted = LedgerEntry.objects.filter(transaction__kind="brought_in").values_list("account", "amount")
    assert dict(posted) == {"customer_wallet": 3500, "merchant": -3500}


def test_money_that_came_after_the_payment_has_not_paid_it(shop):
    """An old order that is imported today does not eat the refund of yesterday."""
    had(ann(shop), 10000, at=NOW)
    paid(shop, 6000, at=NOW - timedelta(days=100))

    assert balance() == 10000


def test_two_clocks_may_differ_by_some_minutes(shop):
    had(ann(shop), 10000, at=NOW)
    paid(shop, 6000, at=NOW - timedelta(minutes=4))

    assert balance() == 4000


def test_an_order_that_is_not_paid_yet_takes_nothing(shop):
    had(ann(shop), 10000)
    paid(shop, 6000, state="placed")
    assert balance() == 10000
    paid(shop, 6000, state="paid")
    assert balance() == 4000


def test_a_cancelled_order_gives_it_back(shop):
    had(ann(shop), 10000)
    paid(shop, 6000)
    paid(shop, 6000, state="cancelled")

    assert (balance(), kinds()[-1]) == (10000, ("spent", 6000))


def test_what_the_shop_brought_in_goes_with_the_payment(shop):
    """A sum that was reported with two noughts too many leaves no money behind."""
    had(ann(shop), 500)
    paid(shop, 600000)
    paid(shop, 6000)

    assert (balance(), kinds()[-2:]) == (0, [("spent", 594000), ("had", -594000)])


def test_a_payment_over_another_channel_after_all_gives_it_back(shop):
    had(ann(shop), 10000)
    paid(shop, 6000)
    paid(shop, 6000, payments=[samples.payment(6000, "4200009")])

    assert balance() == 10000


def test_another_customer_pays_with_her_own(shop):
    had(ann(shop), 10000)
    paid(shop, 6000)
    paid(shop, 6000, customer={"external_id": "c-2", "name": "Bo", "phone": "+8613800138002"})

    assert {w.customer.external_id: w.balance for w in Wallet.objects.all()} == {"c-1": 10000, "c-2": 0}


def test_another_shops_balance_is_not_touched(shop):
    had(ann(shop), 10000)
    paid(samples.shop("other"), 6000)

    assert sorted(Wallet.objects.values_list("balance", flat=True)) == [0, 10000]


def test_a_cancelled_order_keeps_what_its_refunds_hold(shop):
    had(ann(shop), 10000)
    order = paid(shop, 6000)
    order.payments.update(held=2000)
    paid(shop, 6000, state="cancelled")

    assert balance() == 8000
    order.payments.update(held=0)  # the request came to nothing: the sweep sees it
    take_in_all_orders(now=LATER)
    assert balance() == 10000


def test_lost_news_is_found_by_the_sweep(shop):
    had(ann(shop), 10000)
    facts = {"payments": [samples.payment(12000, "BAL-9", channel="balance", paid_at=LATER.isoformat())]}
    samples.put(shop, "B9", **facts)

    assert (take_in_all_orders(now=LATER), balance()) == (1, 0)
    assert take_in_all_orders(now=LATER) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_ten_who_tell_it_at_once_take_it_once(turn):
    shop = samples.shop()
    had(ann(shop), 10000)
    order = samples.put(
        shop, "B1", lines=[samples.line(quantity=1, unit_price=6000)],
        payments=[samples.payment(6000, "BAL-1", channel="balance", paid_at=LATER.isoformat())],
    )  # fmt: skip
    at_once(*[lambda: take_in_order(order.pk, now=LATER)] * 5, *[lambda: take_in_all_orders(now=LATER)] * 5)

    assert (balance(), WalletEntry.objects.filter(kind="spent").count()) == (4000, 1)


def test_any_story_of_orders_ends_where_their_last_words_say(shop):
    chance = random.Random(30)
    customer = ann(shop)
    for number in range(40):
        at = NOW + timedelta(hours=number)
        if chance.random() < 0.3:
            had(customer, chance.randint(1, 5000), at=at)
        order_no = f"B{chance.randint(1, 8)}"
        state = chance.choice(("placed", "paid", "paid", "cancelled"))
        try:
            paid(shop, chance.randint(1, 6000), order_no, at=at, state=state)
        except Refused:  # an order that is paid or cancelled does not go back
            continue
        assert wrong_balances() == []
    take_in_all_orders(now=LATER)
    for order in Order.objects.exclude(order_no="A1"):
        spent = sum(WalletEntry.objects.filter(order=order, kind="spent").values_list("amount", flat=True))
        assert spent == (0 if order.state in ("placed", "cancelled") else -order.payments.get().amount)
