"""Staff look; only one button moves anything, and only for those who may."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from logistics.couriers.services import keep_push
from logistics.parcels import services
from logistics.tests.conftest import CUSTOMER, NOW, SENDER
from orders.accounts.models import User
from returns_platform.kernel import fsm

LOOKING = ("view_parcel", "view_trackingevent", "view_courierpush", "view_parcelmove")


@pytest.fixture
def staff(client, db, settings):
    settings.STAFF_MFA_REQUIRED = False
    user = User.objects.create_user("sam", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=LOOKING))
    client.force_login(user)
    return user


@pytest.fixture
def manual(sf, pickup):
    sf.next("account_abnormal")
    parcel = pickup()
    services.book_due_parcels(NOW)
    return fsm.reload(parcel)


def ask_again(client, parcel):
    return client.post(
        reverse("admin:logistics_parcel_changelist"), {"action": "ask_courier_again", "_selected_action": [parcel.pk]}
    )


def test_lists_and_the_ones_that_need_a_person(client, staff, manual, pickup):
    pickup("RT2")
    keep_push(courier="sf", kind="routes", content="{}", now=NOW)
    for name in ("parcel", "trackingevent", "courierpush"):
        assert client.get(reverse(f"admin:logistics_{name}_changelist")).status_code == 200
    page = client.get(reverse("admin:logistics_parcel_changelist"), {"person": "yes"}).content.decode()
    assert "RT1" in page
    assert "RT2" not in page


def test_a_parcel_shows_no_address_and_takes_no_change(client, staff, manual):
    url = reverse("admin:logistics_parcel_change", args=[manual.pk])
    page = client.get(url)
    assert page.status_code == 200
    assert SENDER["street"] not in page.content.decode()
    assert client.post(url, {"state": "delivered"}).status_code == 403
    assert client.get(reverse("admin:logistics_parcel_add")).status_code == 403
    assert client.post(reverse("admin:logistics_parcel_delete", args=[manual.pk])).status_code == 403


def test_asking_again_needs_its_own_right(client, staff, manual):
    ask_again(client, manual)
    assert fsm.reload(manual).state == "manual"
    staff.user_permissions.add(Permission.objects.get(codename="book_again"))
    ask_again(client, manual)
    assert fsm.reload(manual).state == "requested"
    assert manual.moves.last().by.kind == "support"


def test_asking_again_for_what_is_cancelled_says_so(client, staff, pickup):
    parcel = services.cancel_parcel(pickup().pk, by=CUSTOMER, now=NOW)
    staff.user_permissions.add(Permission.objects.get(codename="book_again"))
    ask_again(client, parcel)
    assert fsm.reload(parcel).state == "cancelled"
