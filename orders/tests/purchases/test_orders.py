"""Orders coming in: created, updated, repeated, refused."""

from datetime import datetime, timedelta

import pytest

from orders.merchants.services import create_merchant
from orders.purchases.forms import read_order
from orders.purchases.models import Order, Transaction
from orders.purchases.services.completion import complete_signed_orders
from orders.purchases.services.orders import put_order
from orders.tests.samples import NOW, body, file_after_sale, line, parcel, payment, put, shop
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.errors import Conflict, Invalid, WrongState

pytestmark = pytest.mark.django_db

SIGNED = "2026-11-03T10:00:00+08:00"


def moves(order: Order) -> list[str]:
    return [move.to_state for move in order.moves.all()]


# --- created and repeated ---------------------------------------------------------------------------------


def test_an_order_is_created_and_its_history_begins():
    order, created = put_order(shop(), read_order(body()), order_no="A1", by=SYSTEM, now=NOW)
    assert created
    assert (order.state, moves(order), order.version) == ("paid", ["placed", "paid"], 2)


def test_the_same_content_twice_changes_nothing():
    order = put(shop())
    again, created = put_order(shop(), read_order(body()), order_no="A1", by=SYSTEM, now=NOW.replace(year=2027))
    assert not created
    assert (again.updated_at, again.version) == (order.updated_at, order.version)


def test_the_same_moment_in_another_zone_is_the_same_content():
    order = put(shop())
    again = put(shop(), placed_at="2026-11-01T02:00:00Z")
    assert (again.content_digest, again.version) == (order.content_digest, order.version)


def test_two_shops_may_use_the_same_number():
    put(shop("fresh"))
    other = put(shop("style"), payments=[payment(12000, "4200002")])
    assert Order.objects.filter(order_no="A1").count() == 2
    assert other.merchant.code == "style"


def test_until_the_first_after_sale_everything_may_be_corrected():
    put(shop(), lines=[line("1"), line("2", 1, 500)], payments=[payment(12500)])
    order = put(shop(), lines=[line("2", 2, 700), line("3", 1, 100)], payments=[payment(1500, "4200009")])
    assert [(each.line_no, each.quantity, each.net) for each in order.lines.all()] == [("2", 2, 1400), ("3", 1, 100)]
    assert [each.amount for each in order.payments.all()] == [1500]
    assert Transaction.objects.get(transaction_id="4200001").allotted == 0


@pytest.mark.parametrize(
    ("confirmed_at", "kept"),
    [
        ("2026-11-01T09:59:59+08:00", True),  # before it was placed at 10:00
        ("2026-11-01T10:01:00+08:00", True),  # while it was paid
        ("2026-11-01T10:01:01+08:00", False),
        (SIGNED, False),
        (None, False),
    ],
)
def test_only_a_confirmation_of_the_purchase_itself_takes_the_right_to_return_away(confirmed_at, kept):
    told = line("1", category="electronics", no_reason_excluded_confirmed_at=confirmed_at)
    order = put(shop(), lines=[told])
    assert (order.lines.get().no_reason_excluded_confirmed_at is not None) == kept


def test_what_was_signed_for_keeps_its_window_whatever_is_corrected():
    before = "2026-11-01T09:59:59+08:00"
    put(shop(), lines=[line(category="electronics", no_reason_excluded_confirmed_at=before)], parcels=[parcel()])
    first = put(shop(), lines=[line(category="apparel")], parcels=[parcel(signed_at=SIGNED)])
    assert first.lines.get().category == "apparel"  # nobody had it yet
    later = line(sku="OTHER", category="fresh", no_reason_excluded_confirmed_at=before)
    order = put(shop(), lines=[later], placed_at="2026-10-01T10:00:00+08:00", parcels=[parcel(signed_at=SIGNED)])
    kept = order.lines.get()
    assert (kept.category, kept.sku, kept.no_reason_excluded_confirmed_at) == ("apparel", "SKU-1", None)
    assert order.placed_at == first.placed_at


def test_a_signature_says_when_it_became_known_where_the_parcel_was_known_before():
    assert put(shop(), parcels=[parcel(signed_at=SIGNED)]).shipments.get().signature_told_at is None
    apart = {"order_no": "A2", "payments": [payment(12000, "4200002")]}
    put(shop(), parcels=[parcel()], **apart)
    assert put(shop(), parcels=[parcel(signed_at=SIGNED)], **apart).shipments.get().signature_told_at == NOW


# --- frozen shares ----------------------------------------------------------------------------------------


def test_shares_are_frozen_by_m1():
    """T8: shop 300-30 on 200.00 and 100.00, then a platform coupon of 5.00."""
    order = put(
        shop(),
        lines=[line("1", 1, 20000), line("2", 1, 10000)],
        discounts=[
            {"name": "满300减30", "source": "shop", "amount": 3000},
            {"name": "coupon", "source": "platform", "amount": 500},
        ],
        payments=[payment(26500)],
    )
    assert [(each.share_shop, each.share_platform, each.net) for each in order.lines.all()] == [
        (2000, 333, 17667),
        (1000, 167, 8833),
    ]


def test_a_discount_larger_than_its_lines_is_refused_where_it_stands():
    discount = {"name": "coupon", "source": "shop", "amount": 600, "line_nos": ["2"]}
    with pytest.raises(Invalid) as refused:
        put(shop(), lines=[line(), line("2", 1, 500)], discounts=[discount], payments=[payment(11900)])
    assert "discounts.0.amount" in refused.value.fields


# --- money ------------------------------------------------------------------------------------------------


def test_money_that_does_not_add_up_names_the_difference():
    with pytest.raises(Invalid) as refused:
        put(shop(), payments=[payment(11000)])
    assert refused.value.code == "does_not_add_up"
    assert "1000" in str(refused.value.message)
    assert not Order.objects.exists()


@pytest.mark.parametrize("state", ["placed", "cancelled"])
def test_unpaid_and_cancelled_orders_may_have_paid_less_but_not_more(state):
    assert put(shop(), "LESS", state=state, payments=[]).state == state
    with pytest.raises(Invalid):
        put(shop(), "MORE", state=state, payments=[payment(12001)])


def test_a_transaction_belongs_to_one_order():
    put(shop(), "A1")
    with pytest.raises(Conflict) as refused:
        put(shop("style"), "A2")
    assert refused.value.code == "transaction_taken"


def test_parts_of_a_transaction_name_the_same_total_and_stay_within_it():
    part = {"lines": [line("1", 1, 6000)]}
    put(shop("fresh"), "A1", **part, payments=[payment(6000, transaction_total=10000)])
    with pytest.raises(Conflict):
        put(shop("style"), "A2", **part, payments=[payment(6000, transaction_total=10000)])
    with pytest.raises(Conflict):
        put(shop("style"), "A2", lines=[line("1", 1, 4000)], payments=[payment(4000, transaction_total=9000)])
    put(shop("style"), "A2", lines=[line("1", 1, 4000)], payments=[payment(4000, transaction_total=10000)])
    assert Transaction.objects.get().allotted == 10000


def test_frozen_money_stays_and_contact_and_parcels_may_change():
    order = put(shop())
    file_after_sale(order)
    with pytest.raises(Conflict) as refused:
        put(shop(), lines=[line("1", 3, 3000)], payments=[payment(9000)])
    assert "lines.1.unit_price" in refused.value.fields
    customer = {"external_id": "c-1", "name": "安大雨", "phone": "+8613900139000"}
    order = put(shop(), customer=customer, lines=[line(title="New name")], parcels=[parcel()])
    assert (order.customer.name, str(order.customer.phone), order.state) == ("安大雨", "+8613900139000", "shipped")
    assert order.lines.get().title == "Goods 1"


def test_an_order_with_an_after_sale_keeps_its_customer():
    order = put(shop())
    file_after_sale(order)
    with pytest.raises(Conflict):
        put(shop(), customer={"external_id": "c-2", "name": "Somebody else"})


# --- states -----------------------------------------------------------------------------------------------


def test_an_order_is_placed_then_paid_then_sent_in_two_parcels_and_signed():
    put(shop(), state="placed", payments=[])
    put(shop())
    assert put(shop(), parcels=[parcel("P1", {"1": 1}, SIGNED)]).state == "partly_shipped"
    order = put(shop(), parcels=[parcel("P2", {"1": 2})])
    assert order.state == "shipped"
    order = put(shop(), parcels=[parcel("P2", {"1": 2}, SIGNED)])
    assert moves(order) == ["placed", "paid", "partly_shipped", "shipped", "signed"]


def test_an_order_known_whole_at_first_sight_has_every_move():
    order = put(shop(), parcels=[parcel(signed_at=SIGNED)])
    assert moves(order) == ["placed", "paid", "shipped", "signed"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"state": "placed"}),
        ({"state": "cancelled"}, {}),
        ({"parcels": [parcel()]}, {"state": "cancelled"}),
    ],
)
def test_an_order_does_not_go_back(first, then):
    before = put(shop(), **first).state
    with pytest.raises(WrongState) as refused:
        put(shop(), **then)
    assert refused.value.state == before


def test_a_paid_order_can_be_cancelled_and_takes_no_after_sale_then():
    put(shop())
    order = put(shop(), state="cancelled")
    assert (order.state, order.takes_after_sale) == ("cancelled", False)


def test_only_a_paid_order_has_parcels():
    with pytest.raises(Invalid):
        put(shop(), state="cancelled", parcels=[parcel()])


def test_virtual_units_hold_nothing_up():
    order = put(shop(), lines=[line(), line("2", 1, 0, virtual=True)], parcels=[parcel(signed_at=SIGNED)])
    assert order.state == "signed"
    assert [each.cancellable for each in order.lines.all()] == [0, 1]


def test_an_order_is_completed_fifteen_days_after_its_last_signature_and_still_takes_after_sales():
    put(shop(), parcels=[parcel(signed_at=SIGNED)])
    signed = datetime.fromisoformat(SIGNED)
    assert complete_signed_orders(now=signed + timedelta(days=15)) == 0
    later = signed + timedelta(days=15, seconds=1)
    assert [complete_signed_orders(now=later), complete_signed_orders(now=later)] == [1, 0]
    order = put(shop(), parcels=[parcel(signed_at=SIGNED)], ship_to={"name": "moved"})
    assert (order.state, order.takes_after_sale, order.ship_to["name"]) == ("completed", True, "moved")


# --- customers --------------------------------------------------------------------------------------------


def test_user_names_are_taken_in_demonstrations_only(settings, django_user_model):
    ann = django_user_model.objects.create_user("ann")
    customer = {"external_id": "c-1", "name": "Ann", "username": "ann"}
    assert put(shop(), customer=customer).customer.user == ann
    settings.DEMO = False
    with pytest.raises(Invalid) as refused:
        put(shop(), "A2", customer=customer, payments=[payment(12000, "4200002")])
    assert "customer.username" in refused.value.fields


def test_what_a_later_body_leaves_out_about_the_customer_stays_known():
    put(shop())
    order = put(shop(), customer={"external_id": "c-1", "name": "安小雨"})
    assert (str(order.customer.phone), order.customer.email) == ("+8613800138000", "ann@example.com")


def test_a_refused_order_leaves_nothing_behind():
    merchant = create_merchant("fresh", name="Fresh", by=SYSTEM)
    with pytest.raises(Invalid):
        put(merchant, parcels=[parcel("P1", {"1": 4})])
    assert not Order.objects.exists()
    assert not merchant.customers.exists()
