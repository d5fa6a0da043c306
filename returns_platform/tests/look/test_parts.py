"""Each part, drawn from the shapes it takes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from returns_platform.kernel import pages, ui

NOW = datetime(2026, 11, 24, 6, 52, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVIL = "<script>alert(1)</script>"


def draw(part: str, language: str = "en", **values) -> str:
    with translation.override(language):
        return render_to_string(f"parts/{part}.html", {"now": NOW, **values})


def test_verdict():
    html = draw("verdict", mark="bad", title=EVIL, line="Add one close-up.")
    assert '<h1 id="now">&lt;script&gt;' in html and "mark is-bad" in html


@pytest.mark.parametrize(("language", "heard"), [("en", "Done:"), ("zh-hans", "已完成：")])
def test_steps_begin_with_a_word_that_is_heard(language, heard):
    steps = [
        ui.Step("Sent", "done", NOW),
        ui.Step("On its way", "now", NOW + HOUR, sense="by"),
        ui.Step("No", "stopped"),
    ]
    html = draw("steps", language, steps=steps)
    assert heard in html and html.count('aria-current="step"') == 2 and "is-stop" in html


def test_truths():
    stages = [
        ui.Stage("We asked", "done", NOW),
        ui.Stage("Accepted?", "stopped", when="no answer"),
        ui.Stage("Arrived"),
    ]
    html = draw("truths", truths=[ui.Truth("WeChat Pay", 51000, "CNY", stages)])
    assert '<data value="51000">¥510.00</data>' in html and "no answer" in html


def test_an_edited_bill_shows_both_amounts():
    rows = [ui.BillRow("Courier", 0, before=-1200, reason="by Sue"), ui.BillRow("Back to you", 59500, kind="sum")]
    html = draw("bill", rows=rows, currency="CNY")
    assert "<del>−¥12.00</del><ins>¥0.00</ins>" in html and 'class="is-sum"' in html
    assert "<thead>" not in html


def test_a_bill_with_what_the_shop_bears():
    html = draw(
        "bill", rows=[ui.BillRow("Coupon", -1700, second=1700)], currency="CNY", heads=("Line", "Buyer", "You")
    )
    assert "<td>−¥17.00</td><td>¥17.00</td>" in html


def test_inbox_rows_fold_without_losing_their_names():
    row = ui.InboxRow("31", "RT31", "/x", EVIL, ("Ann",), ui.Mark("Late", "late"), 59500, due_at=NOW - HOUR)
    html = draw("inbox", rows=[row])
    assert 'aria-label="Pick RT31"' in html and "clock is-over" in html and "<script>" not in html


def test_a_full_slot_says_so_and_cannot_be_picked():
    days = [ui.SlotDay(date(2026, 11, 25), [ui.Slot("a", "9–11", full=True), ui.Slot("b", "14–16", picked=True)])]
    html = draw("slots", name="slot", days=days, error="Choose a pickup time")
    assert "disabled" in html and "full" in html and 'aria-describedby="slot-wrong"' in html


def test_choices_show_more_under_the_picked_one():
    choices = [
        ui.Choice("a", "A", more="parts/ghost.html"),
        ui.Choice("b", "B", picked=True, more="parts/ghost.html"),
    ]
    assert draw("choice", name="reason", choices=choices, hx={"hx-get": "/q?a=1&b=2"}).count('class="ghost"') == 1


def test_attributes_are_escaped():
    assert 'hx-get="/&quot;onclick"' in draw("choice", name="x", choices=[], hx={"hx-get": '/"onclick'})


def test_outcomes():
    html = draw(
        "outcomes",
        name="o",
        outcomes=[ui.Outcome("a", "To WeChat", 59500, "CNY", "by 28 Nov", "hand it over", picked=True)],
    )
    assert "What you do: hand it over" in html and "¥595.00" in html


def test_photos_can_be_added_without_dragging():
    html = draw(
        "photos", photos=[ui.Photo("/p.jpg", "cuff", "blurred", "bad", wrong=True)], add_name="photo", error="Again"
    )
    assert 'type="file"' in html and "is-wrong" in html and 'aria-describedby="photo-wrong"' in html


def test_messages_are_escaped_and_inner_ones_marked():
    html = draw("talk", messages=[ui.Message("Sue", NOW, f"one\n{EVIL}", inner=True)])
    assert "one<br>&lt;script&gt;" in html and 'class="is-inner"' in html


def test_a_table_stays_a_table():
    html = draw(
        "sheet",
        caption="Refunds",
        heads=[ui.Head("No"), ui.Head("Sum", num=True)],
        rows=[["RF-1", "¥1.00"]],
        fold=True,
    )
    assert 'role="rowheader"' in html and '<td role="cell" class="num">¥1.00</td>' in html


def test_the_next_page_keeps_the_filters(rf):
    html = render_to_string("parts/pager.html", {"page": pages.Page([], "abc", True)}, rf.get("/", {"view": "over"}))
    assert 'href="?view=over&amp;after=abc"' in html


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("head", {"title": "Coat", "crumb": "All", "crumb_href": "/", "no": "RT1", "due_at": NOW}),
        ("facts", {"facts": [ui.Fact("To you", "¥1.00", "strong")]}),
        ("notice", {"title": "Kept", "text": "x", "tone": "good", "items": [ui.Check("a", "done")]}),
        ("rule", {"text": "Seven days", "source": "version 3", "href": "/policy"}),
        ("checks", {"checks": [ui.Check("a", "done", "b"), ui.Check("c", "bad"), ui.Check("d")]}),
        ("events", {"events": [ui.Event(NOW, "left Shanghai")], "older": [ui.Event(NOW, "booked")]}),
        ("counters", {"counters": [ui.Counter(14, "To review", "?", current=True)], "label": "Kinds"}),
        ("bulk", {"actions": [ui.Action("ok", "Approve 2", main=True)], "count": 2, "total": 100, "currency": "CNY"}),
        ("dock", {"label": "Send", "say": "by 28 Nov", "amount": 100, "currency": "CNY", "busy": "Sending"}),
        ("empty", {"title": "No returns yet", "text": "x", "href": "/", "action": "To my orders"}),
        (
            "good_line",
            {"name": "Coat", "amount": 100, "currency": "CNY", "note": "x", "action": "Return", "action_href": "/"},
        ),
        ("figures", {"figures": [ui.Figure("Rate", "8.4 %", "up", "bad")]}),
        ("ghost", {"text": "Asking SF"}),
        ("wrongs", {"form": None, "extra": [("slot", "Choose a pickup time")]}),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_parts_are_drawn(part, values, language):
    assert draw(part, language, **values).strip()


def test_no_summary_without_errors():
    assert "wrongs" not in draw("wrongs", form=None)
