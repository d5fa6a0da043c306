"""Unit by unit with the labels of the return slip, and the whole bench by keyboard alone."""

import shutil
import time

import pytest
from django.db import connections
from django.urls import reverse

from aftersales.inspection.models import Inspection
from aftersales.inspection.queries import lines_of, with_label
from aftersales.inspection.rules import line_of_label
from aftersales.inspection.services import Arrived, Graded, count_goods, inspect_goods
from aftersales.returns.models import ReturnRequest
from aftersales.returns.services.missing import release_missing
from aftersales.returns.services.wishes import WishLine
from aftersales.returns.slips import slip_of
from aftersales.tests.inspection.test_bench import COLLEAGUE, address, counted, grade, now_of
from aftersales.tests.shop_cases import open_cases
from orders.catalogue.models import Stock
from orders.catalogue.services.stock import count_stock
from returns_platform.kernel import clock
from returns_platform.kernel.errors import Conflict, Invalid
from returns_platform.management.commands.check_books import check, invariants
from returns_platform.tests.journeys.shop import order_body

CHROMIUM = shutil.which("chromium")


@pytest.fixture
def cases(db):
    return open_cases()


def scanned(code: str) -> str:
    return f"{address()}?code={code}"


def books() -> list[str]:
    found = []
    check(invariants(), say=found.append)
    return found


def test_a_label_is_of_the_line_whose_turn_it_is_on_the_slip():
    lines = [("1", 2), ("2", 0), ("3", 1)]
    assert [line_of_label(unit, lines) for unit in (0, 1, 2, 3, 4, -1)] == ["", "1", "1", "3", "", ""]


@pytest.mark.django_db
def test_units_are_graded_one_by_one_and_each_is_stock_once(cases):
    row = counted(cases, units=3, quantity=3)
    sku = row.lines.get().order_line.sku
    count_stock(row.merchant_id, sku, available=7, reference="c", by=COLLEAGUE, now=clock.now())
    for unit in (1, 2, 2, 1):
        inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK", unit=unit)], by=COLLEAGUE, now=clock.now())
    assert (Stock.objects.get(sku=sku).available, Inspection.objects.count()) == (9, 2)
    with pytest.raises(Conflict):
        inspect_goods(row.pk, [Graded("1", 1, "C", "SCRAP", unit=1)], by=COLLEAGUE, now=clock.now())
    for wrong in (Graded("1", 1, "A", "RESTOCK", unit=4), Graded("1", 2, "A", "RESTOCK", unit=3)):
        with pytest.raises(Invalid):
            inspect_goods(row.pk, [wrong], by=COLLEAGUE, now=clock.now())
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK")], by=COLLEAGUE, now=clock.now())
    assert (Stock.objects.get(sku=sku).available, now_of(row).state) == (10, "settling")
    assert books() == []


@pytest.mark.django_db
def test_a_label_brings_its_unit_and_one_that_is_done_or_not_there_is_told(client, cases):
    row = counted(cases, units=2, quantity=2)
    client.force_login(cases.member("warehouse"))
    shown = client.get(scanned(f"{row.return_no}-2")).context["grade_form"]
    assert (shown.label, shown["quantity"].value()) == (2, 1)
    assert grade(client, row, unit="2").status_code == 302
    assert Inspection.objects.get().unit == 2
    for code in (f"{row.return_no}-2", f"{row.return_no}-3", f"{row.return_no}-999"):
        page = client.get(scanned(code))
        assert page.context["label_told"], code
        assert "grade_form" not in page.context
    assert client.get(scanned(f"{row.return_no}-0")).context["grade_form"].label in (None, 0)
    assert grade(client, row, unit="77").status_code == 422
    assert grade(client, row, unit="1").status_code == 302
    assert now_of(row).state == "settling"


@pytest.mark.django_db
def test_a_label_keeps_its_line_when_missing_units_are_let_go_in_the_middle(cases):
    """Slip: labels 1 and 2 are of line 1, label 3 of line 2. One of line 1 never came and is the customer's again."""
    row = two_lines(cases)
    count_goods(row.pk, [Arrived("1", 1), Arrived("2", 1)], by=COLLEAGUE, now=clock.now())
    inspect_goods(row.pk, [Graded("1", 1, "A", "RESTOCK", unit=2)], by=COLLEAGUE, now=clock.now())
    release_missing(row.pk, by=COLLEAGUE, now=clock.now())
    found = with_label(lines_of(now_of(row)), 3)
    assert found.line.order_line.line_no == "2"
    with pytest.raises(Invalid):
        inspect_goods(row.pk, [Graded("2", 1, "A", "RESTOCK", unit=2)], by=COLLEAGUE, now=clock.now())
    inspect_goods(row.pk, [Graded("2", 1, "A", "RESTOCK", unit=3)], by=COLLEAGUE, now=clock.now())
    assert now_of(row).state == "settling"
    labels = [(unit.code, unit.title) for unit in slip_of(now_of(row), now=clock.now()).units]
    assert [title for _code, title in labels] == ["坚果", "坚果", "果干"]


def two_lines(cases) -> ReturnRequest:
    body = order_body(unit_price=4000, quantity=2, discount=0)
    line = body["lines"][0]
    lines = [line | {"title": "坚果"}, line | {"line_no": "2", "sku": "DRY-1", "title": "果干", "quantity": 1}]
    items = [{"line_no": "1", "quantity": 2}, {"line_no": "2", "quantity": 1}]
    paid = [body["payments"][0] | {"amount": 12000}]
    order = cases.order(lines=lines, payments=paid, discounts=[], parcels=[body["parcels"][0] | {"items": items}])
    wishes = [WishLine("1", 2, "NR.NO_LONGER_WANT"), WishLine("2", 1, "NR.NO_LONGER_WANT")]
    return cases.filed(*wishes, order=order)


# --- by keyboard ------------------------------------------------------------------------------------------

UNITS = 12


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_twenty_units_a_minute_by_scanner_and_single_keys(live_server, monkeypatch, client):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    from playwright.sync_api import sync_playwright

    cases = open_cases()
    order = cases.order(quantity=UNITS, unit_price=1000, discount=0)
    row = cases.filed(WishLine("1", UNITS, "NR.NO_LONGER_WANT"), order=order)
    client.force_login(cases.member("warehouse"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(reverse("merchant:bench", args=["shop"]))
        start = time.monotonic()
        scan(page, row.return_no)
        with page.expect_navigation():
            page.keyboard.press("Enter")  # all as announced
        for unit in range(1, UNITS + 1):
            scan(page, f"{row.return_no}-{unit}")
            page.keyboard.press("a")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        seconds = time.monotonic() - start
        browser.close()
    connections.close_all()
    print(f"{UNITS} units in {seconds:.1f} s: {UNITS * 60 / seconds:.0f} a minute")
    assert ReturnRequest.objects.get(pk=row.pk).state == "settling"
    assert Inspection.objects.filter(grade="A", disposition="RESTOCK").count() == UNITS
    assert UNITS * 60 / seconds > 20


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_waybill_that_is_scanned_beside_the_field_chooses_no_condition(live_server, monkeypatch, client):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    cases = open_cases()
    row = cases.approved()
    count_goods(row.pk, [Arrived("1", 1)], by=COLLEAGUE, now=clock.now())
    client.force_login(cases.member("warehouse"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.clock.install(time=0)
        page.goto(scanned(row.return_no))
        page.clock.pause_at(60_000)  # however slow the machine is, a scanner's keys follow at once
        scan(page, "SD9000")  # S and D are conditions
        read = page.locator("#code").input_value()
        browser.close()
    connections.close_all()
    assert read == "SD9000"
    assert not Inspection.objects.exists()


def scan(page, code: str) -> None:
    """As a scanner types it, wherever the focus is."""
    with page.expect_navigation():
        page.keyboard.type(code)
        page.keyboard.press("Enter")
