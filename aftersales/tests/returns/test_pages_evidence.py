"""Evidence is for the parties only; the address alone opens nothing, and every look is logged."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from aftersales.evidence import media
from aftersales.evidence.models import Evidence, EvidenceRead
from aftersales.evidence.services import keep_upload
from aftersales.tests.returns.buyers import a_buyer, photo
from orders.accounts.models import User
from orders.merchants.services import add_member
from orders.visitors.queries import GUEST_ORDER, GUEST_UNTIL
from returns_platform.kernel import clock

pytestmark = pytest.mark.django_db


def address(kept: Evidence) -> str:
    return reverse("aftersales:evidence", args=[kept.public_id])


def read(response) -> bytes:
    """All of it, which also closes the file."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def kept_by(buyer, **changes) -> Evidence:
    order = buyer.order()
    kept = keep_upload(photo(), merchant=order.merchant, order=order, by=buyer.actor, now=clock.now())
    Evidence.objects.filter(pk=kept.pk).update(**changes)
    return Evidence.objects.get(pk=kept.pk)


def signed_in(username: str, **fields) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(username, **fields))
    return client


def member(buyer, role: str) -> Client:
    user = User.objects.create_user(role)
    add_member(buyer.shop.merchant, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_its_buyer_sees_a_photo_as_a_plain_picture_that_can_do_nothing():
    buyer = a_buyer()
    kept = kept_by(buyer)
    response = buyer.client.get(address(kept), headers={"Accept": "text/html"})
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("inline")
    assert read(response)[:2] == b"\xff\xd8"
    assert EvidenceRead.objects.get().by_kind == "customer"


def test_a_video_is_handed_over_as_a_file():
    buyer = a_buyer()
    kept = kept_by(buyer, kind="video")
    response = buyer.client.get(address(kept))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "video/mp4"
    read(response)


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("agent", 200), ("warehouse", 200), ("viewer", 200), ("finance", 404)]
)
def test_the_shop_sees_it_as_far_as_the_role_goes(role, status):
    buyer = a_buyer()
    kept = kept_by(buyer)
    response = member(buyer, role).get(address(kept))
    assert response.status_code == status
    read(response)


@pytest.mark.parametrize(
    ("group", "status"), [("support", 200), ("senior", 200), ("finance", 404), ("operations", 404)]
)
def test_the_platforms_people_see_it_by_their_group(group, status):
    kept = kept_by(a_buyer())
    user = User.objects.create_user("sam", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    response = client.get(address(kept))
    assert response.status_code == status
    read(response)


def test_nobody_else_learns_even_that_it_is_there():
    buyer, other = a_buyer(), a_buyer("other")
    kept = kept_by(buyer)
    strangers = [other.client, member(other, "owner"), signed_in("nobody")]
    none = reverse("aftersales:evidence", args=[uuid.uuid4()])
    assert {client.get(address(kept)).status_code for client in strangers} == {404}
    assert {client.get(none).status_code for client in strangers} == {404}
    assert Client().get(address(kept)).status_code == Client().get(none).status_code == 302
    assert not EvidenceRead.objects.exists()


def test_a_token_upload_is_seen_by_the_buyer_of_its_case():
    buyer = a_buyer()
    row = buyer.filed()
    kept = kept_by(buyer, order=None, case_ref=row.return_no)
    response = buyer.client.get(address(kept))
    assert response.status_code == 200
    read(response)
    assert a_buyer("other").client.get(address(kept)).status_code == 404


def test_a_guest_sees_the_photos_of_that_order_only():
    buyer = a_buyer()
    kept, other = kept_by(buyer), kept_by(buyer)
    guest = Client()
    session = guest.session
    session[GUEST_ORDER], session[GUEST_UNTIL] = kept.order_id, clock.now().timestamp() + 600
    session.save()
    response = guest.get(address(kept))
    assert response.status_code == 200
    read(response)
    assert guest.get(address(other)).status_code == 404


def test_a_file_that_is_gone_is_a_picture_that_says_so():
    buyer = a_buyer()
    kept = kept_by(buyer)
    media.remove(kept.path)
    response = buyer.client.get(address(kept))
    assert (response.status_code, response["Content-Type"]) == (404, "image/svg+xml")
