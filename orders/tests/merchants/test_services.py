"""Shops, members, rights and tokens."""

import pytest
from django.core.management import CommandError, call_command

from orders.accounts.models import User
from orders.merchants import rules
from orders.merchants.models import ApiToken, Member, Merchant
from orders.merchants.queries import authenticate, checklist, is_ready, may, membership, shops_of
from orders.merchants.services import (
    add_member,
    change_role,
    create_merchant,
    issue_token,
    remove_member,
    revoke_token,
    set_up_shop,
)
from orders.tests.samples import NOW, member, put, shop
from returns_platform.kernel.actors import SYSTEM, Actor
from returns_platform.kernel.errors import Conflict, Invalid, NotAllowed, NotThere

pytestmark = pytest.mark.django_db


# --- who --------------------------------------------------------------------------------------------------


def test_a_person_is_member_of_their_own_shops_only():
    fresh, _style = shop("fresh"), shop("style")
    mia = member(fresh)
    assert list(shops_of(mia)) == [fresh]
    assert membership(mia, "fresh").role == "owner"
    for code in ("style", "none"):
        with pytest.raises(NotThere):
            membership(mia, code)


def test_a_disabled_person_is_a_stranger_from_the_next_request_on():
    mia = member(shop())
    User.objects.filter(pk=mia.pk).update(is_active=False)
    mia.refresh_from_db()
    assert not shops_of(mia).exists()
    with pytest.raises(NotThere):
        membership(mia, "fresh")


def test_every_right_names_known_roles():
    assert all(roles <= set(Member.Role.values) for roles in rules.RIGHTS.values())


@pytest.mark.parametrize(
    ("role", "can", "cannot"),
    [
        ("owner", "edit_policy", "inspect"),
        ("agent", "approve", "release_refund"),
        ("warehouse", "inspect", "see_money"),
        ("finance", "release_refund", "approve"),
        ("viewer", "see_cases", "add_message"),
    ],
)
def test_rights_follow_the_table(role, can, cannot):
    person = Member(role=role)
    assert (may(person, can), may(person, cannot)) == (True, False)


def test_one_person_may_hold_two_roles_in_a_small_shop():
    mia = member(shop())
    both = add_member(shop(), user=mia, role="owner", also=("warehouse",))
    assert may(both, "inspect")
    assert Member.objects.count() == 1


def test_a_right_that_does_not_exist_is_a_fault_not_a_no():
    with pytest.raises(KeyError):
        may(Member(role="owner"), "fly")


def test_nobody_changes_or_removes_themselves():
    mia = member(shop())
    own = membership(mia, "fresh")
    with pytest.raises(NotAllowed):
        change_role(own, role="viewer", by=mia)
    with pytest.raises(NotAllowed):
        remove_member(own, by=mia, now=NOW)


def test_a_role_that_does_not_exist_is_refused():
    with pytest.raises(Invalid):
        add_member(shop(), user=User.objects.create_user("x"), role="king")


# --- tokens -----------------------------------------------------------------------------------------------


def test_a_token_is_known_by_its_digest_only_until_it_is_revoked():
    token = issue_token(shop(), now=NOW)
    row = ApiToken.objects.get()
    assert token not in (row.digest, row.label)
    assert authenticate(token) == row
    assert authenticate(token[:-1]) is None
    revoke_token(row, now=NOW)
    assert authenticate(token) is None


def test_a_token_dies_with_its_creator():
    mia = member(shop())
    token = issue_token(shop(), now=NOW, by=mia)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    assert authenticate(token) is None


def test_a_member_who_leaves_takes_their_tokens_along():
    owner, agent = member(shop()), member(shop(), "agent", "ada")
    token = issue_token(shop(), now=NOW, by=agent)
    remove_member(membership(agent, "fresh"), by=owner, now=NOW)
    assert authenticate(token) is None


def test_the_command_prints_the_token_alone(capsys):
    shop()
    call_command("api_token", "fresh")
    call_command("api_token", "fresh")
    tokens = capsys.readouterr().out.split()
    assert [sorted(authenticate(token).scopes) for token in tokens] == [["decide", "file", "orders", "warehouse"]] * 2
    with pytest.raises(CommandError):
        call_command("api_token", "none")


# --- setting up -------------------------------------------------------------------------------------------


def test_a_code_is_taken_once():
    shop()
    with pytest.raises(Conflict):
        create_merchant("fresh", name="Again", by=SYSTEM)


def test_the_checklist_follows_what_is_there():
    merchant = shop()
    mia = member(merchant)
    assert {task.code for task in checklist(merchant) if task.done} == {"owner"}
    by = Actor("merchant", str(mia.pk), "Shop fresh")
    set_up_shop(
        merchant, by=by, return_name="Gate 2", return_phone="+8613800138001", return_city="上海市",
        return_street="1 Road", opening_hours="09:00-18:00", contact="400 000 0000",
    )  # fmt: skip
    issue_token(merchant, now=NOW)
    assert not is_ready(merchant)
    put(merchant)
    assert is_ready(merchant)
    assert merchant.history.latest().history_user == mia


def test_only_settings_can_be_set():
    with pytest.raises(ValueError, match="is_demo"):
        set_up_shop(shop(), by=SYSTEM, is_demo=True)


def test_set_up_makes_shop_administrator_and_token_once(monkeypatch, capsys):
    monkeypatch.setenv("ADMIN_PASSWORD", "a-long-enough-phrase")
    options = {
        "merchant_code": "tea",
        "merchant_name": "Tea",
        "admin_username": "root",
        "admin_email": "r@example.com",
    }
    call_command("set_up", **options)
    token = capsys.readouterr().out.strip()
    assert authenticate(token).merchant == Merchant.objects.get(code="tea")
    root = User.objects.get()
    assert root.is_superuser
    assert root.check_password("a-long-enough-phrase")
    assert may(membership(root, "tea"), "set_up")
    call_command("set_up", **options)
    assert capsys.readouterr().out == ""
    assert ApiToken.objects.count() == 1


def test_set_up_refuses_a_weak_password(monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "123")
    with pytest.raises(CommandError):
        call_command("set_up", merchant_code="tea", merchant_name="Tea", admin_username="root", admin_email="r@x.cn")
    assert not Merchant.objects.exists()
