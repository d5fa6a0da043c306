"""Every address of the product is declared for somebody, and everybody else is turned away at its door."""

import uuid

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from aftersales.desk import groups
from orders.accounts.models import User
from orders.centres import rules as centre_rules
from orders.centres.models import CentreMember
from orders.merchants import rules as shop_rules
from orders.merchants.models import Member
from orders.merchants.services import add_member
from orders.tests.centres import open_centre, person_in
from returns_platform import rights
from returns_platform.api import api
from returns_platform.tests.journeys.shop import open_shop

SITE_PAGES = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site",
    "app_list", "",
}  # fmt: skip
STOCK = ("changelist", "add", "history", "delete", "change", "simple_history")
SAMPLES = {"IntConverter": 1, "StringConverter": "X1", "SlugConverter": "x1", "UUIDConverter": uuid.UUID(int=0)}


def addresses(resolver=None, namespace: str = "", path: str = ""):
    """(name, path, pattern) of every address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner, path + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or ''}", path + str(pattern.pattern), pattern


def stock_pages() -> set[str]:
    """Pages of Django's own admin: each asks its ModelAdmin who may."""
    models = [model._meta for model in admin.site._registry]
    own = {f"{meta.app_label}_{meta.model_name}_{page}" for meta in models for page in STOCK}
    return {f"admin:{name}" for name in own | SITE_PAGES}


def operations() -> dict[str, object]:
    found = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    found[f"{method} {prefix}{path}"] = operation
    return found


# --- the table and the product ----------------------------------------------------------------------------


def test_every_address_is_declared_and_every_declaration_has_its_address():
    named = {name for name, path, _pattern in addresses() if not path.startswith("api/")}
    named |= {"api:openapi-json", "api:openapi-view", "api:api-root"}
    own = named - (stock_pages() - set(rights.PAGES))
    assert own == set(rights.PAGES)


def test_every_operation_of_the_api_is_declared_with_its_scope():
    found = operations()
    assert set(found) == set(rights.API)
    for name, operation in found.items():
        assert getattr(operation.view_func, "scope", "") == rights.API[name].right, name


def test_every_page_of_our_own_in_the_admin_has_one_door_with_a_named_right(db):
    rows = Permission.objects.select_related("content_type")
    known = {f"{one.content_type.app_label}.{one.codename}" for one in rows}
    for name, _path, pattern in addresses():
        if name.startswith("admin:") and name in rights.PAGES:
            declared = rights.PAGES[name]
            assert declared.who == "staff", name
            assert pattern.callback.right == declared.right, name
            assert declared.right in known, name


def test_rights_of_shops_and_scopes_are_those_of_their_tables():
    for name, declared in rights.PAGES.items():
        if declared.who == "member":
            assert declared.right in shop_rules.RIGHTS, name
        if declared.who == "centre":
            assert declared.right in centre_rules.RIGHTS, name
    assert {declared.right for declared in rights.API.values()} <= {*shop_rules.SCOPES, ""}


def test_nothing_can_be_deleted_in_the_admin_but_drafts_of_a_policy(db):
    request = RequestFactory().get("/admin/")
    request.user = User(is_staff=True, is_superuser=True, is_active=True)
    drafts = {"policyversion"}
    for model, page in admin.site._registry.items():
        if model._meta.model_name not in drafts:
            assert not page.has_delete_permission(request), model
        assert not page.list_editable, model


# --- knocking ---------------------------------------------------------------------------------------------


@pytest.fixture
def shop(db):
    return open_shop("x1").merchant


def somebody(name: str, **fields) -> User:
    return User.objects.create_user(name, password="demo-pass-2026", **fields)


def staff_of(group: str) -> User:
    person = somebody(group, is_staff=True)
    person.groups.set(Group.objects.filter(name=group))
    return person


def knock(names: list[str], user: User | None = None) -> dict[str, set[int]]:
    """{address name: what it answers to a GET and to a POST}; a way to the sign-in page counts as 401."""
    client = Client()
    if user:
        client.force_login(user)
    return {name: {_status(getattr(client, method)(address(name))) for method in ("get", "post")} for name in names}


def _status(answer) -> int:
    return 401 if answer.status_code == 302 and "/login/" in answer["Location"] else answer.status_code


def address(name: str) -> str:
    pattern = next(pattern for found, _path, pattern in addresses() if found == name)
    values = {key: SAMPLES[type(value).__name__] for key, value in pattern.pattern.converters.items()}
    if name.startswith(("merchant:", "centre:")):
        values["code"] = "x1"
    return reverse(name, kwargs=values)


def for_(who: str) -> list[str]:
    return sorted(name for name, declared in rights.PAGES.items() if declared.who == who)


def must_all(answers: dict[str, set[int]], within: set[int]) -> None:
    assert not {name: found for name, found in answers.items() if not found <= within}


def test_nobody_unknown_comes_in(shop):
    known = [*for_("buyer"), *for_("member"), *for_("centre"), *for_("staff"), *for_("account")]
    must_all(knock(known), {401, 403, 404, 405})


def test_a_shops_pages_are_not_there_for_another_shop(shop):
    other = somebody("elle")
    add_member(open_shop("other").merchant, user=other, role="owner")
    must_all(knock(for_("member"), other), {404, 405})


@pytest.mark.parametrize("role", Member.Role.values)
def test_a_shops_pages_open_by_the_right_of_the_role(shop, role):
    person = somebody("mia")
    add_member(shop, user=person, role=role)
    for name, answers in knock(for_("member"), person).items():
        allowed = shop_rules.allowed(frozenset({role}), rights.PAGES[name].right)
        assert answers & {200, 302, 404, 422} if allowed else answers <= {403, 405}, (name, answers)


def test_a_centres_pages_are_not_there_for_another_centre_nor_for_a_shop_that_joined(shop):
    open_centre("x1")
    stranger, owner = person_in(open_centre("x2"), "manager"), somebody("mia")
    add_member(shop, user=owner, role="owner")
    for person in (stranger, owner):
        must_all(knock(for_("centre"), person), {404, 405})


@pytest.mark.parametrize("role", CentreMember.Role.values)
def test_a_centres_pages_open_by_the_right_of_the_role_and_no_shops_page_does(shop, role):
    person = person_in(open_centre("x1"), role)
    for name, answers in knock(for_("centre"), person).items():
        allowed = centre_rules.allowed(frozenset({role}), rights.PAGES[name].right)
        assert answers & {200, 302, 404, 422} if allowed else answers <= {403, 405}, (name, answers)
    must_all(knock(for_("member"), person), {404, 405})


def test_the_staffs_pages_are_closed_to_customers_shops_and_staff_without_a_group(shop):
    owner = somebody("mia")
    add_member(shop, user=owner, role="owner")
    for person in (owner, somebody("ann")):
        must_all(knock(["admin:index", *for_("staff")], person), {401, 403})
    must_all(knock(for_("staff"), somebody("new", is_staff=True)), {403})


def test_the_staffs_pages_open_by_the_right_of_the_group(db):
    for group in groups.RIGHTS:
        person = staff_of(group)
        for name, answers in knock(for_("staff"), person).items():
            assert (answers == {403}) is not person.has_perm(rights.PAGES[name].right), (group, name, answers)


def test_the_demos_pages_are_not_there_outside_the_demo(db, settings):
    settings.DEMO = False
    must_all(knock(for_("demo")), {404, 405})


def test_the_api_asks_for_a_token_first(db):
    for name in rights.API:
        method, path = name.split(" ", 1)
        path = path.replace("{order_no}", "A1").replace("{return_no}", "X1")
        assert Client().generic(method, f"/api/v1{path}").status_code == 401, name
