"""The people of a shop: invited, changed and let go by an owner, and by nobody else."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from orders.accounts.models import User
from orders.merchants.models import Member
from orders.merchants.services import add_member, issue_token
from orders.tests.samples import NOW, member, shop

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "sign_in_name": "ada", "role": "agent"}


def door(name="people", *args, code="fresh"):
    return reverse(f"merchant:{name}", args=[code, *args])


@pytest.fixture
def owner(client):
    client.force_login(member(shop()))
    return client


def invited(owner, **more) -> Member:
    assert owner.post(door(), ADA | more).status_code == 200
    return Member.objects.get(user__username="fresh.ada")


def link_on(page) -> str:
    return re.search(r"<code>(https?://[^<]+)</code>", page.content.decode())[1]


def test_a_colleague_is_invited_chooses_a_password_and_signs_in(owner):
    shown = owner.post(door(), ADA | {"also": ["warehouse", "agent"]})
    ada = Member.objects.get(user__username="fresh.ada")
    assert (ada.role, ada.also, ada.user.first_name) == ("agent", ["warehouse"], "Ada")
    assert link_on(shown) not in owner.get(door()).content.decode()

    theirs = Client()
    page = theirs.get(link_on(shown), follow=True)
    new = {"password1": "a-long-enough-one", "password2": "a-long-enough-one"}
    assert theirs.post(page.request["PATH_INFO"], new).status_code == 302
    assert Client().login(username="fresh.ada", password="a-long-enough-one")
    assert Client().get(link_on(shown), follow=True).context["token_fail"]


def test_a_lost_link_is_made_again_until_a_password_was_chosen(owner):
    ada = invited(owner)
    assert link_on(owner.post(door("person_link", ada.pk)))
    ada.user.set_password("a-long-enough-one")
    ada.user.save()
    assert owner.post(door("person_link", ada.pk)).status_code == 403


def test_a_role_is_changed_and_a_person_let_go(owner):
    ada = invited(owner)
    assert owner.post(door("person", ada.pk), {"role": "finance"}).status_code == 302
    ada.refresh_from_db()
    assert ada.role == "finance"
    issue_token(ada.merchant, now=NOW, by=ada.user)
    assert owner.post(door("remove_person", ada.pk)).status_code == 302
    assert not Member.objects.filter(pk=ada.pk).exists()
    assert not ada.merchant.tokens.filter(created_by=ada.user, revoked_at=None).exists()


def test_who_comes_back_has_the_account_of_before(owner):
    ada = invited(owner)
    ada.user.set_password("a-long-enough-one")
    ada.user.save()
    owner.post(door("remove_person", ada.pk))
    shown = owner.post(door(), ADA).content.decode()
    assert "<code>" not in shown and User.objects.filter(username="fresh.ada").count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"sign_in_name": "Ada Lovelace"}, "sign_in_name"),
        ({"sign_in_name": "\u0430da"}, "sign_in_name"),  # a Cyrillic letter that looks like an a
        ({"sign_in_name": ""}, "sign_in_name"),
        ({"name": "\u200b"}, "name"),
        ({"role": "boss"}, "role"),
        ({"role": ""}, "role"),
        ({"also": ["boss"]}, "also"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(owner, sent, field):
    page = owner.post(door(), ADA | sent)
    assert page.status_code == 422 and field in page.context["form"].errors
    assert Member.objects.count() == 1


def test_a_name_at_work_here_is_taken(owner):
    invited(owner)
    page = owner.post(door(), ADA | {"name": "Ada Two"})
    assert page.status_code == 422 and "Ada Two" in page.content.decode()
    assert User.objects.get(username="fresh.ada").first_name == "Ada"


def test_nobody_changes_or_removes_themselves(owner):
    mia = Member.objects.get(merchant=shop())
    assert owner.post(door("person", mia.pk), {"role": "viewer"}).status_code == 403
    assert owner.post(door("remove_person", mia.pk)).status_code == 403
    mia.refresh_from_db()
    assert mia.role == "owner"


@pytest.mark.parametrize("name", ["person", "person_link", "remove_person"])
def test_people_of_another_shop_are_not_there(owner, name):
    other = member(shop("style"), "owner", "otto")
    theirs = Member.objects.get(user=other)
    assert owner.post(door(name, theirs.pk), {"role": "viewer"}).status_code == 404
    assert owner.post(door(name, theirs.pk, code="style"), {"role": "viewer"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.role == "owner"


@pytest.mark.parametrize("role", ["agent", "warehouse", "finance", "viewer"])
def test_colleagues_do_not_manage_people(client, role):
    boss = member(shop())
    client.force_login(member(shop(), role, "ada"))
    mia = Member.objects.get(user=boss)
    assert client.get(door()).status_code == 403
    assert client.post(door(), ADA | {"role": "owner"}).status_code == 403
    assert client.post(door("remove_person", mia.pk)).status_code == 403


def test_a_field_that_is_not_on_the_page_changes_nothing(owner):
    ada = invited(owner, merchant="2", is_staff="1", is_superuser="1", username="root")
    assert (ada.merchant.code, ada.user.is_staff, ada.user.is_superuser) == ("fresh", False, False)
    add_member(shop("style"), user=ada.user, role="viewer")
    assert owner.post(door("person", ada.pk), {"role": "viewer", "user": "1"}).status_code == 302
