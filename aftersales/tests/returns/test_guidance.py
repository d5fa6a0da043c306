"""Which way back is suggested and why: the table, and the page that begins with it."""

from dataclasses import replace

import pytest
from django.urls import reverse

from aftersales.returns.guidance import Advice, Known, advise, habit
from aftersales.tests.returns.buyers import a_buyer
from aftersales.tests.returns.test_pages_filing import several_lines
from aftersales.tests.returns.test_points import a_point
from logistics import couriers
from logistics.rates.models import Rate
from logistics.rates.queries import GRAMS, place_of, wish_of
from logistics.rates.queries import _at as at
from orders.catalogue.models import Product
from returns_platform.kernel import clock

NUTS = Known(frozenset({"packaged_food"}), grams=750, point_km=1.2)
SOFA = replace(NUTS, categories=frozenset({"furniture", "packaged_food"}))
CRAB = replace(NUTS, categories=frozenset({"fresh"}))


@pytest.mark.parametrize(
    ("known", "advice"),
    [
        (NUTS, Advice("drop_off", "small")),
        (replace(NUTS, point_km=5.0), Advice("drop_off", "small")),
        (replace(NUTS, point_km=5.01), Advice("pickup")),
        (replace(NUTS, point_km=None), Advice("pickup")),
        (replace(NUTS, grams=None), Advice("pickup")),
        (replace(NUTS, grams=5_001), Advice("pickup")),
        (replace(NUTS, grams=9_999), Advice("pickup")),
        (replace(NUTS, grams=10_000), Advice("pickup", "large")),
        (SOFA, Advice("pickup", "large")),
        (CRAB, Advice("pickup", "fresh")),
        (replace(NUTS, fresh_orders=2), Advice("drop_off", "small")),
        (replace(NUTS, fresh_orders=3), Advice("pickup", "fresh_buyer")),
        # what she is used to beats what is near and what is fresh, not what cannot be carried
        (replace(NUTS, before=("pickup",)), Advice("drop_off", "small")),
        (replace(NUTS, before=("pickup", "pickup", "pickup")), Advice("pickup", "usual", 3)),
        (replace(NUTS, before=("pickup", "drop_off", "pickup")), Advice("drop_off", "small")),
        (replace(CRAB, before=("self_ship", "self_ship")), Advice("self_ship", "usual", 2)),
        (replace(SOFA, before=("drop_off", "drop_off")), Advice("pickup", "large")),
        (replace(NUTS, before=("drop_off", "drop_off"), point_km=None), Advice("pickup")),
        (replace(NUTS, before=("drop_off", "drop_off"), point_km=300.0), Advice("drop_off", "usual", 2)),
        # what is impossible is never suggested
        (replace(SOFA, courier_comes=False), Advice("drop_off", "no_courier")),
        (replace(NUTS, courier_comes=False, point_km=None), Advice("self_ship", "no_courier")),
        (
            replace(NUTS, courier_comes=False, point_km=None, before=("pickup", "pickup")),
            Advice("self_ship", "no_courier"),
        ),
    ],
)
def test_what_is_suggested(known, advice):
    assert advise(known) == advice


@pytest.mark.parametrize(("before", "times"), [((), 0), (("a",), 1), (("a", "a", "b", "a"), 2), (("a", "b", "a"), 1)])
def test_a_habit_is_what_was_chosen_without_another_in_between(before, times):
    assert habit(before) == times


# --- the page ---------------------------------------------------------------------------------------------


def shown(buyer, order, **chosen):
    line = order.lines.first()
    answers = {"line": line.pk, f"reason_{line.pk}": "NR.NO_LONGER_WANT", "outcome": "return_refund.original"}
    return buyer.client.get(reverse("aftersales:file", args=[order.pk]), answers | chosen)


def suggested(page) -> dict:
    return {choice.value: choice.advice for choice in page.context["ways"] if choice.advice}


def picked(page) -> list[str]:
    return [choice.value for choice in page.context["ways"] if choice.picked]


def a_product(buyer, *, grams: int) -> None:
    Product.objects.create(
        merchant=buyer.shop.merchant, sku="NUT-1", title="每日坚果", category="packaged_food", price=4000,
        weight_g=grams,
    )  # fmt: skip


@pytest.mark.django_db
def test_light_goods_and_a_point_in_her_district_begin_with_the_point():
    buyer = a_buyer()
    a_point(buyer.shop.merchant)
    a_product(buyer, grams=750)
    page = shown(buyer, buyer.order())
    assert picked(page) == ["drop_off"]
    assert suggested(page) == {"drop_off": "Suggested: the goods are light and a point is near"}
    assert "the goods are light and a point is near" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["pickup", "self_ship"])
def test_her_own_choice_stays_and_the_suggestion_stands_beside_the_other(chosen):
    buyer = a_buyer()
    a_point(buyer.shop.merchant)
    a_product(buyer, grams=750)
    page = shown(buyer, buyer.order(), send_back=chosen)
    assert picked(page) == [chosen]
    assert list(suggested(page)) == ["drop_off"]


@pytest.mark.django_db
def test_what_she_chose_before_at_this_shop_is_suggested_to_her_and_to_nobody_else():
    buyer, other = a_buyer(), a_buyer("other")
    for _time in range(3):
        buyer.filed(send_back="self_ship")
    page = shown(buyer, buyer.order())
    assert picked(page) == ["self_ship"]
    assert suggested(page) == {"self_ship": "Suggested: you chose it the last 3 times"}
    assert suggested(shown(other, other.order())) == {}


@pytest.mark.django_db
def test_who_often_buys_fresh_goods_here_is_suggested_the_courier():
    buyer = a_buyer()
    a_point(buyer.shop.merchant)
    a_product(buyer, grams=750)
    fresh = [several_lines()["lines"][0] | {"category": "fresh", "line_no": "1"}]
    for _time in range(3):
        buyer.order(signed=False, lines=fresh, payments=[], discounts=[], state="placed")
    page = shown(buyer, buyer.order())
    assert suggested(page) == {
        "pickup": "Suggested: you often buy fresh goods here, and the courier comes to your door"
    }


@pytest.mark.django_db
def test_where_every_courier_has_said_no_the_pickup_is_not_suggested():
    buyer = a_buyer()
    order, now = buyer.order(), clock.now()
    here = at(order.ship_to)
    codes, _cheapest = wish_of(order.merchant_id)
    assert codes == couriers.under_contract()
    for code in codes:
        assert picked(shown(buyer, order)) == ["pickup"]
        Rate.objects.create(
            courier=code, origin=place_of(here), destination=place_of(at(order.merchant.return_address)),
            grams=GRAMS, served=False, asked_at=now,
        )  # fmt: skip
    page = shown(buyer, order)
    assert suggested(page) == {"self_ship": "Suggested: no courier comes to your place at the moment"}


@pytest.mark.django_db
def test_the_way_that_is_suggested_is_filed_as_it_was_shown():
    buyer = a_buyer()
    a_point(buyer.shop.merchant)
    a_product(buyer, grams=750)
    order = buyer.order()
    page = shown(buyer, order)
    line = order.lines.get()
    sent = {
        "token": "t-1", "line": line.pk, f"qty_{line.pk}": 1, f"reason_{line.pk}": "NR.NO_LONGER_WANT",
        "outcome": "return_refund.original", "send_back": "drop_off", "step": "file", "shown": page.context["shown"],
    }  # fmt: skip
    assert buyer.client.post(reverse("aftersales:file", args=[order.pk]), sent).status_code == 302
    assert order.returns.get().send_back == "drop_off"
