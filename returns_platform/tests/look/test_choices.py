"""Language and theme stay chosen, with and without an account."""

import pytest
from django.contrib.auth import get_user_model

pytestmark = [pytest.mark.django_db, pytest.mark.urls("returns_platform.tests.look.urls")]


@pytest.fixture
def ann():
    return get_user_model().objects.create_user("ann", password="demo-pass-2026", language="zh-hans")


def test_the_language_stays(client):
    client.post("/language/", {"language": "en", "next": "/?view=mine"})
    assert '<html lang="en">' in client.get("/").content.decode()


def test_the_language_goes_with_the_account(client, ann):
    client.force_login(ann)
    client.post("/language/", {"language": "en"})
    ann.refresh_from_db()
    assert ann.language == "en"
    client.cookies.pop("django_language")
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "zh"}).content.decode()


def test_an_unknown_language_is_the_default(client):
    assert client.post("/language/", {"language": "xx"}).cookies["django_language"].value == "zh-hans"


@pytest.mark.parametrize(
    "evil", ["//evil.example", "https:evil", "\\\\evil", "javascript:alert(1)", "/\x00", "http://evil", "-1", "page"]
)
def test_back_stays_with_us(client, evil):
    assert client.post("/theme/", {"theme": "dark", "next": evil}).get("Location", "/") == "/"


def test_the_theme_stays_until_it_follows_the_device(client):
    client.post("/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").content.decode()
    client.post("/theme/", {"theme": ""})
    assert "data-theme=" not in client.get("/").content.decode()
