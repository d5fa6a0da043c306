"""The books are in order after every story, and each of their queries finds what it is for."""

import pytest
from django.db import connection

from logistics.books import INVARIANTS
from logistics.couriers.models import CourierPush
from logistics.parcels import services
from logistics.parcels.models import Parcel
from logistics.tests.conftest import CUSTOMER, NOW, SHOP, minutes
from logistics.tracking.services import poll_due_parcels
from orders.accounts.services import beat
from returns_platform.kernel import fsm


def violations() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            found += [invariant.name.split()[0] for _ in cursor.fetchall()]
    return found


@pytest.fixture
def story(sf, pickup):
    """One parcel in every kind of state."""
    parcels = [pickup(f"RT{number}") for number in range(6)]
    services.cancel_parcel(parcels[0].pk, by=CUSTOMER, now=NOW)
    services.book_due_parcels(NOW)
    services.cancel_parcel(parcels[1].pk, by=CUSTOMER, now=NOW)
    services.delivered_by_word(parcels[2].pk, by=SHOP, now=NOW)
    for number, event in ((3, "delivered"), (4, "returned")):
        sf.push(fsm.reload(parcels[number]).waybill, event)
    Parcel.objects.filter(stale_numbers=[]).update(next_try_at=NOW)
    services.book_due_parcels(NOW)
    poll_due_parcels(NOW)
    return [fsm.reload(parcel) for parcel in parcels]


def test_after_a_story_the_books_are_in_order(story):
    assert [parcel.state for parcel in story] == [
        "cancelled", "cancelled", "delivered", "delivered", "refused", "booked",
    ]  # fmt: skip
    assert violations() == []


def past_every_guard(sql: str, *values) -> None:
    """Damage that the database itself would refuse."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_lost_move_is_found(story):
    past_every_guard("DELETE FROM logistics_parcelmove WHERE row_id = %s AND seq = 1", story[5].pk)
    assert set(violations()) == {"I16", "I18"}


def test_a_state_changed_by_hand_is_found(story):
    Parcel.objects.filter(pk=story[0].pk).update(state="lost")
    assert "I16" in violations()


def test_an_edge_nobody_declared_is_found(story):
    past_every_guard("UPDATE logistics_parcelmove SET from_state = 'cancelled' WHERE row_id = %s", story[3].pk)
    assert "I17" in violations()


def test_a_forgotten_parcel_is_found(story):
    Parcel.objects.filter(pk=story[5].pk).update(next_try_at=None)
    assert violations() == ["I19"]


def test_a_stuck_booking_is_found_only_while_the_sweeps_run(pickup):
    pickup()
    beat("logistics.book_due_parcels", now=NOW + minutes(10))
    assert violations() == []
    beat("logistics.book_due_parcels", now=NOW + minutes(16))
    assert violations() == ["I19"]


def test_a_forgotten_message_is_found(story):
    CourierPush.objects.create(courier="sf", kind="routes", digest="x", content="{}", received_at=NOW)
    assert violations() == ["I27"]


def test_a_delivery_nobody_saw_is_found(story):
    story[3].events.all().delete()
    assert violations() == ["a"]
