"""What left against what came back: weights and serial numbers, as facts for the shop's and the platform's people."""

import pytest
from django.urls import reverse

from aftersales.inspection.models import Inspection
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods, weigh_goods
from aftersales.returns.services.boxes import add_box
from aftersales.returns.services.following import follow
from aftersales.returns.services.goods import enter_waybill
from aftersales.returns.services.wishes import WishLine
from aftersales.returns.weights import Box, WeightCheck, expected, weight_checks, weight_facts
from aftersales.risk.models import Signal
from aftersales.risk.services.signals import find_signals
from aftersales.tests.shop_cases import BUYER, open_cases
from logistics.parcels.models import Parcel, Weighing
from orders.accounts.models import User
from orders.customers.models import Customer
from orders.purchases.models import Order
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.kernel.errors import Invalid, WrongState
from returns_platform.tests.journeys.shop import order_body

BENCH = Actor("merchant", "7", "王师傅")


# --- the rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("boxes", "back", "said"), [
    ([Box(1000, {1: 2})], {1: 2}, (1000, True)),
    ([Box(1000, {1: 2})], {1: 1}, (500, False)),
    ([Box(1000, {1: 1, 2: 1})], {1: 1, 2: 1}, (1000, True)),
    ([Box(1000, {1: 1, 2: 1})], {1: 1}, None),  # nobody knows which half weighs what
    ([Box(1000, {1: 1, 2: 1}), Box(300, {2: 1})], {2: 1}, (300, True)),
    ([Box(None, {1: 1})], {1: 1}, None),
    ([], {1: 1}, None),
    ([Box(1000, {1: 2})], {1: 0}, None),  # nothing was in it
])  # fmt: skip
def test_what_comes_back_should_weigh_what_it_weighed_when_it_left(boxes, back, said):
    assert expected(boxes, back) == said


@pytest.mark.parametrize(("came", "left", "whole", "rounded", "off"), [
    (1050, 1000, True, False, ""),
    (1051, 1000, True, False, "heavier"),
    (949, 1000, True, False, "lighter"),
    (3801, 4000, True, False, ""),  # five percent
    (3799, 4000, True, False, "lighter"),
    (860, 1000, False, False, ""),  # a share of a parcel is less sure
    (840, 1000, False, False, "lighter"),
    (1500, 1000, True, True, ""),  # couriers round up
    (500, 1000, True, True, "lighter"),
    (10, None, True, False, ""),
])  # fmt: skip
def test_a_difference_is_worth_a_look_beyond_a_tolerance(came, left, whole, rounded, off):
    assert WeightCheck(came, left, whole, rounded).off == off


# --- at the bench -----------------------------------------------------------------------------------------


@pytest.fixture
def cases(db):
    return open_cases()


def sent(cases, **parcel) -> Order:
    return cases.order(parcels=[order_body()["parcels"][0] | parcel])


def back(cases, order: Order, quantity: int = 3):
    row = cases.filed(WishLine("1", quantity, "NR.NO_LONGER_WANT"), order=order)
    follow(row.pk, now=clock.now())
    return row


def weighed(row, grams: int):
    return weigh_goods(row.pk, grams, by=BENCH, now=clock.now())


def test_the_scale_says_lighter_to_the_bench_and_the_desk_and_never_to_the_customer(cases, client):
    row = back(cases, sent(cases, grams=2300))
    client.force_login(cases.member("warehouse"))
    bench = reverse("merchant:bench", args=["shop"])
    answer = client.post(bench, {"do": "weigh", "return_no": row.return_no, "grams": "1200"}, follow=True)
    assert "1.20" in answer.content.decode() and "1.10" in answer.content.decode()
    client.force_login(cases.member("owner"))
    assert "1.10" in client.get(reverse("merchant:case", args=["shop", row.return_no])).content.decode()

    ann = User.objects.create_user("ann", password="demo-pass-2026")
    Customer.objects.filter(pk=row.customer_id).update(user=ann)
    client.force_login(ann)
    own = client.get(reverse("aftersales:case", args=[row.return_no]))
    assert own.status_code == 200 and "kg" not in own.content.decode() and "公斤" not in own.content.decode()
    weighing = Weighing.objects.get()
    assert (weighing.grams, weighing.source, weighing.by_name) == (1200, "scale", "warehouse-shop")


@pytest.mark.parametrize("grams", ["", "0", "-5", "1000001", "1e3", "abc", "９" * 30])
def test_a_weight_that_is_none_is_told_and_kept_out(cases, client, grams):
    row = back(cases, sent(cases, grams=2300))
    client.force_login(cases.member("warehouse"))
    bench = reverse("merchant:bench", args=["shop"])
    assert client.post(bench, {"do": "weigh", "return_no": row.return_no, "grams": grams}).status_code == 422
    assert not Weighing.objects.exists()


def test_nobody_elses_parcel_can_be_weighed_and_lookers_on_cannot_weigh(cases, client):
    row = back(cases, sent(cases, grams=2300))
    form = {"do": "weigh", "return_no": row.return_no, "grams": "1200"}
    client.force_login(open_cases("other").member("warehouse"))
    assert client.post(reverse("merchant:bench", args=["other"]), form).status_code == 404
    assert client.post(reverse("merchant:bench", args=["shop"]), form).status_code in (403, 404)
    client.force_login(cases.member("viewer"))
    assert client.post(reverse("merchant:bench", args=["shop"]), form).status_code == 403
    assert not Weighing.objects.exists()


def test_the_newest_weight_counts_the_same_again_changes_nothing_and_the_scale_beats_the_courier(cases):
    row = back(cases, sent(cases, grams=2300))
    for grams in (1200, 1200, 2280):
        weighed(row, grams)
    parcel = Parcel.objects.get()
    Weighing.objects.create(parcel=parcel, grams=500, source="courier", by_kind="courier", at=clock.now())
    assert Weighing.objects.count() == 3
    assert weight_checks([row.return_no])[row.return_no] == WeightCheck(2280, 2300, True, False)


def test_a_decided_or_withdrawn_request_has_nothing_to_weigh(cases):
    row = cases.in_review()
    with pytest.raises(WrongState):
        weighed(row, 500)


def test_without_a_weight_of_what_left_only_the_weight_is_said(cases):
    row = back(cases, sent(cases))
    weighed(row, 1200)
    (fact,) = weight_facts(row.return_no)
    assert fact.tone == "" and "1.20" in fact.value


def test_units_that_are_missing_are_not_expected_to_weigh_anything(cases):
    row = back(cases, sent(cases, grams=3000))
    weighed(row, 2010)
    assert weight_checks([row.return_no])[row.return_no].off == "lighter"
    count_goods(row.pk, [Arrived("1", 2)], by=BENCH, now=clock.now())
    assert weight_checks([row.return_no])[row.return_no].off == ""


def test_two_returns_in_one_parcel_are_weighed_together(cases):
    one, two = (back(cases, sent(cases, grams=1000)) for _time in range(2))
    for row in (one, two):
        enter_waybill(row.pk, courier="sf", waybill="SF1234567890123", shared=True, by=BUYER, now=clock.now())
    weighed(two, 1990)
    checks = weight_checks([one.return_no])
    assert checks[one.return_no] == checks[two.return_no] == WeightCheck(1990, 2000, True, False)


def test_one_of_two_boxes_is_not_held_against_the_weight_of_all(cases):
    row = back(cases, sent(cases, grams=3000))
    enter_waybill(row.pk, courier="sf", waybill="SF1234567890123", by=BUYER, now=clock.now())
    add_box(row.pk, courier="yto", waybill="YT9693083639795", by=BUYER, now=clock.now())
    weighed(row, 1000)
    assert weight_checks([row.return_no])[row.return_no] == WeightCheck(1000, None, True, False)


def test_the_counts_api_takes_the_weight_along(cases):
    row = back(cases, sent(cases, grams=2300))
    count_goods(row.pk, [Arrived("1", 3)], grams=2290, by=BENCH, now=clock.now())
    assert weight_checks([row.return_no])[row.return_no].came == 2290


# --- serial numbers ---------------------------------------------------------------------------------------


def with_serials(cases, *serials: str) -> Order:
    return sent(cases, items=[{"line_no": "1", "quantity": 3, "serials": list(serials)}])


def graded(row, serial: str, unit: int, grade: str = "A"):
    inspect_goods(row.pk, [Graded("1", 1, grade, "RESTOCK", unit=unit, serial=serial)], by=BENCH, now=clock.now())


def test_a_serial_number_that_was_not_sold_is_told_and_changes_no_money(cases, client):
    row = back(cases, with_serials(cases, "C02-AA1", "C02-AA2", "C02-AA3"))
    count_goods(row.pk, [Arrived("1", 3)], by=BENCH, now=clock.now())
    for unit, serial in enumerate(("c02 aa1", "C02AA2", "C02-ZZ9"), start=1):
        graded(row, serial, unit)
    client.force_login(cases.member("owner"))
    page = client.get(reverse("merchant:bench", args=["shop"], query={"code": row.return_no})).content.decode()
    assert "C02-ZZ9" in page
    row.refresh_from_db(fields=["waits_for"])
    assert row.waits_for == "channel"  # a fact for people, no refusal

    found = {signal.code: signal for signal in _signals(row)}
    assert found["other_serial"].evidence[0]["serials"] == ["C02-ZZ9"]


def test_a_lighter_parcel_gives_the_signal_its_evidence(cases):
    row = back(cases, sent(cases, grams=2300))
    weighed(row, 200)
    (signal,) = _signals(row)
    assert (signal.code, signal.evidence[0]["left"], signal.evidence[0]["came"]) == ("lighter", 2300, 200)


def _signals(row) -> list[Signal]:
    find_signals(row.customer, now=clock.now())
    return list(Signal.objects.filter(customer=row.customer))


def test_a_serial_number_is_of_one_unit_and_no_shop_tells_more_than_it_sent(cases):
    row = back(cases, sent(cases))
    count_goods(row.pk, [Arrived("1", 3)], by=BENCH, now=clock.now())
    with pytest.raises(Invalid):
        inspect_goods(row.pk, [Graded("1", 3, "A", "RESTOCK", serial="X")], by=BENCH, now=clock.now())
    assert not Inspection.objects.exists()
    for serials in (["1", "2", "3", "4"], ["1", "1"]):
        items = [{"line_no": "1", "quantity": 3, "serials": serials}]
        body = order_body(parcels=[order_body()["parcels"][0] | {"items": items}])
        assert cases.shop.put("WRONG", body)[0] == 422


def test_an_order_keeps_weight_and_serial_numbers_and_takes_them_later_too(cases):
    body = order_body()
    body["payments"][0]["transaction_id"] = "42KEPT"
    assert cases.shop.put("KEPT", body)[0] == 201
    parcel = body["parcels"][0] | {"grams": 900, "items": [{"line_no": "1", "quantity": 3, "serials": ["S1"]}]}
    status, told = cases.shop.put("KEPT", body | {"parcels": [parcel]})
    assert (status, told["parcels"][0]["grams"], told["parcels"][0]["items"][0]["serials"]) == (200, 900, ["S1"])
    status, told = cases.shop.put("KEPT", body)
    assert (status, told["parcels"][0]["grams"], told["parcels"][0]["items"][0]["serials"]) == (200, 900, ["S1"])
