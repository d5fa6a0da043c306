"""Every way in which a parcel may differ from what was announced, at the bench, without a mouse."""

import shutil
from pathlib import Path

import pytest
from django.db import connections
from django.urls import reverse

from aftersales.inspection.models import Count, Inspection, MovedOn
from aftersales.returns.models import ReturnRequest, SupportTask
from aftersales.returns.services.wishes import WishLine
from aftersales.tests.inspection.test_labels import scan
from aftersales.tests.returns.buyers import photo
from aftersales.tests.shop_cases import ShopCases, open_cases
from orders.catalogue.models import Stock
from orders.catalogue.services.stock import count_stock
from returns_platform.kernel import clock
from returns_platform.kernel.actors import SYSTEM
from returns_platform.tests.journeys.shop import order_body

CHROMIUM = shutil.which("chromium")
MOST_TABS = 60


def with_two_lines(cases: ShopCases, announced: int) -> ReturnRequest:
    """So many nuts are announced; the fruit of the same order is not."""
    body = order_body(unit_price=1000, discount=0)
    line = body["lines"][0]
    lines = [line, line | {"line_no": "2", "sku": "DRY-1", "title": "果干", "quantity": 1}]
    items = [{"line_no": "1", "quantity": 3}, {"line_no": "2", "quantity": 1}]
    paid = [body["payments"][0] | {"amount": 4000}]
    order = cases.order(lines=lines, payments=paid, discounts=[], parcels=[body["parcels"][0] | {"items": items}])
    return cases.filed(WishLine("1", announced, "NR.NO_LONGER_WANT"), order=order)


def tab_to(page, selector: str, *, back: bool = False) -> None:
    for _press in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way by keyboard to {selector}")


def enter(page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_whatever_differs_is_written_down_by_keyboard_alone(live_server, monkeypatch, client, tmp_path: Path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    cases = open_cases()
    count_stock(cases.merchant.pk, "NUT-1", available=0, reference="c", by=SYSTEM, now=clock.now())
    extra, fewer, other, apart = (with_two_lines(cases, units) for units in (2, 2, 1, 1))
    brick = tmp_path / "brick.jpg"
    brick.write_bytes(photo().read())
    client.force_login(cases.member("warehouse"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(reverse("merchant:bench", args=["shop"]))

        scan(page, extra.return_no)  # T25: three where two were announced, and something else of the order
        tab_to(page, "input[name^=came_]", back=True)
        page.keyboard.type("3")
        tab_to(page, "summary")
        page.keyboard.press("Enter")
        tab_to(page, "input[name^=extra_]")
        page.keyboard.type("1")
        enter(page)

        scan(page, fewer.return_no)  # one of two is missing
        tab_to(page, "input[name^=came_]", back=True)
        page.keyboard.type("1")
        enter(page)

        scan(page, other.return_no)  # T26: a brick
        enter(page)  # one came, as announced
        page.keyboard.press("x")
        page.locator("input[value=X]:checked").wait_for(state="attached")
        tab_to(page, "input[type=file]")
        page.locator(":focus").set_input_files(str(brick))  # what the system's own dialog would give
        tab_to(page, "button[name=do]")
        enter(page)

        scan(page, "6901234567892")  # a code of somebody else's; the next scan replaces it
        scan(page, apart.return_no)  # T118: set apart, later back on the shelf
        enter(page)
        page.keyboard.press("c")
        enter(page)
        tab_to(page, "select[name=disposition]")
        page.keyboard.press("ArrowDown")  # the first way on: back on the shelf
        tab_to(page, "button[value=move_on]")
        enter(page)
        browser.close()
    connections.close_all()

    assert {(row.line.request_id, row.quantity, row.unexpected) for row in Count.objects.select_related("line")} == {
        (extra.pk, 2, 1), (fewer.pk, 1, 0), (other.pk, 1, 0), (apart.pk, 1, 0),
    }  # fmt: skip
    tasks = set(SupportTask.objects.values_list("kind", "request"))
    assert tasks == {("units_unexpected", extra.pk), ("units_missing", fewer.pk)}
    assert SupportTask.objects.get(kind="units_unexpected").data == {"lines": {"1": 1, "2": 1}}
    brick_seen = Inspection.objects.get(line__request=other)
    assert (brick_seen.grade, brick_seen.disposition, brick_seen.photos.count()) == ("X", "DISPUTE", 1)
    went = MovedOn.objects.get(inspection__line__request=apart)
    assert (went.way_from, went.disposition, went.shelved) == ("REFURBISH", "RESTOCK", True)
    assert Stock.objects.get(sku="NUT-1").available == 1
