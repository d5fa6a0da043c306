"""Labels to print: of what is booked, signed for, and believed only if it is a PDF from the courier itself."""

import urllib.error
import urllib.request

import pytest

from logistics import couriers
from logistics.couriers import labels
from logistics.couriers.interface import CourierDown, CourierRefused
from logistics.parcels import services
from logistics.parcels.labels import has_label, label_of
from logistics.tests.conftest import CUSTOMER
from returns_platform.kernel import clock, fsm
from returns_platform.kernel.outbound import http


@pytest.fixture(params=["sf", "kuaidi100"])
def printer(request, settings):
    settings.COURIERS = [request.param]
    stand_in = request.getfixturevalue(request.param)
    stand_in.code = request.param
    return stand_in


@pytest.fixture
def booked(printer, pickup):
    parcel = pickup(now=clock.now())
    services.book_due_parcels(clock.now())
    return fsm.reload(parcel)


def test_the_label_of_a_booked_van_carries_its_waybill_and_comes_again(printer, booked):
    assert has_label(booked)
    first = label_of(booked)
    assert first.startswith(b"%PDF-") and booked.waybill.encode() in first
    assert label_of(booked) == first
    assert len(printer.vans) == 1  # printing orders nothing


def test_a_second_return_in_the_van_has_the_same_label(printer, pickup):
    van, rider = (pickup(number, shared=True, now=clock.now()) for number in ("RT1", "RT2"))
    services.book_due_parcels(clock.now())
    assert label_of(fsm.reload(rider)) == label_of(fsm.reload(van))


def test_nothing_is_printed_before_it_is_booked_or_after_it_is_called_off(printer, pickup):
    parcel = pickup(now=clock.now())
    assert not has_label(parcel)
    services.book_due_parcels(clock.now())
    services.cancel_parcel(parcel.pk, by=CUSTOMER, now=clock.now())
    assert not has_label(fsm.reload(parcel))


def test_a_waybill_that_is_nobodys_has_no_label(printer, booked):
    with pytest.raises((CourierRefused, CourierDown)):
        couriers.of(printer.code).label(
            booked.number, "SF9999999999999" if printer.code == "sf" else "YT9999999999999"
        )
    with pytest.raises((CourierRefused, CourierDown)):
        couriers.of(printer.code).label("RT-unknown", "SF9999999999999")


def test_who_signs_wrongly_gets_no_label(printer, booked, settings):
    settings.SF_CHECKWORD, settings.KUAIDI100_SECRET = "guessed", "guessed"
    with pytest.raises(CourierRefused) as no:
        label_of(booked)
    assert no.value.code == "account"


def test_the_file_itself_does_not_open_for_who_only_knows_the_number(printer, booked):
    paths = [f"/labels/{booked.waybill}.pdf", f"/labels/{'0' * 64}/{booked.waybill}.pdf"]
    for path in paths:
        with pytest.raises(urllib.error.HTTPError) as closed:
            urllib.request.urlopen(printer.url + path)
        assert closed.value.code in (403, 404)
        closed.value.close()


def test_a_courier_that_is_silent_is_down(printer, booked, settings):
    settings.SF_BASE_URL = settings.KUAIDI100_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(CourierDown):
        label_of(booked)


@pytest.mark.parametrize("url", [
    "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://sf-express.com.evil.example/a.pdf",
    "https://evil.example/sf-express.com", "http://other.sf-express.com/a.pdf", "//x", "",
    "http://user@127.0.0.1:8000@evil.example/",
])  # fmt: skip
def test_a_label_is_fetched_from_the_courier_and_nowhere_else(url, monkeypatch):
    monkeypatch.setattr(http, "call", lambda *args, **more: pytest.fail(f"called {args}"))
    with pytest.raises(CourierDown):
        labels.fetch(url, asked="http://127.0.0.1:8000/std/service", domain="sf-express.com")


def test_what_is_no_pdf_is_no_label(sf):
    book = sf.url + "/_book"
    with pytest.raises(CourierDown):
        labels.fetch(book, asked=sf.url, domain="sf-express.com")
