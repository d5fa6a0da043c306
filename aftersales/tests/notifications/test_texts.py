"""Every event, in both languages, with all facts and with hardly any."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from aftersales.notifications import events
from aftersales.notifications.letters import letter
from aftersales.notifications.shop_texts import for_shop
from aftersales.notifications.texts import for_customer, sms
from aftersales.notifications.words import Words
from aftersales.tests.notifications.samples import MINIMAL, NOW, PARAMS, params

LINK = "http://127.0.0.1:8000/returns/RT26112200004217/"
LANGUAGES = ("en", "zh-hans")
HOSTILE = "<script>alert(1)</script>\r\nBcc: eve@example.com %(number)s {{ 7 }} &amp;"


def told(event: str, language: str = "en", **changes):
    with translation.override(language):
        return for_customer(event, params(**changes), now=NOW)


def every_text(said) -> list[str]:
    return [said.title, *said.said, *said.steps, *(text for row in said.facts for text in row)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("given", [PARAMS, MINIMAL, {}], ids=["all", "few", "none"])
@pytest.mark.parametrize("event", [*events.CUSTOMER, "of_a_later_program"])
def test_every_event_is_told_with_whatever_facts_there_are(event, given, language):
    with translation.override(language):
        said = for_customer(event, given, now=NOW)
        message = sms(said, given, link=LINK, now=NOW)
        written = letter(said, Words(given, now=NOW), name="安小雨", link=LINK)
    assert said.title and said.button
    assert LINK in message and "\n" not in message
    assert LINK in written.text and LINK in written.html and "安小雨" in written.text
    for text in [*every_text(said), message]:
        assert text.strip() and "%(" not in text and "None" not in text and "  " not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("given", [PARAMS, MINIMAL, {}], ids=["all", "few", "none"])
@pytest.mark.parametrize("event", [*events.SHOP, "of_a_later_program"])
def test_every_line_of_a_shop_is_told(event, given, language):
    with translation.override(language):
        said = for_shop(event, given, now=NOW)
    assert all(text.strip() and "%(" not in text for text in [said.title, *said.said])


def test_services_tell_of_nothing_that_has_no_text():
    services = Path(__file__).resolve().parents[3] / "aftersales" / "returns" / "services"
    source = "\n".join(path.read_text() for path in services.glob("*.py"))
    to_shops = set(re.findall(r'tell_the_shop\(\s*request, "(\w+)"', source))
    to_customers = set(re.findall(r'\b_?tell(?:_of)?\(\s*request, "(\w+)"', source))
    assert {"granted_by_silence", "withdrawn"} <= to_shops <= set(events.SHOP)
    assert {"approved", "collected", "completed"} <= to_customers <= set(events.CUSTOMER)


@pytest.mark.parametrize("event", events.CUSTOMER)
def test_an_sms_is_short_in_chinese(event):
    with translation.override("zh-hans"):
        message = sms(for_customer(event, PARAMS, now=NOW), PARAMS, link="", now=NOW)
    assert len(message) <= 70
    assert "RT26112200004217" in message


def test_an_approval_with_pickup_says_when_how_and_how_much():
    said = told("approved")
    assert said.title == "Approved: the courier comes tomorrow, 14:00–16:00, you get ¥595.00"
    text = " ".join([*said.said, *said.steps])
    assert "¥595.00 goes back to WeChat Pay, Balance and arrives by Saturday 28 November." in text
    assert "Nothing to print" in text and "The shop pays the courier." in text


def test_an_approval_by_own_parcel_gives_the_shops_address_and_the_last_moment():
    said = told("approved", send_back="self_ship")
    assert said.title == "Approved: send it to Sulu Apparel by 29 November, 20:14, you get ¥595.00"
    address = "上海市 浦东新区 张江路 1 号 退货组 13800138111"
    assert f"Put a note with RT26112200004217 inside and send it to: {address}" in said.steps


def test_an_approval_without_a_way_back_asks_for_nothing():
    said = told("approved", send_back="none", address={})
    assert said.title == "Approved, nothing to send back: you get ¥595.00"
    assert said.steps == ("There is nothing you need to do.",)


def test_an_approved_exchange_promises_no_money():
    said = told("approved", kind="exchange", amount=0)
    assert "¥" not in " ".join([said.title, *said.steps]) and "money" not in " ".join(said.steps)


def test_silence_is_promised_only_where_the_shop_answers():
    assert any("is granted" in text for text in told("in_review", waits_for="merchant").said)
    assert not any("is granted" in text for text in told("in_review", waits_for="support").said)


def test_a_refusal_by_the_rules_quotes_the_rule_and_what_would_help():
    ended = {"deadline": "2026-11-20T15:59:59+00:00", "zone": "Asia/Shanghai", "basis": "no_reason"}
    reason = {"rule": "platform.window", "version": 1, "code": "out_of_window", "params": ended}
    still = {"until": "2026-12-05T15:59:59+00:00", "zone": "Asia/Shanghai", "category": "apparel"}
    missing = {"code": "quality_reason", "params": still}
    said = told("refused", outcome="refuse", reasons=[reason], missing=[missing])
    assert said.title == "Not approved this time: returns without a reason ended on 20 November, 23:59"
    assert "If something is wrong with it, you can still ask until 5 December, 23:59." in said.said
    assert said.title not in " ".join(said.said)


def test_a_refusal_by_a_person_gives_their_ground_and_words():
    ground = {"refusal_code": "R_NO_EVIDENCE", "refusal_text": "The cuff is not in the picture."}
    said = told("refused", **ground, appeal_until="2026-12-07T12:00:00+00:00")
    assert "let a person of the platform look at it by 7 December, on the page" in " ".join(said.said)
    assert said.title == "Not approved this time: The photos do not show the problem"
    assert "The cuff is not in the picture." in said.said


def test_a_ground_that_only_staff_read_is_not_told():
    said = told("refused", refusal_code="R_FRAUD", refusal_text="The goods in the parcel were other ones.")
    assert said.title == "Not approved this time"
    assert "abuse" not in " ".join(every_text(said)).lower()


def test_asking_for_evidence_names_the_things_and_the_last_moment():
    said = told("evidence_asked", asked_text="A close-up of the cuff, please.", asked_classes=["E1"])
    assert said.title == "Something is missing: add it by 29 November, 20:14"
    assert "What to show: A close-up of the cuff, please." in said.said
    assert "Please add: one to three photos that show it." in said.said


def test_a_refund_says_where_and_when():
    assert told("refund_accepted").title == (
        "WeChat Pay has accepted your refund of ¥595.00, it arrives by Saturday 28 November"
    )
    assert told("refund_arrived").title == "¥595.00 has arrived: 招商银行信用卡0403"


def test_arrived_is_said_only_when_it_is_known():
    for event in ("refund_accepted", "refund_unknown", "refund_delayed", "delivered", "approved"):
        assert "¥595.00 has arrived" not in " ".join(every_text(told(event)))


def test_the_bonus_for_the_balance_is_part_of_the_sum():
    said = told("approved", refund_to="balance", bonus=1190)
    assert "¥606.90 goes back to Balance and arrives by Saturday 28 November." in said.said


def test_an_inbox_line_names_dates_and_never_tomorrow():
    with translation.override("en"):
        said = for_customer("approved", PARAMS, now=NOW, style="plain")
    assert said.title == "Approved: the courier comes 23 Nov, 14:00–16:00, you get ¥595.00"


def test_many_goods_are_counted_not_listed():
    goods = [{"title": f"Thing {number}", "quantity": 1} for number in range(9)]
    facts = dict(told("approved", goods=goods).facts)
    assert facts["Items"] == "Thing 0 × 1, Thing 1 × 1, Thing 2 × 1, Thing 3 × 1, 5 more"


@pytest.mark.parametrize("event", events.CUSTOMER)
def test_what_people_typed_stays_one_line_in_titles_and_is_escaped_in_letters(event):
    typed = ("shop", "shop_en", "refusal_text", "asked_text", "account", "contact", "courier")
    goods = [{"title": HOSTILE, "quantity": 1}]
    given = params(goods=goods, refusal_code="R_QTY") | dict.fromkeys(typed, HOSTILE)
    with translation.override("en"):
        said = for_customer(event, given, now=NOW)
        written = letter(said, Words(given, now=NOW), name=HOSTILE, link=LINK)
        message = sms(said, given, link=LINK, now=NOW)
    assert "\n" not in said.title + written.subject + message and "\r" not in said.title + written.subject + message
    assert "<script" not in written.html and "&lt;script" in written.html
    assert "<script" in written.text and "&lt;" not in written.text


def test_a_letter_has_one_link_nothing_remote_and_its_style_inside():
    with translation.override("zh-hans"):
        written = letter(for_customer("approved", PARAMS, now=NOW), Words(PARAMS, now=NOW), name="安小雨", link=LINK)
    assert re.findall(r'(?:href|src)="([^"]*)"', written.html) == [LINK]
    assert "@import" not in written.html and "url(" not in written.html
    assert '<html lang="zh-Hans">' in written.html and ".sheet" in written.html
    assert LINK in written.text and "安小雨" in written.text


@pytest.mark.parametrize("event", events.CUSTOMER)
def test_no_full_phone_of_the_customer_and_no_secret_is_told(event):
    assert not {"phone", "email", "ship_to", "token", "code"} & set(PARAMS)
    shown = " ".join(every_text(told(event, send_back="none", address={})))
    assert not re.search(r"\b1\d{10}\b", shown)
