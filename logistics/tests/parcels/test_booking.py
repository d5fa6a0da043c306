"""One van, whatever SF answers; and none where nobody wants one any more."""

from datetime import timedelta

import pytest

from logistics import couriers
from logistics.couriers.interface import CourierDown
from logistics.parcels import queries, services, states
from logistics.parcels.models import Parcel
from logistics.parcels.services import booking
from logistics.parcels.slots import next_slot
from logistics.tests.conftest import CUSTOMER, NOW, SHOP, minutes
from returns_platform.kernel import fsm, work
from returns_platform.kernel.errors import WrongState
from returns_platform.kernel.outbound import http

LATER = next_slot(NOW + timedelta(days=2), "Asia/Shanghai")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Ten seconds of patience are tested where calls to the outside world are; here one is enough."""
    patient = http.call
    monkeypatch.setattr(http, "call", lambda *args, **more: patient(*args, **more | {"timeout_s": 1}))


def book(at=NOW, parcel=None):
    services.book_due_parcels(at)
    return fsm.reload(parcel) if parcel else None


def test_a_pickup_is_booked(sf, pickup):
    parcel = book(parcel=pickup())
    assert (parcel.state, parcel.courier, parcel.booked_at) == (states.BOOKED, "sf", NOW)
    assert parcel.waybill.startswith("SF")
    assert sf.vans == [("RT1", "booked")]
    assert parcel.next_try_at > NOW
    assert parcel.moves.last().by_kind == "courier"


def test_nothing_more_is_due_after_booking(sf, pickup):
    pickup()
    assert services.book_due_parcels(NOW) == 1
    assert services.book_due_parcels(NOW) == 0


@pytest.mark.parametrize("behaviour", ["apply_then_timeout", "apply_then_500", "garbage", "drop_connection", "slow"])
def test_after_an_unknown_outcome_there_is_one_van(sf, pickup, behaviour):
    sf.next(behaviour, order="RT1")
    parcel = book(parcel=pickup())
    assert (parcel.state, parcel.tries, parcel.next_try_at) == (states.REQUESTED, 1, NOW + minutes(1))
    assert book(NOW + minutes(1), parcel).state == states.BOOKED
    assert sf.vans == [("RT1", "booked")]


@pytest.mark.parametrize("behaviour", ["error_500", "frequency_limited"])
def test_what_did_not_happen_is_done_again(sf, pickup, behaviour):
    sf.next(behaviour)
    parcel = book(parcel=pickup())
    assert sf.vans == []
    assert book(NOW + minutes(1), parcel).state == states.BOOKED
    assert sf.vans == [("RT1", "booked")]


def test_a_time_that_sf_refuses_becomes_the_next(sf, pickup):
    sf.next("pickup_time_refused")
    asked = pickup()
    slot_from = asked.slot_from
    parcel = book(parcel=asked)
    assert parcel.slot_from > slot_from
    assert book(NOW + minutes(1), parcel).state == states.BOOKED


def test_a_slot_that_passed_while_sf_was_down_becomes_the_next(sf, pickup):
    sf.next("error_500")
    parcel = book(parcel=pickup())
    late = parcel.slot_from + minutes(1)
    assert book(late, parcel).slot_from > late
    assert parcel.state == states.BOOKED


def test_a_refusal_for_good_goes_to_a_person_at_once(sf, pickup):
    sf.next("account_abnormal")
    parcel = book(parcel=pickup())
    assert (parcel.state, parcel.problem, parcel.next_try_at) == (states.MANUAL, "account", None)
    assert list(queries.needing_a_person()) == [parcel]


def test_five_tries_then_a_person_and_the_customer_may_hand_it_in(no_courier, pickup):
    parcel, at = pickup(), NOW
    waits = []
    while (parcel := book(at, parcel)).state == states.REQUESTED:
        waits.append((parcel.next_try_at - at) / minutes(1))
        at = parcel.next_try_at
    assert waits == [1, 5, 10, 20, 30]
    assert (parcel.state, parcel.problem) == (states.MANUAL, "courier_down")
    assert parcel.takes_a_waybill
    assert list(queries.needing_a_person()) == [parcel]


def test_a_parcel_handed_in_instead_calls_the_unknown_van_off(sf, pickup, settings):
    url, settings.SF_BASE_URL = settings.SF_BASE_URL, "http://127.0.0.1:9"
    parcel = pickup()
    for wait in (0, 1, 6, 16, 36, 66):
        book(NOW + minutes(wait), parcel)
    settings.SF_BASE_URL = url
    services.enter_waybill(parcel.pk, courier="yto", waybill="YT9693083639795", by=CUSTOMER, now=NOW)
    assert book(parcel=parcel).stale_numbers == ["RT1"]
    book(NOW + minutes(1), parcel)
    book(NOW + minutes(2), parcel)
    assert (parcel.stale_numbers, parcel.state, parcel.way) == ([], states.BOOKED, "self_ship")


def test_a_person_lets_sf_be_asked_again(sf, pickup):
    sf.next("account_abnormal")
    parcel = book(parcel=pickup())
    services.book_again(parcel.pk, by=SHOP, now=NOW)
    assert book(parcel=parcel).state == states.BOOKED
    assert sf.vans == [("RT1", "booked")]


def test_a_cancelled_van_is_called_off(sf, pickup):
    parcel = book(parcel=pickup())
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    assert sf.vans == [("RT1", "booked")]  # no call in a web request
    parcel = book(parcel=parcel)
    assert sf.vans == [("RT1", "cancelled")]
    assert (parcel.state, parcel.stale_numbers, parcel.next_try_at) == (states.CANCELLED, [], None)


def test_cancelled_after_an_unknown_outcome_no_van_comes(sf, pickup):
    sf.next("apply_then_timeout")
    parcel = book(parcel=pickup())
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    book(parcel=parcel)
    assert sf.vans == [("RT1", "cancelled")]


def test_cancelled_twice_is_cancelled_once_at_sf(sf, pickup):
    parcel = book(parcel=pickup())
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    book(parcel=parcel)
    Parcel.objects.update(stale_numbers=["RT1"], next_try_at=NOW)
    assert book(parcel=parcel).stale_numbers == []
    assert sf.vans == [("RT1", "cancelled")]


def test_cancelled_while_sf_is_asked(sf, pickup):
    """The worker is between its call and its commit."""
    parcel = pickup()
    (claimed,) = work.claim_due(Parcel, now=NOW)
    told = booking._ask_courier(claimed)
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    booking.take_booking(claimed, told, now=NOW)
    assert fsm.reload(parcel).state == states.CANCELLED
    book(parcel=parcel)
    assert sf.vans == [("RT1", "cancelled")]


def test_counted_while_sf_is_asked(sf, pickup):
    parcel = pickup()
    (claimed,) = work.claim_due(Parcel, now=NOW)
    told = booking._ask_courier(claimed)
    services.delivered_by_word(parcel.pk, by=SHOP, now=NOW)
    booking.take_booking(claimed, told, now=NOW)
    assert book(parcel=parcel).state == states.DELIVERED
    assert sf.vans == [("RT1", "cancelled")]
    assert parcel.next_try_at is None


def test_a_worker_that_slept_past_its_lease_sends_no_second_van(sf, pickup):
    pickup()
    (slow,) = work.claim_due(Parcel, now=NOW)
    parcel = book(NOW + minutes(1), Parcel.objects.get())
    assert parcel.state == states.BOOKED
    waybill = parcel.waybill
    booking._work_on(slow, now=NOW + minutes(2))
    assert (fsm.reload(parcel).waybill, parcel.version) == (waybill, 2)
    assert sf.vans == [("RT1", "booked")]


def test_a_late_failure_changes_nothing_that_another_worker_did(sf, pickup):
    pickup()
    (slow,) = work.claim_due(Parcel, now=NOW)
    parcel = book(NOW + minutes(1), Parcel.objects.get())
    with pytest.raises(work.LostClaim):
        booking._later(slow, now=NOW + minutes(2), error="late", problem="courier_down")
    assert (fsm.reload(parcel).state, parcel.last_error) == (states.BOOKED, "")


def test_another_slot_calls_the_old_van_off_before_a_new_one_is_sent(sf, pickup):
    parcel = book(parcel=pickup())
    services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
    assert (fsm.reload(parcel).state, parcel.stale_numbers, parcel.number) == (states.REQUESTED, ["RT1"], "RT1-2")
    book(parcel=parcel)
    assert sf.vans == [("RT1", "cancelled"), ("RT1-2", "booked")]
    assert (parcel.state, parcel.slot_from) == (states.BOOKED, LATER.start)


def test_a_slot_changed_twice_before_a_worker_came(sf, pickup):
    parcel = book(parcel=pickup())
    for days in (2, 3):
        slot = next_slot(NOW + timedelta(days=days), "Asia/Shanghai")
        services.change_slot(parcel.pk, slot_from=slot.start, slot_to=slot.end, by=CUSTOMER, now=NOW)
    for wait in range(3):
        book(NOW + minutes(wait), parcel)
    assert [state for _, state in sf.vans] == ["cancelled", "booked"]


def test_the_courier_on_its_way_is_not_sent_back(sf, pickup):
    parcel = book(parcel=pickup())
    at = parcel.slot_from - minutes(60)
    with pytest.raises(services.CourierOnTheWay) as refused:
        services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=at)
    assert "95338" in str(refused.value.message)


def test_too_late_to_call_off_means_the_first_van_has_it(sf, pickup):
    parcel = book(parcel=pickup())
    waybill = parcel.waybill
    services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
    sf.push(waybill, "collected")
    book(parcel=parcel)
    assert (parcel.state, parcel.number, parcel.waybill) == (states.BOOKED, "RT1", waybill)
    assert len(sf.vans) == 1


def test_collected_although_cancelled_goes_to_a_person(sf, pickup):
    parcel = book(parcel=pickup())
    sf.push(parcel.waybill, "collected")
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    parcel = book(parcel=parcel)
    assert (parcel.state, parcel.problem) == (states.CANCELLED, "collected_anyway")
    assert list(queries.needing_a_person()) == [parcel]


def test_a_van_that_cannot_be_called_off_goes_to_a_person(sf, pickup, settings):
    parcel = book(parcel=pickup())
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    settings.SF_BASE_URL = "http://127.0.0.1:9"
    for wait in (0, 1, 6, 16, 36, 66):
        book(NOW + minutes(wait), parcel)
    assert (parcel.problem, parcel.stale_numbers, parcel.next_try_at) == ("cancel_failed", ["RT1"], None)
    assert list(queries.needing_a_person()) == [parcel]


def test_sf_has_it_as_called_off(sf, pickup):
    """Booked, the answer lost, and then called off by somebody before we asked."""
    sf.next("apply_then_timeout")
    parcel = book(parcel=pickup())
    couriers.of("sf").cancel("RT1")
    assert book(NOW + minutes(1), parcel).state == states.FAILED
    assert parcel.problem == "called_off"


def test_a_waybill_of_another_live_parcel_is_not_believed(sf, pickup):
    parcel = book(parcel=pickup())
    other = pickup("RT2")
    (claimed,) = work.claim_due(Parcel.objects.filter(pk=other.pk), now=NOW)
    booking.take_booking(claimed, couriers.interface.Booking("RT2", parcel.waybill), now=NOW)
    assert (fsm.reload(other).state, other.problem) == (states.MANUAL, "waybill_taken")


def test_one_parcel_that_breaks_does_not_hold_up_the_others(sf, pickup):
    broken = pickup("RT1", goods=[{"nonsense": 1}])
    fine = pickup("RT2")
    book()
    assert (fsm.reload(broken).state, broken.tries) == (states.REQUESTED, 1)
    assert fsm.reload(fine).state == states.BOOKED


def test_no_stand_in_no_account_means_down(settings, tmp_path):
    settings.SF_BASE_URL, settings.DATA_DIR = "", tmp_path
    with pytest.raises(CourierDown):
        couriers.of("sf")


def test_a_collected_parcel_cannot_be_cancelled(sf, pickup):
    parcel = book(parcel=pickup())
    with fsm.moving(Parcel, parcel.pk, by=SHOP, now=NOW) as row:
        row.collect()
    with pytest.raises(WrongState):
        services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)


def test_a_pickup_that_was_called_off_can_be_asked_for_again(sf, pickup):
    sf.next("apply_then_timeout")
    parcel = book(parcel=pickup())
    couriers.of("sf").cancel("RT1")
    assert book(NOW + minutes(1), parcel).state == states.FAILED
    services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
    assert book(NOW + minutes(1), parcel).state == states.BOOKED
    assert sf.vans == [("RT1", "cancelled"), ("RT1-2", "booked")]


def test_asked_for_again_only_while_no_other_parcel_is_on_its_way(sf, pickup):
    sf.next("apply_then_timeout")
    parcel = book(parcel=pickup("RT1-1"))
    couriers.of("sf").cancel("RT1-1")
    book(NOW + minutes(1), parcel)
    pickup("RT1-2")
    with pytest.raises(services.LegTaken):
        services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
