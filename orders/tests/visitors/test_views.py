"""The customers' doors as pages: the same answers for everybody, and a session that opens one order only."""

from datetime import timedelta

import pytest
from django.urls import reverse

from orders.accounts import services as codes
from orders.accounts.models import OneTimeCode
from orders.customers.models import Customer
from orders.tests.samples import PHONE, payment, put, shop
from orders.visitors.queries import Viewer, link_token, viewer
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


def last_code() -> str:
    return codes.digits_of(OneTimeCode.objects.latest("pk"))


def find(client, order_no="A1", phone="138 0013 8000"):
    return client.post(reverse("orders:find"), {"order_no": order_no, "phone": phone})


def enter(client, code, door="orders:find_code"):
    return client.post(reverse(door), {"code": code})


def seen_by(client) -> Viewer:
    """Who the session's owner is, as every customer page asks."""
    request = client.get(reverse("orders:find")).wsgi_request
    return viewer(request)


def test_a_guest_finds_one_order_and_sees_no_other(client):
    order = put(shop())
    other = put(shop(), "A2", payments=[payment(12000, "4200002")])
    assert find(client).url == reverse("orders:find_code")
    before = client.session.session_key
    assert enter(client, last_code()).status_code == 302
    guest = seen_by(client)
    assert (guest.is_guest, guest.may_see(order), guest.may_see(other)) == (True, True, False)
    assert client.session.session_key != before
    assert guest.actor.kind == "customer"


def test_a_guests_key_runs_out(client, time_moves_on):
    order = put(shop())
    find(client)
    enter(client, last_code())
    time_moves_on(hours=3)
    assert not seen_by(client).may_see(order)


@pytest.fixture
def time_moves_on(monkeypatch):
    real = clock.now

    def move_on(**delta):
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(**delta))

    return move_on


def test_the_answer_is_the_same_for_an_order_that_does_not_exist(client):
    put(shop())
    pages = []
    for order_no in ("A1", "NONE"):
        assert find(client, order_no).url == reverse("orders:find_code")
        page = client.get(reverse("orders:find_code")).content.decode()
        pages.append(page[page.index("<main") : page.index("</main>")].partition("csrfmiddlewaretoken")[0])
    assert pages[0] == pages[1]
    assert "138****8000" in pages[0]


def test_a_wrong_code_keeps_the_page_and_says_so(client):
    put(shop())
    find(client)
    right = last_code()
    answer = enter(client, "111111" if right != "111111" else "222222")
    assert answer.status_code == 422
    assert not seen_by(client).known


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５"])
def test_what_is_no_code_is_told_at_the_field(client, code):
    put(shop())
    find(client)
    assert enter(client, code).status_code == 422


def test_a_full_width_code_is_read(client):
    put(shop())
    find(client)
    wide = last_code().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert enter(client, f"{wide[:3]} {wide[3:]}").status_code == 302


def test_five_tries_then_429_with_the_time_to_wait(client):
    for _try in range(5):
        find(client, phone="13900139000")
    answer = find(client)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")


def test_two_shops_with_the_same_number_are_asked_apart_after_the_code(client):
    put(shop("fresh"))
    chosen = put(shop("style"), payments=[payment(12000, "4200002")])
    find(client)
    assert enter(client, last_code()).url == reverse("orders:find_shop")
    page = client.get(reverse("orders:find_shop"))
    assert b"Shop fresh" in page.content
    assert not seen_by(client).known
    client.post(reverse("orders:find_shop"), {"order": chosen.pk})
    assert seen_by(client).may_see(chosen)


def test_a_guest_cannot_choose_an_order_that_was_not_found(client):
    put(shop("fresh"))
    put(shop("style"), payments=[payment(12000, "4200002")])
    other = put(shop("volt"), "X9", payments=[payment(12000, "4200003")])
    find(client)
    enter(client, last_code())
    client.post(reverse("orders:find_shop"), {"order": other.pk})
    assert not seen_by(client).known


def test_signing_in_with_a_code_and_coming_back_where_one_was(client):
    order = put(shop())
    door = reverse("orders:sign_in_link") + "?next=/orders/find/"
    assert client.post(door, {"address": "13800138000"}).url == reverse("orders:sign_in_code")
    assert enter(client, last_code(), "orders:sign_in_code").url == "/orders/find/"
    assert seen_by(client).may_see(order)


def test_next_never_leads_to_another_house(client):
    put(shop())
    client.post(reverse("orders:sign_in_link") + "?next=//evil.example", {"address": PHONE})
    assert enter(client, last_code(), "orders:sign_in_code").url == "/"


@pytest.mark.parametrize("door", ["orders:find", "orders:sign_in_link"])
def test_a_door_lets_browsers_name_where_a_form_came_from(client, door):
    """With no-referrer a browser sends `Origin: null`, which no form survives; nobody else learns the address."""
    assert client.get(reverse(door))["Referrer-Policy"] == "same-origin"


def test_opening_the_link_of_a_notice_changes_nothing(client):
    put(shop())
    url = reverse("orders:link", args=[link_token(Customer.objects.get())])
    page = client.get(url)
    assert page.status_code == 200
    assert b"138****8000" in page.content
    assert b"+8613800138000" not in page.content
    assert not OneTimeCode.objects.exists()
    assert not seen_by(client).known


def test_the_link_and_a_code_sign_in(client):
    order = put(shop())
    url = reverse("orders:link", args=[link_token(Customer.objects.get())])
    assert client.post(url, {"way": "email"}).url == reverse("orders:sign_in_code")
    assert OneTimeCode.objects.get().address == "ann@example.com"
    enter(client, last_code(), "orders:sign_in_code")
    assert seen_by(client).may_see(order)


def test_a_broken_link_is_404(client):
    assert client.get(reverse("orders:link", args=["nonsense"])).status_code == 404


def test_a_code_page_without_a_question_goes_to_the_start(client):
    assert client.get(reverse("orders:find_code")).url == reverse("orders:find")
    assert client.get(reverse("orders:sign_in_code")).url == reverse("orders:sign_in_link")
    assert client.get(reverse("orders:find_shop")).url == reverse("orders:find")


def test_a_code_for_one_door_does_not_open_the_other(client):
    put(shop())
    find(client)
    assert enter(client, last_code(), "orders:sign_in_code").url == reverse("orders:sign_in_link")
