from datetime import timedelta

import pytest

from logistics.parcels import services, states
from logistics.parcels.models import Parcel
from logistics.parcels.slots import Slot, next_slot
from logistics.tests.conftest import CUSTOMER, NOW, RECEIVER, SENDER, SHOP
from returns_platform.kernel import fsm
from returns_platform.kernel.errors import Conflict, Invalid, NotThere, WrongState

LATER = next_slot(NOW + timedelta(days=2), "Asia/Shanghai")


@pytest.fixture
def self_ship(order):
    return services.open_self_ship(
        reference="RT9", order=order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=NOW
    )


def test_a_pickup_is_due_at_once_and_has_its_history(pickup):
    parcel = pickup()
    assert (parcel.state, parcel.kind, parcel.leg, parcel.number) == ("requested", "return", "RT1", "RT1")
    assert parcel.next_try_at == NOW
    assert [(move.from_state, move.to_state, move.by) for move in parcel.moves.all()] == [("", "requested", CUSTOMER)]
    assert parcel.version == 1


def test_the_same_reference_is_the_same_parcel(pickup):
    assert pickup().pk == pickup().pk
    assert Parcel.objects.count() == 1


def test_one_live_return_per_leg(pickup):
    pickup("RT1-1")
    with pytest.raises(services.LegTaken):
        pickup("RT1-2")
    pickup("RT1-3", kind="outbound")
    pickup("RT2-1")


def test_after_a_cancelled_one_the_leg_is_free(pickup):
    services.cancel_parcel(pickup("RT1-1").pk, by=CUSTOMER, now=NOW)
    assert pickup("RT1-2").state == states.REQUESTED


def test_self_ship_waits_for_its_waybill(self_ship):
    assert (self_ship.state, self_ship.next_try_at) == (states.REQUESTED, None)
    parcel = services.enter_waybill(self_ship.pk, courier="SF", waybill="sf 1234 5678 90123", by=CUSTOMER, now=NOW)
    assert (parcel.state, parcel.courier, parcel.waybill) == (states.BOOKED, "sf", "SF1234567890123")
    assert parcel.next_try_at == NOW


def test_the_same_waybill_again_changes_nothing(self_ship):
    for _ in range(2):
        services.enter_waybill(self_ship.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    assert fsm.reload(self_ship).version == 2


def test_a_typing_error_can_be_mended_until_it_is_collected(self_ship):
    services.enter_waybill(self_ship.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    parcel = services.enter_waybill(self_ship.pk, courier="yto", waybill="YT9693083639795", by=CUSTOMER, now=NOW)
    assert (parcel.courier, parcel.waybill) == ("yto", "YT9693083639795")
    services.delivered_by_word(parcel.pk, by=SHOP, now=NOW)
    with pytest.raises(WrongState):
        services.enter_waybill(self_ship.pk, courier="sf", waybill="SF1234567890124", by=CUSTOMER, now=NOW)


def test_a_waybill_belongs_to_one_live_parcel(self_ship, order):
    services.enter_waybill(self_ship.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    other = services.open_self_ship(
        reference="RT8", order=order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=NOW
    )
    with pytest.raises(Conflict) as refused:
        services.enter_waybill(other.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)
    assert refused.value.code == "waybill_taken"
    services.delivered_by_word(self_ship.pk, by=SHOP, now=NOW)
    services.enter_waybill(other.pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)


@pytest.mark.parametrize(
    ("courier", "waybill", "field"),
    [("sf", "12345", "waybill"), ("sf", "<script>alert(1)", "waybill"),
     ("顺丰", "SF1234567890123", "courier"), ("a" * 21, "SF1234567890123", "courier")],
)  # fmt: skip
def test_what_is_no_waybill_is_refused_at_its_field(self_ship, courier, waybill, field):
    with pytest.raises(Invalid) as refused:
        services.enter_waybill(self_ship.pk, courier=courier, waybill=waybill, by=CUSTOMER, now=NOW)
    assert list(refused.value.fields) == [field]


def test_a_pickup_takes_no_waybill(pickup):
    with pytest.raises(WrongState):
        services.enter_waybill(pickup().pk, courier="sf", waybill="SF1234567890123", by=CUSTOMER, now=NOW)


def test_before_anybody_was_asked_cancelling_is_all(pickup):
    parcel = services.cancel_parcel(pickup().pk, by=CUSTOMER, now=NOW)
    assert (parcel.state, parcel.stale_numbers, parcel.next_try_at) == (states.CANCELLED, [], None)


def test_cancelling_twice_is_cancelling_once(pickup):
    parcel = pickup()
    for _ in range(2):
        services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    assert fsm.reload(parcel).version == 2


def test_before_anybody_was_asked_another_slot_needs_no_new_number(pickup):
    parcel = pickup()
    services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)
    assert (fsm.reload(parcel).slot_from, parcel.number, parcel.stale_numbers) == (LATER.start, "RT1", [])


def test_a_slot_that_is_gone_is_refused(pickup):
    gone = Slot(NOW - timedelta(hours=2), NOW)
    with pytest.raises(Invalid):
        services.change_slot(pickup().pk, slot_from=gone.start, slot_to=gone.end, by=CUSTOMER, now=NOW)


def test_what_the_shop_counted_is_delivered_by_its_word(pickup):
    parcel = services.delivered_by_word(pickup().pk, by=SHOP, now=NOW)
    assert (parcel.state, parcel.by_word, parcel.delivered_at) == (states.DELIVERED, True, NOW)
    assert parcel.next_try_at is None
    assert parcel.moves.last().by == SHOP


def test_counted_twice_is_counted_once(pickup):
    parcel = pickup()
    for hours in (0, 1):
        services.delivered_by_word(parcel.pk, by=SHOP, now=NOW + timedelta(hours=hours))
    assert (fsm.reload(parcel).version, parcel.delivered_at) == (2, NOW)


def test_a_cancelled_parcel_is_not_counted(pickup):
    parcel = services.cancel_parcel(pickup().pk, by=CUSTOMER, now=NOW)
    with pytest.raises(WrongState) as refused:
        services.delivered_by_word(parcel.pk, by=SHOP, now=NOW)
    assert refused.value.state == "cancelled"


def test_after_it_was_counted_nothing_else_can_be_asked(pickup):
    parcel = services.delivered_by_word(pickup().pk, by=SHOP, now=NOW)
    with pytest.raises(WrongState):
        services.cancel_parcel(parcel.pk, by=CUSTOMER, now=NOW)
    with pytest.raises(WrongState):
        services.change_slot(parcel.pk, slot_from=LATER.start, slot_to=LATER.end, by=CUSTOMER, now=NOW)


@pytest.mark.django_db
def test_a_parcel_that_is_not_there():
    with pytest.raises(NotThere):
        services.cancel_parcel(0, by=CUSTOMER, now=NOW)


def test_news_are_told_after_commit(pickup, django_capture_on_commit_callbacks):
    from logistics.signals import parcel_moved

    heard = []

    def listen(sender, parcel_id, **kwargs):
        heard.append(parcel_id)
        raise RuntimeError("an error above undoes nothing below")

    parcel_moved.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            parcel = pickup()
            assert not heard
    finally:
        parcel_moved.disconnect(listen)
    assert heard == [parcel.pk]
