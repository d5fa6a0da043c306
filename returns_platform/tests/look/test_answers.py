"""Whatever goes wrong has a page: the right status, a plain sentence, a way on, never a trace."""

import re

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("returns_platform.tests.look.urls")]
STATUSES = {"Malformed": 400, "NotAllowed": 403, "NotThere": 404, "Conflict": 409, "TooLarge": 413, "WrongType": 415}
STATUSES |= {"Invalid": 422, "TooMany": 429}


@pytest.fixture
def browser(client):
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_refusal_has_its_page(browser, kind, status, language):
    answer = browser.get(f"/refuse/{kind}/", headers={"accept-language": language})
    assert answer.status_code == status
    assert answer.content.decode().count("<h1") == 1
    assert ('<html lang="en"' in answer.content.decode()) == (language == "en")


def test_a_refusal_in_words_of_its_own(browser):
    page = browser.get("/told/").content.decode()
    assert "Sold out at 14:51" in page and "Choose another time" in page


def test_who_is_not_signed_in_is_sent_to_the_door(browser):
    answer = browser.get("/refuse/NotSignedIn/")
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")


def test_a_fault_gives_a_number_and_nothing_else(browser, caplog):
    answer = browser.get("/fault/")
    page = answer.content.decode()
    number = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page)[0]
    assert answer.status_code == 500 and "broken on purpose" not in page and "Traceback" not in page
    assert f"fault {number} on GET /fault/" in caplog.text


def test_an_absent_database_is_said_with_the_time_to_come_back(browser):
    answer = browser.get("/away/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_wrong_method_has_a_page_too(browser):
    answer = browser.get("/form/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST") and b"<h1" in answer.content


def test_a_part_that_htmx_asked_for_gets_a_part(browser):
    answer = browser.get("/told/", headers={"HX-Request": "true"})
    assert answer.status_code == 409 and b"<html" not in answer.content and b"Sold out" in answer.content


def test_a_form_without_its_token(browser):
    browser.handler.enforce_csrf_checks = True
    answer = browser.post("/language/", {"language": "en"}, headers={"accept-language": "en"})
    assert answer.status_code == 403 and b"open for too long" in answer.content


def test_pages_are_kept_by_nobody(browser):
    assert browser.get("/")["Cache-Control"] == "no-store, private"


def test_the_policy_of_content_allows_nothing_inline(browser):
    policy = browser.get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
