"""Hostile addresses and forms are answered with 400 or 414, never with a fault."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("returns_platform.tests.look.urls")]


@pytest.fixture
def browser(client):
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/?q=%00", 400),
        ("/?%00=q", 400),
        ("/?q=%1b[31m", 400),
        ("/?q=%FF", 200),
        ("/?q=%ED%A0%80", 200),
        ("/?qty=1&qty=99", 400),
        ("/?q=" + "a" * 100_000, 414),
        ("/?" + "&".join(["a"] * 2001), 400),
        ("/%00", 404),
        ("/echo/?pick=%00", 400),
        ("/echo/?pick=1&pick=2", 200),
        ("/echo/?pick=1&other=1&other=2", 400),
    ],
    ids=lambda value: str(value)[:30],
)
def test_addresses(browser, address, status):
    assert browser.get(address).status_code == status


def test_a_value_sent_twice_in_a_form(browser):
    assert browser.post("/", {"qty": ["1", "99"]}).status_code == 400
    assert browser.post("/echo/", {"pick": ["1", "2"]}).content == b"1,2"


def test_a_control_character_in_a_form(browser):
    assert browser.post("/", {"note": "a\x00b"}).status_code == 400


def test_machines_read_their_own_bytes(browser):
    raw = b"a=1&a=2&b=%00"
    answer = browser.generic("POST", "/machine/", raw, content_type="application/x-www-form-urlencoded")
    assert answer.content == str(len(raw)).encode()


def test_an_absurd_accept_language(browser):
    assert browser.get("/", headers={"accept-language": "x" * 10_000}).status_code == 200
