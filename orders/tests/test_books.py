"""The books of orders: clean after ordinary work, and each violation is seen."""

import pytest
from django.db import Error, connection, transaction

from orders.books import INVARIANTS
from orders.purchases import states
from orders.purchases.models import Order, OrderMove
from orders.tests.samples import file_after_sale, line, parcel, payment, put, shop
from returns_platform.management.commands.check_books import check

pytestmark = pytest.mark.django_db

SIGNED = "2026-11-03T10:00:00+08:00"
RICH = {
    "lines": [line("1", 5, 4000, tax_rate="0.13"), line("2", 1, 999), line("3", 2, 0, virtual=True)],
    "discounts": [
        {"name": "shop", "source": "shop", "amount": 2000},
        {"name": "coupon", "source": "platform", "amount": 501, "line_nos": ["2", "1"]},
    ],
    "freight": {"charged": 1200, "discount": 500},
    "points": {"used": 101, "amount": 101, "earned": 17},
    "payments": [payment(19000), payment(97, "G1", "gift_card")],
    "parcels": [parcel("P1", {"1": 3, "2": 1}, SIGNED), parcel("P2", {"1": 1})],
}


def violations() -> list[str]:
    found = []
    check(INVARIANTS, say=found.append)
    return found


def test_ordinary_work_leaves_clean_books():
    put(shop(), **RICH)
    put(shop(), "A2", state="placed", payments=[])
    put(shop(), "A3", state="cancelled", payments=[payment(100, "4200007")])
    put(shop("style"), "A4", lines=[line("1", 1, 60)], payments=[payment(60, "4200008", transaction_total=100)])
    put(shop("volt"), "A5", lines=[line("1", 1, 40)], payments=[payment(40, "4200008", transaction_total=100)])
    put(shop(), "A6", lines=[line("1", 1, 0)], payments=[])
    put(shop(), "A1", **RICH | {"parcels": [parcel("P1", {"1": 3, "2": 1}, "2026-11-02T10:00:00+08:00")]})
    assert violations() == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE orders_discount SET amount = amount + 1",
        "UPDATE orders_orderline SET share_shop = share_shop + 1, share_platform = share_platform - 1",
        "UPDATE orders_orderline SET net = net + 1",
        "UPDATE orders_orderline SET share_freight = share_freight + 1",
        "UPDATE orders_payment SET amount = amount - 1",
        "UPDATE orders_orderline SET claimed = 100000",
        "UPDATE orders_transaction SET allotted = allotted + 1",
        "UPDATE orders_orderline SET shipped = shipped - 1 WHERE shipped > 0",
        "UPDATE orders_shipment SET window_from = window_from + interval '1 hour'",
        "UPDATE orders_order SET state = 'completed'",
        "UPDATE orders_order SET version = version + 1",
    ],
)
def test_each_damage_is_seen(damage):
    put(shop(), **RICH)
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert violations()


def test_the_declared_edges_are_those_of_the_machine():
    field = Order._meta.get_field("state")
    machine = {(move.source, move.target) for move in field.get_all_transitions(Order)}
    assert machine == states.EDGES


# --- what the database itself refuses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE orders_ordermove SET to_state = 'paid'",
        "DELETE FROM orders_ordermove",
        "UPDATE orders_signature SET signed_at = signed_at + interval '1 day'",
    ],
)
def test_history_is_only_added_to(tampering):
    put(shop(), **RICH)
    assert refused(tampering)
    assert OrderMove.objects.filter(to_state="partly_shipped").exists()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE orders_orderline SET net = net - 1",
        "UPDATE orders_orderline SET quantity = quantity + 1",
        "DELETE FROM orders_payment",
        "UPDATE orders_payment SET amount = amount + 1",
        "UPDATE orders_discount SET amount = 0",
    ],
)
def test_frozen_money_cannot_be_changed_even_by_hand(tampering):
    order = put(shop(), **RICH)
    file_after_sale(order)
    assert refused(tampering)


def test_counters_of_a_frozen_order_still_move():
    order = put(shop(), **RICH)
    file_after_sale(order)
    assert not refused("UPDATE orders_orderline SET claimed = 10, shipped_in_use = 1 WHERE line_no = '1'")
    assert not refused("UPDATE orders_payment SET held = 10")


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except Error:
        return True
    return False
