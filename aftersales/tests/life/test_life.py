"""One life of an order, as its buyer, its shop and the desk read it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from aftersales.desk.groups import ensure_groups
from aftersales.life import readers
from aftersales.life.entries import Entry, by_day
from aftersales.life.presenting import NEWEST, entries, life_of
from aftersales.life.queries import rows_of
from aftersales.replacements import services as replacements
from aftersales.returns.models import Message
from aftersales.returns.services import following
from aftersales.returns.services.decisions import refuse_return
from aftersales.returns.services.messages import write_message
from aftersales.returns.services.offering import decline_offer, offer_to_keep
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.returns.buyers import Buyer, a_buyer
from aftersales.tests.shop_cases import ShopCases, open_cases
from orders.accounts.models import User
from orders.merchants.models import Member
from orders.purchases.models import Order
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL, Viewer
from returns_platform.kernel import clock
from returns_platform.kernel.actors import Actor
from returns_platform.tests.journeys.shop import open_shop
from returns_platform.tests.journeys.test_swaps import (
    OTTO,
    article,
    coat_order,
    comes_back,
    replacement_of,
    swap,
)

pytestmark = pytest.mark.django_db
SAM = Actor("support", "9", "sam")


def texts(reader: readers.Reader) -> list[str]:
    """The oldest first."""
    return [entry.text for entry in reversed(entries(rows_of(reader.order), reader))]


def buyer_reads(order: Order, viewer: Viewer | None = None) -> readers.Reader:
    return readers.Customer(order, viewer or Viewer(user=User()), now=clock.now())


def member_reads(order: Order, role: str = "owner") -> readers.Reader:
    return readers.Shop(order, Member(merchant=order.merchant, role=role), now=clock.now())


def desk_reads(order: Order, group: str = "senior") -> readers.Reader:
    ensure_groups()
    user, _new = User.objects.get_or_create(username=f"desk-{group}", is_staff=True)
    user.groups.set(user.groups.model.objects.filter(name=group))
    return readers.Desk(order, User.objects.get(pk=user.pk), now=clock.now())


def exchanged() -> Order:
    """A coat exchanged for another size that is sent already."""
    shop = open_shop()
    article(shop, "COAT-M", 9000)
    article(shop, "COAT-L", 9000, stock=3, option="L")
    order = coat_order(shop)
    case = swap(shop, "COAT-L")
    comes_back(shop, case)
    replacements.enter_waybill(
        replacement_of(case).pk, courier="yto", waybill="YT9876543210", by=OTTO, now=clock.now()
    )
    return Order.objects.select_related("merchant", "customer").get(pk=order.pk)


# --- what stands there ------------------------------------------------------------------------------------


def test_an_exchange_stands_on_one_line_from_the_order_to_the_new_parcel():
    order = exchanged()
    steps = {"Ordered", "Paid", "Exchange asked for", "Kept for the exchange", "counted", "To be sent", "Sent:"}
    with translation.override("en"):
        for reader in (buyer_reads(order), member_reads(order), desk_reads(order)):
            told = texts(reader)
            assert {step for step in steps if any(step in text for text in told)} == steps, told
            assert sum("羊毛大衣 L × 1" in text for text in told) == 3


def test_the_new_order_is_linked_from_the_first_and_back_again():
    order = exchanged()
    new = Order.objects.select_related("merchant", "customer").get(made_of=order)
    for reads in (buyer_reads, member_reads, desk_reads):
        first = {link.text for entry in entries(rows_of(order), reads(order)) for link in entry.links}
        second = {link.text for entry in entries(rows_of(new), reads(new)) for link in entry.links}
        assert new.order_no in first and order.order_no in second


def test_a_guest_is_led_to_nothing_that_the_code_does_not_open():
    order = exchanged()
    guest = buyer_reads(order, Viewer(guest_order_id=order.pk))
    found = {link.href for entry in entries(rows_of(order), guest) for link in entry.links}
    assert found and not any(href.startswith("/orders/") for href in found)


def test_an_order_with_nothing_but_a_payment_has_two_entries_and_no_sums():
    buyer = a_buyer()
    order = buyer.order(signed=False)
    life = life_of(buyer_reads(order))
    assert (life.sums, life.older, sum(len(day.entries) for day in life.newest)) == ([], [], 2)


# --- who reads what ---------------------------------------------------------------------------------------


def noted() -> ShopCases:
    cases = open_cases()
    row = cases.in_review()
    for audience, text in (("all", "您好"), ("shop", "看着像假的"), ("platform", "老面孔，小心")):
        write_message(row.pk, text=text, by=SAM, now=clock.now(), audience=audience)
    refuse_return(row.pk, code="R_FRAUD", text="我们看过照片", by=SAM, now=clock.now())
    return cases


def test_a_customer_reads_no_note_and_no_label_of_the_house():
    order = noted().merchant.orders.select_related("merchant", "customer").get()
    hers = " ".join(texts(buyer_reads(order)))
    assert "您好" in hers and "看着像假的" not in hers and "小心" not in hers
    shops = " ".join(texts(member_reads(order)))
    assert "看着像假的" in shops and "小心" not in shops
    desks = " ".join(texts(desk_reads(order)))
    assert "小心" in desks and "看着像假的" not in desks
    for audience in Message.Audience.values:
        assert Message.objects.filter(audience=audience).exists()


def test_who_may_not_read_messages_reads_none():
    order = noted().merchant.orders.select_related("merchant", "customer").get()
    assert "您好" not in " ".join(texts(member_reads(order, "warehouse")))
    assert "您好" not in " ".join(texts(desk_reads(order, "finance")))


def test_the_warehouse_sees_no_sums():
    cases = open_cases()
    row = cases.filed(WishLine("1", 1, "LG.DAMAGED"), order=cases.order(unit_price=900), kind="refund_only",
                      send_back="none")  # fmt: skip
    following.follow(row.pk, now=clock.now())
    assert row.order.refunds.exists()
    assert any("¥" in text for text in texts(member_reads(row.order)))
    user = cases.member("warehouse")
    client = Client()
    client.force_login(user)
    page = client.get(reverse("merchant:order", args=[cases.merchant.code, row.order.order_no]))
    assert page.status_code == 200 and "¥" not in page.content.decode()


def test_support_without_the_right_to_a_row_gets_no_link_to_it():
    order = exchanged()
    found = {link.href for entry in entries(rows_of(order), desk_reads(order, "risk")) for link in entry.links}
    assert not any("/replacement/" in href for href in found)


# --- many -------------------------------------------------------------------------------------------------


def statements(order: Order, reads) -> int:
    reader = reads(order)
    if isinstance(reader, readers.Desk):
        reader.user.get_all_permissions()  # Django asks for them once a request
    with CaptureQueriesContext(connection) as counted:
        life_of(reader)
    return len(counted)


def with_returns(buyer: Buyer, number: int) -> Order:
    order = buyer.order(quantity=10)
    for _each in range(number):
        buyer.filed(order=order)
    return Order.objects.select_related("merchant", "customer").get(pk=order.pk)


@pytest.mark.parametrize("reads", [buyer_reads, member_reads, desk_reads])
def test_ten_returns_cost_as_many_statements_as_one(reads):
    buyer = a_buyer()
    one = with_returns(buyer, 1)
    two = with_returns(buyer, 5)
    assert statements(one, reads) == statements(two, reads) <= 24


def test_what_is_older_is_folded_away_by_day():
    start, life = clock.now(), []
    for hours in range(0, 60 * 12, 12):
        life.append(Entry(start - timedelta(hours=hours), f"entry {hours}"))
    newest, older = by_day(life[:NEWEST], zone="Asia/Shanghai"), by_day(life[NEWEST:], zone="Asia/Shanghai")
    assert sum(len(day.entries) for day in newest) == NEWEST
    assert sum(len(day.entries) for day in older) == 60 - NEWEST
    assert [day.on for day in newest] == sorted((day.on for day in newest), reverse=True)


def test_the_pages_fold_without_script():
    buyer = a_buyer()
    order = with_returns(buyer, 3)
    for row in order.returns.all():
        for number in range(4):
            write_message(row.pk, text=f"line {number} <b>", by=buyer.actor, now=clock.now())
    page = buyer.client.get(reverse("aftersales:order", args=[order.pk])).content.decode()
    assert page.count("<details") >= 1 and "earlier entries" in page
    assert "<b>" not in page.split('class="life"')[1].split("</section>")[0]


# --- the three pages --------------------------------------------------------------------------------------


def test_the_desk_sees_the_life_above_the_rows_of_the_order():
    order = exchanged()
    reader = desk_reads(order)
    client = Client()
    client.force_login(reader.user)
    page = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert page.status_code == 200 and 'class="life"' in page.content.decode()
    for name in ("aftersales_replacement", "refunds_charge", "orders_stock", "orders_stockmovement"):
        found = client.get(reverse(f"admin:{name}_changelist"), {"q": "COAT-L"})
        assert found.status_code == 200, name
    replacement = order.replacements.get()
    page = client.get(reverse("admin:aftersales_replacement_change", args=[replacement.pk])).content.decode()
    assert order.order_no in page and replacement.case_ref in page
    moved = client.get(reverse("admin:orders_stockmovement_changelist")).content.decode()
    assert f"?q={replacement.case_ref}" in moved


def test_an_order_that_a_guest_opened_shows_its_life():
    order = exchanged()
    guest = Client()
    session = guest.session
    session[GUEST_ORDER], session[GUEST_UNTIL] = order.pk, clock.now().timestamp() + 600
    session.save()
    page = guest.get(reverse("aftersales:order", args=[order.pk]))
    assert page.status_code == 200 and "YT9876543210" in page.content.decode()


def test_support_reads_the_life_of_the_order_from_the_case_it_works_on():
    cases = noted()
    row = cases.merchant.returns.get()
    reader = desk_reads(row.order, "support")
    client = Client()
    client.force_login(reader.user)
    assert client.get(reverse("admin:orders_order_change", args=[row.order_id])).status_code == 403
    address = reverse("admin:aftersales_returnrequest_order", args=[row.pk])
    shops = cases.in_review()  # the shop's own case is none of theirs
    assert client.get(reverse("admin:aftersales_returnrequest_order", args=[shops.pk])).status_code == 404
    page = client.get(address)
    assert page.status_code == 200 and 'class="life"' in page.content.decode()
    case_page = client.get(reverse("admin:aftersales_returnrequest_change", args=[row.pk]))
    assert address in case_page.content.decode()


def test_an_offer_and_its_answer_stand_there_without_sums_for_who_sees_none():
    cases = open_cases()
    row = cases.in_review()
    owner = cases.member("owner")
    offered = offer_to_keep(
        row.pk, amount=1000, text="留下吧", by=Actor("merchant", str(owner.pk), "mia"), now=clock.now()
    )
    decline_offer(offered.pk, by=Actor("customer", "1", "安小雨"), now=clock.now())
    with translation.override("en"):
        hers = texts(buyer_reads(row.order))
        assert any("and ¥10.00 back" in text for text in hers) and "The offer is declined" in hers
        warehouse = texts(member_reads(row.order, "warehouse"))
        assert any(text.startswith("Offered") for text in warehouse) and not any("¥" in text for text in warehouse)
