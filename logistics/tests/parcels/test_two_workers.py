"""Several workers at once, over real connections: each parcel is booked once."""

import threading

import pytest
from django.db import connection

from logistics.parcels import services
from logistics.parcels.models import Parcel
from logistics.parcels.slots import free_slots
from logistics.tests.conftest import CUSTOMER, NOW, RECEIVER, SENDER, minutes
from logistics.tests.test_books import violations
from returns_platform.kernel import fsm

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds):
    """Run the deeds in threads that start together; what each of them raised."""
    start, errors = threading.Barrier(len(deeds)), []

    def run(deed):
        try:
            start.wait()
            deed()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_four_workers_book_forty_parcels_once_each(sf, pickup):
    for number in range(40):
        pickup(f"RT{number}")
    assert at_once(*[lambda: services.book_due_parcels(NOW, limit=40)] * 4) == []
    assert sorted(number for number, _ in sf.vans) == sorted(f"RT{number}" for number in range(40))
    assert Parcel.objects.filter(state="booked").values("waybill").distinct().count() == 40
    assert violations() == []


def test_the_same_request_from_many_at_once_is_one_parcel(order, pickup):
    assert at_once(*[lambda: pickup("RT1")] * 8) == []
    assert Parcel.objects.count() == 1


def test_one_of_two_parcels_for_a_leg_wins(order, pickup):
    errors = at_once(*[lambda n=n: pickup(f"RT1-{n}") for n in range(8)])
    assert [type(error) for error in errors] == [services.LegTaken] * 7
    assert Parcel.objects.count() == 1


def test_cancelled_by_many_at_once(order, pickup):
    parcel = pickup()
    assert at_once(*[lambda: services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)] * 8) == []
    assert fsm.reload(parcel).version == 2


def test_one_of_two_parcels_wins_a_waybill(order):
    def enter(parcel):
        services.enter_waybill(parcel.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)

    parcels = [
        services.open_self_ship(
            reference=f"RT{n}", order=order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=NOW
        )
        for n in range(4)
    ]
    errors = at_once(*[lambda parcel=parcel: enter(parcel) for parcel in parcels])
    assert [type(error) for error in errors] == [services.WaybillTaken] * 3
    assert Parcel.objects.filter(state="booked").count() == 1


def test_pickups_of_one_customer_asked_for_at_once_are_one_van(sf, pickup):
    assert at_once(*[lambda n=n: pickup(f"RT{n}", shared=True) for n in range(8)]) == []
    assert at_once(*[lambda: services.book_due_parcels(NOW, limit=40)] * 4) == []
    assert len(sf.vans) == 1
    assert Parcel.objects.filter(state="booked").values("waybill").distinct().count() == 1
    assert violations() == []


def test_who_has_the_van_leaves_while_others_join_move_and_leave(sf, pickup):
    parcels = [pickup(f"RT{n}", shared=True) for n in range(4)]
    services.book_due_parcels(NOW)
    later = free_slots(NOW, "Asia/Shanghai")[7]
    at_once(
        *[lambda one=one: services.cancel_parcel(one.pk, by=CUSTOMER, now=NOW) for one in parcels[:3]],
        *[lambda n=n: pickup(f"RT{n}", shared=True) for n in (4, 5)],
        lambda: services.change_slot(parcels[3].pk, slot_from=later.start, slot_to=later.end, by=CUSTOMER, now=NOW),
        *[lambda: services.book_due_parcels(NOW)] * 2,
    )
    for minute in range(6):
        services.book_due_parcels(NOW + minutes(minute))
    waiting = Parcel.objects.filter(state="booked")
    assert waiting.count() == 3
    coming = sorted(number for number, state in sf.vans if state == "booked")
    assert coming == sorted({(one.shares_with or one).number for one in waiting})
    assert violations() == []
