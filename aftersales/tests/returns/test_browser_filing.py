"""A buyer files in a real browser, with script and without, on a phone; the pages hold to the rules of WCAG."""

import shutil

import pytest
from django.db import connections
from django.urls import reverse
from django.utils.translation import override

from aftersales.evidence.advice import WORDS
from aftersales.evidence.models import Evidence
from aftersales.returns.models import ReturnRequest
from aftersales.tests.evidence.pictures import a_file
from aftersales.tests.evidence.test_advice import PHOTOS
from aftersales.tests.returns.buyers import a_buyer, photo
from aftersales.tests.returns.test_pages_filing import several_lines

CHROMIUM = shutil.which("chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]


@pytest.fixture
def phone(live_server, monkeypatch):
    """Opens a page of 360 px for a buyer who is signed in; every page it shows must be sound."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def open_for(buyer, *, script: bool = True):
            size = {"width": 360, "height": 740}
            context = browser.new_context(viewport=size, java_script_enabled=script, base_url=live_server.url)
            session = buyer.client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            return context.new_page()

        yield open_for
        browser.close()
        connections.close_all()  # those opened beside Playwright's loop; the thread's own are closed elsewhere


def must_be_sound(page) -> None:
    """Nothing sticks out at 360 px, and no rule of WCAG is broken."""
    from axe_playwright_python.sync_playwright import Axe

    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert not found, [(broken["id"], broken["nodes"][0]["html"]) for broken in found]


def test_three_taps_file_an_unsent_order(phone):
    buyer = a_buyer()
    buyer.order(signed=False)
    page = phone(buyer)
    page.goto("/orders/")
    must_be_sound(page)
    page.get_by_role("link", name="Cancel and refund").click()
    page.wait_for_url("**/return/?line=*")
    must_be_sound(page)
    page.get_by_role("button", name="Cancel and refund").click()
    page.wait_for_url("**/returns/RT*/")
    must_be_sound(page)
    assert page.locator("h1").inner_text() == "Approved. Nothing has to come back"
    assert ReturnRequest.objects.count() == 1


def test_every_answer_shows_at_once_what_it_leads_to(phone, tmp_path):
    buyer = a_buyer()
    order = buyer.order(**several_lines())
    picture = tmp_path / "cuff.jpg"
    picture.write_bytes(photo().read())
    page = phone(buyer)
    page.goto(reverse("aftersales:file", args=[order.pk]))
    page.get_by_label("Nuts 1").check()
    page.get_by_label("It is faulty or does not work").check()
    page.locator(".dock data", has_text="¥30.00").wait_for()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Anything to add").click()
    page.locator(".dock data", has_text="¥60.00").wait_for()
    page.get_by_label("Anything to add").fill("两包都漏气")
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_role("button", name="Leave out Photo 1").wait_for()
    assert page.get_by_label("Anything to add").input_value() == "两包都漏气"
    must_be_sound(page)
    page.get_by_label("To your balance").check()
    page.locator(".dock data", has_text="¥61.20").wait_for()
    page.get_by_role("button", name="File the request").click()
    page.wait_for_url("**/returns/RT*/")
    row = ReturnRequest.objects.get()
    assert (row.note, row.refund_to, row.lines.get().quantity) == ("两包都漏气", "balance", 2)


def test_without_script_the_same_form_is_filed(phone):
    buyer = a_buyer()
    order = buyer.order()
    page = phone(buyer, script=False)
    page.goto(reverse("aftersales:file", args=[order.pk]))
    page.get_by_label("I no longer want it").check()
    page.get_by_role("button", name="Show what comes next").click()
    assert page.locator(".dock data").inner_text() == "¥33.33"
    page.get_by_label("To your balance").check()
    page.get_by_role("button", name="File the request").click()
    assert "Please check the amount" in page.locator(".wrongs").inner_text()
    assert page.locator(".dock data").inner_text() == "¥33.99"
    page.get_by_role("button", name="File the request").click()
    page.wait_for_url("**/returns/RT*/")
    assert ReturnRequest.objects.get().refund_to == "balance"


def test_a_blurred_photo_is_told_before_it_is_sent_and_can_be_sent(phone, tmp_path):
    buyer = a_buyer()
    row = buyer.filed(reason="OT.OTHER", kind="refund_only", send_back="none")
    page = phone(buyer)
    page.goto(reverse("aftersales:add", args=[row.return_no]))
    for code, draw in PHOTOS.items():
        file = tmp_path / f"{code or 'good'}.jpg"
        file.write_bytes(a_file(draw()).read())
        page.locator("input[type=file]").set_input_files(file)
        preview = page.locator("[data-preview]")
        if code:
            with override("en"):
                assert preview.locator(".late").inner_text() == str(WORDS[code])
    assert "blurred.jpg: This photo looks blurred" in page.locator("[data-advice]").text_content()
    must_be_sound(page)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(f"**/returns/{row.return_no}/")
    with override("en"):
        assert str(Evidence.objects.get(case_ref=row.return_no).advice) == str(WORDS["blurred"])
