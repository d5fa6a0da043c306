"""Signing in: one door for everybody, limits on guessing, a second factor for staff, no sign-up."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.cache import cache

pytestmark = [pytest.mark.django_db, pytest.mark.urls("returns_platform.tests.look.urls")]
PASSWORD = "demo-pass-2026"
PUBLIC = ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/"]
OWN = ["/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/", "/accounts/reauthenticate/"]


@pytest.fixture(autouse=True)
def _no_earlier_tries():
    cache.clear()


@pytest.fixture
def ann():
    return get_user_model().objects.create_user("ann", "ann@example.com", PASSWORD)


@pytest.fixture
def sam():
    return get_user_model().objects.create_user("sam", "sam@example.com", PASSWORD, is_staff=True)


@pytest.mark.parametrize("name", ["ann", "ann@example.com"])
def test_sign_in_with_name_or_mail(client, ann, name):
    answer = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_tells_nothing_about_the_account(client, ann):
    known = wrong(client, "ann")
    unknown = wrong(client, "nobody")
    assert known.status_code == unknown.status_code == 200
    assert summary(known) == summary(unknown)


def test_guessing_ends_after_five(client, ann):
    for _try in range(5):
        wrong(client, "ann")
    answer = client.post(
        "/accounts/login/", {"login": "ann", "password": PASSWORD}, headers={"accept-language": "en"}
    )
    assert answer.status_code in (200, 429) and "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", PUBLIC)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_public_pages(client, page, language):
    text = client.get(page, headers={"accept-language": language}).content.decode()
    assert 'href="/static/look/look.css"' in text and text.count("<h1") == 1


@pytest.mark.parametrize("page", OWN)
def test_pages_of_an_account(client, ann, page):
    client.force_login(ann)
    answer = client.get(page, follow=True)
    assert answer.status_code == 200 and b"look/look.css" in answer.content


def test_nobody_signs_up(client):
    client.post("/accounts/signup/", {"username": "eve", "password1": PASSWORD, "password2": PASSWORD})
    assert not get_user_model().objects.filter(username="eve").exists()


def test_the_password_can_be_pasted(client):
    text = client.get("/accounts/login/").content.decode()
    assert 'autocomplete="current-password"' in text and 'autocomplete="username"' in text and "onpaste" not in text


def test_staff_set_up_a_second_factor_first(client, sam, settings):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(sam)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/totp/activate/"
    Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/admin/").status_code == 200


def test_customers_need_no_second_factor(client, ann, settings):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(ann)
    assert client.get("/").status_code == 200


def test_the_reset_letter(client, ann, mailoutbox):
    client.post("/accounts/password/reset/", {"email": "ann@example.com"}, headers={"accept-language": "en"})
    (letter,) = mailoutbox
    assert "/accounts/password/reset/key/" in letter.body and "leave it" in letter.body


def wrong(client, name):
    return client.post("/accounts/login/", {"login": name, "password": "wrong"}, headers={"accept-language": "en"})


def summary(answer) -> str:
    return answer.content.decode().split('class="wrongs"')[1].split("</div>")[0]


def test_asking_for_letters_too_often_has_its_page(client):
    answers = [client.post("/accounts/password/reset/", {"email": f"a{n}@example.com"}) for n in range(25)]
    assert answers[-1].status_code == 429 and b"look/look.css" in answers[-1].content
