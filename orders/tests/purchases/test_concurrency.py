"""Two programs report at once: somebody is first, nobody gets a fault, nothing is lost or doubled."""

import threading
import time

import pytest
from django.db import connection, transaction

from orders.customers.models import Customer
from orders.purchases.forms import read_order
from orders.purchases.models import Order, Shipment, Transaction
from orders.purchases.services.claims import lock_for_claim
from orders.purchases.services.orders import put_order
from orders.tests.samples import NOW, body, line, parcel, payment, put, shop
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.errors import Conflict

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls) -> list:
    """What each call returned or raised, all started together."""
    results, barrier = [None] * len(calls), threading.Barrier(len(calls))

    def run(index, call):
        barrier.wait(timeout=10)
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def putting(merchant, order_no="A1", **changes):
    return lambda: put_order(merchant, read_order(body(**changes)), order_no=order_no, by=SYSTEM, now=NOW)[1]


def test_two_puts_of_a_new_order_at_once_create_it_once():
    merchant = shop()
    calls = [putting(merchant, parcels=[parcel(f"P{number}", {"1": 1})]) for number in (1, 2)]
    assert sorted(at_once(*calls)) == [False, True]
    order = Order.objects.get()
    assert sorted(each.parcel_no for each in order.shipments.all()) == ["P1", "P2"]
    assert (order.lines.get().shipped, order.version) == (2, order.moves.count())


def test_orders_of_a_new_customer_at_once_make_one_customer():
    merchant = shop()
    numbers = range(4)
    calls = [putting(merchant, f"A{n}", payments=[payment(12000, f"42000{n}")]) for n in numbers]
    assert at_once(*calls) == [True] * 4
    assert Customer.objects.count() == 1


def test_two_orders_that_claim_one_transaction_at_once():
    calls = [putting(shop(code), "A1") for code in ("fresh", "style")]
    results = at_once(*calls)
    assert [type(each) for each in sorted(results, key=str)] == [bool, Conflict]
    assert Transaction.objects.get().allotted == 12000


def test_parts_of_two_payments_at_once_never_deadlock():
    """Both orders hold parts of both payments, listed in opposite order."""
    one, two = (payment(6000, number, transaction_total=12000) for number in ("4200001", "4200002"))
    calls = [
        putting(shop("fresh"), lines=[line()], payments=[one, two]),
        putting(shop("style"), lines=[line()], payments=[two, one]),
    ]
    assert at_once(*calls) == [True, True]
    assert [each.allotted for each in Transaction.objects.all()] == [12000, 12000]


def test_a_report_and_a_decision_on_the_same_order_never_deadlock():
    """A decision locks money and units, then writes rows that point at the order, while a parcel is reported."""
    merchant = shop()
    order = put(merchant)
    locked = threading.Event()

    def decide():
        with transaction.atomic():
            lock_for_claim(order.pk)
            locked.set()
            time.sleep(0.3)
            Shipment.objects.create(order=order, parcel_no="row of a decision", shipped_at=NOW)
        return "decided"

    def report():
        locked.wait(timeout=10)
        return putting(merchant, parcels=[parcel()])()

    assert at_once(decide, report) == ["decided", False]
