"""Parcels that their sender handed in, with any carrier: recognised, subscribed, corrected, given up, shared."""

import time
from datetime import timedelta

import pytest

from logistics.couriers import numbers
from logistics.couriers.models import CourierPush
from logistics.parcels import queries, services, states
from logistics.parcels.models import Parcel
from logistics.parcels.services import WaybillTaken
from logistics.tests.conftest import CUSTOMER, NOW, RECEIVER, SENDER, SHOP, minutes
from logistics.tests.test_books import violations
from logistics.tracking import services as tracking
from logistics.tracking.services import poll_due_parcels, take_in_courier_news
from orders.customers.models import Customer
from orders.purchases.models import Order
from returns_platform.kernel import clock, fsm

YTO, ZTO = "YT9693083639795", "75312345678901"


@pytest.fixture
def hand_in(order):
    """Hand goods in: `hand_in(YTO, courier="yto")`."""

    def enter(waybill, courier="", reference="RT5", *, of=None, now=None, **more) -> Parcel:
        now = now or clock.now()
        parcel = services.open_self_ship(
            reference=reference, order=of or order, sender=SENDER, receiver=RECEIVER, by=CUSTOMER, now=now
        )
        return services.enter_waybill(parcel.pk, courier=courier, waybill=waybill, by=CUSTOMER, now=now, **more)

    return enter


def poll(parcel: Parcel, at=None) -> Parcel:
    at = at or clock.now()
    Parcel.objects.filter(pk=parcel.pk).update(next_try_at=at)
    poll_due_parcels(at)
    return fsm.reload(parcel)


@pytest.mark.parametrize(
    ("waybill", "expected"),
    [("SF1234567890123", ["sf"]), ("JDVC12345678901", ["jd"]), (YTO, ["yto"]), ("JT0001234567890", ["jt"]),
     ("DPK210987654321", ["debon"]), ("EA123456789CN", ["ems"]), ("773123456789012", ["sto"]), (ZTO, ["zto"]),
     ("4312345678901", ["yunda"]), ("9876543210123", ["post"]), ("123456789012", ["sf", "sto", "zto"]),
     ("ABC", []), ("961312345678901X", [])],
)  # fmt: skip
def test_a_number_shows_whose_it_may_be(waybill, expected):
    assert numbers.candidates(waybill) == expected


def test_a_carrier_that_its_number_tells_is_taken_at_once(hand_in):
    assert hand_in("yt 9693083639795").courier == "yto"


def test_a_number_of_several_carriers_is_asked_about(kuaidi100, hand_in):
    parcel = hand_in("123456789012")
    assert (parcel.courier, parcel.state) == ("", states.BOOKED)
    kuaidi100.push("123456789012", "collected", clock.now() - minutes(9))
    parcel = poll(parcel)
    assert (parcel.courier, parcel.state, parcel.subscribed_to) == ("sf", states.COLLECTED, "sf")
    assert violations() == []


def test_any_carriers_parcel_is_followed_home(kuaidi100, hand_in):
    parcel = hand_in(YTO)
    kuaidi100.push(YTO, "collected", clock.now() - minutes(90))
    kuaidi100.push(YTO, "delivered", clock.now() - minutes(9))
    parcel = poll(parcel)
    assert (parcel.state, parcel.subscribed_to) == (states.DELIVERED, "yto")
    assert [scan.courier for scan in parcel.events.all()] == ["yto", "yto"]


def test_what_its_own_carrier_does_not_tell_the_aggregator_may(jd, kuaidi100, hand_in):
    """JD tells only whom it carries for."""
    parcel = hand_in("JDVC12345678901", "jd")
    kuaidi100.push("JDVC12345678901", "collected", clock.now() - minutes(9))
    assert poll(parcel).state == states.COLLECTED


@pytest.fixture
def telling(kuaidi100, live_server, settings, transactional_db):
    settings.SITE_URL = live_server.url
    return kuaidi100


def hear(done) -> None:
    until = time.monotonic() + 10
    while not done() and time.monotonic() < until:
        take_in_courier_news(clock.now() + timedelta(minutes=2))
        time.sleep(0.1)
    assert done()


def test_a_wrong_carrier_is_corrected_and_its_scans_count_no_more(telling, hand_in):
    """She said YTO; it is ZTO's. Somebody else's goods had that number at YTO, and those were delivered."""
    parcel = hand_in(ZTO, "yto")
    poll(parcel)
    assert fsm.reload(parcel).subscribed_to == "yto"
    from logistics.couriers.interface import Scan

    strange = Scan(ZTO, "301", clock.now() - minutes(99), "delivered", place="别处")
    tracking.take_scans(fsm.reload(parcel), [strange], carrier="yto", now=clock.now())
    assert fsm.reload(parcel).state == states.DELIVERED
    telling.push(ZTO, "collected", clock.now() - minutes(50))
    hear(lambda: fsm.reload(parcel).courier == "zto")
    assert (parcel.state, parcel.delivered_at) == (states.IN_TRANSIT, None)
    telling.push(ZTO, "delivered", clock.now() - minutes(5))
    hear(lambda: fsm.reload(parcel).state == states.DELIVERED)
    assert parcel.subscribed_to == "zto"
    assert violations() == []


def test_a_correction_that_is_not_true_changes_nothing(telling, hand_in):
    from logistics.couriers.interface import News
    from logistics.tracking.services import NotConfirmed

    parcel = hand_in(YTO, "yto")
    with pytest.raises(NotConfirmed):
        tracking._follow("kuaidi100", News(waybill=YTO, carrier="zto"), now=clock.now())
    assert fsm.reload(parcel).courier == "yto"


def test_a_number_that_was_given_up_is_a_persons_and_subscribed_anew(telling, hand_in):
    telling.next("aborted", order=YTO)
    parcel = poll(hand_in(YTO))
    hear(lambda: fsm.reload(parcel).problem == "no_record")
    assert parcel in queries.needing_a_person()
    assert parcel.subscribed_to == ""
    telling.push(YTO, "collected", clock.now())
    parcel = poll(parcel, clock.now() + minutes(31))
    assert (parcel.state, parcel.problem, parcel.subscribed_to) == (states.COLLECTED, "", "yto")


def test_three_days_without_a_record_are_a_persons_without_any_message(kuaidi100, hand_in):
    parcel = poll(hand_in(YTO), clock.now() + timedelta(days=2))
    assert parcel.problem == ""
    assert poll(parcel, clock.now() + timedelta(days=3, minutes=1)).problem == "no_record"


def test_sixty_days_without_a_change_are_a_loss(kuaidi100, hand_in):
    parcel = hand_in(YTO)
    kuaidi100.push(YTO, "in_transit", clock.now() - minutes(5))
    assert poll(parcel).state == states.IN_TRANSIT
    parcel = poll(parcel, clock.now() + timedelta(days=61))
    assert (parcel.state, parcel.problem) == (states.LOST, "silent")


def test_a_route_told_all_over_again_changes_nothing(telling, hand_in):
    telling.next("rebuilt", order=YTO)
    parcel = poll(hand_in(YTO))
    for event, ago in [("collected", 50), ("in_transit", 40), ("delivered", 30)]:
        telling.push(YTO, event, clock.now() - minutes(ago))
    hear(lambda: fsm.reload(parcel).state == states.DELIVERED)
    version = parcel.version
    hear(lambda: not CourierPush.objects.filter(outcome="").exists())
    assert (fsm.reload(parcel).version, parcel.events.count()) == (version, 3)


@pytest.mark.parametrize("behaviour", ["number_late", "number_changed"])
def test_a_pickup_whose_number_comes_late_or_changes(telling, pickup, settings, behaviour):
    settings.COURIERS = ["kuaidi100"]
    telling.next(behaviour)
    parcel = pickup("RT7", now=clock.now())
    services.book_due_parcels(clock.now())
    fsm.reload(parcel)
    assert (parcel.state, parcel.courier, bool(parcel.waybill)) == (states.BOOKED, "yto", behaviour != "number_late")
    assert violations() == []
    before = parcel.waybill
    telling.push(before or parcel.number, "collected", clock.now())
    hear(lambda: fsm.reload(parcel).waybill not in ("", before))
    assert poll(parcel).state == states.COLLECTED
    assert telling.vans == [("RT7", "collected")]


def test_the_aggregator_is_not_asked_twice_within_half_an_hour(kuaidi100, hand_in, monkeypatch):
    monkeypatch.setattr(tracking, "NOT_AGAIN_WITHIN", timedelta(minutes=30))
    from logistics.couriers.interface import News

    parcel = poll(hand_in(YTO))
    told = News(waybill=YTO, op_code="103", at=clock.now())
    with pytest.raises(tracking.TooSoon) as soon:
        tracking._follow("kuaidi100", told, now=clock.now())
    assert soon.value.at == parcel.asked_at + minutes(30)


# One number, several parcels


def test_a_number_used_again_after_a_year_is_another_parcel(kuaidi100, hand_in):
    old = hand_in(YTO, reference="RT1", now=clock.now() - timedelta(days=365))
    services.delivered_by_word(old.pk, by=SHOP, now=clock.now() - timedelta(days=360))
    kuaidi100.push(YTO, "delivered", clock.now() - timedelta(days=362))
    new = poll(hand_in(YTO, reference="RT2"))
    assert (new.state, new.events.count()) == (states.BOOKED, 0)
    kuaidi100.push(YTO, "collected", clock.now())
    assert poll(new).state == states.COLLECTED
    assert fsm.reload(old).events.count() == 0


def test_what_brought_other_goods_back_brings_none_under_the_same_number(kuaidi100, hand_in):
    """Told again for another return a week later: its scans are not that one's, until there are new ones."""
    old = hand_in(YTO, reference="RT1")
    kuaidi100.push(YTO, "delivered", clock.now())
    assert poll(old).state == states.DELIVERED
    new = poll(hand_in(YTO, reference="RT2"))
    assert (new.state, new.events.count()) == (states.BOOKED, 0)
    kuaidi100.push(YTO, "collected", clock.now() + minutes(1))
    assert poll(new).state == states.COLLECTED


def test_one_parcel_for_two_returns_only_when_it_is_declared(kuaidi100, hand_in):
    first = hand_in(YTO, reference="RT1")
    with pytest.raises(WaybillTaken):
        hand_in(YTO, reference="RT2")
    second = hand_in(YTO, reference="RT2", shared=True)
    assert (second.shares_with, second.courier) == (first, "yto")
    kuaidi100.push(YTO, "delivered", clock.now())
    assert (poll(first).state, poll(second).state) == (states.DELIVERED, states.DELIVERED)
    assert violations() == []


def test_news_of_a_shared_parcel_reach_both_returns(telling, hand_in):
    first, second = hand_in(YTO, reference="RT1"), hand_in(YTO, reference="RT2", shared=True)
    poll(first)
    telling.push(YTO, "delivered", clock.now())
    hear(lambda: (fsm.reload(first).state, fsm.reload(second).state) == (states.DELIVERED, states.DELIVERED))


def test_nobody_shares_a_strangers_parcel(hand_in, order):
    hand_in(YTO, reference="RT1")
    stranger = Customer.objects.create(merchant=order.merchant, external_id="c-2", name="别人")
    theirs = Order.objects.create(merchant=order.merchant, customer=stranger, order_no="B1", currency="CNY",
                                  placed_at=NOW, updated_at=NOW)  # fmt: skip
    with pytest.raises(WaybillTaken):
        hand_in(YTO, reference="RT2", of=theirs, shared=True)


def test_an_unknown_carrier_hides_no_waybill(hand_in):
    """A number without a carrier may be anybody's: nobody else takes it meanwhile."""
    hand_in("123456789012", reference="RT1")
    with pytest.raises(WaybillTaken):
        hand_in("123456789012", "zto", reference="RT2")
