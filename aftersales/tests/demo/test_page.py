"""The demo's page: every message with its code, the outside world at a button; nothing of it anywhere else."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.module_loading import import_string

from aftersales.demo import behaviours, people
from aftersales.notifications.models import Notice
from aftersales.notifications.sending import send_due_notices
from aftersales.notifications.services import tell_customer
from aftersales.tests.notifications.samples import NOW, params
from logistics.couriers.sf.simulator import SFExpress
from logistics.parcels import services, slots
from logistics.parcels.models import Parcel
from orders.accounts.models import OneTimeCode, SentMessage, User
from orders.accounts.services import order_code, send_due_codes
from orders.customers.models import Customer
from orders.tests import samples
from refunds.gateways.stripe.simulator import Stripe
from returns_platform.kernel.actors import SYSTEM
from returns_platform.kernel.stand_in import serve

pytestmark = pytest.mark.django_db
PAGE, BEHAVIOURS = "/demo/", "/demo/behaviours/"
EN = {"accept-language": "en"}
RECEIVER = {"name": "退货组", "phone": "+8613900139000", "province": "浙江省", "city": "杭州市",
            "district": "余杭区", "street": "文一西路 1 号"}  # fmt: skip


@pytest.fixture(autouse=True)
def demo(settings, tmp_path):
    settings.DEMO, settings.DATA_DIR, settings.LANGUAGE_CODE = True, tmp_path, "en"
    return settings


@pytest.fixture
def sf(demo, tmp_path):
    demo.SITE_URL = "http://127.0.0.1:9"  # nobody listens there: what SF tells us is lost
    with serve(SFExpress(tmp_path)) as served:
        demo.SF_BASE_URL = served.url
        yield served


@pytest.fixture
def booked(sf) -> Parcel:
    order = samples.put(samples.shop("style"))
    slot = slots.next_slot(NOW, "Asia/Shanghai")
    services.request_pickup(reference="RT26112200004217-P", order=order, sender=RECEIVER, receiver=RECEIVER,
                            slot_from=slot.start, slot_to=slot.end, goods=[{"name": "大衣", "count": 1}],
                            by=SYSTEM, now=NOW)  # fmt: skip
    services.book_due_parcels(NOW)
    return Parcel.objects.get()


def tell(event="approved"):
    shop = samples.shop("style")
    customer = Customer.objects.create(
        merchant=shop, external_id="c-1", name="安小雨", phone="+8613800138000", email="ann@example.com"
    )
    tell_customer(customer, case_ref="RT26112200004217", event=event, params=params(), now=NOW)
    send_due_notices(now=NOW)


def state_at_sf(served) -> str:
    return served.stand_in.book.rows()[-1].state


def test_the_page_is_there_for_anybody_and_says_how_to_begin(client):
    response = client.get(PAGE, headers={"accept-language": "en"})
    assert response.status_code == 200
    assert "Nothing was sent yet." in response.text and "No courier carries a parcel now." in response.text


def test_nothing_of_it_is_there_outside_a_demo(client, demo):
    demo.DEMO = False
    assert client.get(PAGE).status_code == client.get(BEHAVIOURS).status_code == 404
    assert client.get(reverse("demo:letter", args=[1])).status_code == 404
    for name, argument in (("move_parcel", 1), ("behave_next", "sf"), ("sign_in_as", "ann")):
        assert client.post(reverse(f"demo:{name}", args=[argument])).status_code == 404


def test_every_message_stands_there_newest_first_with_its_code(client):
    tell()
    code = order_code(
        "+8613800138000", purpose=OneTimeCode.Purpose.SIGN_IN, language="en", now=NOW + timedelta(hours=1)
    )
    send_due_codes(now=NOW + timedelta(hours=1))
    shown = client.get(PAGE, headers={"accept-language": "en"}).text
    sent = SentMessage.objects.get(code__gt="")
    assert sent.reference == code.salt
    assert f'<code class="strong">{sent.code}</code>' in shown
    assert shown.index(sent.code) < shown.index("ann@example.com")
    assert 'href="http://127.0.0.1' in shown


def test_messages_are_found_by_whom_they_went_to(client):
    tell()
    assert "ann@example.com" not in client.get(PAGE, {"channel": "sms"}).text
    assert "+8613800138000" not in client.get(PAGE, {"to": "ann@"}).text
    assert "ann@example.com" in client.get(PAGE, {"to": "ann@"}).text


def test_a_letter_is_shown_as_it_looks_with_its_own_style_and_no_other(client):
    tell()
    notice = Notice.objects.get(channel="email")
    address = reverse("demo:letter", args=[notice.pk])
    assert address in client.get(PAGE).text
    response = client.get(address)
    assert "退 ¥595.00" in response.text or "¥595.00" in response.text
    assert re.search(r"style-src 'self' 'sha256-[\w+/=]+'", response.headers["Content-Security-Policy"])
    assert client.get(reverse("demo:letter", args=[notice.pk + 99])).status_code == 404


def test_a_button_moves_a_parcel_at_the_courier(client, sf, booked):
    assert booked.waybill in client.get(PAGE).text
    address = reverse("demo:move_parcel", args=[booked.pk])
    response = client.post(address, {"event": "collected"}, follow=True, headers={"accept-language": "en"})
    assert "SF Express reports: collected." in response.text
    assert state_at_sf(sf) == "collected"


def test_an_event_nobody_knows_moves_nothing(client, sf, booked):
    response = client.post(reverse("demo:move_parcel", args=[booked.pk]), {"event": "eaten"})
    assert response.status_code == 404
    assert state_at_sf(sf) == "booked"


# --- how they behave next ---------------------------------------------------------------------------------


@pytest.fixture
def fay(client) -> User:
    person = User.objects.create_user("fay", password=people.PASSWORD, is_staff=True, language="en")
    client.force_login(person)
    return person


def test_only_the_platforms_people_choose_how_the_world_fails(client, sf):
    address = reverse("demo:behave_next", args=["sf"])
    assert f'href="{BEHAVIOURS}"' in client.get(PAGE).text
    for answer in (client.get(BEHAVIOURS), client.post(address, {"behaviour": "capacity"})):
        assert answer.status_code == 302 and "/login/" in answer["Location"]
    client.force_login(User.objects.create_user("ann", password=people.PASSWORD))
    assert client.get(BEHAVIOURS).status_code == 404
    assert client.post(address, {"behaviour": "capacity"}).status_code == 404
    assert sf.stand_in.next_behaviour(order="RT1") == "ok"


def test_the_page_tells_of_every_behaviour_of_every_stand_in(client, fay, settings):
    shown = client.get(BEHAVIOURS, headers=EN).text
    for name, path in settings.STAND_INS.items():
        assert str(behaviours.stand_in_name(name)) in shown
        for behaviour in import_string(path).behaviours:
            assert f'<code class="quiet">{behaviour}</code>' in shown, (name, behaviour)
            assert behaviours.said(behaviour) != behaviour, f"{behaviour} has no words"
    assert str(behaviours.OTHERS) not in {
        group.name for name in settings.STAND_INS for group in behaviours.groups(name)
    }


def test_the_next_behaviour_of_a_stand_in_is_chosen_shown_and_taken_back(client, sf, fay):
    address = reverse("demo:behave_next", args=["sf"])
    response = client.post(address, {"behaviour": "capacity", "times": "2"}, follow=True, headers=EN)
    assert "SF Express, next 2: does nothing: all couriers are busy." in response.text
    assert "<li>does nothing: all couriers are busy × 2</li>" in client.get(BEHAVIOURS, headers=EN).text
    assert sf.stand_in.next_behaviour(order="RT1") == "capacity"
    client.post(address, {"forget": "1"})
    assert sf.stand_in.next_behaviour(order="RT1") == "ok"
    assert "it behaves as usual" in client.get(BEHAVIOURS, headers=EN).text
    assert client.post(reverse("demo:behave_next", args=["nobody"]), {"behaviour": "ok"}).status_code == 404


def test_the_page_shows_what_they_did_last(client, sf, booked, fay):
    shown = client.get(BEHAVIOURS, headers=EN).text
    assert booked.waybill in shown and "booked" in shown


def test_a_refund_in_a_channels_book_stands_there_with_its_amount(client, fay, demo, tmp_path):
    with serve(Stripe(tmp_path)) as served:
        demo.STRIPE_BASE_URL = served.url
        served.stand_in.book.queue_behaviour("fails_later", times=1, match={"number": "RF7-1"})
        served.stand_in.book.add("RF7-1", state="failed", amount=129900, currency="CNY")
        shown = client.get(BEHAVIOURS, headers=EN).text
    assert "RF7-1" in shown and "¥1,299.00" in shown and "paid, and came back" in shown
    assert "(number RF7-1)" in shown


def test_a_stand_in_that_does_not_run_is_said_to_be_so(client, demo, fay):
    demo.SF_BASE_URL = ""
    address = reverse("demo:behave_next", args=["sf"])
    response = client.post(address, {"behaviour": "slow"}, follow=True, headers=EN)
    assert "This stand-in does not run." in response.text
    demo.SF_BASE_URL = "http://127.0.0.1:9"
    response = client.post(address, {"behaviour": "slow"}, follow=True, headers=EN)
    assert "The stand-in did not answer:" in response.text


def test_one_button_makes_me_one_of_the_demos_people_and_nobody_else(client):
    ann = User.objects.create_user("ann", password=people.PASSWORD)
    User.objects.create_user("eve", password="her own secret")
    assert "ann" in client.get(PAGE).text
    client.post(reverse("demo:sign_in_as", args=["ann"]))
    assert client.session["_auth_user_id"] == str(ann.pk)
    assert client.post(reverse("demo:sign_in_as", args=["eve"])).status_code == 404
    assert client.get(reverse("demo:sign_in_as", args=["ann"])).status_code == 405


def test_the_page_costs_the_same_for_one_message_and_for_many(client, django_assert_max_num_queries):
    tell()
    with django_assert_max_num_queries(8):
        client.get(PAGE)
    for number in range(30):
        SentMessage.objects.create(channel="sms", to="+86138", text="x", reference=f"r{number}", at=NOW)
    with django_assert_max_num_queries(8):
        client.get(PAGE)
