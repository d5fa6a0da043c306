"""Parcels of an order: merged by number, signatures corrected, units counted."""

import pytest

from orders.purchases.models import OrderLine
from orders.purchases.queries import lines_shipped_though_in_use
from orders.signals import order_changed
from orders.tests.samples import body, file_after_sale, line, parcel, payment, put, shop
from returns_platform.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    notes = []

    def listen(sender, order_id, note, **kwargs):
        notes.append(note)

    order_changed.connect(listen)
    yield notes
    order_changed.disconnect(listen)


def test_parcels_merge_by_number_and_absent_ones_stay():
    put(shop(), parcels=[parcel("P1", {"1": 1})])
    order = put(shop(), parcels=[parcel("P2", {"1": 1}, waybill="SF9")])
    assert [(each.parcel_no, each.waybill) for each in order.shipments.all()] == [
        ("P1", "SF100000000001"),
        ("P2", "SF9"),
    ]
    kept = order.lines.get()
    assert (kept.shipped, kept.returnable, kept.cancellable) == (2, 2, 1)


def test_more_units_than_bought_are_refused_across_parcels():
    put(shop(), parcels=[parcel("P1", {"1": 2})])
    with pytest.raises(Invalid):
        put(shop(), parcels=[parcel("P2", {"1": 2})])


def test_a_signature_is_corrected_with_its_history_and_never_removed():
    early, late = "2026-11-03T10:00:00+08:00", "2026-11-05T10:00:00+08:00"
    put(shop(), parcels=[parcel(signed_at=late)])
    order = put(shop(), parcels=[parcel(signed_at=early)])
    shipment = order.shipments.get()
    assert shipment.signed_at.isoformat() == "2026-11-03T02:00:00+00:00"
    assert shipment.window_from.isoformat() == "2026-11-05T02:00:00+00:00"
    assert shipment.signatures.count() == 2
    order = put(shop(), parcels=[parcel(signed_at=None)])
    assert order.shipments.get().signed_at == shipment.signed_at


def test_a_later_signature_moves_the_window():
    put(shop(), parcels=[parcel(signed_at="2026-11-03T10:00:00+08:00")])
    order = put(shop(), parcels=[parcel(signed_at="2026-11-04T10:00:00+08:00")])
    assert order.shipments.get().window_from.isoformat() == "2026-11-04T02:00:00+00:00"


def test_what_a_known_parcel_held_may_be_corrected_until_the_first_after_sale():
    put(shop(), parcels=[parcel("P1", {"1": 3})])
    order = put(shop(), parcels=[parcel("P1", {"1": 2})])
    assert (order.state, order.lines.get().shipped) == ("partly_shipped", 2)
    file_after_sale(order)
    with pytest.raises(Conflict) as refused:
        put(shop(), parcels=[parcel("P1", {"1": 3})])
    assert "parcels.0.items" in refused.value.fields


def test_a_parcel_with_units_already_refunded_is_taken_and_told(heard, django_capture_on_commit_callbacks):
    order = put(shop(), lines=[line(quantity=5)], payments=[payment(20000)], parcels=[parcel("P1", {"1": 3})])
    file_after_sale(order)
    OrderLine.objects.update(unshipped_in_use=2)
    with django_capture_on_commit_callbacks(execute=True):
        order = put(shop(), lines=[line(quantity=5)], payments=[payment(20000)], parcels=[parcel("P2", {"1": 1})])
    kept = order.lines.get()
    assert (kept.shipped, kept.returnable, kept.cancellable) == (4, 3, 0)
    assert heard == ["changed", "shipped_in_use"]
    assert list(lines_shipped_though_in_use()) == [kept]


def test_an_order_whose_other_units_were_refunded_counts_as_shipped():
    order = put(shop(), lines=[line(quantity=5)], payments=[payment(20000)])
    file_after_sale(order)
    OrderLine.objects.update(unshipped_in_use=2)
    order = put(shop(), lines=[line(quantity=5)], payments=[payment(20000)], parcels=[parcel("P1", {"1": 3})])
    assert order.state == "shipped"


def test_news_is_told_after_commit_only(heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False):
        put(shop())
    assert heard == []


def test_a_listener_that_fails_undoes_nothing(django_capture_on_commit_callbacks):
    def fails(sender, **kwargs):
        raise RuntimeError("upstairs")

    order_changed.connect(fails)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            order = put(shop())
    finally:
        order_changed.disconnect(fails)
    assert order.state == "paid"


def test_a_body_without_parcels_leaves_known_ones(heard):
    put(shop(), parcels=[parcel()])
    order = put(shop(), **{name: value for name, value in body().items() if name != "parcels"})
    assert order.shipments.count() == 1
